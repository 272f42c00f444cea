import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { may } from '../access.ts'
import { fairlead } from '../command.ts'
import { FaultyServer } from '../faulty-server.ts'
import { test as base } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { change, collection, create, exists, read, remove } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A second namespace, that goes with the test. */
const test = base.extend('other', async ({ cluster }, { onCleanup }) => {
  const other = `${cluster.namespace}-other`
  await create(cluster, '/api/v1/namespaces', { metadata: { name: other } })
  onCleanup(async () => void (await cluster.request('DELETE', `/api/v1/namespaces/${other}`)))
  return other
})

describe('a Secret with the label', () => {
  test('is mirrored into a ConfigMap of its digests, follows it, and is itself never written', async ({ cluster, operator }) => {
    const process = await operator({ watches: `${project}/watches.yaml` })
    const [secrets, configMaps] = [collection(cluster, 'v1', 'secrets'), collection(cluster, 'v1', 'configmaps')]
    const digests = async () => (await read<{ data?: Record<string, string> }>(cluster, `${configMaps}/login`)).data
    await create(cluster, secrets, { metadata: { name: 'other' }, stringData: { password: 'canary-0' } })
    await create(cluster, secrets, { metadata: { name: 'login', labels: { digest: 'wanted' } }, stringData: { password: 'canary-1' } })

    await cluster.eventually(async () => await exists(cluster, `${configMaps}/login`), { describe: 'the Secret is mirrored' })
    expect(await digests()).toEqual({ password: sha256('canary-1') })
    const created = await read<{ metadata: { resourceVersion: string } }>(cluster, `${secrets}/login`)

    await untilQuiet(cluster, process, `${secrets}/login`)
    await change(cluster, `${secrets}/login`, { stringData: { password: 'canary-2', token: 'canary-3' } })
    await cluster.eventually(async () => (await digests())?.['token'] === sha256('canary-3'), { describe: 'the change is mirrored' })
    expect((await digests())?.['password']).toBe(sha256('canary-2'))

    expect(created.metadata).not.toHaveProperty('annotations')
    expect(cluster.audit.requests({ userAgent: 'fairlead/', namespace: cluster.namespace, resource: 'secrets', verb: 'patch' })).toEqual([])
    expect(await exists(cluster, `${configMaps}/other`)).toBe(false)
    // What is not selected is not shown, and what is has no status but that of its dependents.
    const status = await fairlead(cluster, 'status', '-n', cluster.namespace, '--output', 'json')
    expect(JSON.parse(status.out)).toMatchObject([
      { kind: 'Secret', name: 'login', state: 'ready', dependents: [{ kind: 'ConfigMap', name: 'login', state: 'current' }] },
    ])
    expect({ code: status.code, error: status.error }).toEqual({ code: 0, error: '' })
    expect((await scrape(process)).passes('failed')).toBe(0)
    expect(process.text).not.toContain('canary')
  })
})

