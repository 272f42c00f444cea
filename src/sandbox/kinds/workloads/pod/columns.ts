/** The row of a pod: how ready, in what state, how often restarted. (printers/internalversion, printPod) */
import type { JsonValue } from '../../../../api/object.ts'
import { age, columns, wide } from '../columns.ts'
import type { ContainerStatus, Pod } from '../shapes.ts'

interface Summary {
  ready: number
  reason: string
  restarts: number
  /** When a container ended last; 0 if none has. */
  restartedAt: number
}

export const podColumns = columns<Pod>(
  [['Name', 'string', 'name'], ['Ready'], ['Status'], ['Restarts'], ['Age'], ...wide('IP', 'Node', 'Nominated Node', 'Readiness Gates')],
  (pod, now): JsonValue[] => {
    const { metadata, spec, status = {} } = pod
    const { ready, reason, restarts, restartedAt } = summarize(pod)
    const total =
      (spec.containers?.length ?? 0) + (spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always').length ?? 0)
    const since = restarts > 0 && restartedAt > 0 ? ` (${age(new Date(restartedAt).toISOString(), now)} ago)` : ''
    return [
      metadata.name,
      `${ready}/${total}`,
      reason,
      `${restarts}${since}`,
      age(metadata.creationTimestamp, now),
      status.podIPs?.[0]?.ip || status.podIP || '<none>',
      spec.nodeName || '<none>',
      status.nominatedNodeName || '<none>',
      readinessGates(pod),
    ]
  },
)

function readinessGates({ spec, status = {} }: Pod): string {
  const gates = spec.readinessGates ?? []
  if (gates.length === 0) return '<none>'
  const open = gates.filter(({ conditionType }) => status.conditions?.find(({ type }) => type === conditionType)?.status === 'True')
  return `${open.length}/${gates.length}`
}

const ended = ({ lastState }: ContainerStatus): number => Date.parse(lastState?.terminated?.finishedAt ?? '') || 0

function summarize(pod: Pod): Summary {
  const { metadata, status = {} } = pod
  const gated = status.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated')
  const summary: Summary = {
    ready: 0,
    reason: gated ? 'SchedulingGated' : status.reason || (status.phase ?? ''),
    restarts: 0,
    restartedAt: 0,
  }
  const sidecars: Summary = { ...summary }
  const initializing = summarizeInit(pod, summary, sidecars)
  if (!initializing || status.conditions?.some(({ type, status: value }) => type === 'Initialized' && value === 'True')) {
    summary.restarts = sidecars.restarts
    summary.restartedAt = sidecars.restartedAt
    summarizeContainers(pod, summary)
  }
  if (metadata.deletionTimestamp !== undefined) {
    if (status.reason === 'NodeLost') summary.reason = 'Unknown'
    else if (status.phase !== 'Failed' && status.phase !== 'Succeeded') summary.reason = 'Terminating'
  }
  return summary
}

/** Whether the pod is still being prepared. `sidecars`: the share of those that go on running. */
function summarizeInit({ spec, status = {} }: Pod, summary: Summary, sidecars: Summary): boolean {
  const initContainers = spec.initContainers ?? []
  const staying = new Set(initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name))
  for (const [index, container] of (status.initContainerStatuses ?? []).entries()) {
    for (const each of staying.has(container.name) ? [summary, sidecars] : [summary]) {
      each.restarts += container.restartCount ?? 0
      each.restartedAt = Math.max(each.restartedAt, ended(container))
    }
    const { terminated, waiting } = container.state ?? {}
    if (terminated && (terminated.exitCode ?? 0) === 0) continue
    if (staying.has(container.name) && container.started) {
      if (container.ready) summary.ready += 1
      continue
    }
    if (terminated) summary.reason = `Init:${terminated.reason || endReason(terminated)}`
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') summary.reason = `Init:${waiting.reason}`
    else summary.reason = `Init:${index}/${initContainers.length}`
    return true
  }
  return false
}

const endReason = ({ signal, exitCode }: { readonly signal?: number; readonly exitCode?: number }): string =>
  signal ? `Signal:${signal}` : `ExitCode:${exitCode ?? 0}`

function summarizeContainers({ status = {} }: Pod, summary: Summary): void {
  let running = false
  let failure = ''
  for (const container of [...(status.containerStatuses ?? [])].reverse()) {
    summary.restarts += container.restartCount ?? 0
    summary.restartedAt = Math.max(summary.restartedAt, ended(container))
    const { waiting, terminated } = container.state ?? {}
    if (waiting?.reason) summary.reason = waiting.reason
    else if (terminated) {
      summary.reason = terminated.reason || endReason(terminated)
      if ((terminated.exitCode ?? 0) !== 0) failure = summary.reason
    } else if (container.ready && container.state?.running) {
      running = true
      summary.ready += 1
    }
  }
  if (summary.reason !== 'Completed') return
  const ready = status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True')
  if (running && ready) summary.reason = 'Running'
  else if (failure !== '') summary.reason = failure
  else if (running) summary.reason = 'NotReady'
}
