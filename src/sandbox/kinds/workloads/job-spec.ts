/** The spec of a Job, by itself or in a CronJob. (batch/validation, validateJobSpec) */
import { duplicate, tooLong, tooMany } from '../../status/field-error.ts'
import { isDns1123Subdomain, isHttpPath } from '../names.ts'
import {
  type Errors,
  each,
  goList,
  invalidValue,
  invalidWithoutValue,
  nonNegative,
  notSupported,
  qualifiedName,
  required,
} from './checks.ts'
import { printedAs } from './internal-types.ts'
import { validateIndexes } from './indexes.ts'
import { validatePodTemplate } from './pod/template.ts'
import type { FailurePolicyRule, JobSpec, SuccessPolicyRule } from './shapes.ts'

const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
] as const

export const isIndexed = ({ completionMode }: JobSpec): boolean => completionMode === 'Indexed'

/** All but the selector. */
export function validateJobSpec(errors: Errors, path: string, spec: JobSpec): void {
  for (const field of counts) nonNegative(errors, `${path}.${field}`, spec[field])
  if (spec.maxFailedIndexes !== undefined) {
    nonNegative(errors, `${path}.maxFailedIndexes`, spec.maxFailedIndexes)
    if (spec.backoffLimitPerIndex === undefined) errors.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
  }
  if (spec.managedBy !== undefined) managedBy(errors, `${path}.managedBy`, spec.managedBy)
  completion(errors, path, spec)
  if (spec.podFailurePolicy) failurePolicy(errors, `${path}.podFailurePolicy.rules`, spec)
  if (spec.successPolicy) successPolicy(errors, `${path}.successPolicy`, spec)
  replacement(errors, `${path}.podReplacementPolicy`, spec)
  validatePodTemplate(errors, `${path}.template`, spec.template ?? {})
  restartPolicy(errors, `${path}.template.spec.restartPolicy`, spec)
}

