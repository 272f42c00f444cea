/** The readiness rule of Pods. (kstatus, podConditions) */
import { condition, current, failed, inProgress, listAt, objectAt, stringAt } from './readiness-parts.ts'
import type { Readiness, StatusView } from './readiness-parts.ts'

/** Milliseconds that a new Pod may be unschedulable: a cluster autoscaler or the scheduler's next try often settles it. (kstatus ScheduleWindow) */
const scheduleWindow = 15_000

export function podReadiness(view: StatusView): Readiness {
  const phase = stringAt(view.status, 'phase') ?? ''
  switch (phase) {
    case 'Succeeded':
      return current('it has completed')
    case 'Failed':
      return current('it has completed, but not successfully')
    case 'Running':
      return running(view)
    case 'Pending':
      return pending(view)
    case '':
      return inProgress('PhaseMissing', 'its phase is not known yet')
    default:
      return inProgress('PhaseUnknown', 'its phase is none that can be judged')
  }
}

function running({ status }: StatusView): Readiness {
  if (condition(status, 'Ready')?.status === 'True') return current('it is ready')
  const crashing = listAt(status, 'containerStatuses')
    .filter((container) => stringAt(objectAt(objectAt(container, 'state'), 'waiting'), 'reason') === 'CrashLoopBackOff')
    .map((container) => stringAt(container, 'name') ?? '?')
  return crashing.length > 0
    ? failed(
        'ContainerCrashLooping',
        `${crashing.length === 1 ? 'container' : 'containers'} ${crashing.join(', ')} ${crashing.length === 1 ? 'keeps' : 'keep'} crashing`,
      )
    : inProgress('PodRunningNotReady', 'it runs and is not ready')
}

function pending({ object, status, now }: StatusView): Readiness {
  const scheduled = condition(status, 'PodScheduled')
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return inProgress('PodPending', 'it is pending')
  const age = (now ?? Number.NaN) - Date.parse(object.metadata.creationTimestamp ?? '')
  return age > scheduleWindow ? failed('PodUnschedulable', 'no node takes it') : inProgress('PodNotScheduled', 'no node has taken it yet')
}
