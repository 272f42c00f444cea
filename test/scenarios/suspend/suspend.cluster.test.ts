import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { scrape, untilPasses } from '../metrics.ts'
import { change, collection, type Condition, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`

interface Lamp {
  metadata: { uid: string; generation: number; resourceVersion: string }
  status: { conditions: Condition[]; observedGeneration: number; lastHandledReconcileAt?: string }
}

const configMap = (cluster: Cluster): string => `${collection(cluster, 'v1', 'configmaps')}/lamp`
const colourOf = async (cluster: Cluster): Promise<string> =>
  (await read<{ data: { colour: string } }>(cluster, configMap(cluster))).data.colour

async function createLamp(cluster: Cluster, annotations: Record<string, string> = {}): Promise<string> {
  const path = collection(cluster, 'lamps.example.com/v1', 'lamps')
  const metadata = { name: 'lamp', annotations }
  await create(cluster, path, { apiVersion: 'lamps.example.com/v1', kind: 'Lamp', metadata, spec: { colour: 'red' } })
  return `${path}/lamp`
}

const annotate = async (cluster: Cluster, lamp: string, annotations: Record<string, string | null>) =>
  await change(cluster, lamp, { metadata: { annotations } })

/** Resolves when Ready is Unknown for the reason, for the Lamp's current generation. */
async function untilSuspended(cluster: Cluster, lamp: string): Promise<Lamp> {
  return await cluster.eventually(
    async () => {
      const found = await read<Lamp>(cluster, lamp)
      const ready = found.status?.conditions?.find(({ type }) => type === 'Ready')
      if (ready?.reason === 'Suspended' && ready.observedGeneration === found.metadata.generation) return found
      throw new Error(`it is ${JSON.stringify(ready)}`)
    },
    { describe: 'the Lamp is suspended' },
  )
}

describe('a suspended custom resource', () => {
  test('is not reconciled, says so, and is caught up with at once when it is resumed', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/lamp/crds/lamp.yaml`)
    const process = await operator({ watches })
    const lamp = await createLamp(cluster)
    await untilCondition(cluster, lamp, { status: 'True' })

    await annotate(cluster, lamp, { 'fairlead.dev/suspend': 'true' })
    await untilSuspended(cluster, lamp)
    const begin = cluster.audit.mark()
    await change(cluster, lamp, { spec: { colour: 'green' } })
    const { status } = await untilSuspended(cluster, lamp)

    expect(status.conditions.map(({ type, status: holds }) => `${type}=${holds}`)).toEqual([
      'Ready=Unknown',
      'Reconciling=False',
      'Stalled=False',
    ])
    expect(status.conditions[0]?.message).toBe('nothing is written while the annotation fairlead.dev/suspend is there')
    // The last clean pass was before.
    expect(status.observedGeneration).toBe(1)
    const before = await scrape(process)
    await remove(cluster, configMap(cluster))
    await cluster.eventually(async () => (await scrape(process)).passes('wait') > before.passes('wait'), {
      describe: 'the deletion was seen and nothing was done',
    })
    expect(await exists(cluster, configMap(cluster))).toBe(false)
    expect(Object.keys(cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: begin }))).toEqual([
      'patch lamps/status',
    ])

    await annotate(cluster, lamp, { 'fairlead.dev/suspend': null })
    await untilCondition(cluster, lamp, { status: 'True' })
    expect(await colourOf(cluster)).toBe('green')
  })

  test('is deleted when somebody deletes it', { timeout: 120_000 }, async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/lamp/crds/lamp.yaml`)
    await operator({ watches })
    const lamp = await createLamp(cluster)
    await untilCondition(cluster, lamp, { status: 'True' })
    await annotate(cluster, lamp, { 'fairlead.dev/suspend': 'true' })
    await untilSuspended(cluster, lamp)

    await remove(cluster, lamp)

    await cluster.eventually(async () => !(await exists(cluster, lamp)) && !(await exists(cluster, configMap(cluster))), {
      describe: 'the Lamp and what was made for it are gone',
      timeout: 70_000,
    })
  })

  test('that was never reconciled gets no dependents before it is resumed', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/lamp/crds/lamp.yaml`)
    await operator({ watches })
    const lamp = await createLamp(cluster, { 'fairlead.dev/suspend': 'yes' })
    await untilCondition(cluster, lamp, { type: 'Stalled', status: 'True', message: /neither "true" nor "false"/ })
    expect(await exists(cluster, configMap(cluster))).toBe(false)
    await annotate(cluster, lamp, { 'fairlead.dev/suspend': 'false' })
    await untilCondition(cluster, lamp, { status: 'True' })
    expect(await colourOf(cluster)).toBe('red')
  })
})

