/**
 * What the server demands of metadata, on create and on update.
 *
 * (apimachinery, api/validation/objectmeta.go and apis/meta/v1/validation)
 */
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from '../../api/object.ts'
import { byteLength, isLabelValue, isQualifiedName, nameIsDnsLabel, nameIsDnsSubdomain, type ObjectNameCheck } from '../kinds/names.ts'
import { type FieldError, forbidden, invalidValue, required, tooLong } from '../status/field-error.ts'
import { orderedJson, Verbatim } from '../status/go-text.ts'

export const fieldIsImmutable = 'field is immutable'

const standardFinalizers: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])
const annotationsLimitBytes = 256 * 1024
const managerLimitBytes = 128
const subresourceLimitBytes = 256

export interface ObjectMetaRules {
  readonly namespaced: boolean
  /** Default: a DNS-1123 subdomain. */
  readonly validateName?: ObjectNameCheck | undefined
  /** Finalizers without a domain have to be the server's own: the built-in kinds. Default: any will do. */
  readonly standardFinalizers?: boolean
  /** Where the metadata lies; default `metadata`. */
  readonly path?: string
}

/** All that is wrong with metadata as such. The name must have been generated before. */
export function validateObjectMeta(metadata: ObjectMeta, rules: ObjectMetaRules): FieldError[] {
  const { namespaced, validateName = nameIsDnsSubdomain, path = 'metadata' } = rules
  const { name, namespace, generation, finalizers } = metadata
  const generateName = metadata['generateName']
  const errors: FieldError[] = []
  if (typeof generateName === 'string' && generateName !== '')
    for (const message of validateName(generateName, true)) errors.push(invalidValue(`${path}.generateName`, generateName, message))
  if (!name) errors.push(required(`${path}.name`, 'name or generateName is required'))
  else for (const message of validateName(name, false)) errors.push(invalidValue(`${path}.name`, name, message))
  if (!namespaced) {
    if (namespace) errors.push(forbidden(`${path}.namespace`, 'not allowed on this type'))
  } else if (!namespace) errors.push(required(`${path}.namespace`))
  else for (const message of nameIsDnsLabel(namespace, false)) errors.push(invalidValue(`${path}.namespace`, namespace, message))
  if (generation !== undefined && generation < 0)
    errors.push(invalidValue(`${path}.generation`, generation, 'must be greater than or equal to 0'))
  checkSharedParts(metadata, path, errors, finalizers ?? [])
  if (rules.standardFinalizers === true) errors.push(...validateStandardFinalizers(metadata, path))
  return errors
}

