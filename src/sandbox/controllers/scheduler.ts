/**
 * The scheduler: binds each new pod to the node with the fewest pods of those that fit it.
 *
 * Looked at are: whether a node takes pods at all, taints, node selector and required node affinity, and requested processor time, memory and
 * number of pods. Not looked at: affinity between pods, topology spread, host ports, priorities and preemption.
 * (pkg/scheduler/framework/plugins; types.go FitError for the message)
 */
import { parseQuantity } from '../../api/quantity.ts'
import { ApiError } from '../status/api-error.ts'
import { setCondition } from './conditions.ts'
import { type Controller, timestamp, type World } from './controller.ts'
import { matchesNodeAffinity } from './node-affinity.ts'
import type { Node } from './nodes.ts'
import { splitKey } from './ownership.ts'
import { isFinished, isTerminating, type Pod } from './pods.ts'
import { writeStatus } from './status-writer.ts'
import { tolerates } from './tolerations.ts'

const defaultScheduler = 'default-scheduler'

interface Load {
  readonly pods: Map<string, Requests>
  readonly used: { cpu: bigint; memory: bigint }
}

interface Requests {
  readonly cpu: bigint
  readonly memory: bigint
}

export function scheduler(): Controller {
  const loads = new Map<string, Load>()
  /** Pods without a node. */
  const pending = new Set<string>()
  const loadOf = (node: string): Load => {
    const load = loads.get(node) ?? { pods: new Map(), used: { cpu: 0n, memory: 0n } }
    loads.set(node, load)
    return load
  }
  function unload(node: string, uid: string): void {
    const load = loadOf(node)
    const requests = load.pods.get(uid)
    if (!requests) return
    load.pods.delete(uid)
    load.used.cpu -= requests.cpu
    load.used.memory -= requests.memory
  }
  function put(node: string, uid: string, pod: Pod): void {
    const load = loadOf(node)
    if (load.pods.has(uid)) return
    const requests = requestsOf(pod)
    load.pods.set(uid, requests)
    load.used.cpu += requests.cpu
    load.used.memory += requests.memory
  }

  return {
    name: 'scheduler',
    manager: 'kube-scheduler',
    watches: ['/pods', '/nodes', '/persistentvolumeclaims'],
    keys({ storage, type, object }) {
      if (storage === '/nodes') {
        if (type === 'DELETED') loads.delete(object.metadata.name)
        return pending
      }
      if (storage === '/persistentvolumeclaims') return pending
      const pod = object as Pod
      const { namespace = '', name, uid = '' } = pod.metadata
      const key = `${namespace}/${name}`
      const gone = type === 'DELETED'
      const node = pod.spec.nodeName
      if (node) {
        pending.delete(key)
        if (!gone && !isFinished(pod)) return (put(node, uid, pod), [])
        unload(node, uid)
        return pending
      }
      if (gone || isTerminating(pod) || isFinished(pod)) return (pending.delete(key), [])
      pending.add(key)
      return [key]
    },
    reconcile(key, world) {
      const pod = world.get('/pods', ...splitKey(key)) as Pod | undefined
      if (!pod || !isWaiting(pod)) return undefined
      const claims = claimProblem(pod, world)
      const nodes = [...world.list('/nodes')] as Node[]
      const judged = nodes.map((node) => ({ node, problems: claims ? [claims] : problemsOf(pod, node, loadOf(node.metadata.name)) }))
      const fitting = judged.filter(({ problems }) => problems.length === 0).map(({ node }) => node)
      if (fitting.length === 0) {
        refuse(
          pod,
          world,
          nodes.length,
          judged.flatMap(({ problems }) => problems),
          claims,
        )
        return undefined
      }
      const [first, ...others] = fitting as [Node, ...Node[]]
      const size = (node: Node): number => loadOf(node.metadata.name).pods.size
      bind(
        pod,
        others.reduce((best, node) => (size(node) < size(best) ? node : best), first),
        world,
      )
      return undefined
    },
  }
}

const isWaiting = (pod: Pod): boolean =>
  !pod.spec.nodeName &&
  !isTerminating(pod) &&
  !isFinished(pod) &&
  (pod.spec['schedulerName'] ?? defaultScheduler) === defaultScheduler &&
  ((pod.spec['schedulingGates'] as readonly unknown[] | undefined) ?? []).length === 0

