/**
 * Claims of volumes: the default class, protection, and how little of a claim may change.
 *
 * (pkg/apis/core/validation; pkg/registry/core/persistentvolumeclaim; plugins storage/storageclass and storage/persistentvolume)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import { compareQuantities, parseQuantity, type Quantity } from '../../../api/quantity.ts'
import type { KindBehaviour, WriteContext } from '../../registry/resource.ts'
import { fieldIsImmutable } from '../../registry/object-meta.ts'
import { forbiddenError } from '../../status/api-error.ts'
import { type FieldError, forbidden, invalidValue, notSupported } from '../../status/field-error.ts'
import { ageRule, column, columnsOf, nameRule } from '../columns.ts'
import { isQualifiedName } from '../names.ts'
import { isFractional } from '../workloads/checks.ts'
import { validateVolumeClaimSpec } from '../workloads/pod/volume-claim.ts'
import type { VolumeClaimSpec } from '../workloads/shapes.ts'
import { annotationOf, checkImmutable } from './checks.ts'
import { strategyOf } from './strategy.ts'
import { unifiedDiff } from './unified-diff.ts'
import { checkText, draftAt, type Fields, fieldsOf, isDraft, isSet, listOf, sameValue, textOf, textsOf } from './values.ts'

export const classAnnotation = 'volume.beta.kubernetes.io/storage-class'
const classStorage = 'storage.k8s.io/storageclasses'
const defaultClassAnnotations = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class']
const protection = 'kubernetes.io/pvc-protection'
const zero: Quantity = { nano: 0n, format: 'decimal' }

const specOf = (object: KubernetesObject): Fields => fieldsOf(object['spec'])
const statusOf = (object: KubernetesObject): Fields => fieldsOf(object['status'])
export const quantityOf = (value: unknown): Quantity =>
  (typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined) ?? zero
/** A number, rounded up. */
export const wholeUnits = (value: unknown): number => {
  const { nano } = quantityOf(value)
  return Number(nano > 0n ? (nano + 999_999_999n) / 1_000_000_000n : nano / 1_000_000_000n)
}
const requested = (claim: KubernetesObject): unknown => fieldsOf(fieldsOf(specOf(claim)['resources'])['requests'])['storage']

/** Adds a finalizer to a new object. (plugin storage/storageobjectinuseprotection) */
export function protect({ metadata }: KubernetesObject, finalizer: string): void {
  if (!metadata.finalizers?.includes(finalizer)) metadata.finalizers = [...(metadata.finalizers ?? []), finalizer]
}

export const isDefaultClass = (object: KubernetesObject): boolean =>
  defaultClassAnnotations.some((annotation) => annotationOf(object, annotation) === 'true')

/** The newest of the classes that are marked as default; of those of one second the first by name. */
function defaultClass(context: WriteContext): string | undefined {
  const created = ({ metadata }: KubernetesObject): string => metadata.creationTimestamp ?? ''
  const marked = [...context.objects.list(classStorage)].filter(isDefaultClass)
  return marked.sort((a, b) => created(b).localeCompare(created(a)) || (a.metadata.name < b.metadata.name ? -1 : 1))[0]?.metadata.name
}

/** dataSource and dataSourceRef tell the same; a client may know only one. */
function alignSources(claim: KubernetesObject): void {
  const spec = draftAt(claim, 'spec')
  const { kind, apiGroup } = fieldsOf(spec['dataSource'])
  // Sources of other kinds have always been dropped here.
  const isKnown =
    textOf(apiGroup) === '' ? kind === 'PersistentVolumeClaim' : apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot'
  if (isSet(spec['dataSource']) && !isKnown && !isSet(spec['dataSourceRef'])) delete spec['dataSource']
  const { dataSource, dataSourceRef } = spec
  if (isDraft(dataSource) && !isSet(dataSourceRef)) spec['dataSourceRef'] = { ...dataSource }
  else if (isDraft(dataSourceRef) && !isSet(dataSource) && !textOf(dataSourceRef['namespace'])) {
    const { namespace: _namespace, ...source } = dataSourceRef
    spec['dataSource'] = source
  }
}

function prepare(claim: KubernetesObject, old: KubernetesObject | undefined, context: WriteContext): void {
  if (!old) {
    protect(claim, protection)
    const spec = draftAt(claim, 'spec')
    if (!isSet(spec['storageClassName']) && annotationOf(claim, classAnnotation) === undefined) {
      const found = defaultClass(context)
      if (found !== undefined) spec['storageClassName'] = found
    }
  }
  alignSources(claim)
}

const withoutNulls = (value: unknown): Fields => Object.fromEntries(Object.entries(fieldsOf(value)).filter(([, part]) => isSet(part)))

