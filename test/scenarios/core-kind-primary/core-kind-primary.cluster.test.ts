import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { may } from '../access.ts'
import { fairlead } from '../command.ts'
import { FaultyServer } from '../faulty-server.ts'
import { test } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { change, collection, create, exists, read } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

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
