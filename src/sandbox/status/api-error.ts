/**
 * Every answer that is not a success, as the `Status` that Kubernetes clients read.
 *
 * One class, one function a reason; handlers and strategies throw them and the server turns them into an HTTP answer.
 * (apimachinery, pkg/api/errors; meta/v1 Status)
 */
import { type FieldError, formatFieldError } from './field-error.ts'
import { quoted } from './go-text.ts'

export interface GroupResource {
  readonly group: string
  /** Plural. */
  readonly resource: string
}

export interface GroupKind {
  readonly group: string
  readonly kind: string
}

export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  /** The resource in most answers, the kind in Invalid. */
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

export interface Status {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
  readonly metadata: { readonly continue?: string }
  readonly status: 'Success' | 'Failure'
  readonly message?: string
  readonly reason?: string
  readonly details?: StatusDetails
  readonly code?: number
}

export class ApiError extends Error {
  /** The HTTP status. */
  readonly code: number
  /** Empty where the server gives none. */
  readonly reason: string
  readonly details: StatusDetails | undefined
  /** A list that expired says how to go on. */
  readonly continueToken: string | undefined

  constructor(code: number, reason: string, message: string, details?: StatusDetails, continueToken?: string) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.reason = reason
    this.details = details
    this.continueToken = continueToken
  }

  status(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continueToken === undefined ? {} : { continue: this.continueToken },
      status: 'Failure',
      ...(this.message && { message: this.message }),
      ...(this.reason && { reason: this.reason }),
      ...(this.details && { details: this.details }),
      code: this.code,
    }
  }
}

/** `widgets.demo.io`, or `pods` for the core group. */
export const resourceName = ({ group, resource }: GroupResource): string => (group ? `${resource}.${group}` : resource)

const detailsOf = ({ group, resource }: GroupResource, name: string): StatusDetails => ({
  ...(name && { name }),
  ...(group && { group }),
  kind: resource,
})

export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message)

export const unauthorized = (): ApiError => new ApiError(401, 'Unauthorized', 'Unauthorized')

export const forbiddenError = (of: GroupResource, name: string, why: string, causes?: readonly StatusCause[]): ApiError =>
  new ApiError(403, 'Forbidden', `${resourceName(of)}${name ? ` ${quoted(name)}` : ''} is forbidden: ${why}`, {
    ...detailsOf(of, name),
    ...(causes && { causes }),
  })

export const notFound = (of: GroupResource, name: string): ApiError =>
  new ApiError(404, 'NotFound', `${resourceName(of)} ${quoted(name)} not found`, detailsOf(of, name))

/** No resource is served at this path. (A path that no API group covers is a plain text page instead.) */
export const noSuchResource = (): ApiError => new ApiError(404, 'NotFound', 'the server could not find the requested resource', {})

export const methodNotAllowed = (of: GroupResource, verb: string): ApiError =>
  new ApiError(
    405,
    'MethodNotAllowed',
    `${verb} is not supported on resources of kind ${JSON.stringify(resourceName(of))}`,
    detailsOf(of, ''),
  )

export const notAcceptable = (accepted: readonly string[]): ApiError =>
  new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`)

/** `other`: the object that has the name. */
export function alreadyExists(of: GroupResource, { metadata: { name, deletionTimestamp } }: Named): ApiError {
  const message = `${resourceName(of)} ${quoted(name)} already exists`
  return new ApiError(409, 'AlreadyExists', deletionTimestamp ? `object is being deleted: ${message}` : message, detailsOf(of, name))
}

interface Named {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string }
}

export const conflict = (of: GroupResource, name: string, why: string): ApiError =>
  new ApiError(409, 'Conflict', `Operation cannot be fulfilled on ${resourceName(of)} ${quoted(name)}: ${why}`, detailsOf(of, name))

export const modified = (of: GroupResource, name: string): ApiError =>
  conflict(of, name, 'the object has been modified; please apply your changes to the latest version and try again')

/** Field managers that an apply would have overruled. (managedfields/internal/conflict.go) */
export const applyConflict = (message: string, causes: readonly StatusCause[]): ApiError =>
  new ApiError(409, 'Conflict', message, { causes })

export const expired = (message: string, continueToken?: string): ApiError =>
  new ApiError(410, 'Expired', message, undefined, continueToken)

export const requestTooLarge = (limitBytes: number): ApiError =>
  new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limitBytes}`)

export const unsupportedMediaType = (accepted: readonly string[]): ApiError =>
  new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  )

export function invalid({ group, kind }: GroupKind, name: string, errors: readonly FieldError[]): ApiError {
  const texts = [...new Set(errors.map(formatFieldError))]
  const what = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  return new ApiError(422, 'Invalid', `${group ? `${kind}.${group}` : kind} ${quoted(name)} is invalid: ${what}`, {
    ...(name && { name }),
    ...(group && { group }),
    ...(kind && { kind }),
    causes: errors.map(({ type, field, message }) => ({ reason: type, message, field })),
  })
}

export const tooManyRequests = (message: string, retryAfterSeconds: number): ApiError =>
  new ApiError(429, 'TooManyRequests', message, { retryAfterSeconds })

/** What the upstream code reports with a plain Go error: code 500 and no reason. */
export const plainError = (message: string): ApiError => new ApiError(500, '', message)

export const internalError = (message: string): ApiError =>
  new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })

/** What the sandbox does not emulate. */
export const notImplemented = (what: string): ApiError => new ApiError(501, 'NotImplemented', `the sandbox does not emulate ${what}`)

export const serviceUnavailable = (message: string): ApiError => new ApiError(503, 'ServiceUnavailable', message)

export const tooLargeResourceVersion = (asked: string, current: string): ApiError =>
  new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