function bind(pod: Pod, node: Node, world: World): void {
  const { namespace = '', name, uid } = pod.metadata
  try {
    world.writeSubresource('/pods', namespace, name, 'binding', {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace, uid },
      target: { apiVersion: 'v1', kind: 'Node', name: node.metadata.name },
    })
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 404)) throw error
  }
}

function refuse(pod: Pod, world: World, total: number, problems: readonly string[], claims: string | undefined): void {
  const condition = {
    lastProbeTime: null,
    lastTransitionTime: timestamp(world.now()),
    message: refusal(total, problems, claims),
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    reason: 'Unschedulable',
    status: 'False' as const,
    type: 'PodScheduled',
  }
  writeStatus(world, '/pods', pod, { ...pod.status, conditions: setCondition(pod.status?.conditions, condition) })
}

function refusal(total: number, problems: readonly string[], claims: string | undefined): string {
  if (total === 0) return 'no nodes available to schedule pods'
  if (claims !== undefined) return `0/${total} nodes are available: ${claims}. not found`
  const counts = new Map<string, number>()
  for (const problem of problems) counts.set(problem, (counts.get(problem) ?? 0) + 1)
  const reasons = [...counts].map(([problem, count]) => `${count} ${problem}`).sort()
  const unhelpful = `0/${total} nodes are available: ${total} Preemption is not helpful for scheduling.`
  return `0/${total} nodes are available: ${reasons.join(', ')}. no new claims to deallocate, preemption: ${unhelpful}`
}

/** Why no node can have the pod, because of the volumes it claims. */
function claimProblem(pod: Pod, world: World): string | undefined {
  for (const { persistentVolumeClaim } of pod.spec.volumes ?? []) {
    if (!persistentVolumeClaim) continue
    const { claimName } = persistentVolumeClaim
    const claim = world.get('/persistentvolumeclaims', pod.metadata.namespace ?? '', claimName)
    if (!claim) return `persistentvolumeclaim ${JSON.stringify(claimName)} not found`
    if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim ${JSON.stringify(claimName)} is being deleted`
    const { volumeName, storageClassName } = claim['spec'] as { volumeName?: string; storageClassName?: string }
    const storageClass = storageClassName ? world.get('storage.k8s.io/storageclasses', '', storageClassName) : undefined
    if (!volumeName && storageClass?.['volumeBindingMode'] !== 'WaitForFirstConsumer')
      return 'pod has unbound immediate PersistentVolumeClaims'
  }
  return undefined
}

/** All that speaks against this node; empty if nothing does. */
function problemsOf(pod: Pod, node: Node, load: Load): string[] {
  const { tolerations } = pod.spec
  if (node.spec?.unschedulable && !tolerates(tolerations, { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' })) {
    return ['node(s) were unschedulable']
  }
  const isTainted = node.spec?.taints?.some((taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(tolerations, taint))
  if (isTainted) return ['node(s) had untolerated taint(s)']
  if (!matchesNodeAffinity(pod.spec, node)) return ["node(s) didn't match Pod's node affinity/selector"]
  const { cpu = '0', memory = '0', pods = '110' } = node.status?.allocatable ?? {}
  const problems: string[] = []
  if (BigInt(load.pods.size) * 1_000_000_000n >= amount(pods)) problems.push('Too many pods')
  const requests = requestsOf(pod)
  if (requests.cpu > 0n && load.used.cpu + requests.cpu > amount(cpu)) problems.push('Insufficient cpu')
  if (requests.memory > 0n && load.used.memory + requests.memory > amount(memory)) problems.push('Insufficient memory')
  return problems
}

const amount = (text: string): bigint => parseQuantity(text)?.nano ?? 0n

/** What the containers ask for together, or the largest of the init containers, which run before. */
function requestsOf(pod: Pod): Requests {
  const sum = (name: string): bigint =>
    pod.spec.containers.reduce((total, { resources }) => total + amount(resources?.requests?.[name] ?? '0'), 0n)
  const largest = (name: string): bigint =>
    (pod.spec.initContainers ?? []).reduce((most, { resources }) => {
      const asked = amount(resources?.requests?.[name] ?? '0')
      return asked > most ? asked : most
    }, 0n)
  const need = (name: string): bigint => (sum(name) > largest(name) ? sum(name) : largest(name))
  return { cpu: need('cpu'), memory: need('memory') }
}
