import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { onControlPlane, type Cluster } from '../../controlplane/fixture.ts'
import { FaultyServer, serviceUnavailable } from '../faulty-server.ts'
import { test } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const meterFile = fileURLToPath(new URL('meter.yaml', import.meta.url))
const watches = `${project}/watches.yaml`
const apiVersion = 'unavailable.example.com/v1'
const group = '/apis/water.unavailable.example.com/'
const meters = (cluster: Cluster) => collection(cluster, 'water.unavailable.example.com/v1', 'meters')
const configMap = (cluster: Cluster, name: string) => `${collection(cluster, 'v1', 'configmaps')}/${name}`
const dataOf = async (cluster: Cluster, name: string) =>
  (await read<{ data: Record<string, string> }>(cluster, configMap(cluster, name))).data

async function createPump(cluster: Cluster, name: string, spec: object): Promise<string> {
  const pumps = await installDefinition(cluster, `${project}/charts/pump/crds/pump.yaml`)
  await create(cluster, pumps, { apiVersion, kind: 'Pump', metadata: { name }, spec })
  return `${pumps}/${name}`
}

/** A server that answers for the group as an aggregation layer does whose backend is down: 503, and no kinds in its discovery. */
async function serverBefore(cluster: Cluster): Promise<{ server: FaultyServer; down: (isDown: boolean) => void }> {
  const server = await FaultyServer.start(cluster)
  return {
    server,
    down: (isDown) => {
      server.refuse = ({ path }) => (isDown && path.startsWith(group) ? serviceUnavailable : undefined)
      if (isDown) server.endWatches(({ path }) => path.startsWith(group))
    },
  }
}

/** A server to which the group belongs to somebody else's: there is no definition, and when its APIService is removed nothing of it at all. */
async function aggregatedServerBefore(cluster: Cluster): Promise<{ server: FaultyServer; remove: (isRemoved: boolean) => Promise<void> }> {
  const server = await FaultyServer.start(cluster)
  const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/meters.water.unavailable.example.com'
  const details = { group: 'apiextensions.k8s.io', kind: 'customresourcedefinitions', name: 'meters.water.unavailable.example.com' }
  const notFound = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', details, code: 404 }
  let groups: object | undefined
  server.refuse = ({ path }) => {
    if (path === definition) return { code: 404, body: notFound }
    if (groups && path === '/apis') return { code: 200, body: groups }
    return groups && path.startsWith(group) ? { code: 404, body: '404 page not found\n' } : undefined
  }
  return {
    server,
    async remove(isRemoved) {
      const { groups: all, ...list } = await read<{ groups: { name: string }[] }>(cluster, '/apis')
      groups = isRemoved ? { ...list, groups: all.filter(({ name }) => !group.includes(`/${name}/`)) } : undefined
      if (isRemoved) server.endWatches(({ path }) => path.startsWith(group))
    },
  }
}

describe('an API whose backend goes down while the operator runs', () => {
  test('is waited for: its objects are not taken for absent, and all else goes on', { timeout: 120_000 }, async ({ cluster, operator }) => {
    await installDefinition(cluster, meterFile)
    await installDefinition(cluster, `${project}/charts/pump/crds/pump.yaml`)
    const { server, down } = await serverBefore(cluster)
    await using _server = server
    const process = await operator({ watches, kubeconfig: server.kubeconfig })
    const pump = await createPump(cluster, 'main', { rate: 1, meter: true, reads: 'main' })
    await untilCondition(cluster, pump, { status: 'True' })
    await cluster.eventually(async () => (await dataOf(cluster, 'main-reading'))['of'] === 'there')

    const blind = cluster.audit.mark()
    down(true)
    await cluster.eventually(async () => (await scrape(process)).sum('fairlead_informer_state', { state: 'stale' }) > 0, {
      describe: 'the backend is missed',
      timeout: 30_000,
    })
    // A Pump that is made now is told, since its Meter cannot be made; one that has to go keeps what cannot be seen.
    const other = await createPump(cluster, 'other', { rate: 1, meter: true })
    expect(await untilCondition(cluster, other, { status: 'False', message: /Meter/, timeout: 30_000 })).toMatchObject({
      message: expect.stringMatching(/Meter.*: GET .*: 503 /),
    })
    expect(await exists(cluster, configMap(cluster, 'other'))).toBe(true)
    await change(cluster, pump, { spec: { meter: null } })
    await untilCondition(cluster, pump, { status: 'False', message: /503/, timeout: 30_000 })
    expect(cluster.audit.requests({ userAgent: 'fairlead/', verb: 'delete', namespace: cluster.namespace, since: blind })).toEqual([])
    expect((await dataOf(cluster, 'main-reading'))['of']).toBe('there')
    expect(await exists(cluster, `${meters(cluster)}/main`)).toBe(true)

    down(false)
    const back = performance.now()
    await untilCondition(cluster, other, { status: 'True', timeout: 70_000 })
    console.log(`all is made ${((performance.now() - back) / 1000).toFixed(1)} s after the backend is back`)
    expect(await exists(cluster, `${meters(cluster)}/other`)).toBe(true)
    await cluster.eventually(async () => !(await exists(cluster, `${meters(cluster)}/main`)), {
      describe: 'the Meter is gone',
      timeout: 70_000,
    })
    await cluster.eventually(async () => (await dataOf(cluster, 'main-reading'))['of'] === 'missing')
  })
})

