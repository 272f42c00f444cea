/** What part of a log is asked for. (apis/core/v1/conversion.go; apis/core/validation, ValidatePodLogOptions) */
import { parsedInteger } from '../server/options.ts'
import { isTrue } from '../server/request-info.ts'
import { parseTime } from '../schema/time.ts'
import { badRequest, invalid } from '../status/api-error.ts'
import { type FieldError, forbidden, invalidValue } from '../status/field-error.ts'

export interface LogOptions {
  /** Empty: the only one. */
  readonly container: string
  readonly follow: boolean
  readonly previous: boolean
  readonly timestamps: boolean
  /** Lines before it are left out, milliseconds since the epoch. */
  readonly since: number | undefined
  /** At most so many of the last lines. */
  readonly tailLines: number | undefined
  readonly limitBytes: number | undefined
}

/** @param pod its name @param now milliseconds since the epoch @throws ApiError (400, 422) */
export function logOptions(query: URLSearchParams, pod: string, now: number): LogOptions {
  const tailLines = integer(query.get('tailLines'))
  const limitBytes = integer(query.get('limitBytes'))
  const sinceSeconds = integer(query.get('sinceSeconds'))
  const sinceTime = timeOf(query.get('sinceTime'))
  const errors: FieldError[] = []
  if (tailLines !== undefined && tailLines < 0) errors.push(invalidValue('tailLines', tailLines, 'must be greater than or equal to 0'))
  if (limitBytes !== undefined && limitBytes < 1) errors.push(invalidValue('limitBytes', limitBytes, 'must be greater than 0'))
  if (sinceSeconds !== undefined && sinceTime !== undefined)
    errors.push(forbidden('[]', 'at most one of `sinceTime` or `sinceSeconds` may be specified'))
  else if (sinceSeconds !== undefined && sinceSeconds < 1) errors.push(invalidValue('sinceSeconds', sinceSeconds, 'must be greater than 0'))
  if (query.has('stream')) errors.push(forbidden('stream', 'may not be specified'))
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, pod, errors)
  return {
    container: query.get('container') ?? '',
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    since: sinceSeconds === undefined ? sinceTime : now - sinceSeconds * 1000,
    tailLines,
    limitBytes,
  }
}

const integer = (text: string | null): number | undefined => (text === null ? undefined : parsedInteger(text))

function timeOf(text: string | null): number | undefined {
  if (!text) return undefined
  const time = parseTime(text, false)
  if ('error' in time) throw badRequest(time.error)
  return time.seconds * 1000 + time.nanoseconds / 1e6
}
