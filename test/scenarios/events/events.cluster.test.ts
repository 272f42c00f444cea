import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { PolicyRule } from '../../controlplane/cluster.ts'
import type { Cluster } from '../../controlplane/fixture.ts'
import { fairlead } from '../command.ts'
import { test as base } from '../fixture.ts'
import { scrape, untilWatching } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'
import { toldIn, untilTold } from '../told.ts'

const original = fileURLToPath(new URL('operator', import.meta.url))

const test = base.extend('project', async ({ cluster }, { onCleanup }) => {
  const folder = mkdtempSync(join(tmpdir(), 'stalls-'))
  onCleanup(() => rmSync(folder, { recursive: true }))
  cpSync(original, folder, { recursive: true })
  await installDefinition(cluster, `${folder}/charts/stall/crds/stall.yaml`)
  return { watches: `${folder}/watches.yaml`, awning: `${folder}/charts/stall/templates/awning.yaml.eta` }
})

const canary = 'canary-81-44-02'
const stalls = (cluster: Cluster): string => collection(cluster, 'events.example.com/v1', 'stalls')
const configMap = (cluster: Cluster, name: string): string => `${collection(cluster, 'v1', 'configmaps')}/${name}`

async function createStall(cluster: Cluster, spec: object = {}): Promise<string> {
  const whole = { sign: 'fruit', code: canary, port: 80, ...spec }
  await create(cluster, stalls(cluster), { apiVersion: 'events.example.com/v1', kind: 'Stall', metadata: { name: 'corner' }, spec: whole })
  return `${stalls(cluster)}/corner`
}

describe('what an operator does', () => {
  test('is told with object, action and reason: made, changed, put right, made again, deleted', async ({ cluster, operator, project }) => {
    await operator({ watches: project.watches })
    const stall = await createStall(cluster)
    await untilCondition(cluster, stall, { status: 'True' })
    const { uid } = (await read(cluster, stall)).metadata
    expect(await untilTold(cluster, 'Created')).toMatchObject({
      type: 'Normal',
      action: 'Create',
      regarding: { kind: 'Stall', name: 'corner', uid },
      note: expect.stringMatching(/^(?=.*ConfigMap\/corner-awning)(?=.*Secret\/corner-till)(?=.*Service\/corner).* \(spec\)$/),
    })

    await change(cluster, stall, { spec: { sign: 'flowers' } })
    expect(await untilTold(cluster, 'Updated')).toMatchObject({
      action: 'Update',
      related: { kind: 'ConfigMap', name: 'corner-sign' },
      note: expect.stringMatching(/^ConfigMap\/corner-sign.* \(spec\)$/),
    })

    await change(cluster, configMap(cluster, 'corner-sign'), { data: { text: 'weeds' } }, 'kubectl-edit')
    expect(await untilTold(cluster, 'Repaired')).toMatchObject({
      action: 'Repair',
      related: { kind: 'ConfigMap', name: 'corner-sign' },
      note: 'ConfigMap/corner-sign: .data.text put back; changed by kubectl-edit (drift)',
    })

    await remove(cluster, configMap(cluster, 'corner-sign'))
    expect(await untilTold(cluster, 'Recreated')).toMatchObject({ action: 'Create', note: 'ConfigMap/corner-sign (drift)' })

    const described = await cluster.kubectl(['describe', 'stalls.events.example.com', 'corner'])
    expect(described.stdout).toMatch(/Normal +Repaired +.* +fairlead\.dev\/operator.* +ConfigMap\/corner-sign: \.data\.text put back/)
    expect((await fairlead(cluster, 'status', 'stalls.events.example.com', 'corner')).out).toMatch(
      / {2}last {4}Recreated \d+s ago: ConfigMap\/corner-sign \(drift\)\n/,
    )
  })

  test('is told once while it repeats itself, and what repeats is counted', async ({ cluster, operator, project }) => {
    const running = await operator({ watches: project.watches })
    const stall = await createStall(cluster)
    await untilCondition(cluster, stall, { status: 'True' })
    for (const text of ['weeds', 'stones', 'rain']) {
      await change(cluster, configMap(cluster, 'corner-sign'), { data: { text } })
      await cluster.eventually(
        async () => (await read<{ data: { text: string } }>(cluster, configMap(cluster, 'corner-sign'))).data.text === 'fruit',
        { describe: 'it is put right', interval: 20 },
      )
    }
    await untilQuiet(cluster, running, stall)
    expect((await toldIn(cluster)).filter(({ reason }) => reason === 'Repaired')).toHaveLength(1)
    expect((await scrape(running)).sum('fairlead_events_total', { result: 'merged' })).toBe(2)
  })

  test('is told no more when nothing changes, nor after a restart, also while something is in the way', async ({
    cluster,
    operator,
    project,
  }) => {
    await create(cluster, collection(cluster, 'v1', 'configmaps'), { metadata: { name: 'corner-sign' } })
    const first = await operator({ watches: project.watches })
    const stall = await createStall(cluster)
    const conflict = await untilTold(cluster, 'Conflict')
    expect(conflict).toMatchObject({ type: 'Warning', note: expect.stringContaining('ConfigMap/corner-sign: not touched') })
    await first.stop()
    const before = (await toldIn(cluster)).length
    const begin = cluster.audit.mark()

    const second = await operator({ watches: project.watches })
    await untilWatching(cluster, second, begin)
    await second.line(/ConfigMap\/corner-sign is not touched/)
    await second.stop()

    expect(cluster.audit.requests({ userAgent: 'fairlead/', namespace: cluster.namespace, resource: 'events', since: begin })).toEqual([])
    expect(await toldIn(cluster)).toHaveLength(before)
    expect(await exists(cluster, stall)).toBe(true)
  })
})

