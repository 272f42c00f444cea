/**
 * Holds: deletes that wait for approval, because the definition or an input caused them and not the user's own spec.
 *
 * A changed template can drop a StatefulSet of every primary at once, and be valid. So each delete has a cause, and one that nobody asked
 * for in the primary's spec is held when it would remove a protected kind, everything that the primary has, or more objects of one
 * revision than the watch allows. The deletes of a primary are held together: what goes with a database, its Service and its settings,
 * does not go without it. Once held, a delete stays held until it is approved, rendered again, or the object is gone: by the record in the
 * status, and by the mark on the object, which stands also where the status is wiped or there is none (hold-mark.ts).
 */
import { displayName, groupKind, gvkOf, type KubernetesObject, objectKey } from '../api/object.ts'
import { type HeldBy, heldBy } from './hold-mark.ts'
import { approvedRecord, type HoldRecord, isApproved } from './hold-record.ts'
import type { SeenInputs } from './input-cause.ts'
import type { ReadVersions } from './read-versions.ts'

/** What changed since the last clean pass: why something is no longer rendered. */
export type DeleteCause = 'spec' | 'definition' | 'input'

/** `prune` of a watch. */
export interface PrunePolicy {
  /** `Kind` of any group, or `Kind.group`. */
  protected: readonly string[]
  /** Deletes, over all primaries of the watch, that one revision may cause without approval. */
  maxPerRevision: number
}

/** What loses data or others' objects with it, and few enough of the rest that a mistake is seen in time. */
export const defaultPrunePolicy: PrunePolicy = {
  protected: ['Namespace', 'CustomResourceDefinition', 'PersistentVolume', 'PersistentVolumeClaim', 'StatefulSet'],
  maxPerRevision: 10,
}

/** What either protects is protected, and no more is deleted than both allow. */
export const strictestOf = (one: PrunePolicy, other: PrunePolicy): PrunePolicy => ({
  protected: [...new Set([...one.protected, ...other.protected])],
  maxPerRevision: Math.min(one.maxPerRevision, other.maxPerRevision),
})

/** What can cause deletes, as the last clean pass saw it. */
export interface Seen {
  generation: unknown
  revision: unknown
  /** Which of the kind's watches had the primary. */
  watch: number
  /** What was read; undefined after a restart. */
  inputs?: SeenInputs | undefined
  /** What its status tells of that; undefined: nothing. */
  reads?: ReadVersions | undefined
}

/** As it is now. */
export interface Current extends Pick<Seen, 'generation' | 'revision'> {
  /** Whether the inputs drop what is to be deleted; asked only where the spec has changed too. */
  causedByInputs: () => boolean
}

/**
 * The cause of a primary's deletes. Where several things changed, the one that holds wins; what is not known counts as changed: the
 * definition after a wiped status, and what the program reads where neither the process nor the status can tell.
 */
export function deleteCause(last: Pick<Seen, 'generation' | 'revision'>, now: Current): DeleteCause {
  if (last.revision !== now.revision) return 'definition'
  if (last.generation === now.generation) return 'input'
  return now.causedByInputs() ? 'input' : 'spec'
}

export interface HoldInputs {
  primary: KubernetesObject
  /** What is to be deleted, each with its UID. */
  deletes: readonly KubernetesObject[]
  cause: DeleteCause
  /** Whether the program rendered any document. */
  rendered: boolean
  /** Whether a dependent that was there before stays. */
  keepsAny: boolean
  policy: PrunePolicy
  /** UIDs of what this revision made the watch delete without approval so far. */
  spent: Pick<ReadonlySet<string>, 'has' | 'size'>
  /** What is recorded of earlier passes. */
  record: HoldRecord | undefined
  /** The approval on the primary: a set, or `all`. */
  approval: string | undefined
  sha256: (text: string) => string
}

export interface Judgement {
  /** Deletes that may run. */
  run: readonly KubernetesObject[]
  /** Those of them that count against the limit of the revision. */
  counted: readonly KubernetesObject[]
  /** What is to be recorded: deletes that are held, or that run since they were approved; undefined: nothing. */
  record: HoldRecord | undefined
}

/** Decides which deletes run and which are held. */
export function judgeDeletes(inputs: HoldInputs): Judgement {
  const { primary, deletes, record, approval, sha256 } = inputs
  const nameOf = (object: KubernetesObject): string => nameIn(primary, object)
  if (deletes.length === 0) return { run: [], counted: [], record: undefined }
  const set = setOf(deletes, sha256)
  if (approval === 'all') return { run: deletes, counted: [], record: undefined }
  if (approval === set) return { run: deletes, counted: [], record: approvedRecord(set, deletes.map(nameOf).sort(), sha256) }
  // A part of an approved set, the rest of which is deleted already.
  const approved = record?.kind === 'approved' && record.set === approval ? record : undefined
  const [run, open] = partition(deletes, (object) => approved !== undefined && isApproved(approved, nameOf(object), sha256))
  const judged = judgeOpen(open, inputs, approved ? undefined : record)
  const held = judged.held.map(nameOf).sort()
  return {
    run: [...run, ...judged.run],
    counted: judged.counted,
    record:
      held.length === 0 || !judged.why ? approved : { kind: 'held', ...judged.why, names: held, more: 0, set: setOf(judged.held, sha256) },
  }
}

