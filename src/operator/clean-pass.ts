/**
 * What the last clean pass over a primary read and found as it should be, so that the next one ends early.
 *
 *   the same versions of everything                       nothing is done
 *   other versions of what neither the documents nor
 *   their comparison depend on                            the dependents' readiness, and from there the status
 *   anything else                                         a whole pass
 *
 * What was read is kept itself, and not what it was like: the caches hold it in any case.
 */
import { fieldManager } from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'
import { isSameContent } from '../api/version.ts'
import type { Yielded } from '../reconcile/hand-over.ts'
import { type Orderable, orderable } from '../reconcile/order.ts'
import type { IncidentalPart, Inputs } from '../reconcile/program.ts'
import type { ReadVersions } from '../reconcile/read-versions.ts'
import { isSameDependent, isSamePrimary } from '../reconcile/unchanged.ts'
import { generatedVersion } from './generated.ts'
import { cacheStates, dependentsOf } from './observation.ts'
import type { PassContext } from './pass-context.ts'

/** What a pass reads besides its primary. */
export interface Read {
  /** By UID. */
  dependents: ReadonlyMap<string, KubernetesObject>
  /** States and versions of all else. */
  others: string
}

export interface CleanPass {
  primary: KubernetesObject
  /** Those that were rendered first, in their order. */
  dependents: readonly KubernetesObject[]
  rendered: number
  others: string
  /** What the documents do not depend on; undefined: nothing is known not to count. */
  unread: readonly IncidentalPart[] | undefined
  yielded: readonly Yielded[]
  /** For the status. */
  names: Inputs['names']
  reads: ReadVersions | undefined
  overridden: readonly string[] | undefined
}

/** What the caches hold for this primary now. */
export function readFor(primary: KubernetesObject, context: PassContext): Read {
  const uid = primary.metadata.uid as string
  const dependents = new Map<string, KubernetesObject>()
  for (const object of dependentsOf(uid, context)) dependents.set(object.metadata.uid as string, object)
  const beside = context.program.walks ? `|${context.effects.versionOf(primary, context)}` : ''
  const others = `${cacheStates(primary, context)}|${context.lookups.version(uid)}|${generatedVersion(primary, context)}${beside}`
  return { dependents, others }
}

/** Whether two looks found the same versions. */
export const isSameRead = (one: Read, other: Read): boolean =>
  one.others === other.others && hasVersions(other.dependents, [...one.dependents.values()])

/** Whether everything has the versions of the clean pass. */
export const isUnchanged = (clean: CleanPass, primary: KubernetesObject, read: Read): boolean =>
  isAsWanted(clean, primary, read) && hasVersions(read.dependents, clean.dependents)

/** Whether nothing that is wanted of the dependents can have changed since: they alone may be others. */
export const isAsWanted = (clean: CleanPass, primary: KubernetesObject, read: Read): boolean =>
  isVersion(clean.primary, primary) && clean.others === read.others

/** The same clean pass, holding what the caches hold by now. */
export function withRead(clean: CleanPass, primary: KubernetesObject, { dependents }: Read): CleanPass {
  const isHeld = clean.primary === primary && clean.dependents.every((object) => dependents.get(object.metadata.uid as string) === object)
  return isHeld ? clean : { ...clean, primary, dependents: clean.dependents.map((object) => of(dependents, object)) }
}

/** The dependents in the order in which they were rendered, where a whole pass would find the same again; undefined: it may not. */
export function stillRendered(clean: CleanPass, primary: KubernetesObject, read: Read): Orderable[] | undefined {
  const { unread, dependents, rendered } = clean
  if (!unread || clean.others !== read.others || dependents.length !== read.dependents.size) return undefined
  if (!isSamePrimary(clean.primary, primary, unread)) return undefined
  if (!unread.includes('resources') && !hasVersions(read.dependents, dependents)) return undefined
  const manager = fieldManager('dependents', primary.metadata.uid as string)
  for (const before of dependents) {
    const now = read.dependents.get(before.metadata.uid as string)
    if (!now || !isSameDependent(before, now, manager)) return undefined
  }
  return dependents.slice(0, rendered).map((before) => orderable(of(read.dependents, before)))
}

/** A pass that read this, and wanted these; undefined if one of them has come or gone since it was read. */
export function cleanPass(
  primary: KubernetesObject,
  read: Read,
  desired: readonly Orderable[],
  {
    context,
    unread,
    yielded,
    names,
    reads,
    overridden,
  }: Pick<CleanPass, 'unread' | 'yielded' | 'names' | 'reads' | 'overridden'> & { context: PassContext },
): CleanPass | undefined {
  const others = new Map(read.dependents)
  const dependents: KubernetesObject[] = []
  for (const { kind, key } of desired) {
    const uid = context.dependentsOf(kind).get(key)?.metadata.uid ?? ''
    const object = others.get(uid)
    if (!object) return undefined
    dependents.push(object)
    others.delete(uid)
  }
  const rendered = dependents.length
  // A new list: one that has grown keeps room to grow on. And fields by name: what is spread takes half as much room again.
  return {
    primary,
    dependents: [...dependents, ...others.values()],
    rendered,
    others: read.others,
    unread,
    yielded,
    names,
    reads,
    overridden,
  }
}

const of = (dependents: Read['dependents'], object: KubernetesObject): KubernetesObject =>
  dependents.get(object.metadata.uid as string) as KubernetesObject

const hasVersions = (found: Read['dependents'], wanted: readonly KubernetesObject[]): boolean =>
  found.size === wanted.length && wanted.every((object) => isVersion(object, found.get(object.metadata.uid as string)))

/** An answer to a write and the event of it are two objects. */
const isVersion = (one: KubernetesObject, other: KubernetesObject | undefined): boolean =>
  one === other ||
  (one.metadata.resourceVersion === other?.metadata.resourceVersion &&
    one.metadata.uid === other?.metadata.uid &&
    isSameContent(one, other as KubernetesObject))
