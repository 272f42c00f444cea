/** What the kubelets tell of containers, as kwok writes it. */
import { formatDuration } from '../../api/duration.ts'
import { type ContainerStatus, statusOf, type Terminated } from '../programs/container.ts'
import type { ContainerRuns, EndedRun } from '../programs/runs.ts'
import { timestamp } from './controller.ts'
import type { Outcome } from './kubelet.ts'
import type { Container, Pod } from './pods.ts'

export const containerStatus = ({ name, image = '' }: Container, ready: boolean, restartCount: number): ContainerStatus => ({
  image,
  imageID: '',
  lastState: {},
  name,
  ready,
  restartCount,
})

/** Of containers as they start, or as the outcome keeps them. */
export const firstStatuses = (pod: Pod, outcome: Outcome, ready: boolean, now: number): ContainerStatus[] =>
  pod.spec.containers.map((container) => ({
    ...containerStatus(container, ready, outcome === 'crash-loop' ? 1 : 0),
    ...containerState(pod, container, outcome, timestamp(now)),
  }))

function containerState(pod: Pod, container: Container, outcome: Outcome, time: string): Partial<ContainerStatus> {
  const { image = '' } = container
  if (outcome === 'image-pull-error')
    return { started: false, state: { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` } } }
  if (outcome === 'crash-loop') {
    const terminated = { exitCode: 1, finishedAt: time, reason: 'Error', startedAt: time }
    return { started: false, lastState: { terminated }, state: { waiting: backOff(pod, container, 10_000) } }
  }
  return { state: { running: statusOf(pod, container)?.state?.running ?? { startedAt: time } } }
}

/** Of containers that run, wait or have ended. */
export const statusesOf = (pod: Pod, runs: readonly ContainerRuns[], ready: boolean): ContainerStatus[] =>
  pod.spec.containers.map((container, at) => {
    const { run: current, restarts, last } = runs[at] as ContainerRuns
    const status = {
      ...containerStatus(container, ready && current.kind === 'running', restarts),
      ...(last && { lastState: { terminated: terminatedOf(last) } }),
    }
    switch (current.kind) {
      case 'running':
        return { ...status, state: { running: { startedAt: timestamp(current.startedAt) } } }
      case 'ended':
        return { ...status, started: false, state: { terminated: terminatedOf(current) } }
      case 'waiting':
        return { ...status, started: false, state: { waiting: backOff(pod, container, current.pause) } }
    }
  })

const terminatedOf = ({ exitCode, reason, message, startedAt, finishedAt }: EndedRun): Terminated => ({
  exitCode,
  finishedAt: timestamp(finishedAt),
  ...(message && { message }),
  reason,
  startedAt: timestamp(startedAt),
})

function backOff(pod: Pod, { name }: Container, pause: number): { readonly reason: string; readonly message: string } {
  const { namespace = '', name: podName, uid = '' } = pod.metadata
  const message = `back-off ${formatDuration(pause)} restarting failed container=${name} pod=${podName}_${namespace}(${uid})`
  return { reason: 'CrashLoopBackOff', message }
}

/** Whether the status tells of each container what has become of it. */
export const shows = (pod: Pod, runs: readonly ContainerRuns[]): boolean =>
  pod.spec.containers.every((container, at) => {
    const { run: current, restarts } = runs[at] ?? { run: { kind: 'running' }, restarts: 0 }
    if (current.kind === 'running' && restarts === 0) return true
    const { state = {}, restartCount } = statusOf(pod, container) ?? {}
    return (
      restartCount === restarts &&
      Boolean(current.kind === 'running' ? state.running : current.kind === 'ended' ? state.terminated : state.waiting)
    )
  })

export function initStatus(container: Container, time: string): object {
  const stays = container.restartPolicy === 'Always'
  const terminated = { exitCode: 0, finishedAt: time, reason: 'Completed', startedAt: time }
  return {
    ...containerStatus(container, true, 0),
    ...(stays ? { started: true, state: { running: { startedAt: time } } } : { state: { terminated } }),
  }
}