/** Finalizers without a domain that are none of the server's own. (pkg/apis/core/validation, validateKubeFinalizerName) */
export const validateStandardFinalizers = ({ finalizers = [] }: ObjectMeta, path = 'metadata'): FieldError[] =>
  finalizers.flatMap((finalizer, index) =>
    finalizer.includes('/') || standardFinalizers.has(finalizer)
      ? []
      : [invalidValue(`${path}.finalizers[${index}]`, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')],
  )

/** What an update may not do to metadata. The caller has filled in uid, creationTimestamp and the like where the request left them out. */
export function validateObjectMetaUpdate(next: ObjectMeta, old: ObjectMeta, path = 'metadata'): FieldError[] {
  const errors: FieldError[] = []
  if (old.deletionTimestamp !== undefined) {
    const added = [...new Set(next.finalizers)].filter((finalizer) => !old.finalizers?.includes(finalizer)).sort()
    if (added.length > 0) {
      const list = `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(', ')}}`
      errors.push(
        forbidden(`${path}.finalizers`, `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`),
      )
    }
  }
  if (!next.resourceVersion) errors.push(invalidValue(`${path}.resourceVersion`, '', 'must be specified for an update'))
  if ((next.generation ?? 0) < (old.generation ?? 0))
    errors.push(invalidValue(`${path}.generation`, next.generation ?? 0, 'must not be decremented'))
  for (const field of immutableTexts)
    if ((next[field] ?? '') !== (old[field] ?? '')) errors.push(invalidValue(`${path}.${field}`, next[field] ?? '', fieldIsImmutable))
  for (const field of immutableOptional)
    if ((next[field] ?? null) !== (old[field] ?? null)) errors.push(invalidValue(`${path}.${field}`, next[field] ?? null, fieldIsImmutable))
  checkSharedParts(next, path, errors)
  return errors
}

const immutableTexts = ['name', 'namespace', 'uid'] as const
const immutableOptional = ['creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const

function checkSharedParts(metadata: ObjectMeta, path: string, errors: FieldError[], finalizers?: readonly string[]): void {
  const { labels, annotations, ownerReferences, managedFields } = metadata
  if (labels) errors.push(...validateLabels(labels, `${path}.labels`))
  if (annotations) errors.push(...validateAnnotations(annotations, `${path}.annotations`))
  if (ownerReferences) errors.push(...validateOwnerReferences(ownerReferences, `${path}.ownerReferences`))
  if (finalizers && finalizers.length > 0) errors.push(...validateFinalizers(finalizers, `${path}.finalizers`))
  if (managedFields) errors.push(...validateManagedFields(managedFields, `${path}.managedFields`))
}

export function validateLabels(labels: Readonly<Record<string, string>>, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [key, value] of Object.entries(labels)) {
    for (const message of isQualifiedName(key)) errors.push(invalidValue(path, key, message))
    for (const message of isLabelValue(value)) errors.push(invalidValue(path, value, message))
  }
  return errors
}

export function validateAnnotations(annotations: Readonly<Record<string, string>>, path: string): FieldError[] {
  const errors: FieldError[] = []
  let size = 0
  for (const [key, value] of Object.entries(annotations)) {
    for (const message of isQualifiedName(key.toLowerCase())) errors.push(invalidValue(path, key, message))
    size += byteLength(key) + byteLength(value)
  }
  if (size > annotationsLimitBytes) errors.push(tooLong(path, annotationsLimitBytes))
  return errors
}

/** In the order in which the server prints it. */
const printed = ({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }: Partial<OwnerReference>): OwnerReference => ({
  apiVersion: apiVersion ?? '',
  kind: kind ?? '',
  name: name ?? '',
  uid: uid ?? '',
  ...(controller !== undefined && { controller }),
  ...(blockOwnerDeletion !== undefined && { blockOwnerDeletion }),
})

function validateOwnerReferences(references: readonly Partial<OwnerReference>[], path: string): FieldError[] {
  const errors: FieldError[] = []
  let controller: string | undefined
  for (const reference of references) {
    const { apiVersion = '', kind = '', name = '', uid = '' } = reference
    const parts = apiVersion.split('/')
    const version = parts.length > 2 ? '' : parts.at(-1)
    if (!version) errors.push(invalidValue(`${path}.apiVersion`, apiVersion, 'version must not be empty'))
    if (!kind) errors.push(invalidValue(`${path}.kind`, kind, 'must not be empty'))
    if (!name) errors.push(invalidValue(`${path}.name`, name, 'must not be empty'))
    if (!uid) errors.push(invalidValue(`${path}.uid`, uid, 'must not be empty'))
    if (kind === 'Event' && (apiVersion === 'v1' || apiVersion === '/v1'))
      errors.push(invalidValue(path, new Verbatim(orderedJson(printed(reference))), '/v1, Kind=Event is disallowed from being an owner'))
    if (reference.controller !== true) continue
    const current = `${kind}/${name}`
    if (controller === undefined) controller = current
    else {
      const problem = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${current}`
      errors.push(invalidValue(path, new Verbatim(orderedJson(references.map(printed))), problem))
    }
  }
  return errors
}

function validateFinalizers(finalizers: readonly string[], path: string): FieldError[] {
  const errors = finalizers.flatMap((finalizer) => isQualifiedName(finalizer).map((message) => invalidValue(path, finalizer, message)))
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion'))
    errors.push(invalidValue(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  return errors
}

/** The name of a field manager, in metadata or in the options of a request. */
export function validateFieldManager(manager: string, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (byteLength(manager) > managerLimitBytes) errors.push(tooLong(path, managerLimitBytes))
  let position = 0
  for (const character of manager) {
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
      errors.push(invalidValue(path, manager, `invalid character U+${code} (at position ${position})`))
    }
    position += byteLength(character)
  }
  return errors
}

export function validateManagedFields(entries: readonly Partial<ManagedFieldsEntry>[], path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, entry] of entries.entries()) {
    const at = `${path}[${index}]`
    const { operation, manager = '', subresource = '' } = entry
    const fieldsType: string = entry.fieldsType ?? ''
    if (operation !== 'Apply' && operation !== 'Update')
      errors.push(invalidValue(`${at}.operation`, operation ?? '', 'must be `Apply` or `Update`'))
    if (fieldsType !== '' && fieldsType !== 'FieldsV1') errors.push(invalidValue(`${at}.fieldsType`, fieldsType, 'must be `FieldsV1`'))
    errors.push(...validateFieldManager(manager, `${at}.manager`))
    if (byteLength(subresource) > subresourceLimitBytes) errors.push(tooLong(`${at}.subresource`, subresourceLimitBytes))
  }
  return errors
}