describe('a renamed mirror, of a Secret whose status is not ours', () => {
  test('is held over restarts by the mark on it, until the set that the log names is approved', async ({
    cluster,
    operator,
    onTestFinished,
  }) => {
    const folder = mkdtempSync(join(tmpdir(), 'digests-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    cpSync(project, folder, { recursive: true })
    const watches = `${folder}/watches.yaml`
    const template = `${folder}/charts/digest/templates/digest.yaml.eta`
    const [secrets, configMaps] = [collection(cluster, 'v1', 'secrets'), collection(cluster, 'v1', 'configmaps')]
    await create(cluster, secrets, { metadata: { name: 'login', labels: { digest: 'wanted' } }, stringData: { password: 'canary-1' } })
    const first = await operator({ watches })
    await first.line(/^created ConfigMap\/login/)
    await untilQuiet(cluster, first, `${secrets}/login`)
    await first.stop()
    writeFileSync(template, readFileSync(template, 'utf8').replace('<%= it.name %>', 'digest-of-<%= it.name %>'))

    const second = await operator({ watches })
    await second.line(/^created ConfigMap\/digest-of-login/)
    const { msg } = await second.line(/is held/)
    await untilQuiet(cluster, second, `${secrets}/login`)
    await second.stop()
    const begin = cluster.audit.mark()
    const third = await operator({ watches })
    await third.line(/is held/)
    await untilQuiet(cluster, third, `${secrets}/login`)
    expect(third.lines.map((line) => line.msg).filter((line) => /is held/.test(line))).toEqual([msg])
    expect(await exists(cluster, `${configMaps}/login`)).toBe(true)
    expect(cluster.audit.requests({ userAgent: 'fairlead/', namespace: cluster.namespace, verb: 'patch', since: begin })).toEqual([])

    const [, command = ''] = /to delete: fairlead (.*) \(set/.exec(msg) ?? []
    expect(command).toMatch(new RegExp(`^approve Secret/login -n ${cluster.namespace} --set [0-9a-f]{12}$`))
    expect(await fairlead(cluster, ...command.split(' '))).toMatchObject({ code: 0, error: '' })
    await cluster.eventually(async () => !(await exists(cluster, `${configMaps}/login`)), { describe: 'the old mirror is deleted' })
    expect(await exists(cluster, `${configMaps}/digest-of-login`)).toBe(true)
  })
})

describe('a Secret whose ConfigMap is in another namespace', () => {
  test('has the finalizer, and takes the ConfigMap with it', async ({ cluster, operator, other }) => {
    await operator({ watches: `${project}/watches.yaml`, namespaces: [cluster.namespace, other] })
    const [secrets, mirror] = [collection(cluster, 'v1', 'secrets'), `/api/v1/namespaces/${other}/configmaps/login`]
    const metadata = { name: 'login', labels: { digest: 'wanted' }, annotations: { 'example.com/mirror-in': other } }
    await create(cluster, secrets, { metadata, stringData: { password: 'canary-1' } })
    await cluster.eventually(async () => await exists(cluster, mirror), { describe: 'the Secret is mirrored' })
    const secret = await read<{ metadata: { finalizers?: string[] } }>(cluster, `${secrets}/login`)
    expect(secret.metadata.finalizers).toEqual(['fairlead.dev/dependents'])

    await remove(cluster, `${secrets}/login`)

    await cluster.eventually(async () => !(await exists(cluster, `${secrets}/login`)), { describe: 'the Secret is gone' })
    expect(await exists(cluster, mirror)).toBe(false)
  })
})

describe('the permission to see Secrets, withdrawn while the operator runs', () => {
  const rules = (secrets: readonly string[]) => [
    { verbs: ['*'], apiGroups: [''], resources: ['configmaps'] },
    { verbs: ['get', 'create', 'patch'], apiGroups: ['coordination.k8s.io'], resources: ['leases'] },
    { verbs: secrets, apiGroups: [''], resources: ['secrets'] },
  ]

  test('leaves what was mirrored, is told by the readiness, and is made up for when it is back', async ({ cluster, operator }) => {
    const account = async (secrets: readonly string[]) => await cluster.kubeconfigFor({ name: 'operator', rules: rules(secrets) })
    await using server = await FaultyServer.start(cluster, await account(['get', 'list', 'watch']))
    const process = await operator({ watches: `${project}/watches.yaml`, kubeconfig: server.kubeconfig })
    const [secrets, configMaps] = [collection(cluster, 'v1', 'secrets'), collection(cluster, 'v1', 'configmaps')]
    const digestOf = async (name: string) =>
      (await read<{ data: Record<string, string> }>(cluster, `${configMaps}/${name}`)).data['password']
    for (const name of ['kept', 'changed'])
      await create(cluster, secrets, { metadata: { name, labels: { digest: 'wanted' } }, stringData: { password: 'canary-1' } })
    for (const name of ['kept', 'changed']) await cluster.eventually(async () => await exists(cluster, `${configMaps}/${name}`))

    await account(['get'])
    const user = `system:serviceaccount:${cluster.namespace}:operator`
    await cluster.eventually(async () => !(await may(cluster, user, 'list', 'secrets')), { describe: 'the permission is gone' })
    server.endWatches(({ path }) => path.endsWith('/secrets'))
    await process.line(/^Secret is forbidden/)
    const readyz = await fetch(`${await process.healthUrl()}/readyz`)
    expect([readyz.status, await readyz.text()]).toEqual([
      503,
      `[-] operator: Secret/v1 cannot be read: GET secrets in namespace "${cluster.namespace}": 403 Forbidden: ${user} may not watch secrets in namespace "${cluster.namespace}"\nnot ready\n`,
    ])
    await change(cluster, `${secrets}/changed`, { stringData: { password: 'canary-2' } })
    // What is in sight is kept right: the mirror of a Secret that was there when it was last seen.
    await change(cluster, `${configMaps}/kept`, { data: { password: 'by somebody' } })
    await cluster.eventually(async () => (await digestOf('kept')) === sha256('canary-1'), { describe: 'the mirror is healed' })
    expect(await digestOf('changed')).toBe(sha256('canary-1'))

    await account(['get', 'list', 'watch'])
    await cluster.eventually(async () => (await digestOf('changed')) === sha256('canary-2'), { describe: 'the change is mirrored' })
    await process.ready()
  })
})
