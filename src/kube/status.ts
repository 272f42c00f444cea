/**
 * Reads the server's answer to a failed request: a Status object, or plain text where no kind's handler answered.
 * (apimachinery, pkg/api/errors and pkg/apis/meta/v1, Status; observed on 1.36)
 */
import { type Cause, whyRefused } from './cause.ts'
import { ApiError, type ApiErrorDetails, type Denial, type ErrorClass, type FieldConflict, type FieldError } from './errors.ts'
import { parsePath } from './paths.ts'

interface Status {
  kind?: string
  message?: string
  reason?: string
  code?: number
  details?: {
    name?: string
    kind?: string
    retryAfterSeconds?: number
    causes?: Cause[]
  }
}

export interface ErrorAnswer {
  method: string
  path: string
  code: number
  /** Lower-case header names. */
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** The error that an HTTP answer of 300 or above is. */
export function errorOfAnswer({ method, path, code, headers, body }: ErrorAnswer): ApiError {
  const status = statusOf(body)
  const wait = retryAfter(headers) ?? (status?.details?.retryAfterSeconds ?? 0) * 1000
  return errorOfStatus(status, { method, path, code, ...(wait > 0 && { retryAfter: wait }) })
}

/** The error that a Status is, whether it came as an answer or in a watch's ERROR event. Undefined: the answer was no Status. */
export function errorOfStatus(
  status: Status | undefined,
  request: { method: string; path: string; code: number; retryAfter?: number },
): ApiError {
  const causes = status?.details?.causes ?? []
  const details: ApiErrorDetails = {
    ...request,
    class: 'serverError',
    reason: word(status?.reason),
    maybeDone: request.code >= 500,
  }
  const known = (errorClass: ErrorClass, more: Partial<ApiErrorDetails> = {}) => new ApiError({ ...details, ...more, class: errorClass })
  const message = status?.message ?? ''

  switch (request.code) {
    case 401:
      return known('unauthorized')
    case 403: {
      if (causes.some(({ reason }) => reason === 'NamespaceTerminating')) return known('namespaceTerminating')
      const quota = /exceeded quota: ([a-z0-9][a-z0-9.-]*)/.exec(message)?.[1]
      if (quota) return known('quotaExceeded', { quota })
      const denial = denialOf(message)
      return known('forbidden', { ...admissionOf(message), ...(denial && { denial }) })
    }
    case 404: {
      // A Status without a name is how the server says that it has no such path; plain text is how a mux says it.
      if (status?.reason !== 'NotFound' || !status.details?.name) return known('kindUnknown')
      const isNamespace = status.details.kind === 'namespaces' && parsePath(request.path).resource !== 'namespaces'
      return known(isNamespace ? 'namespaceMissing' : 'notFound')
    }
    case 409: {
      if (status?.reason === 'AlreadyExists') return known('alreadyExists')
      const conflicts = causes.filter(({ reason }) => reason === 'FieldManagerConflict').map(conflictOf)
      if (conflicts.length > 0) return known('fieldConflict', { conflicts })
      return known('conflict', { missing: message.includes('no existing object was found') })
    }
    case 410:
      return known('gone')
    case 413:
      return known('tooLarge')
    case 415:
      return known('unsupportedMediaType')
    case 422: {
      const denied = admissionOf(message)
      const fields = causes.map((cause): FieldError => {
        const why = denied.admission ? undefined : whyRefused(cause, request.path)
        const path = cause.field === '[]' ? '' : masked(cause.field ?? '')
        return { path, reason: word(cause.reason), ...(why && { why }) }
      })
      return known(fields.some(({ path }) => path === 'metadata.uid') ? 'uidMismatch' : 'invalid', { fields, ...denied })
    }
    case 429:
      return known('tooManyRequests')
    case 503:
    case 504:
      return known('unavailable')
  }
  if (request.code >= 500) {
    if (message.includes('failed to create typed patch object'))
      return known('schemaMismatch', { fields: schemaErrors(message), maybeDone: false })
    if (message.startsWith('failed to convert new object'))
      return known('schemaMismatch', { fields: conversionErrors(message), maybeDone: false })
    if (/request is too large|etcdserver: request too large|trying to send message larger than max/.test(message))
      return known('tooLarge', { maybeDone: false })
    return known('serverError')
  }
  return known('badRequest')
}

/** Milliseconds of a Retry-After header: seconds, or a date by the server's own clock. (RFC 9110, 10.2.3) */
function retryAfter(headers: ErrorAnswer['headers']): number | undefined {
  const [text, date] = [headers['retry-after'], headers.date].map((header) => String(header ?? ''))
  if (!text) return undefined
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.parse(date ?? '')
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined
}

function statusOf(body: string): Status | undefined {
  if (!body.startsWith('{')) return undefined
  try {
    const status = JSON.parse(body) as Status
    return status.kind === 'Status' ? status : undefined
  } catch {
    return undefined
  }
}

/** Reasons are CamelCase words; whatever else stands in their place is not copied. */
const word = (reason: string | undefined): string => (reason && /^[A-Za-z]{1,64}$/.test(reason) ? reason : '')

/** The manager stands in the cause's message, since no field has it: `conflict with "kubectl-edit" with subresource "status" using v1`. */
function conflictOf({ message = '', field = '' }: Cause): FieldConflict {
  const manager = /^conflict with "((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? 'unknown'
  return { manager: manager.slice(0, 128), path: masked(field) }
}

/** Which policy or webhook refused; its own words can hold values and are not copied. (apiserver, admission/plugin/policy, plugin/webhook) */
function admissionOf(message: string): { admission?: string } {
  const [, policy] = /is forbidden: ValidatingAdmissionPolicy '([a-z0-9.-]{1,253})' with binding '/.exec(message) ?? []
  if (policy) return { admission: `ValidatingAdmissionPolicy "${policy}"` }
  const [, webhook] = /^admission webhook "([a-z0-9.-]{1,253})" denied the request/.exec(message) ?? []
  return webhook ? { admission: `webhook "${webhook}"` } : {}
}

/** RBAC's own form; an admission plugin's text does not have it and is not copied. */
function denialOf(message: string): Denial | undefined {
  const match =
    /: User "([^"]{1,256})" cannot ([a-z]+) resource "([a-z0-9./-]+)" in API group "([a-z0-9.-]*)"(?: in the namespace "([a-z0-9-]+)"| at the cluster scope)/.exec(
      message,
    )
  if (!match) return undefined
  const [, user = '', verb = '', resource = '', group, namespace] = match
  const [plural, subresource] = resource.split('/')
  return {
    user,
    verb,
    resource: `${plural}${group ? `.${group}` : ''}${subresource ? `/${subresource}` : ''}`,
    ...(namespace === undefined ? {} : { namespace }),
  }
}

