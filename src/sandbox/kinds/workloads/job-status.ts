/** The status of a Job, which its controller writes. (batch/validation, ValidateJobStatusUpdate) */
import { type FieldError, duplicate, invalidValue, required } from '../../status/field-error.ts'
import { type Errors, immutableMessage, invalidWithoutValue, nonNegative } from './checks.ts'
import { same } from './equality.ts'
import { printedAs } from './internal-types.ts'
import { overlap, validateIndexes } from './indexes.ts'
import { isIndexed } from './job-spec.ts'
import type { Condition, Job } from './shapes.ts'

export const isConditionTrue = (conditions: readonly Condition[] | undefined, type: string): boolean =>
  conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false

const isFinished = (job: Job): boolean => is(job, 'Complete') || is(job, 'Failed')
const is = ({ status }: Job, type: string): boolean => isConditionTrue(status?.conditions, type)

export function validateJobStatus(job: Job, old: Job): FieldError[] {
  const errors: Errors = []
  const [status, before] = [job.status ?? {}, old.status ?? {}]
  for (const field of ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const)
    nonNegative(errors, `status.${field}`, status[field])
  uncounted(errors, job)
  const changed = (field: keyof typeof status): boolean => !same(status[field], before[field])
  const turned = (type: string): boolean => is(job, type) !== is(old, type)
  const finishedTurned = isFinished(job) !== isFinished(old)
  const conditions = (problem: string): void => void errors.push(invalidWithoutValue('status.conditions', problem))
  const [complete, failed, met, target] = ['Complete', 'Failed', 'SuccessCriteriaMet', 'FailureTarget'].map((type) => is(job, type))
  if ((turned('Complete') || turned('Failed')) && complete && failed) conditions('cannot set Complete=True and Failed=true conditions')
  if ((turned('Complete') || turned('FailureTarget')) && complete && target)
    conditions('cannot set Complete=True and FailureTarget=true conditions')
  completionTime(errors, job, turned('Complete') || changed('completionTime'), changed('startTime') || changed('completionTime'))
  if ((turned('Failed') || changed('failedIndexes')) && failed && !target)
    conditions('cannot set Failed=True condition without the FailureTarget=true condition')
  if ((turned('Complete') || turned('SuccessCriteriaMet')) && complete && !met)
    conditions('cannot set Complete=True condition without the SuccessCriteriaMet=true condition')
  const finished = isFinished(job)
  if ((finishedTurned || changed('active')) && finished && (status.active ?? 0) > 0)
    errors.push(invalidValue('status.active', status.active, 'active>0 is invalid for finished job'))
  const suspendedAtZero = job.spec.suspend === true && job.spec.completions === 0
  if ((finishedTurned || changed('startTime')) && !suspendedAtZero && finished && status.startTime === undefined)
    errors.push(required('status.startTime', 'startTime is required for finished job'))
  const { succeeded = [], failed: failedPods = [] } = status.uncountedTerminatedPods ?? {}
  if ((finishedTurned || changed('uncountedTerminatedPods')) && finished && succeeded.length + failedPods.length > 0) {
    errors.push(
      invalidValue(
        'status.uncountedTerminatedPods',
        printedAs('UncountedTerminatedPods', status.uncountedTerminatedPods),
        'must be empty for finished job',
      ),
    )
  }
  indexes(errors, job, changed('completedIndexes'), changed('failedIndexes'))
  if ((finishedTurned || changed('terminating')) && finished && (status.terminating ?? 0) > 0)
    errors.push(invalidValue('status.terminating', status.terminating, 'terminating>0 is invalid for finished job'))
  if ((changed('ready') || changed('active')) && (status.ready ?? 0) > (status.active ?? 0))
    errors.push(invalidValue('status.ready', status.ready, 'cannot set more ready pods than active'))
  if (met && failed) conditions('cannot set SuccessCriteriaMet=True and Failed=true conditions')
  if (met && target) conditions('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions')
  if (job.spec.successPolicy && !met && complete)
    conditions('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True')
  transitions(errors, job, old)
  return errors
}

