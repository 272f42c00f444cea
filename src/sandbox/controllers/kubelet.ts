/**
 * What the kubelets do: pods that are bound to a node run, become ready, end and go.
 *
 * Nothing is executed. A pod is running and ready as soon as it is bound, one of a Job has succeeded right after, one that is deleted is gone at
 * once. Annotations of a pod (or of the template that it is made from) ask for something else:
 *
 *   sandbox.fairlead.dev/outcome       succeed | fail | never-ready | crash-loop | image-pull-error | never-starts | run (a Job's pod that does not end)
 *   sandbox.fairlead.dev/ready-after   a duration, e.g. 5s: how long the pod runs before it is ready
 *   sandbox.fairlead.dev/finish-after  how long a pod runs that ends
 *   sandbox.fairlead.dev/stop-after    how long a deleted pod takes to end
 *
 * Statuses look as kwok writes them, which plays the kubelets beside a control plane without machines.
 */
import { parseDuration } from '../../api/duration.ts'
import { type ContainerStatus, statusOf } from '../programs/container.ts'
import { type PlannedEnd, PodRuns } from '../programs/runs.ts'
import { PodScripts } from '../programs/scripts.ts'
import { ApiError } from '../status/api-error.ts'
import type { Condition } from './conditions.ts'
import { containerStatus, firstStatuses, initStatus, shows, statusesOf } from './container-statuses.ts'
import { type Controller, timestamp, type World } from './controller.ts'
import { trackingFinalizer } from './jobs/job.ts'
import { type Node, nodeAddress } from './nodes.ts'
import { controllerOf, splitKey } from './ownership.ts'
import { isFinished, isTerminating, type Pod, type PodStatus } from './pods.ts'
import { writeStatus } from './status-writer.ts'

const prefix = 'sandbox.fairlead.dev'
export const outcomeAnnotation = `${prefix}/outcome`
export const readyAfterAnnotation = `${prefix}/ready-after`
export const finishAfterAnnotation = `${prefix}/finish-after`
export const stopAfterAnnotation = `${prefix}/stop-after`

export type Outcome = 'run' | 'succeed' | 'fail' | 'never-ready' | 'crash-loop' | 'image-pull-error' | 'never-starts'
const outcomes: readonly string[] = [
  'run',
  'succeed',
  'fail',
  'never-ready',
  'crash-loop',
  'image-pull-error',
  'never-starts',
] satisfies Outcome[]

/** @param scripts how containers end */
export function kubelets(scripts = new PodScripts()): Controller {
  const runs = new PodRuns()
  const addresses = new PodAddresses()
  /** When a pod was first seen running or ending, in milliseconds: statuses keep whole seconds only. */
  const begun = new Map<string, number>()
  const onNode = new Map<string, Set<string>>()

  return {
    name: 'kubelet',
    manager: 'kubelet',
    watches: ['/pods', '/nodes'],
    keys({ storage, type, object }) {
      if (storage === '/nodes') return type === 'ADDED' ? (onNode.get(object.metadata.name) ?? []) : []
      const pod = object as Pod
      const { namespace = '', name, uid = '' } = pod.metadata
      const key = `${namespace}/${name}`
      const node = pod.spec.nodeName
      if (!node) return []
      const pods = onNode.get(node) ?? new Set()
      onNode.set(node, pods)
      if (type !== 'DELETED') {
        pods.add(key)
        if (pod.status?.podIP) addresses.take(pod.status.podIP, uid)
        return [key]
      }
      pods.delete(key)
      addresses.free(uid)
      runs.forget(uid)
      begun.delete(`${uid} run`)
      begun.delete(`${uid} end`)
      return []
    },
    reconcile(key, world) {
      const pod = world.get('/pods', ...splitKey(key)) as Pod | undefined
      if (!pod?.spec.nodeName) return undefined
      const node = world.get('/nodes', '', pod.spec.nodeName) as Node | undefined
      if (!node) return undefined
      const since = (what: string): number => {
        const mark = `${pod.metadata.uid ?? ''} ${what}`
        if (!begun.has(mark)) begun.set(mark, world.now())
        return begun.get(mark) as number
      }
      if (isTerminating(pod)) return stop(pod, world, since('end'))
      if (isFinished(pod)) return undefined
      return run(pod, node, world, addresses, since('run'), (end) =>
        runs.advance(pod, world.now(), (container) => scripts.end({ pod, container }) ?? end),
      )
    },
  }
}

