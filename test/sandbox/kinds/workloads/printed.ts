/** Objects in all the states that the columns of `kubectl get` tell apart. */
import type { KubernetesObject } from '../../../../src/api/object.ts'
import { bases, collections } from './bases.ts'
import type { Send } from './exchange.ts'

const earlier = (): string => `${new Date(Date.now() - 400_000).toISOString().slice(0, 19)}Z`
const container = (state: object, name = 'main') => ({ name, image: 'i', imageID: '', restartCount: 0, ready: false, ...state })
const ended = (exitCode: number, rest: object = {}) => ({ state: { terminated: { exitCode, ...rest } } })
const running = { state: { running: {} } }
const crashed = () => ({
  state: { waiting: { reason: 'CrashLoopBackOff' } },
  lastState: { terminated: { exitCode: 1, finishedAt: earlier() } },
})
const condition = (type: string) => ({ type, status: 'True' })

/** Pods by name: what is special in their spec, and their status. */
const pods = (): Record<string, { spec?: object; status: object }> => {
  const init = { initContainers: [{ name: 'first', image: 'j' }] }
  const initState = (state: object) => ({ spec: init, status: { phase: 'Pending', initContainerStatuses: [container(state, 'first')] } })
  return {
    ready: {
      spec: { readinessGates: [{ conditionType: 'my/gate' }, { conditionType: 'my/other' }] },
      status: {
        phase: 'Running',
        podIP: '10.0.0.1',
        podIPs: [{ ip: '10.0.0.1' }],
        conditions: [condition('Ready'), condition('my/gate')],
        containerStatuses: [container({ ready: true, ...running })],
      },
    },
    crashing: { status: { phase: 'Running', containerStatuses: [container({ restartCount: 5, ...crashed() })] } },
    completed: { status: { phase: 'Succeeded', containerStatuses: [container(ended(0, { reason: 'Completed' }))] } },
    evicted: { status: { phase: 'Failed', reason: 'Evicted' } },
    killed: { status: { phase: 'Failed', containerStatuses: [container(ended(137, { signal: 9 }))] } },
    exited: { status: { phase: 'Failed', containerStatuses: [container(ended(3))] } },
    initializing: initState(running),
    'init-crashing': initState({ restartCount: 2, ...crashed() }),
    'init-failed': initState(ended(2)),
    sidecar: {
      spec: { initContainers: [{ name: 'side', image: 'j', restartPolicy: 'Always' }] },
      status: {
        phase: 'Running',
        conditions: [condition('Initialized')],
        initContainerStatuses: [container({ restartCount: 1, ready: true, started: true, ...running }, 'side')],
        containerStatuses: [container({ ready: true, ...running })],
      },
    },
    nominated: { status: { phase: 'Pending', nominatedNodeName: 'node-9' } },
  }
}

const varied = (base: object, changes: object): KubernetesObject => ({ ...base, ...changes }) as KubernetesObject

const pod = { metric: { name: 'q' } }
const described = { ...pod, describedObject: { kind: 'Service', name: 's' } }
const autoscalers: Record<string, { metrics: object[]; current: object[] }> = {
  several: {
    metrics: [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      { type: 'Pods', pods: { ...pod, target: { type: 'AverageValue', averageValue: '1500m' } } },
      { type: 'External', external: { ...pod, target: { type: 'Value', value: '5' } } },
    ],
    current: [
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 35, averageValue: '10m' } } },
      { type: 'Pods', pods: { ...pod, current: { averageValue: '2' } } },
    ],
  },
  averages: {
    metrics: [
      { type: 'Object', object: { ...described, target: { type: 'AverageValue', averageValue: '3' } } },
      { type: 'External', external: { ...pod, target: { type: 'AverageValue', averageValue: '5' } } },
    ],
    current: [
      { type: 'Object', object: { ...described, current: { value: '7', averageValue: '2' } } },
      { type: 'External', external: { ...pod, current: { value: '4', averageValue: '1' } } },
    ],
  },
  unknown: {
    metrics: [
      { type: 'Object', object: { ...described, target: { type: 'Value', value: '3' } } },
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'c', target: { type: 'AverageValue', averageValue: '5' } },
      },
    ],
    current: [],
  },
}

/** Creates them all. */
export async function printedObjects(send: Send, namespace: string): Promise<void> {
  const create = async (object: Pick<KubernetesObject, 'apiVersion' | 'kind'>, status?: object): Promise<void> => {
    const version = object.apiVersion.replace(/^.*\//, '')
    const collection = (collections[object.kind] as string).replace('{namespace}', namespace).replace('{version}', version)
    const { status: code, body } = await send('POST', collection, object)
    if (code !== 201) throw new Error(JSON.stringify(body))
    const made = body as KubernetesObject
    if (!status) return
    const { resourceVersion: _version, ...metadata } = made.metadata
    const changed = { ...made, metadata, status: { ...(made['status'] as object), ...status } }
    const answer = await send('PUT', `${collection}/${metadata.name}/status`, changed)
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
  }
  for (const [name, base] of Object.entries(bases)) await create(varied(base, { metadata: { name: name.toLowerCase() } }))
  for (const [name, { spec, status }] of Object.entries(pods())) {
    const given = { schedulerName: 'none', containers: [{ name: 'main', image: 'i' }], ...spec }
    await create(varied(bases.pod, { metadata: { name }, spec: given }), status)
  }
  for (const [name, { metrics, current }] of Object.entries(autoscalers)) {
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nothing' }
    const body = varied(bases.autoscaler, { metadata: { name }, spec: { scaleTargetRef, maxReplicas: 5, metrics } })
    await create(body, { currentReplicas: 1, desiredReplicas: 2, currentMetrics: current })
  }
  await create(
    varied(bases.cronJob, { metadata: { name: 'zoned' }, spec: { ...(bases.cronJob['spec'] as object), timeZone: 'Europe/Berlin' } }),
  )
  const parallel = { ...(bases.job['spec'] as object), parallelism: 2, managedBy: 'example.com/none' }
  await create(varied(bases.job, { metadata: { name: 'parallel' }, spec: parallel }))
}