/**
 * The paths in `failed to create typed patch object (NS/NAME; GVK): .spec.x: field not declared in schema`, or, for several, in lines
 * below `errors:`. What follows a path is kept only where it is one of the fixed phrases that hold no value. A line that has none of
 * them may be a piece of a value of several lines, and is left out.
 */
function schemaErrors(message: string): FieldError[] {
  const start = message.indexOf('): ')
  return (start < 0 ? message : message.slice(start + 3)).split('\n').flatMap((line) => {
    const match = schemaError.exec(line)
    return match ? [{ path: masked(match[1] as string), reason: match[2] as string }] : []
  })
}

const schemaError =
  /^\s*(\..+?): (field not declared in schema|expected numeric \(int or float\)(?:, got (?:string|bool)$)?|expected [a-z]+(?: or [a-z]+)*(?=,|$)|duplicate entries(?= for key)|element \d+(?=: ))/

/** A body that has the kind's fields with values that they cannot take. No field is named; what follows can be a value, but for these. */
function conversionErrors(message: string): FieldError[] {
  const reason = /illegal base64 data|quantities must match the regular expression|cannot convert [a-z0-9]+ to [a-z0-9]+/.exec(message)?.[0]
  return reason ? [{ path: '', reason: reason.replace(' match the regular expression', ' be like 500m or 1Gi') }] : []
}

/** A path without the values that can stand in it: an item of a set is named by its value. */
const masked = (path: string): string => path.replace(/\[=(?:[^"\]]|"(?:[^"\\]|\\.)*")*\]/g, '[=…]').slice(0, 500)