function validateClaim(claim: KubernetesObject): FieldError[] {
  const errors: FieldError[] = []
  const { dataSource, dataSourceRef, ...spec } = specOf(claim)
  const sources = {
    ...(isSet(dataSource) && { dataSource: withoutNulls(dataSource) }),
    ...(isSet(dataSourceRef) && { dataSourceRef: withoutNulls(dataSourceRef) }),
  }
  validateVolumeClaimSpec(errors, 'spec', { ...spec, ...sources } as VolumeClaimSpec)
  if (!isSet(dataSource) || !isSet(dataSourceRef)) return errors
  const { namespace, ...reference } = withoutNulls(dataSourceRef)
  // The server prints an object of its own here, which has no text.
  const refuse = (why: string): void => void errors.push(invalidValue('spec', {}, why))
  if (textOf(namespace)) refuse('may not be specified when dataSourceRef.namespace is specified')
  else if (!sameValue(withoutNulls(dataSource), reference)) refuse('must match dataSourceRef')
  return errors
}

/** Whether the class moved from the annotation into the spec. */
const movedFromAnnotation = (claim: KubernetesObject, old: KubernetesObject): boolean => {
  const last = annotationOf(old, classAnnotation)
  const next = annotationOf(claim, classAnnotation)
  return (
    last !== undefined &&
    !isSet(specOf(old)['storageClassName']) &&
    specOf(claim)['storageClassName'] === last &&
    (next === undefined || next === last)
  )
}

function validateChange(claim: KubernetesObject, old: KubernetesObject): FieldError[] {
  const errors: FieldError[] = []
  const [spec, before] = [specOf(claim), specOf(old)]
  const [next, last]: [Record<string, unknown>, Record<string, unknown>] = [{ ...spec }, { ...before }]
  const bound = statusOf(claim)['phase'] === 'Bound'
  if (!textOf(before['volumeName'])) last['volumeName'] = spec['volumeName']
  const annotated = annotationOf(old, classAnnotation)
  if (movedFromAnnotation(claim, old)) delete next['storageClassName']
  else {
    const value = annotationOf(claim, classAnnotation) ?? ''
    if (value !== (annotated ?? '')) errors.push(invalidValue(`metadata.annotations[${classAnnotation}]`, value, fieldIsImmutable))
    const filledIn = isSet(spec['storageClassName']) && !isSet(before['storageClassName'])
    if (filledIn && (annotated === undefined || annotated === spec['storageClassName']))
      next['storageClassName'] = before['storageClassName']
  }
  if (bound) {
    const resources = fieldsOf(spec['resources'])
    next['resources'] = { ...resources, requests: { ...fieldsOf(resources['requests']), storage: requested(old) } }
    next['volumeAttributesClassName'] = before['volumeAttributesClassName']
  }
  if (!sameClaimSpec(next, last)) {
    const why = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
    errors.push(forbidden('spec', `${why}\n${unifiedDiff(printedSpec(last), printedSpec(next))}`))
  }
  const [size, lastSize] = [quantityOf(requested(claim)), quantityOf(requested(old))]
  const capacity = quantityOf(fieldsOf(statusOf(old)['capacity'])['storage'])
  if (compareQuantities(size, lastSize) < 0 && compareQuantities(size, capacity) <= 0)
    errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'))
  errors.push(...checkImmutable('volumeMode', spec['volumeMode'], before['volumeMode']))
  const attributes = spec['volumeAttributesClassName']
  if ((attributes ?? null) !== (before['volumeAttributesClassName'] ?? null) && isSet(statusOf(old)['currentVolumeAttributesClassName'])) {
    const tail = 'is forbidden when status.currentVolumeAttributesClassName is not nil'
    if (!isSet(attributes)) errors.push(forbidden('spec.volumeAttributesClassName', `update to nil ${tail}`))
    else if (attributes === '') errors.push(forbidden('spec.volumeAttributesClassName', `update to empty string ${tail}`))
  }
  return errors
}

const sameClaimSpec = (next: Fields, last: Fields): boolean => printedSpec(next) === printedSpec(last) || sameValue(next, last)

/** As the server prints its own type: all fields, in their order. */
function printedSpec(spec: Fields): string {
  const resources = fieldsOf(spec['resources'])
  const source = (value: unknown, more: Fields = {}) => {
    if (!isSet(value)) return null
    const { apiGroup, kind, name } = fieldsOf(value)
    return { APIGroup: apiGroup ?? null, Kind: textOf(kind), Name: textOf(name), ...more }
  }
  const printed = {
    AccessModes: spec['accessModes'] ?? null,
    Selector: spec['selector'] ?? null,
    Resources: { Limits: sorted(resources['limits']), Requests: sorted(resources['requests']) },
    VolumeName: textOf(spec['volumeName']),
    StorageClassName: spec['storageClassName'] ?? null,
    VolumeMode: spec['volumeMode'] ?? null,
    DataSource: source(spec['dataSource']),
    DataSourceRef: source(spec['dataSourceRef'], { Namespace: fieldsOf(spec['dataSourceRef'])['namespace'] ?? null }),
    VolumeAttributesClassName: spec['volumeAttributesClassName'] ?? null,
  }
  return JSON.stringify(printed, null, 1)
}

