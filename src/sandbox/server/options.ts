/**
 * What the query of a request says, checked as the server checks it.
 *
 * (apimachinery, apis/meta/v1/validation and internalversion/validation)
 */
import type { JsonObject } from '../../api/object.ts'
import type { DeletionOptions } from '../registry/deletion.ts'
import type { WatchOptions } from '../registry/watch.ts'
import { validateFieldManager } from '../registry/object-meta.ts'
import { badRequest, invalid, plainError } from '../status/api-error.ts'
import { type FieldError, forbidden, invalidValue, notSupported, required } from '../status/field-error.ts'
import { isTrue } from './request-info.ts'

export interface WriteOptions {
  readonly dryRun: boolean
  /** Empty where the request names none. */
  readonly fieldManager: string
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict'
}

const fieldValidations = ['', 'Ignore', 'Strict', 'Warn']

/** `kind`: CreateOptions, UpdateOptions, PatchOptions. */
export function writeOptions(query: URLSearchParams, kind: string): WriteOptions {
  const errors = writeErrors(query)
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors)
  return writeValues(query)
}

const writeValues = (query: URLSearchParams): WriteOptions => ({
  dryRun: query.getAll('dryRun').length > 0,
  fieldManager: query.get('fieldManager') ?? '',
  fieldValidation: (query.get('fieldValidation') || 'Warn') as WriteOptions['fieldValidation'],
})

function writeErrors(query: URLSearchParams): FieldError[] {
  const manager = query.get('fieldManager') ?? ''
  const validation = query.get('fieldValidation') ?? ''
  return [
    ...validateFieldManager(manager, 'fieldManager'),
    ...dryRunErrors(query.getAll('dryRun')),
    ...(fieldValidations.includes(validation) ? [] : [notSupported('fieldValidation', validation, fieldValidations)]),
  ]
}

const dryRunErrors = (dryRun: readonly unknown[]): FieldError[] =>
  dryRun.every((value) => value === 'All') ? [] : [{ ...notSupported('dryRun', dryRun, ['All']) }]

export interface PatchOptions extends WriteOptions {
  readonly force: boolean
}

export function patchOptions(query: URLSearchParams, isApply: boolean): PatchOptions {
  const errors: FieldError[] = []
  const force = query.get('force')
  if (isApply) {
    if (!query.get('fieldManager')) errors.push(required('fieldManager', 'is required for apply patch'))
  } else if (force !== null) errors.push(forbidden('force', 'may not be specified for non-apply patch'))
  errors.push(...writeErrors(query))
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', errors)
  return { ...writeValues(query), force: isTrue(force) }
}

/** A number in the query; undefined where there is none. */
function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  return text === null || text === '' ? undefined : parsedInteger(text)
}