function uncounted(errors: Errors, { status }: Job): void {
  const seen = new Set<string>()
  for (const field of ['succeeded', 'failed'] as const)
    status?.uncountedTerminatedPods?.[field]?.forEach((uid, index) => {
      const path = `status.uncountedTerminatedPods.${field}[${index}]`
      if (uid === '') errors.push(invalidValue(path, uid, 'must not be empty'))
      else if (seen.has(uid)) errors.push(duplicate(path, uid))
      seen.add(uid)
    })
}

function completionTime(errors: Errors, job: Job, completion: boolean, times: boolean): void {
  const { startTime, completionTime: time } = job.status ?? {}
  const path = 'status.completionTime'
  const complete = is(job, 'Complete')
  if (completion && time !== undefined && !complete)
    errors.push(invalidValue(path, time, 'cannot set completionTime when there is no Complete=True condition'))
  if (completion && time === undefined && complete) errors.push(required(path, 'completionTime is required for Complete jobs'))
  if (times && startTime !== undefined && time !== undefined && Date.parse(time) < Date.parse(startTime))
    errors.push(invalidValue(path, time, 'must be equal to or after `startTime`'))
}

function indexes(errors: Errors, { spec, status = {} }: Job, completedChanged: boolean, failedChanged: boolean): void {
  const { completedIndexes = '', failedIndexes } = status
  const { completions, backoffLimitPerIndex } = spec
  const check = (field: 'completedIndexes' | 'failedIndexes', text: string): void => {
    const problem = validateIndexes(text, completions ?? 0)
    if (typeof problem === 'string') errors.push(invalidValue(`status.${field}`, text, `error parsing ${field}: ${problem}`))
  }
  if (completedChanged && completions !== undefined) check('completedIndexes', completedIndexes)
  if (failedChanged && completions !== undefined && backoffLimitPerIndex !== undefined && failedIndexes !== undefined)
    check('failedIndexes', failedIndexes)
  if (completedChanged && completedIndexes !== '' && !isIndexed(spec)) {
    const problem = 'cannot set non-empty completedIndexes when non-indexed completion mode'
    errors.push(invalidValue('status.completedIndexes', completedIndexes, problem))
  }
  if (failedIndexes === undefined) return
  if (failedChanged && backoffLimitPerIndex === undefined)
    errors.push(invalidValue('status.failedIndexes', failedIndexes, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'))
  if (!(failedChanged || completedChanged) || completions === undefined) return
  const both = overlap(completedIndexes, failedIndexes, completions)
  if (both !== undefined)
    errors.push(invalidValue('status.failedIndexes', failedIndexes, `failedIndexes and completedIndexes overlap at index: ${both}`))
}

/** What may not happen to a status any more. */
function transitions(errors: Errors, job: Job, old: Job): void {
  const [status, before] = [job.status ?? {}, old.status ?? {}]
  const conditions = (problem: string): void => void errors.push(invalidWithoutValue('status.conditions', problem))
  for (const type of ['Failed', 'Complete', 'FailureTarget'])
    if (is(old, type) && !is(job, type)) conditions(`cannot disable the terminal ${type}=True condition`)
  if ((status.failed ?? 0) < (before.failed ?? 0))
    errors.push(invalidValue('status.failed', status.failed ?? 0, 'cannot decrease the failed counter'))
  const elastic = isIndexed(job.spec) && job.spec.completions === job.spec.parallelism
  if (!elastic && (status.succeeded ?? 0) < (before.succeeded ?? 0))
    errors.push(invalidValue('status.succeeded', status.succeeded ?? 0, 'cannot decrease the succeeded counter'))
  if (status.completionTime !== undefined && before.completionTime !== undefined && status.completionTime !== before.completionTime)
    errors.push(invalidValue('status.completionTime', status.completionTime, immutableMessage))
  const resuming =
    is(old, 'Suspended') && (status.conditions?.some(({ type, status: value }) => type === 'Suspended' && value === 'False') ?? false)
  if (!resuming && before.startTime !== undefined && status.startTime !== before.startTime && !job.spec.suspend)
    errors.push(invalidValue('status.startTime', status.startTime ?? null, 'field is immutable for unsuspended job once set'))
  if (is(old, 'SuccessCriteriaMet') && !is(job, 'SuccessCriteriaMet')) conditions('cannot disable the SuccessCriteriaMet=True condition')
  if (is(old, 'Complete') && !is(old, 'SuccessCriteriaMet') && is(job, 'SuccessCriteriaMet'))
    conditions('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions')
}