function stop(pod: Pod, world: World, since: number): number | undefined {
  const { namespace = '', name, uid } = pod.metadata
  const rest = since + delayOf(pod, stopAfterAnnotation) - world.now()
  if (rest > 0) return rest
  // What keeps it now is a finalizer.
  if (pod.metadata['deletionGracePeriodSeconds'] === 0) return undefined
  // A Job may wait to be told how the pod has ended. Others see it go as it was, as kwok leaves it.
  if (pod.metadata.finalizers?.includes(trackingFinalizer) && pod.status?.podIP && !isFinished(pod)) {
    writeStatus(world, '/pods', pod, terminated(pod, world.now()))
    return undefined
  }
  try {
    world.delete('/pods', namespace, name, { gracePeriodSeconds: 0, ...(uid === undefined ? {} : { uid }) })
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 404)) throw error
  }
  return undefined
}

function run(
  pod: Pod,
  node: Node,
  world: World,
  addresses: PodAddresses,
  since: number,
  advance: (end: PlannedEnd | undefined) => ReturnType<PodRuns['advance']>,
): number | undefined {
  const outcome = outcomeOf(pod)
  if (outcome === 'never-starts') return undefined
  const now = world.now()
  const readyIn = since + delayOf(pod, readyAfterAnnotation) - now
  // Programs run in pods that were seen running.
  const { runs, wake } =
    pod.status?.podIP && outcome !== 'crash-loop' && outcome !== 'image-pull-error' ? advance(endOf(pod, outcome)) : nothingYet
  const ended = runs.flatMap(({ run: current }) => (current.kind === 'ended' ? [current] : []))
  if (runs.length > 0 && ended.length === runs.length) {
    const phase = ended.some(({ exitCode }) => exitCode !== 0) ? 'Failed' : 'Succeeded'
    // The conditions stay as they were, as kwok leaves them.
    writeStatus(world, '/pods', pod, { ...pod.status, containerStatuses: statusesOf(pod, runs, false), phase })
    return undefined
  }
  const up = outcome !== 'never-ready' && outcome !== 'crash-loop' && outcome !== 'image-pull-error' && readyIn <= 0
  const ready = up && runs.every(({ run: current }) => current.kind === 'running')
  if (!pod.status?.podIP || isReadyNow(pod) !== ready || !shows(pod, runs)) {
    const statuses = runs.length > 0 ? statusesOf(pod, runs, up) : firstStatuses(pod, outcome, up, now)
    writeStatus(world, '/pods', pod, started(pod, node, outcome, statuses, addresses, now))
  }
  const waits = [...(readyIn > 0 ? [readyIn] : []), ...(wake === undefined ? [] : [wake])]
  return waits.length > 0 ? Math.min(...waits) : undefined
}

const nothingYet: ReturnType<PodRuns['advance']> = { runs: [], wake: undefined }

/** What the annotations ask for, of a container that no script ends. */
function endOf(pod: Pod, outcome: Outcome): PlannedEnd | undefined {
  if (outcome !== 'succeed' && outcome !== 'fail') return undefined
  return { exitCode: outcome === 'fail' ? 1 : 0, delay: `${delayOf(pod, finishAfterAnnotation)}ms`, final: true }
}

