/**
 * What the API server refuses, as typed values.
 *
 * A server's message is never kept: it echoes what was sent, Secrets included. What is kept says what is wrong and where without a
 * value: the code, the reason, the causes' fields and why each is refused (cause.ts), the field managers of a conflict, and what RBAC or a
 * quota said in their fixed forms.
 *
 * The class tells what happened, and one table says what that means for the pass.
 */
import { isImmutable } from './cause.ts'
import { parsePath, type Target } from './paths.ts'

/**
 * What a pass does about it.
 * - `failed`: the same request cannot succeed, until what is rendered changes.
 * - `failedRetryAtCap`: nothing is known to change it, but something outside can (a quota, a role): shown as failed, tried again slowly.
 * - `wait`: an event that can be watched changes it.
 * - `retry`: try again, with back-off.
 */
export type ErrorOutcome = 'failed' | 'failedRetryAtCap' | 'wait' | 'retry'

/** The table: every class, and its outcome. */
export const errorOutcomes = {
  /** 400, 405, 406: the request itself is wrong. */
  badRequest: 'failed',
  /** 401. Tokens rotate. */
  unauthorized: 'retry',
  /** 403 of RBAC or of admission. */
  forbidden: 'failedRetryAtCap',
  /** 403: the namespace's quota is used up. */
  quotaExceeded: 'failedRetryAtCap',
  /** 403: the namespace is being deleted. */
  namespaceTerminating: 'wait',
  /** 404: the object is not there. */
  notFound: 'failedRetryAtCap',
  /** 404: the namespace is not there. */
  namespaceMissing: 'wait',
  /** 404: the server does not serve the kind (or the subresource). Says nothing about the object. */
  kindUnknown: 'failedRetryAtCap',
  /** 409: something of that name is there already. */
  alreadyExists: 'retry',
  /** 409: another field manager holds fields with other values; see `conflicts`. */
  fieldConflict: 'retry',
  /** 409: another resourceVersion or UID than the request is bound to, or (`uid` given) nothing there. */
  conflict: 'retry',
  /** 410: a version or a list's continuation that is too old. */
  gone: 'retry',
  /** 413, and etcd's limit, which is a 500. */
  tooLarge: 'failed',
  /** 415. */
  unsupportedMediaType: 'failed',
  /** 422: validation; see `fields`. */
  invalid: 'failedRetryAtCap',
  /** 422: the object has another UID than the request is bound to. */
  uidMismatch: 'retry',
  /** 429. Nothing was done. */
  tooManyRequests: 'retry',
  /** 500: the body does not fit the kind's schema; see `fields`. */
  schemaMismatch: 'failed',
  /** 503, 504. */
  unavailable: 'retry',
  /** Every other 5xx. */
  serverError: 'retry',
  /** No answer, or one that is no answer of an API server. */
  network: 'retry',
  /** The request's signal ended it. */
  aborted: 'retry',
  /** The credentials could not be had: a plugin failed, a token file is not readable. */
  credentials: 'retry',
} as const satisfies Record<string, ErrorOutcome>

export type ErrorClass = keyof typeof errorOutcomes

/**
 * One field that the server complains about. `path` is as the server writes it: `spec.ports[0].nodePort`, `.spec.ports[name="http"]`;
 * empty where the complaint is about no one field.
 */
export interface FieldError {
  path: string
  /** `FieldValueInvalid`, `FieldValueRequired`, … or, for a schema mismatch, `field not declared in schema`, `expected list`. */
  reason: string
  /** In the server's words, as far as they hold no value: `field is immutable`. */
  why?: string
}

/** A field that another manager holds with another value. */
export interface FieldConflict {
  manager: string
  path: string
}

/** What a request was denied, as RBAC says it. */
export interface Denial {
  user: string
  verb: string
  /** `deployments.apps`, `deployments.apps/status`. */
  resource: string
  namespace?: string
}

export interface ApiErrorDetails {
  class: ErrorClass
  method: string
  path: string
  /** HTTP status; 0 where there was no answer. */
  code: number
  /** The Status' reason, or a name for a network error: `ConnectionRefused`. */
  reason: string
  fields?: readonly FieldError[]
  conflicts?: readonly FieldConflict[]
  denial?: Denial
  quota?: string
  /** What denied the request: `ValidatingAdmissionPolicy "no-latest"`, `webhook "pods.example.com"`. */
  admission?: string
  /** Milliseconds that the server asks to wait. */
  retryAfter?: number
  /** The request may have reached the server and been carried out. */
  maybeDone?: boolean
  /** The object that the request is bound to is not there. (409 of an apply with a UID) */
  missing?: boolean
}

