/**
 * The hand-over of an adopted object's managed fields.
 *
 * A field that we stop sending goes only if nobody else holds it, and who made an object holds all of it. So what the tool that declared
 * the object held becomes what we applied the last time: our next apply then removes what we do not render and no other manager holds,
 * by the server's own rules. (client-go, util/csaupgrade, does the same from client-side to server-side apply.)
 *
 * | entry of                                              | becomes                                                              |
 * | ----------------------------------------------------- | -------------------------------------------------------------------- |
 * | what declares whole objects: helm, kubectl create     | ours                                                                 |
 * | us for another primary, which is gone                 | ours                                                                 |
 * | what touches them: kubectl edit, kubectl rollout      | without what we apply; the rest stays theirs                         |
 * | before-first-apply, which says only that a field was  | ours as far as the last-applied annotation shows that kubectl set    |
 * | there when nobody was on record                       | it; the rest is held by nobody, since nobody knows whose it was      |
 * | anybody else                                          | as it is                                                             |
 *
 * Some fields are never taken, and so stay: finalizers and owner references, which others wait for, what says that the object is to be kept
 * (see keep.ts), and a number of replicas that we do not render: to remove that is to scale to 1.
 */
import { parseFieldManager } from '../api/names.ts'
import { isMap, type JsonObject, type KubernetesObject, type ManagedFieldsEntry } from '../api/object.ts'
import { coverage } from '../fields/coverage.ts'
import type { Path } from '../fields/path.ts'
import { writeFieldsV1 } from '../fields/serialize.ts'
import { difference, emptySet, type FieldSet, fromPaths, has, isEmpty, leafPaths, nodeAt, paths, union } from '../fields/set.ts'
import { applyEntry } from './ingest.ts'
import { keepingAnnotations } from './keep.ts'

export interface Succession {
  /** What the object's managed fields have to be; undefined if they are so already. */
  managedFields: readonly ManagedFieldsEntry[] | undefined
  /** The managers whose entries became ours. */
  from: readonly string[]
  /** What our next apply removes: what only they held, and we do not apply. */
  stale: FieldSet
}

export interface SuccessionOptions {
  /** Our field manager for the primary's dependents. */
  manager: string
  parse: (fields: JsonObject) => FieldSet
}

/** Tools that send whole objects. `kubectl-last-applied` holds the annotation alone; `kubectl` applies on the server's side. */
const declaring: ReadonlySet<string> = new Set([
  'helm',
  'kubectl-autoscale',
  'kubectl-client-side-apply',
  'kubectl-create',
  'kubectl-expose',
  'kubectl-last-applied',
  'kubectl-replace',
  'kubectl-run',
])

/**
 * Tools with which a person changes some fields: what they added was never the declaring tool's to remove, and is not ours. A `kubectl`
 * that updates is an old one, which had no other name whatever it did.
 */
const touching: ReadonlySet<string> = new Set([
  'kubectl-annotate',
  'kubectl-edit',
  'kubectl-label',
  'kubectl-patch',
  'kubectl-rollout',
  'kubectl-set',
])

const unrecorded = 'before-first-apply'
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/**
 * @param live as it was read, its managed fields whole
 * @param applied the answer to a dry run of our apply on it
 */
export function succession(live: KubernetesObject, applied: KubernetesObject, { manager, parse }: SuccessionOptions): Succession {
  // An object without managed fields gets an entry of what it has with the first apply, of a dry run too.
  const entries = live.metadata.managedFields?.length ? live.metadata.managedFields : unrecordedEntries(applied)
  const ours = setOf(applyEntry(applied, manager), parse)
  const isPrior = (entry: ManagedFieldsEntry): boolean => isDeclaring(entry, manager)
  const declared = entries.filter(isPrior)
  const proven = entries.filter((entry) => isUnrecorded(entry)).map((entry) => ({ ...entry, set: provenBy(live, setOf(entry, parse)) }))
  // An entry is in the fields of one version: those of another, which the same tool wrote long ago, are given up.
  const apiVersion = declared.some((entry) => entry.apiVersion === applied.apiVersion)
    ? applied.apiVersion
    : (declared[0]?.apiVersion ?? applied.apiVersion)
  const held = [...declared.map((entry) => ({ ...entry, set: setOf(entry, parse) })), ...proven].filter(
    (entry) => entry.apiVersion === apiVersion && !isEmpty(entry.set),
  )
  const taken = without(
    held.reduce((all, { set }) => union(all, set), emptySet),
    (path) => isNeverTaken(path) || (isReplicas(path) && !has(ours, path)),
  )
  const others = entries
    .filter((entry) => !isPrior(entry) && !isUnrecorded(entry))
    .flatMap((entry) => (isTouching(entry) && entry.apiVersion === applied.apiVersion ? relieved(entry, ours, parse) : [entry]))
  const kept = others.reduce((all, entry) => union(all, setOf(entry, parse)), ours)
  const own: ManagedFieldsEntry[] = isEmpty(taken)
    ? []
    : [{ manager, operation: 'Apply', apiVersion, fieldsType: 'FieldsV1', fieldsV1: writeFieldsV1(taken) }]
  const isSame = own.length === 0 && others.length === entries.length && others.every((entry, at) => entry === entries[at])
  return {
    managedFields: isSame || own.length + others.length === 0 ? undefined : [...own, ...others],
    from: [...new Set(held.map((entry) => entry.manager))],
    stale: unheld(taken, kept),
  }
}

