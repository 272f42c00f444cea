/**
 * Objects that stay when they would be pruned or deleted with their primary, because an annotation says so: in the template, or put on the
 * live object by anybody.
 *
 * While such an object is wanted it is applied and healed like any other, but without an owner reference, since the garbage collector reads
 * no annotation. When it is wanted no more, our marks are taken off, and from then on it is as if we had never made it. Nothing is lost by
 * that, so it waits for nothing; only where it is not known what is wanted, or nothing is, do the marks stay, without the owner reference.
 */
import {
  appliedAnnotation,
  keepAnnotation,
  parseFieldManager,
  primaryAnnotation,
  primaryUidLabel,
  pruneHeldAnnotation,
} from '../api/names.ts'
import { displayName, type KubernetesObject } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import { booleanOf } from './boolean-text.ts'
import { type DesiredObject, withBody } from './desired.ts'
import { type PatchOperation, pointer } from './exclusive-lists.ts'
import { namingPrimary } from './ownership.ts'

/** What Helm has for the same. (helm.sh/docs, "Tell Helm Not To Uninstall a Resource"; it trims and ignores case) */
const helmPolicy = 'helm.sh/resource-policy'

/** What says that an object is to be kept. */
export const keepingAnnotations: readonly string[] = [keepAnnotation, helmPolicy]

/** Whoever wrote a text that is neither true nor false wanted something else than the usual: what would be lost stays. */
export const isKept = ({ metadata: { annotations } }: KubernetesObject): boolean =>
  (annotations?.[keepAnnotation] !== undefined && booleanOf(annotations[keepAnnotation]) !== false) ||
  annotations?.[helmPolicy]?.trim().toLowerCase() === 'keep'

/** A problem for each object that is kept for a text which is neither true nor false. */
export const unreadableKeeps = (objects: Iterable<KubernetesObject>): Problem[] =>
  [...objects]
    .filter(
      ({ metadata: { annotations } }) =>
        annotations?.[keepAnnotation] !== undefined && booleanOf(annotations[keepAnnotation]) === undefined,
    )
    .map((object) => ({
      code: 'ANNOTATION_INVALID',
      message: `the annotation ${keepAnnotation} on ${displayName(object)} is neither "true" nor "false"`,
      remedy: 'until then it counts as "true"',
    }))

/** The desired objects, those to be kept without an owner reference to their primary. */
export function withoutOwner(
  desired: readonly DesiredObject[],
  primary: KubernetesObject,
  { observedOf, sha256 }: { observedOf: (desired: DesiredObject) => KubernetesObject | undefined; sha256: (text: string) => string },
): DesiredObject[] {
  return desired.map((object) => ownerlessOn(observedOf(object), object, primary, sha256))
}

/** The desired object on top of this live one: without an owner reference to the primary if either is to be kept. */
export function ownerlessOn(
  live: KubernetesObject | undefined,
  desired: DesiredObject,
  primary: KubernetesObject,
  sha256: (text: string) => string,
): DesiredObject {
  const { body } = desired
  if (!isKept(body) && !(live && isKept(live))) return desired
  const { ownerReferences = [], ...rest } = body.metadata
  const metadata = { ...rest, annotations: namingPrimary(rest.annotations, primary) }
  const others = ownerReferences.filter(({ uid }) => uid !== primary.metadata.uid)
  return withBody(desired, { ...body, metadata: others.length > 0 ? { ...metadata, ownerReferences: others } : metadata }, sha256)
}

/** Takes our label, annotations, owner reference and entries in the managed fields off this version of the object. */
export function unmarking({ metadata }: KubernetesObject, primaryUid: string): PatchOperation[] {
  const { labels = {}, annotations = {}, managedFields = [] } = metadata
  return [
    ...disowning({ metadata }, primaryUid),
    ...(primaryUidLabel in labels ? [{ op: 'remove' as const, path: pointer(['metadata', 'labels', primaryUidLabel]) }] : []),
    ...[primaryAnnotation, appliedAnnotation, pruneHeldAnnotation].flatMap((name) =>
      name in annotations ? [{ op: 'remove' as const, path: pointer(['metadata', 'annotations', name]) }] : [],
    ),
    ...removed(managedFields, 'managedFields', (at) => parseFieldManager(managedFields[at]?.manager ?? '')?.primaryUid === primaryUid),
  ]
}

/**
 * Takes the owner reference to the primary off this version of the object, and what says that it was applied with one: an owner reference that
 * somebody else takes off, as the garbage collector does where a primary goes alone, is told from that.
 */
export function untying({ metadata }: Pick<KubernetesObject, 'metadata'>, primaryUid: string): PatchOperation[] {
  return [
    ...disowning({ metadata }, primaryUid),
    ...(wasAppliedOwned({ metadata }) ? [{ op: 'remove' as const, path: pointer(['metadata', 'annotations', appliedAnnotation]) }] : []),
  ]
}

function disowning({ metadata }: Pick<KubernetesObject, 'metadata'>, primaryUid: string): PatchOperation[] {
  const { ownerReferences = [], resourceVersion } = metadata
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion as string },
    ...removed(ownerReferences, 'ownerReferences', (at) => ownerReferences[at]?.uid === primaryUid),
  ]
}

/** Whether the last apply gave the object an owner reference, which is there unless somebody else has taken it off since. */
export const wasAppliedOwned = ({ metadata: { annotations = {} } }: Pick<KubernetesObject, 'metadata'>): boolean =>
  appliedAnnotation in annotations && !(primaryAnnotation in annotations)

/** Whether the object was untied, and not applied since. */
export const isUntied = ({ metadata: { annotations = {}, ownerReferences = [] } }: KubernetesObject, primaryUid: string): boolean =>
  !(appliedAnnotation in annotations) && !(primaryAnnotation in annotations) && !ownerReferences.some(({ uid }) => uid === primaryUid)

/** From the end: an index means the place when its turn comes. */
const removed = (list: readonly unknown[], path: string, isOurs: (at: number) => boolean): PatchOperation[] =>
  list.flatMap((_item, at) => (isOurs(at) ? [{ op: 'remove' as const, path: `/metadata/${path}/${at}` }] : [])).toReversed()