describe('what is in the way', () => {
  test('is told with the reason of the server, and without a value', async ({ cluster, operator, project }) => {
    await operator({ watches: project.watches })
    const stall = await createStall(cluster, { port: 70_000 })
    expect(await untilTold(cluster, 'ApplyFailed')).toMatchObject({
      type: 'Warning',
      note: expect.stringMatching(
        /^Service\/corner: .*422 Invalid: spec\.ports\[0\]\.port \(FieldValueInvalid: must be between 1 and 65535, inclusive\)/,
      ),
    })

    await change(cluster, stall, { spec: { port: 80, broken: true } })
    expect((await untilTold(cluster, 'RenderFailed')).note).toContain('this one is broken')
    await change(cluster, `${collection(cluster, 'v1', 'secrets')}/corner-till`, { data: { code: 'AAAA' } })
    await change(cluster, stall, { spec: { broken: null } })
    expect((await untilTold(cluster, 'Repaired')).note).toBe('Secret/corner-till: .data.code put back; changed by somebody (drift)')

    // A time or a version can have any digits.
    const byChance = new Set(['eventTime', 'creationTimestamp', 'time', 'lastObservedTime', 'resourceVersion', 'uid'])
    const text = JSON.stringify(await toldIn(cluster), (key, value: unknown) => (byChance.has(key) ? undefined : value))
    for (const value of [canary, Buffer.from(canary).toString('base64'), '70000']) expect(text).not.toContain(value)
  })

  test('is told anew when it is another thing of the same reason', async ({ cluster, operator, project }) => {
    await operator({ watches: project.watches })
    const stall = await createStall(cluster)
    const annotate = async (annotations: object) => await change(cluster, stall, { metadata: { annotations } })
    await annotate({ 'fairlead.dev/suspend': 'perhaps' })
    await untilTold(cluster, 'InvalidAnnotation', 20_000, /suspend/)
    await annotate({ 'fairlead.dev/suspend': null, 'fairlead.dev/reconcile-period': 'soon' })
    await untilTold(cluster, 'InvalidAnnotation', 20_000, /reconcile-period/)
  })

  test('is told of deletes that are held, with the command that releases them', async ({ cluster, operator, project }) => {
    const first = await operator({ watches: project.watches })
    const stall = await createStall(cluster)
    await untilCondition(cluster, stall, { status: 'True' })
    await first.stop()
    rmSync(project.awning)
    await operator({ watches: project.watches })

    const { note } = await untilTold(cluster, 'DeletesHeld')
    const [, command] = /ConfigMap\/corner-awning; to delete: fairlead (.*) \(set/.exec(note) ?? []
    expect(await fairlead(cluster, ...(command ?? '').split(' '))).toMatchObject({ code: 0 })
    expect(await untilTold(cluster, 'Deleted')).toMatchObject({ action: 'Delete', related: { kind: 'ConfigMap', name: 'corner-awning' } })
  })
})

describe('an operator that may not write Events', () => {
  const rules: PolicyRule[] = [
    { apiGroups: ['events.example.com'], resources: ['stalls'], verbs: ['get', 'list', 'watch', 'patch'] },
    { apiGroups: ['events.example.com'], resources: ['stalls/status'], verbs: ['patch'] },
    { apiGroups: ['events.example.com'], resources: ['stalls/finalizers'], verbs: ['update'] },
    { apiGroups: [''], resources: ['configmaps', 'secrets', 'services'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'patch'] },
  ]

  test('says so once, and does everything else', async ({ cluster, operator, project }) => {
    const kubeconfig = await cluster.kubeconfigFor({ name: 'silent', rules, namespace: cluster.namespace })
    const running = await operator({ watches: project.watches, kubeconfig })
    const stall = await createStall(cluster)
    await untilCondition(cluster, stall, { status: 'True' })
    await change(cluster, stall, { spec: { sign: 'flowers' } })
    await untilCondition(cluster, stall, { status: 'True' })
    await untilQuiet(cluster, running, stall)

    expect(running.lines.filter(({ msg }) => msg.startsWith('no Events are written')).map(({ level }) => level)).toEqual(['info'])
    expect((await scrape(running)).sum('fairlead_events_total', { result: 'refused' })).toBe(2)
    const user = `system:serviceaccount:${cluster.namespace}:silent`
    expect(cluster.audit.requests({ user, resource: 'events' }).map(({ code }) => code)).toEqual([403])
    expect(await toldIn(cluster)).toEqual([])
  })
})