/** By a signal, which none of its containers heeds. */
function terminated(pod: Pod, now: number): PodStatus {
  const { containers } = pod.spec
  const containerStatuses = containers.map((container): ContainerStatus => {
    const status = statusOf(pod, container) ?? containerStatus(container, false, 0)
    if (status.state?.terminated) return status
    const time = timestamp(now)
    const startedAt = status.state?.running?.startedAt ?? time
    return {
      ...status,
      ready: false,
      started: false,
      state: { terminated: { exitCode: 143, finishedAt: time, reason: 'Error', startedAt } },
    }
  })
  return { ...pod.status, containerStatuses, phase: 'Failed' }
}

const isReadyNow = ({ status }: Pod): boolean => status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'

function outcomeOf(pod: Pod): Outcome {
  const asked = pod.metadata.annotations?.[outcomeAnnotation]
  if (asked !== undefined && outcomes.includes(asked)) return asked as Outcome
  return controllerOf(pod)?.kind === 'Job' ? 'succeed' : 'run'
}

const delayOf = ({ metadata }: Pod, annotation: string): number =>
  Math.max(0, parseDuration(metadata.annotations?.[annotation] ?? '0') ?? 0)

function started(
  pod: Pod,
  node: Node,
  outcome: Outcome,
  containerStatuses: readonly ContainerStatus[],
  addresses: PodAddresses,
  now: number,
): PodStatus {
  const time = timestamp(now)
  const hostIP = nodeAddress(node)
  const podIP = pod.status?.podIP ?? (pod.spec['hostNetwork'] === true ? hostIP : addresses.next(pod.metadata.uid ?? ''))
  const gates = (pod.spec['readinessGates'] ?? []) as readonly { conditionType: string }[]
  const unready = {
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${containerStatuses.flatMap(({ ready: isUp, name }) => (isUp ? [] : [name])).join(' ')}]`,
  }
  const ready = containerStatuses.every(({ ready: isUp }) => isUp)
  const told = (type: string, holds: boolean): Condition => {
    const before = pod.status?.conditions?.find((condition) => condition.type === type)
    const status = holds ? 'True' : 'False'
    const since = before?.status === status ? before.lastTransitionTime : time
    return { lastProbeTime: null, lastTransitionTime: since ?? time, status, type, ...(holds ? {} : unready) }
  }
  const own = [
    told('Initialized', true),
    told('Ready', ready),
    told('ContainersReady', ready),
    ...gates.map(({ conditionType }) => told(conditionType, true)),
  ]
  const others = (pod.status?.conditions ?? []).filter(({ type }) => !own.some((condition) => condition.type === type))
  const init = pod.spec.initContainers ?? []
  return {
    ...pod.status,
    conditions: [...own, ...others],
    containerStatuses,
    ...(init.length > 0 ? { initContainerStatuses: init.map((container) => initStatus(container, time)) } : {}),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    phase: outcome === 'image-pull-error' ? 'Pending' : 'Running',
    podIP,
    podIPs: [{ ip: podIP }],
    startTime: pod.status?.['startTime'] ?? time,
  }
}

/** Addresses from 10.244.0.0/16, each of one pod at a time. */
class PodAddresses {
  readonly #holders = new Map<string, string>()
  readonly #byPod = new Map<string, string>()
  #last = 1

  take(address: string, uid: string): void {
    this.#holders.set(address, uid)
    this.#byPod.set(uid, address)
  }

  next(uid: string): string {
    for (let tries = 0; tries < 65_533; tries++) {
      this.#last = this.#last >= 65_534 ? 2 : this.#last + 1
      const address = `10.244.${this.#last >> 8}.${this.#last & 255}`
      if (this.#holders.has(address)) continue
      this.take(address, uid)
      return address
    }
    throw new RangeError('every address of 10.244.0.0/16 is in use')
  }

  free(uid: string): void {
    const address = this.#byPod.get(uid)
    if (address === undefined) return
    this.#byPod.delete(uid)
    if (this.#holders.get(address) === uid) this.#holders.delete(address)
  }
}