interface Judged {
  run: readonly KubernetesObject[]
  counted: readonly KubernetesObject[]
  held: readonly KubernetesObject[]
  why: HeldBy | undefined
}

function judgeOpen(open: readonly KubernetesObject[], inputs: HoldInputs, record: HoldRecord | undefined): Judged {
  const earlier = open.filter((object) => heldBy(object) !== undefined || tellsOf(record, object, inputs.primary))
  const causedBySpec = inputs.cause === 'spec' && inputs.rendered
  if (causedBySpec && earlier.length > 0) {
    const run = open.filter((object) => !earlier.includes(object))
    return { run, counted: [], held: earlier, why: stillHeldBy(whyOf(record, earlier), earlier) }
  }
  if (causedBySpec) return { run: open, counted: [], held: [], why: undefined }
  const why = earlier.length > 0 ? stillHeldBy(whyOf(record, earlier), open) : whyHeld(open, inputs)
  return why ? { run: [], counted: [], held: open, why } : { run: open, counted: open, held: [], why: undefined }
}

/** What holds these deletes, or undefined if they may run. */
function whyHeld(deletes: readonly KubernetesObject[], { rendered, cause, keepsAny, policy, spent }: HoldInputs): HeldBy | undefined {
  const reason = cause === 'input' ? 'InputChanged' : 'DefinitionChanged'
  if (deletes.length === 0) return undefined
  if (!rendered) return { reason: 'NothingRendered', why: 'no document was rendered' }
  const kinds = [...new Set(deletes.filter((object) => isProtected(object, policy)).map(({ kind }) => kind))]
  if (kinds.length > 0) return { reason, why: areProtected(kinds) }
  if (!keepsAny) return { reason, why: 'nothing that was there would stay' }
  const fresh = deletes.filter(({ metadata }) => !spent.has(metadata.uid as string))
  if (fresh.length > 0 && spent.size + fresh.length > policy.maxPerRevision)
    return { reason, why: `one revision deletes at most ${policy.maxPerRevision} objects of a watch` }
  return undefined
}

const isProtected = (object: KubernetesObject, policy: PrunePolicy): boolean =>
  policy.protected.includes(object.kind) || policy.protected.includes(groupKind(gvkOf(object)))

/**
 * Whether the record has this object as held. A hold does not end because the replacement is there by now, or since the process was started
 * anew. One for want of any document ends with the first document: what is missing then has a cause of its own.
 */
export function tellsOf(record: HoldRecord | undefined, object: KubernetesObject, primary: KubernetesObject): boolean {
  if (!record || (record.kind === 'held' && record.reason === 'NothingRendered')) return false
  return record.names.includes(nameIn(primary, object)) || (record.kind === 'held' ? record.more > 0 : record.digests.length > 0)
}

function whyOf(record: HoldRecord | undefined, earlier: readonly KubernetesObject[]): HeldBy {
  if (record?.kind === 'held' && record.reason !== 'NothingRendered') return { reason: record.reason, why: record.why }
  const marked = record?.kind === 'approved' ? undefined : earlier.map(heldBy).find((why) => why !== undefined)
  return marked ?? { reason: 'DefinitionChanged', why: 'the approval was taken back before all were deleted' }
}

const areProtected = (kinds: readonly string[]): string =>
  `${kinds.join(', ')} ${kinds.length === 1 ? 'is a protected kind' : 'are protected kinds'}`

/** The same reason, naming the protected kinds that are still among those held: one may be kept, or gone, by now. */
function stillHeldBy({ reason, why }: HeldBy, held: readonly KubernetesObject[]): HeldBy {
  const named = /^(.+) (?:is a protected kind|are protected kinds)$/.exec(why)?.[1]?.split(', ')
  if (!named) return { reason, why }
  const left = named.filter((name) => held.some(({ kind }) => kind === name))
  return { reason, why: left.length > 0 ? areProtected(left) : 'held together with an object of a protected kind, which is kept or gone' }
}

/** `Deployment/web`; with its namespace where that is another one than the primary's. */
function nameIn(primary: KubernetesObject, object: KubernetesObject): string {
  const { namespace } = object.metadata
  return namespace && namespace !== primary.metadata.namespace ? `${object.kind}/${objectKey(object.metadata)}` : displayName(object)
}

/** Names a set of objects, whatever their order: an approval is of exactly these incarnations. Twelve hexadecimal digits. */
function setOf(objects: readonly KubernetesObject[], sha256: HoldInputs['sha256']): string {
  const each = objects.map((object) => `${groupKind(gvkOf(object))} ${objectKey(object.metadata)} ${object.metadata.uid}`)
  return sha256(each.sort().join('\n')).slice(0, 12)
}

function partition<T>(items: readonly T[], holds: (item: T) => boolean): [T[], T[]] {
  return [items.filter(holds), items.filter((item) => !holds(item))]
}