describe('the annotation that suspends', () => {
  test('counts as true or false in each spelling that people know', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/lamp/crds/lamp.yaml`)
    await operator({ watches })
    const lamp = await createLamp(cluster)
    await untilCondition(cluster, lamp, { status: 'True' })
    for (const [suspended, resumed] of [
      ['true', 'false'],
      ['1', '0'],
      ['True', ''],
    ] as const) {
      await annotate(cluster, lamp, { 'fairlead.dev/suspend': suspended })
      expect((await untilSuspended(cluster, lamp)).status.conditions.find(({ type }) => type === 'Stalled')?.status, suspended).toBe(
        'False',
      )
      await annotate(cluster, lamp, { 'fairlead.dev/suspend': resumed })
      await untilCondition(cluster, lamp, { status: 'True' })
    }
  })
})

describe('a custom resource that asks for a pass', () => {
  test('gets one for each new text, also after a restart only one', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/lamp/crds/lamp.yaml`)
    const first = await operator({ watches })
    const lamp = await createLamp(cluster)
    await untilCondition(cluster, lamp, { status: 'True' })

    for (const text of ['one', 'two']) {
      const since = first.lines.length
      await annotate(cluster, lamp, { 'fairlead.dev/reconcile': text })
      await first.line(/a full pass is asked for/, { since })
      await cluster.eventually(async () => (await read<Lamp>(cluster, lamp)).status.lastHandledReconcileAt === text, {
        describe: `the status says that ${text} was run`,
      })
    }
    await untilQuiet(cluster, first, lamp)
    expect(first.lines.filter(({ msg }) => /a full pass is asked for/.test(msg))).toHaveLength(2)
    await first.stop()

    const begin = cluster.audit.mark()
    const second = await operator({ watches })
    await untilPasses(cluster, second, 1)
    expect(second.lines.filter(({ msg }) => /a full pass is asked for/.test(msg))).toEqual([])
    const writes = cluster.audit.requests({ userAgent: 'fairlead/', namespace: cluster.namespace, verb: 'patch', since: begin })
    expect(writes.filter(({ resource }) => resource !== 'leases')).toEqual([])
  })
})

describe('a custom resource with a period of its own', () => {
  test('is looked at in that time, and one with a text that is no duration says so', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/lamp/crds/lamp.yaml`)
    const process = await operator({ watches })
    const lamp = await createLamp(cluster, { 'fairlead.dev/reconcile-period': '1s' })
    await untilCondition(cluster, lamp, { status: 'True' })
    const passes = (await scrape(process)).passes('done')
    const begin = cluster.audit.mark()
    await cluster.eventually(async () => (await scrape(process)).passes('done') >= passes + 3, {
      describe: 'three passes without an event',
    })
    expect(cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: begin })).toEqual({})

    await annotate(cluster, lamp, { 'fairlead.dev/reconcile-period': '0s' })
    await untilQuiet(cluster, process, lamp)
    const [resting, rested] = [(await scrape(process)).passes(), performance.now()]
    await cluster.eventually(() => performance.now() > rested + 3_000, { describe: 'a while without an event' })
    expect((await scrape(process)).passes()).toBe(resting)

    await annotate(cluster, lamp, { 'fairlead.dev/reconcile-period': '4x' })
    await untilCondition(cluster, lamp, { type: 'Stalled', status: 'True', message: /reconcile-period is no duration/ })
    expect(await colourOf(cluster)).toBe('red')

    await annotate(cluster, lamp, { 'fairlead.dev/reconcile-period': '0s' })
    await untilCondition(cluster, lamp, { status: 'True' })
    await annotate(cluster, lamp, { 'fairlead.dev/reconcile-period': '1ns' })
    await untilCondition(cluster, lamp, { type: 'Stalled', status: 'True', message: /reconcile-period is no duration of 1s or more/ })
    await untilQuiet(cluster, process, lamp, 'done')
  })
})