/** An error of the API server or on the way to it. Its message contains names and paths of fields, never a value of an object. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly class: ErrorClass
  readonly method: string
  readonly path: string
  readonly code: number
  readonly reason: string
  readonly fields: readonly FieldError[]
  readonly conflicts: readonly FieldConflict[]
  readonly denial: Denial | undefined
  readonly quota: string | undefined
  readonly admission: string | undefined
  /** Milliseconds that the server asks to wait. */
  readonly retryAfter: number | undefined
  /** The request may have been carried out all the same: the answer is lost, or is a 5xx. */
  readonly maybeDone: boolean
  /** The object that the request was bound to is known not to be there. */
  readonly missing: boolean

  constructor(details: ApiErrorDetails) {
    super(describe(details))
    this.class = details.class
    this.method = details.method
    this.path = details.path
    this.code = details.code
    this.reason = details.reason
    this.fields = details.fields ?? []
    this.conflicts = details.conflicts ?? []
    this.denial = details.denial
    this.quota = details.quota
    this.admission = details.admission
    this.retryAfter = details.retryAfter
    this.maybeDone = details.maybeDone ?? false
    this.missing = details.missing ?? details.class === 'notFound'
  }

  /** Whether the object would be accepted if it were made anew. */
  get isOfImmutable(): boolean {
    return this.class === 'invalid' && this.fields.some(({ why }) => isImmutable(why))
  }

  get outcome(): ErrorOutcome {
    return errorOutcomes[this.class]
  }

  /** What the request was about. */
  get target(): Target {
    return parsePath(this.path)
  }

  /** The same error, of a class that only the sender of the request could know. */
  as(errorClass: ErrorClass): ApiError {
    return new ApiError({
      class: errorClass,
      method: this.method,
      path: this.path,
      code: this.code,
      reason: this.reason,
      fields: this.fields,
      conflicts: this.conflicts,
      maybeDone: this.maybeDone,
      missing: false,
      ...(this.denial && { denial: this.denial }),
      ...(this.quota && { quota: this.quota }),
      ...(this.admission && { admission: this.admission }),
      ...(this.retryAfter !== undefined && { retryAfter: this.retryAfter }),
    })
  }
}

/** Whether this is an ApiError, of one of these classes if any are given. */
export const isApiError = (error: unknown, ...classes: ErrorClass[]): error is ApiError =>
  error instanceof ApiError && (classes.length === 0 || classes.includes(error.class))

/** One sentence for people, made of what is known to contain no value. */
function describe(details: ApiErrorDetails): string {
  const { resource, namespace, name, subresource } = parsePath(details.path)
  const what = resource ? `${resource}${subresource ? `/${subresource}` : ''}${name ? ` "${name}"` : ''}` : details.path
  const where = namespace ? ` in namespace "${namespace}"` : ''
  return `${details.method} ${what}${where}: ${details.code || ''}${details.code ? ' ' : ''}${details.reason || details.class}${explain(details)}`
}

/** `spec.template (FieldValueInvalid: field is immutable)` */
function complaint({ path, reason, why }: FieldError): string {
  const what = [reason, why].filter(Boolean).join(': ')
  return path && what ? `${path} (${what})` : path || what
}

function explain({ class: errorClass, fields = [], conflicts = [], denial, quota, admission, missing }: ApiErrorDetails): string {
  if (denial)
    return `: ${denial.user} may not ${denial.verb} ${denial.resource}${denial.namespace ? ` in namespace "${denial.namespace}"` : ' in the cluster'}`
  if (admission) return `: ${admission} denied it`
  if (quota) return `: quota "${quota}" is used up`
  if (conflicts.length > 0) return `: ${conflicts.map(({ manager, path }) => `${path} belongs to "${manager}"`).join(', ')}`
  if (fields.some(({ path, reason }) => path || reason)) return `: ${fields.map(complaint).join(', ')}`
  switch (errorClass) {
    case 'kindUnknown':
      return ': the server does not serve this kind'
    case 'namespaceMissing':
      return ': the namespace does not exist'
    case 'namespaceTerminating':
      return ': the namespace is being deleted'
    case 'tooLarge':
      return ': the object is too large'
    case 'conflict':
      return missing ? ': the object is gone' : ''
    default:
      return ''
  }
}