const sorted = (value: unknown) => (isDraft(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : null)

/** A claim grows only while it is bound and if its class lets it. (plugin persistentvolume/resize) Throws ApiError (403). */
export function admitClaimResize(claim: KubernetesObject, old: KubernetesObject, context: WriteContext): void {
  if (compareQuantities(quantityOf(requested(claim)), quantityOf(requested(old))) <= 0) return
  const refuse = (why: string) => forbiddenError({ group: '', resource: 'persistentvolumeclaims' }, claim.metadata.name, why)
  if (statusOf(old)['phase'] !== 'Bound') throw refuse('Only bound persistent volume claims can be expanded')
  const name = className(claim)
  const found = name ? context.objects.get(classStorage, '', name) : undefined
  if (name !== className(old) || found?.['allowVolumeExpansion'] !== true)
    throw refuse('only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize')
}

const resizeStates = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizePending',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
].sort()

function validateStatus(claim: KubernetesObject): FieldError[] {
  const status = statusOf(claim)
  const errors: FieldError[] = []
  const checkAmount = (path: string, value: unknown): void => {
    if (compareQuantities(quantityOf(value), zero) < 0)
      errors.push(invalidValue(path, wholeUnits(value), 'must be a valid resource quantity'))
  }
  for (const [name, value] of Object.entries(fieldsOf(status['capacity']))) checkAmount(`status.capacity[${name}]`, value)
  for (const [name, state] of Object.entries(fieldsOf(status['allocatedResourceStatuses']))) {
    errors.push(...checkText('status.allocatedResourceStatuses', name, isQualifiedName))
    if (!resizeStates.includes(textOf(state))) errors.push(notSupported('status.allocatedResourceStatuses', name, resizeStates))
  }
  for (const [name, value] of Object.entries(fieldsOf(status['allocatedResources'])))
    checkAmount(`status.allocatedResources[${name}]`, value)
  return errors
}

/** The class by annotation or spec; empty for none. */
export const className = (object: KubernetesObject): string =>
  annotationOf(object, classAnnotation) ?? textOf(specOf(object)['storageClassName'])

const shortModes: readonly (readonly [mode: string, short: string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
]

export const accessModesText = (modes: unknown): string => {
  const all = textsOf(modes)
  return shortModes
    .filter(([mode]) => all.includes(mode))
    .map(([, short]) => short)
    .join(',')
}

export const optionalText = (value: unknown): string => (isSet(value) ? textOf(value) : '<unset>')

function warnOfFractions(claim: KubernetesObject, _old: KubernetesObject | undefined, warnings: string[]): void {
  const { requests } = fieldsOf(specOf(claim)['resources'])
  const storage = fieldsOf(requests)['storage']
  if (isSet(storage) && isFractional(textOf(storage)))
    warnings.push(`spec.resources.requests[storage]: fractional byte value ${JSON.stringify(storage)} is invalid, must be an integer`)
}

export const claimKinds: Readonly<Record<string, KindBehaviour>> = {
  '/persistentvolumeclaims': {
    strategy: strategyOf({
      hasStatus: true,
      returnsDeleted: true,
      prepare,
      validate: validateClaim,
      update: ['metadata change', 'metadata', 'object', 'change'],
      validateChange,
      validateStatus,
      warn: warnOfFractions,
    }),
    columns: columnsOf(
      nameRule,
      [column('Status'), (claim) => (claim.metadata.deletionTimestamp === undefined ? textOf(statusOf(claim)['phase']) : 'Terminating')],
      [column('Volume'), (claim) => textOf(specOf(claim)['volumeName'])],
      [
        column('Capacity'),
        (claim) => (textOf(specOf(claim)['volumeName']) ? textOf(fieldsOf(statusOf(claim)['capacity'])['storage']) || '0' : ''),
      ],
      [
        column('Access Modes'),
        (claim) => (textOf(specOf(claim)['volumeName']) ? accessModesText(listOf(statusOf(claim)['accessModes'])) : ''),
      ],
      [column('StorageClass'), className],
      [column('VolumeAttributesClass'), (claim) => optionalText(specOf(claim)['volumeAttributesClassName'])],
      ageRule,
      [column('VolumeMode', 'string', 'wide'), (claim) => optionalText(specOf(claim)['volumeMode'])],
    ),
    selectableFields: new Map([['name', ({ metadata }: KubernetesObject) => metadata.name]]),
  },
}
