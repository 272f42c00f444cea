import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`

interface Kiosk {
  metadata: { generation: number; finalizers?: string[] }
  status: { observedGeneration: number; observedRevision: string; greeting: string; ready: number }
}
interface Workload {
  metadata: { uid: string; labels: Record<string, string>; generation: number }
  spec: { replicas: number }
}

const kiosks = (cluster: Cluster) => collection(cluster, 'kiosks.example.com/v1', 'kiosks')
const kiosk = (cluster: Cluster) => `${kiosks(cluster)}/corner`
const statefulSet = (cluster: Cluster) => `${collection(cluster, 'apps/v1', 'statefulsets')}/corner`
const service = (cluster: Cluster) => `${collection(cluster, 'v1', 'services')}/corner`

/** Resolves to the Kiosk when it is ready. `spec` undefined: it has none. */
async function open(cluster: Cluster, spec: object | undefined, annotations: object = {}): Promise<Kiosk> {
  const body = { apiVersion: 'kiosks.example.com/v1', kind: 'Kiosk', metadata: { name: 'corner', annotations }, ...(spec && { spec }) }
  await create(cluster, kiosks(cluster), body)
  return await untilReady(cluster)
}

async function untilReady(cluster: Cluster): Promise<Kiosk> {
  await untilCondition(cluster, kiosk(cluster), { status: 'True', timeout: 30_000 })
  return await read<Kiosk>(cluster, kiosk(cluster))
}

const untilReplicas = async (cluster: Cluster, replicas: number) =>
  await cluster.eventually(async () => (await read<Workload>(cluster, statefulSet(cluster))).spec.replicas === replicas, {
    describe: `${replicas} replicas`,
    interval: 20,
  })

const untilGone = async (cluster: Cluster, ...paths: string[]) => {
  for (const path of paths)
    await cluster.eventually(async () => !(await exists(cluster, path)), { describe: `${path} is gone`, timeout: 70_000 })
}

describe('a custom resource', () => {
  test('becomes what its chart says, and tells so', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/kiosk/crds/kiosk.yaml`)
    await operator({ watches })

    const { metadata, status } = await open(cluster, { replicaCount: 1 })

    expect((await read<Workload>(cluster, service(cluster))).metadata.labels['app.kubernetes.io/instance']).toBe('corner')
    expect(status).toMatchObject({ observedGeneration: metadata.generation, greeting: 'hello world', ready: 1 })
    expect(status.observedRevision).toMatch(/^[0-9a-f]+$/)
  })

  test('that has no spec becomes what the chart’s values say', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/kiosk/crds/kiosk.yaml`)
    await operator({ watches })
    await open(cluster, undefined)
    expect((await read<Workload>(cluster, statefulSet(cluster))).spec.replicas).toBe(1)
  })

  test('has its number of replicas again when somebody scales, and another one when its spec says so', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/kiosk/crds/kiosk.yaml`)
    const running = await operator({ watches })
    await open(cluster, { replicaCount: 1 })

    const { exitCode, stderr } = await cluster.kubectl(['scale', 'statefulset', 'corner', '--replicas=2'])
    expect(exitCode, stderr).toBe(0)
    await running.line(/^updated StatefulSet\/corner: \.spec\.replicas put back/)
    await untilReplicas(cluster, 1)

    await change(cluster, kiosk(cluster), { spec: { replicaCount: 2 } })
    await untilReplicas(cluster, 2)
    const { metadata, status } = await untilReady(cluster)
    expect([status.observedGeneration, status.greeting]).toEqual([metadata.generation, 'hello world'])
    await cluster.eventually(async () => (await read<Kiosk>(cluster, kiosk(cluster))).status.ready === 2, { describe: 'two are ready' })

    const down = await cluster.kubectl(['scale', 'statefulset', 'corner', '--replicas=1'])
    expect(down.exitCode, down.stderr).toBe(0)
    await untilReplicas(cluster, 2)
    await untilQuiet(cluster, running, kiosk(cluster))
  })

  test('is healed by an operator that was started anew', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/kiosk/crds/kiosk.yaml`)
    const first = await operator({ watches })
    await open(cluster, {})
    await first.stop()
    await operator({ watches })
    const { uid } = (await read<Workload>(cluster, service(cluster))).metadata

    await remove(cluster, service(cluster))

    await cluster.eventually(async () => (await read<Workload>(cluster, service(cluster))).metadata.uid !== uid, {
      describe: 'the Service is made again',
    })
  })

  test('that is deleted takes everything along: the garbage collector does it, and the operator asks nothing', {
    timeout: 120_000,
  }, async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/kiosk/crds/kiosk.yaml`)
    const running = await operator({ watches })
    expect((await open(cluster, {})).metadata.finalizers).toBeUndefined()
    await untilQuiet(cluster, running, kiosk(cluster))
    const mark = cluster.audit.mark()

    await remove(cluster, kiosk(cluster))

    await untilGone(cluster, kiosk(cluster), statefulSet(cluster), service(cluster))
    const requests = cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: mark })
    expect(Object.keys(requests).filter((request) => !/^(list|watch|get) /.test(request))).toEqual([])
  })

  test('that is deleted in order stays until all of it is gone, and says what it waits for; made again, it begins anew', async ({
    cluster,
    operator,
  }) => {
    await installDefinition(cluster, `${project}/charts/kiosk/crds/kiosk.yaml`)
    await operator({ watches })
    await open(cluster, {}, { 'fairlead.dev/deletion-policy': 'foreground' })
    const before = await read<Workload>(cluster, statefulSet(cluster))
    await change(cluster, statefulSet(cluster), { metadata: { finalizers: ['example.com/theirs'] } })

    await remove(cluster, kiosk(cluster))

    const waiting = await untilCondition(cluster, kiosk(cluster), { status: 'False', message: /deletion/ })
    expect(waiting.message).toBe(`waits for the deletion of StatefulSet/corner in namespace ${cluster.namespace}`)
    expect(await exists(cluster, service(cluster))).toBe(true)

    await cluster.eventually(
      async () => {
        const { metadata } = await read<{ metadata: { finalizers?: string[] } }>(cluster, statefulSet(cluster))
        const finalizers = (metadata.finalizers ?? []).filter((name) => name !== 'example.com/theirs')
        await change(cluster, statefulSet(cluster), { metadata: { finalizers } })
        return true
      },
      { describe: 'their finalizer is taken off' },
    )
    await untilGone(cluster, statefulSet(cluster), service(cluster), kiosk(cluster))

    await open(cluster, {})
    expect((await read<Workload>(cluster, statefulSet(cluster))).metadata.uid).not.toBe(before.metadata.uid)
  })
})