/** Throws ApiError (400). (Go, strconv.ParseInt) */
export function parsedInteger(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  if (BigInt(text) > 2n ** 63n - 1n || BigInt(text) < -(2n ** 63n))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`)
  return Number(text)
}

/** What is wrong with a version to read at; undefined for a number, and for none. */
export function versionProblem(text: string): string | undefined {
  if (text === '') return undefined
  const why = /^\d+$/.test(text) ? (BigInt(text) < 2n ** 64n ? undefined : 'value out of range') : 'invalid syntax'
  return why && `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`
}

export interface ReadOptions extends WatchOptions {
  readonly watch: boolean
  readonly timeoutSeconds: number | undefined
}

export function readOptions(query: URLSearchParams, watch: boolean): ReadOptions {
  const limit = integer(query, 'limit') ?? 0
  const timeoutSeconds = integer(query, 'timeoutSeconds')
  const resourceVersion = query.get('resourceVersion') ?? ''
  const match = query.get('resourceVersionMatch') ?? ''
  const token = query.get('continue') ?? ''
  const sendInitialEvents = query.get('sendInitialEvents')
  const errors = listErrors({ watch, resourceVersion, match, token, sendInitialEvents })
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors)
  const why = versionProblem(resourceVersion)
  if (why !== undefined) throw watch ? plainError(why) : badRequest(`invalid resource version: ${why}`)
  return {
    watch,
    timeoutSeconds,
    // What is read from the cache comes whole.
    limit: resourceVersion === '0' ? 0 : Math.max(0, limit),
    continue: token,
    resourceVersion,
    resourceVersionMatch: match as ReadOptions['resourceVersionMatch'],
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
    sendInitialEvents: sendInitialEvents === null ? undefined : isTrue(sendInitialEvents),
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
  }
}

interface ListQuery {
  readonly watch: boolean
  readonly resourceVersion: string
  readonly match: string
  readonly token: string
  readonly sendInitialEvents: string | null
}

function listErrors({ watch, resourceVersion, match, token, sendInitialEvents }: ListQuery): FieldError[] {
  return watch
    ? watchErrors(match, sendInitialEvents)
    : [
        ...(match ? matchErrors(match, resourceVersion, token) : []),
        ...(sendInitialEvents === null ? [] : [forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')]),
      ]
}

function watchErrors(match: string, sendInitialEvents: string | null): FieldError[] {
  const errors: FieldError[] = []
  const field = 'resourceVersionMatch'
  if (sendInitialEvents !== null && match !== 'NotOlderThan')
    errors.push(forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  if (match === '') return errors
  if (sendInitialEvents === null)
    errors.push(forbidden(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'))
  if (match !== 'NotOlderThan') errors.push(notSupported(field, match, ['NotOlderThan']))
  return errors
}

function matchErrors(match: string, resourceVersion: string, token: string): FieldError[] {
  const field = 'resourceVersionMatch'
  const errors: FieldError[] = []
  if (resourceVersion === '') errors.push(forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'))
  if (token !== '') errors.push(forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'))
  if (match !== 'Exact' && match !== 'NotOlderThan') errors.push(notSupported(field, match, ['Exact', 'NotOlderThan', '']))
  if (match === 'Exact' && resourceVersion === '0')
    errors.push(forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
  return errors
}

export interface DeleteOptions extends DeletionOptions {
  readonly dryRun: boolean
  /** The deprecated form of a propagation policy was used, to ask for the deletion of dependents. */
  readonly orphanDependents: boolean | undefined
}

const policies = ['Foreground', 'Background', 'Orphan', 'nil']

/** From the body, or from the query where there is none. The body has been decoded as meta/v1 DeleteOptions. */
export function deleteOptions(query: URLSearchParams, body: JsonObject | undefined): DeleteOptions {
  const given = body ?? fromQuery(query)
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions } = given
  const dryRun = (given['dryRun'] as readonly unknown[] | undefined) ?? []
  const errors: FieldError[] = []
  if (propagationPolicy !== undefined && orphanDependents !== undefined)
    errors.push(invalidValue('propagationPolicy', propagationPolicy, 'orphanDependents and deletionPropagation cannot be both set'))
  if (propagationPolicy !== undefined && !policies.includes(propagationPolicy as string))
    errors.push(notSupported('propagationPolicy', propagationPolicy, policies))
  errors.push(...dryRunErrors(dryRun))
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors)
  const { uid, resourceVersion } = (preconditions ?? {}) as { uid?: string; resourceVersion?: string }
  return {
    dryRun: dryRun.length > 0,
    gracePeriodSeconds: gracePeriodSeconds as number | undefined,
    propagationPolicy:
      (propagationPolicy as DeleteOptions['propagationPolicy']) ??
      (orphanDependents === undefined ? undefined : orphanDependents ? 'Orphan' : 'Background'),
    orphanDependents: orphanDependents as boolean | undefined,
    uid,
    resourceVersion,
  }
}

function fromQuery(query: URLSearchParams): JsonObject {
  const grace = integer(query, 'gracePeriodSeconds')
  const policy = query.get('propagationPolicy')
  const orphan = query.get('orphanDependents')
  return {
    ...(grace !== undefined && { gracePeriodSeconds: grace }),
    ...(policy && { propagationPolicy: policy }),
    ...(orphan && { orphanDependents: isTrue(orphan) }),
    dryRun: query.getAll('dryRun'),
  }
}
