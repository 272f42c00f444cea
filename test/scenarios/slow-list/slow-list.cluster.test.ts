import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { type Asked, FaultyServer } from '../faulty-server.ts'
import { test } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const apiVersion = 'slow.example.com/v1'
const configMap = (cluster: Cluster, name: string) => `${collection(cluster, 'v1', 'configmaps')}/${name}`
const isList = ({ method, path, query }: Asked) => method === 'GET' && path.endsWith('/configmaps') && query.get('watch') === null

async function createSnail(cluster: Cluster, name: string, spec: object): Promise<string> {
  const snails = await installDefinition(cluster, `${project}/charts/snail/crds/snail.yaml`)
  await create(cluster, snails, { apiVersion, kind: 'Snail', metadata: { name }, spec })
  return `${snails}/${name}`
}

describe('a first list that takes its time', () => {
  test('is waited for: nothing of the kind is made or deleted, what changed says so, and what did not is not written', async ({
    cluster,
    operator,
  }) => {
    const changed = await createSnail(cluster, 'changed', { speed: 1, shell: true })
    const same = await createSnail(cluster, 'same', { speed: 1 })
    const first = await operator({ watches })
    await untilCondition(cluster, changed, { status: 'True' })
    await untilCondition(cluster, same, { status: 'True' })
    await first.stop()
    const { resourceVersion } = (await read(cluster, same)).metadata
    await change(cluster, changed, { spec: { speed: 2, shell: null } })
    await remove(cluster, configMap(cluster, 'changed'))

    await using server = await FaultyServer.start(cluster)
    const release = server.hold(isList)
    const blind = cluster.audit.mark()
    const process = await operator({ watches, kubeconfig: server.kubeconfig })
    const waiting = await untilCondition(cluster, changed, { status: 'False', message: /first list/ })
    expect(waiting).toMatchObject({
      reason: 'Waiting',
      message: 'waits for ConfigMap/changed: the first list takes more than 5 s',
    })
    // What is known is not held up.
    const secret = await read<{ data: { speed: string } }>(cluster, `${collection(cluster, 'v1', 'secrets')}/changed`)
    expect(Buffer.from(secret.data.speed, 'base64').toString()).toBe('2')
    expect(await exists(cluster, configMap(cluster, 'changed-shell'))).toBe(true)
    expect(await exists(cluster, configMap(cluster, 'changed'))).toBe(false)
    const configMapRequests = cluster.audit.requests({
      userAgent: 'fairlead/',
      resource: 'configmaps',
      namespace: cluster.namespace,
      since: blind,
    })
    expect(configMapRequests).toEqual([])
    expect((await scrape(process)).sum('fairlead_informer_state', { kind: 'ConfigMap', state: 'starting' })).toBe(1)

    release()
    await untilCondition(cluster, changed, { status: 'True' })
    expect(await exists(cluster, configMap(cluster, 'changed'))).toBe(true)
    await cluster.eventually(async () => !(await exists(cluster, configMap(cluster, 'changed-shell'))), { describe: 'the shell is gone' })
    await cluster.eventually(async () => (await scrape(process)).settled, { describe: 'no pass is due' })
    expect((await read(cluster, same)).metadata.resourceVersion).toBe(resourceVersion)
  })
})
