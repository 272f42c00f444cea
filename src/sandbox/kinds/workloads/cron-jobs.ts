/** CronJobs. (registry/batch/cronjob/strategy.go; batch/validation) */
import type { KindBehaviour, Strategy } from '../../registry/resource.ts'
import { type FieldError, invalidValue, required } from '../../status/field-error.ts'
import { type Errors, nonNegative, notSupported, oneOf } from './checks.ts'
import { age, columns, containerCells, wide } from './columns.ts'
import { scheduleProblem, zoneProblem } from './cron-schedule.ts'
import { validateJobSpec } from './job-spec.ts'
import { warnOfHostname, prepareTemplate } from './pod/warnings.ts'
import { printedSelector, selectorCell } from './selectors.ts'
import type { CronJob, CronJobSpec } from './shapes.ts'

function validateSpec(spec: CronJobSpec, old: CronJobSpec | undefined): Errors {
  const errors: Errors = []
  if (!spec.schedule) errors.push(required('spec.schedule'))
  else validateSchedule(errors, 'spec.schedule', spec.schedule, old?.schedule?.includes('TZ') ?? false, spec.timeZone)
  nonNegative(errors, 'spec.startingDeadlineSeconds', spec.startingDeadlineSeconds)
  if (!old || old.timeZone !== spec.timeZone) validateZone(errors, 'spec.timeZone', spec.timeZone)
  oneOf(errors, 'spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace'])
  const job = spec.jobTemplate?.spec ?? {}
  const path = 'spec.jobTemplate.spec'
  validateJobSpec(errors, path, job)
  if (job.selector) errors.push(invalidValue(`${path}.selector`, printedSelector(job.selector), '`selector` will be auto-generated'))
  if (job.manualSelector) errors.push(notSupported(`${path}.manualSelector`, true, ['nil', 'false'] as const))
  nonNegative(errors, 'spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit)
  nonNegative(errors, 'spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit)
  return errors
}

/** `allowZone`: it has a time zone already, from when that was allowed. */
function validateSchedule(errors: Errors, path: string, schedule: string, allowZone: boolean, timeZone: string | undefined): void {
  const problem = scheduleProblem(schedule)
  if (problem) errors.push(invalidValue(path, schedule, problem))
  if (!schedule.includes('TZ')) return
  if (!allowZone) errors.push(invalidValue(path, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'))
  else if (timeZone !== undefined) errors.push(invalidValue(path, schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'))
}

const zonePart = /^[A-Za-z.\-_0-9+]{1,14}$/

function validateZone(errors: Errors, path: string, zone: string | undefined): void {
  if (zone === undefined) return
  if (zone === '') {
    errors.push(invalidValue(path, zone, 'timeZone must be nil or non-empty string'))
    return
  }
  if (zone.split('/').some((part) => part === '.' || part === '..' || part.startsWith('-') || !zonePart.test(part))) {
    errors.push(invalidValue(path, zone, `unknown time zone ${zone}`))
    return
  }
  if (zone.toLowerCase() === 'local')
    errors.push(invalidValue(path, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'))
  const problem = zoneProblem(zone)
  if (problem) errors.push(invalidValue(path, zone, problem))
}

function nameProblem({ metadata }: CronJob): FieldError[] {
  return metadata.name.length > 52 ? [invalidValue('metadata.name', metadata.name, 'must be no more than 52 characters')] : []
}

const strategy: Strategy = {
  generation: 'spec',
  unconditionalUpdate: true,
  createOnUpdate: false,
  hasStatus: true,
  checksMetadataTwice: true,
  prepare(object, old, context) {
    const { metadata, spec } = object as CronJob
    if (!old) warnOfHostname(context.warnings, metadata.name)
    const before = (old as CronJob | undefined)?.spec.jobTemplate?.spec?.template
    prepareTemplate(context.warnings, 'spec.jobTemplate.spec.template', spec.jobTemplate?.spec?.template, before)
  },
  validate: (object) => [...validateSpec((object as CronJob).spec, undefined), ...nameProblem(object as CronJob)],
  validateUpdate: (object, old) => validateSpec((object as CronJob).spec, (old as CronJob).spec),
  validateUpdateAlone: true,
}

export const cronJobs: KindBehaviour = {
  strategy,
  columns: columns<CronJob>(
    [
      ['Name', 'string', 'name'],
      ['Schedule'],
      ['Timezone'],
      ['Suspend', 'boolean'],
      ['Active', 'integer'],
      ['Last Schedule'],
      ['Age'],
      ...wide('Containers', 'Images', 'Selector'),
    ],
    ({ metadata, spec, status = {} }, now) => [
      metadata.name,
      spec.schedule ?? '',
      spec.timeZone ?? '<none>',
      spec.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False',
      status.active?.length ?? 0,
      status.lastScheduleTime ? age(status.lastScheduleTime, now) : '<none>',
      age(metadata.creationTimestamp, now),
      ...containerCells(spec.jobTemplate?.spec?.template?.spec?.containers),
      selectorCell(spec.jobTemplate?.spec?.selector),
    ],
  ),
}