function managedBy(errors: Errors, path: string, value: string): void {
  const slash = value.indexOf('/')
  if (value === '') errors.push(required(path))
  else if (slash <= 0 || slash === value.length - 1)
    errors.push(invalidValue(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")'))
  else {
    const [host, rest] = [value.slice(0, slash), value.slice(slash + 1)]
    each(errors, path, host, isDns1123Subdomain(host))
    each(errors, path, rest, isHttpPath(rest))
  }
  if (value.length > 63) errors.push(tooLong(path, 63))
}

function completion(errors: Errors, path: string, spec: JobSpec): void {
  const { completionMode: mode, completions, parallelism, maxFailedIndexes, backoffLimitPerIndex } = spec
  if (mode !== undefined && mode !== 'NonIndexed' && mode !== 'Indexed')
    errors.push(notSupported(`${path}.completionMode`, mode, ['NonIndexed', 'Indexed']))
  const atMost = (field: 'maxFailedIndexes' | 'parallelism', limit: number, text: string): void => {
    const value = spec[field]
    if (value !== undefined && value > limit) errors.push(invalidValue(`${path}.${field}`, value, text))
  }
  if (isIndexed(spec)) {
    if (completions === undefined) errors.push(required(`${path}.completions`, 'when completion mode is Indexed'))
    atMost('parallelism', 100_000, 'must be less than or equal to 100000 when completion mode is Indexed')
    if (completions !== undefined) atMost('maxFailedIndexes', completions, 'must be less than or equal to completions')
    atMost('maxFailedIndexes', 100_000, 'must be less than or equal to 100000')
    if (completions !== undefined && completions > 100_000 && backoffLimitPerIndex !== undefined) {
      if (maxFailedIndexes === undefined)
        errors.push(required(`${path}.maxFailedIndexes`, 'must be specified when completions is above 100000'))
      const text = 'must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index'
      if (parallelism !== undefined) atMost('parallelism', 10_000, text)
      atMost('maxFailedIndexes', 10_000, text)
    }
  }
  if (mode !== undefined && mode !== 'NonIndexed') return
  for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const)
    if (spec[field] !== undefined) errors.push(invalidValue(`${path}.${field}`, spec[field], 'requires indexed completion mode'))
}

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']

function failurePolicy(errors: Errors, path: string, spec: JobSpec): void {
  const rules = spec.podFailurePolicy?.rules ?? []
  if (rules.length > 20) errors.push(tooMany(path, rules.length, 20))
  const { containers, initContainers = [] } = spec.template?.spec ?? {}
  const names = new Set([...(containers ?? []), ...initContainers].map(({ name = '' }) => name))
  rules.forEach((rule, index) => failureRule(errors, `${path}[${index}]`, rule, names, spec))
}

function failureRule(errors: Errors, path: string, rule: FailurePolicyRule, names: ReadonlySet<string>, spec: JobSpec): void {
  const { action = '', onExitCodes, onPodConditions = [] } = rule
  if (action === '') errors.push(required(`${path}.action`, `valid values: ${goList(actions)}`))
  else if (action === 'FailIndex') {
    if (spec.backoffLimitPerIndex === undefined)
      errors.push(invalidValue(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set'))
  } else if (!actions.includes(action)) errors.push(notSupported(`${path}.action`, action, actions))
  if (onExitCodes) exitCodes(errors, `${path}.onExitCodes`, onExitCodes, names)
  if (onPodConditions.length > 0) podConditions(errors, `${path}.onPodConditions`, onPodConditions)
  if (onExitCodes && onPodConditions.length > 0)
    errors.push(invalidWithoutValue(path, 'specifying both OnExitCodes and OnPodConditions is not supported'))
  if (!onExitCodes && onPodConditions.length === 0)
    errors.push(invalidWithoutValue(path, 'specifying one of OnExitCodes and OnPodConditions is required'))
}

function exitCodes(errors: Errors, path: string, rule: NonNullable<FailurePolicyRule['onExitCodes']>, names: ReadonlySet<string>): void {
  const { operator = '', containerName } = rule
  const values = rule.values ?? []
  if (operator === '') errors.push(required(`${path}.operator`, `valid values: ${goList(['In', 'NotIn'])}`))
  else if (operator !== 'In' && operator !== 'NotIn') errors.push(notSupported(`${path}.operator`, operator, ['In', 'NotIn']))
  if (containerName !== undefined && !names.has(containerName)) {
    const problem = 'must be one of the container or initContainer names in the pod template'
    errors.push(invalidValue(`${path}.containerName`, containerName, problem))
  }
  const at = `${path}.values`
  if (values.length === 0) errors.push(invalidValue(at, rule.values ?? null, 'at least one value is required'))
  else if (values.length > 255) errors.push(tooMany(at, values.length, 255))
  values.forEach((value, index) => {
    if (operator === 'In' && value === 0) errors.push(invalidValue(`${at}[${index}]`, value, 'must not be 0 for the In operator'))
    if (values.indexOf(value) < index) errors.push(duplicate(`${at}[${index}]`, value))
  })
  if (values.some((value, index) => index > 0 && (values[index - 1] as number) > value))
    errors.push(invalidValue(at, values, 'must be ordered'))
}

const statuses = ['False', 'True', 'Unknown']

function podConditions(errors: Errors, path: string, patterns: NonNullable<FailurePolicyRule['onPodConditions']>): void {
  if (patterns.length > 20) errors.push(tooMany(path, patterns.length, 20))
  patterns.forEach(({ type = '', status = '' }, index) => {
    const at = `${path}[${index}]`
    qualifiedName(errors, `${at}.type`, type)
    if (status === '') errors.push(required(`${at}.status`, `valid values: ${goList(statuses)}`))
    else if (!statuses.includes(status)) errors.push(notSupported(`${at}.status`, status, statuses))
  })
}

function successPolicy(errors: Errors, path: string, spec: JobSpec): void {
  const rules = spec.successPolicy?.rules ?? []
  if (!isIndexed(spec)) {
    errors.push(invalidValue(path, printedAs('SuccessPolicy', spec.successPolicy), 'requires indexed completion mode'))
    return
  }
  if (rules.length === 0) errors.push(required(`${path}.rules`, 'at least one rules must be specified when the successPolicy is specified'))
  if (rules.length > 20) errors.push(tooMany(`${path}.rules`, rules.length, 20))
  // A completion count that is missing has been reported; upstream reads through the pointer all the same.
  rules.forEach((rule, index) => successRule(errors, `${path}.rules[${index}]`, rule, spec.completions ?? 0))
}

function successRule(errors: Errors, path: string, { succeededCount, succeededIndexes }: SuccessPolicyRule, completions: number): void {
  if (succeededCount === undefined && succeededIndexes === undefined)
    errors.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'))
  let total = 0
  if (succeededIndexes !== undefined) {
    const at = `${path}.succeededIndexes`
    if (succeededIndexes.length > 65536) errors.push(tooLong(at, 65536))
    const found = validateIndexes(succeededIndexes, completions)
    if (typeof found === 'string') errors.push(invalidValue(at, succeededIndexes, `error parsing succeededIndexes: ${found}`))
    else total = found
  }
  if (succeededCount === undefined) return
  const at = `${path}.succeededCount`
  nonNegative(errors, at, succeededCount)
  const bound = (limit: number, of: string): void => {
    if (succeededCount > limit)
      errors.push(invalidValue(at, succeededCount, `must be less than or equal to ${limit} (the number of ${of})`))
  }
  bound(completions, 'specified completions')
  if (succeededIndexes !== undefined) bound(total, 'indexes in the specified succeededIndexes field')
}

function replacement(errors: Errors, path: string, { podReplacementPolicy: policy, podFailurePolicy }: JobSpec): void {
  if (policy === undefined || policy === 'Failed') return
  if (podFailurePolicy) errors.push(notSupported(path, policy, ['Failed']))
  else if (policy !== 'TerminatingOrFailed') errors.push(notSupported(path, policy, ['Failed', 'TerminatingOrFailed']))
}

function restartPolicy(errors: Errors, path: string, { template, podFailurePolicy }: JobSpec): void {
  const policy = template?.spec?.restartPolicy ?? ''
  if (policy === '' || policy === 'Always') errors.push(required(path, 'valid values: "OnFailure", "Never"'))
  else if (policy !== 'OnFailure' && policy !== 'Never') errors.push(notSupported(path, policy, ['OnFailure', 'Never']))
  else if (podFailurePolicy && policy !== 'Never')
    errors.push(invalidValue(path, policy, 'only "Never" is supported when podFailurePolicy is specified'))
}
