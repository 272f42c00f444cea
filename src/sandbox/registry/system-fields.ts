/**
 * The parts of metadata that the server alone decides.
 *
 * (apiserver, registry/rest: meta.go, create.go, update.go; storage/names/generate.go)
 */
import { isMap, type JsonObject, type JsonValue, type KubernetesObject, type ObjectMeta } from '../../api/object.ts'
import { badRequest, invalid } from '../status/api-error.ts'
import { required } from '../status/field-error.ts'
import { equalMembers } from './equal.ts'
import type { Resource, Strategy } from './resource.ts'

const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
const suffixLength = 5
const longestBase = 63 - suffixLength

/** A name from `generateName`: the base, cut where it is too long, and five random characters. */
export function generateName(base: string, random: () => number): string {
  let name = base.slice(0, longestBase)
  for (let at = 0; at < suffixLength; at++) name += alphabet[Math.floor(random() * alphabet.length)]
  return name
}

/** Fills in or checks the namespace. Throws ApiError (400) for another one than the request's. */
export function settleNamespace(metadata: ObjectMeta, resource: Resource, namespace: string): void {
  if (!resource.namespaced) {
    delete metadata.namespace
    return
  }
  if (!metadata.namespace) metadata.namespace = namespace
  else if (metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
}

const ownFields = ['uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink'] as const

/** What a client cannot give to a new object; before ownership is worked out. (rest.WipeObjectMetaSystemFields) */
export function wipeSystemFields(metadata: ObjectMeta): void {
  for (const field of ownFields) delete metadata[field]
}

/** The identity of a new object; the name is generated where that is asked for. */
export function fillSystemFields(
  object: KubernetesObject,
  resource: Resource,
  { uid, now, random }: { uid: string; now: string; random: () => number },
): void {
  const { metadata } = object
  if (!metadata.name && typeof metadata['generateName'] === 'string' && metadata['generateName'] !== '')
    metadata.name = generateName(metadata['generateName'], random)
  if (!metadata.name) throw invalid(resource, '', [required('metadata.name', 'name or generateName is required')])
  metadata.uid = uid
  metadata.creationTimestamp = now
  if (resource.strategy.generation !== 'none') metadata.generation = 1
}

const keptWhereMissing = ['uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const

/** What a client that replaces an object may leave out. */
export function keepSystemFields(metadata: ObjectMeta, old: ObjectMeta): void {
  for (const field of keptWhereMissing) if (!metadata[field] && old[field] !== undefined) Object.assign(metadata, { [field]: old[field] })
  delete metadata['selfLink']
  if (old.generation === undefined) delete metadata.generation
  else metadata.generation = old.generation
}

const unversioned: ReadonlySet<string> = new Set(['metadata', 'status'])
const unversionedWithoutStatus: ReadonlySet<string> = new Set(['metadata'])

/** Counts the generation up if what the user asks for has changed. `sent`: what `next` was decoded from. */
export function countGeneration(next: KubernetesObject, old: KubernetesObject, sent: JsonValue | undefined, strategy: Strategy): void {
  if (strategy.generation === 'none') return
  const except = strategy.hasStatus ? unversioned : unversionedWithoutStatus
  const same =
    equalMembers(next, old, except) &&
    (strategy.generation !== 'spec and annotations' ||
      equalMembers(next.metadata.annotations ?? {}, old.metadata.annotations ?? {}, new Set())) &&
    (strategy.generation !== 'spec and empty' || sent === undefined || !losesEmpty(sent, next as unknown as JsonObject, except))
  if (!same) next.metadata.generation = (old.metadata.generation ?? 0) + 1
}

/** Whether a list or map that was sent empty is not there any more. (reflect.DeepEqual, for which no list is another than an empty one) */
function losesEmpty(sent: JsonValue, kept: JsonValue | undefined, except: ReadonlySet<string> = new Set()): boolean {
  if (typeof sent !== 'object' || sent === null) return false
  if (kept === undefined) return Object.keys(sent).length === 0
  if (Array.isArray(sent)) return Array.isArray(kept) && sent.some((item, at) => losesEmpty(item, kept[at]))
  if (!isMap(kept)) return false
  const members = kept as JsonObject
  return Object.entries(sent).some(
    ([name, member]) => !except.has(name) && losesEmpty(member as JsonValue, Object.hasOwn(members, name) ? members[name] : undefined),
  )
}

/** Exact duplicates among the owner references are taken out, with a warning. (handlers/metrics and create.go, dedupOwnerReferences) */
export function withoutDuplicateOwners(metadata: ObjectMeta, warnings: string[]): void {
  const owners = metadata.ownerReferences
  if (!owners || owners.length < 2) return
  const kept = owners.filter((owner, at) => !owners.slice(0, at).some((before) => equalMembers({ ...before }, { ...owner }, new Set())))
  if (kept.length === owners.length) return
  warnings.push(
    '.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ' +
      duplicates(owners.map(({ uid }) => uid)).join(','),
  )
  metadata.ownerReferences = kept
}

const duplicates = (values: readonly string[]): string[] => [...new Set(values.filter((value, at) => values.indexOf(value) < at))]