describe('an APIService that is removed', () => {
  test('takes its objects out of sight, and they are not taken for gone, also by the next process', { timeout: 120_000 }, async ({
    cluster,
    operator,
  }) => {
    await installDefinition(cluster, meterFile)
    await installDefinition(cluster, `${project}/charts/pump/crds/pump.yaml`)
    const { server, remove: removeService } = await aggregatedServerBefore(cluster)
    await using _server = server
    const first = await operator({ watches, kubeconfig: server.kubeconfig })
    const pump = await createPump(cluster, 'main', { rate: 1, meter: true })
    await untilCondition(cluster, pump, { status: 'True' })

    await removeService(true)
    await cluster.eventually(async () => (await scrape(first)).sum('fairlead_informer_state', { state: 'stale' }) > 0, {
      describe: 'the API is missed',
      timeout: 30_000,
    })
    const waits = /^waits for deletion of what is no longer rendered: \S+ Meter cannot be read now .*no APIService is there for it any more/
    await change(cluster, pump, { spec: { meter: null } })
    await untilCondition(cluster, pump, { status: 'False', message: waits, timeout: 30_000 })
    await first.stop('SIGKILL')

    const second = await operator({ watches, kubeconfig: server.kubeconfig })
    await second.line(/^Meter\.water\.unavailable\.example\.com is starting: .*no APIService is there for it any more/)
    await change(cluster, pump, { spec: { rate: 2 } })
    await untilCondition(cluster, pump, { status: 'True', timeout: 30_000 })
    expect(await dataOf(cluster, 'main')).toEqual({ rate: '2' })
    expect(await exists(cluster, `${meters(cluster)}/main`)).toBe(true)
    // As long as nobody can say that nothing is left, the pass is not a clean one.
    expect((await read<{ status: object }>(cluster, pump)).status).toMatchObject({ observedGeneration: 1 })

    await removeService(false)
    await second.line(/^deleted Meter\/main \(spec\)$/, { timeout: 70_000 })
    expect(await exists(cluster, `${meters(cluster)}/main`)).toBe(false)
    await cluster.eventually(
      async () => (await read<{ status: { observedGeneration: number } }>(cluster, pump)).status.observedGeneration === 3,
      { describe: 'the pass is a clean one' },
    )
  })
})

describe('an APIService whose service has no endpoints when the operator starts', () => {
  test.runIf(onControlPlane)(
    'is waited for in the same way, and its kind is found as soon as somebody serves it',
    { timeout: 180_000 },
    async ({ cluster, operator }) => {
      const apiService = '/apis/apiregistration.k8s.io/v1/apiservices/v1.water.unavailable.example.com'
      await cluster.request('DELETE', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/meters.water.unavailable.example.com')
      await cluster.eventually(async () => !(await exists(cluster, apiService)), { describe: 'the group is nobody’s', timeout: 40_000 })
      await create(cluster, collection(cluster, 'v1', 'services'), { metadata: { name: 'nowhere' }, spec: { ports: [{ port: 443 }] } })
      await create(cluster, '/apis/apiregistration.k8s.io/v1/apiservices', {
        metadata: { name: 'v1.water.unavailable.example.com' },
        spec: {
          group: 'water.unavailable.example.com',
          version: 'v1',
          groupPriorityMinimum: 1000,
          versionPriority: 10,
          insecureSkipTLSVerify: true,
          service: { namespace: cluster.namespace, name: 'nowhere' },
        },
      })
      try {
        await cluster.eventually(async () => (await cluster.request('GET', `${group}v1`)).status === 503, {
          describe: 'the group answers 503',
        })
        const pump = await createPump(cluster, 'main', { rate: 1, meter: true })
        await operator({ watches })

        expect((await untilCondition(cluster, pump, { status: 'False', message: /Meter/, timeout: 40_000 })).message).toMatch(
          /^waits for Meter\/main: GET \/apis\/water\.unavailable\.example\.com\/v1: 503/,
        )
        expect(await dataOf(cluster, 'main')).toEqual({ rate: '1' })
        await change(cluster, pump, { spec: { rate: 2 } })
        await cluster.eventually(async () => (await dataOf(cluster, 'main'))['rate'] === '2', { describe: 'the other dependent follows' })
      } finally {
        await remove(cluster, apiService)
      }
      await installDefinition(cluster, meterFile)
      const served = performance.now()
      await untilCondition(cluster, `${collection(cluster, apiVersion, 'pumps')}/main`, { status: 'True', timeout: 70_000 })
      console.log(`the Meter is made ${((performance.now() - served) / 1000).toFixed(1)} s after its kind is served`)
      expect(await exists(cluster, `${meters(cluster)}/main`)).toBe(true)
    },
  )
})