/** What of the taken is in nobody's hands. That a map is there is nothing by itself: the last field takes it along. */
const unheld = (taken: FieldSet, kept: FieldSet): FieldSet =>
  fromPaths(
    [...paths(taken)].filter(
      (path) => nodeAt(kept, path) === undefined && (nodeAt(taken, path)?.leaf === true || path.at(-1)?.kind === 'item'),
    ),
  )

/** Whether fields of this manager may be taken by us, whatever the field policy: it hands them over. */
export const isPredecessor = (manager: string, us: string): boolean =>
  declaring.has(manager) || manager === 'kubectl' || manager === unrecorded || isFormer(manager, us)

/** The object as if those who hand it over held nothing: so it is seen whether somebody else, an autoscaler, holds a field. */
export function withoutPredecessors(live: KubernetesObject, us: string): KubernetesObject {
  const managedFields = (live.metadata.managedFields ?? []).filter((entry) => !isDeclaring(entry, us) && !isUnrecorded(entry))
  return { ...live, metadata: { ...live.metadata, managedFields } }
}

/** Entries of a subresource are a controller's, or a person's who scaled. */
const isDeclaring = ({ manager, operation, subresource }: ManagedFieldsEntry, us: string): boolean =>
  !subresource && (declaring.has(manager) || (manager === 'kubectl' && operation === 'Apply') || isFormer(manager, us))

/** Ours, of another primary: what is adopted names none that is living. */
function isFormer(manager: string, us: string): boolean {
  const former = parseFieldManager(manager)
  return former !== undefined && former.primaryUid !== parseFieldManager(us)?.primaryUid
}

const isTouching = ({ manager, operation, subresource }: ManagedFieldsEntry): boolean =>
  !subresource && (touching.has(manager) || (manager === 'kubectl' && operation === 'Update'))

const isUnrecorded = ({ manager, operation, subresource }: ManagedFieldsEntry): boolean =>
  manager === unrecorded && operation === 'Update' && !subresource

const unrecordedEntries = (applied: KubernetesObject): ManagedFieldsEntry[] => (applied.metadata.managedFields ?? []).filter(isUnrecorded)

const setOf = (entry: ManagedFieldsEntry | undefined, parse: SuccessionOptions['parse']): FieldSet =>
  entry?.fieldsV1 ? parse(entry.fieldsV1) : emptySet

/** The part of a set that the last client-side apply sent, by the copy of it that kubectl leaves in an annotation, and that annotation. */
function provenBy(live: KubernetesObject, set: FieldSet): FieldSet {
  const sent = parsed(live.metadata.annotations?.[lastApplied])
  if (!sent) return emptySet
  const { extra } = coverage(set, withAnnotation(sent, lastApplied))
  return difference(set, fromPaths(extra))
}

function parsed(text: string | undefined): JsonObject | undefined {
  try {
    const value = JSON.parse(text ?? 'null') as unknown
    return isMap(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

function withAnnotation(sent: JsonObject, name: string): JsonObject {
  const metadata = (sent['metadata'] ?? {}) as JsonObject
  return { ...sent, metadata: { ...metadata, annotations: { ...(metadata['annotations'] as JsonObject | undefined), [name]: '' } } }
}

/** The entry without what we apply; none if that was all. */
function relieved(entry: ManagedFieldsEntry, ours: FieldSet, parse: SuccessionOptions['parse']): ManagedFieldsEntry[] {
  const set = setOf(entry, parse)
  const leaves = [...leafPaths(set)]
  const kept = leaves.filter((path) => !has(ours, path))
  if (kept.length === leaves.length) return [entry]
  return kept.length === 0 ? [] : [{ ...entry, fieldsV1: writeFieldsV1(difference(set, ours)) }]
}

const without = (set: FieldSet, isLeft: (path: Path) => boolean): FieldSet => fromPaths([...paths(set)].filter((path) => !isLeft(path)))

const isNeverTaken = ([root, below, name]: Path): boolean =>
  isField(root, 'status') ||
  (isField(root, 'metadata') && (isField(below, 'finalizers') || isField(below, 'ownerReferences') || isKeeping(below, name)))

const isKeeping = (below: Path[number] | undefined, name: Path[number] | undefined): boolean =>
  isField(below, 'annotations') && keepingAnnotations.some((annotation) => isField(name, annotation))

const isReplicas = (path: Path): boolean => path.length === 2 && isField(path[0], 'spec') && isField(path[1], 'replicas')

const isField = (element: Path[number] | undefined, name: string): boolean => element?.kind === 'field' && element.name === name
