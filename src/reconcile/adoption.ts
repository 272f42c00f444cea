/**
 * Adoption: whether an object that has the wanted name, and that this primary did not make, may become its dependent.
 *
 * The watch decides (`adoption` in watches.yaml). Whatever it says, an object that another controller owns is not taken, nor one that
 * another primary made, nor one that is being deleted, nor what the primary itself comes of. An object that is handed over by its label names the primary that may have it, so
 * that no other primary whose chart happens to render the same name takes it.
 *
 * A primary that was made anew, from a backup or after it was deleted alone, has another UID than the one that its objects name. They may
 * be taken once no living primary has that UID. That no watch of this operator knows it is not enough: another operator's primary in another
 * namespace leaves no owner reference either. So where the label and the managed fields agree, a person has to hand the object over, by
 * naming the primary or by taking the label off. What has the label alone was made by nobody who has that UID: a backup brought it back.
 */
import { adoptLabel, parseFieldManager, primaryUidLabel } from '../api/names.ts'
import { type KubernetesObject, objectKey } from '../api/object.ts'
import { circle } from './composition.ts'
import { madeByAnother, type Names, noNames } from './sharing.ts'

export const adoptionPolicies = ['never', 'ifLabelled', 'always'] as const

/** What a watch does with objects that were there before. */
export type AdoptionPolicy = (typeof adoptionPolicies)[number]

/** Whether an object is ours already, may be adopted, or is to be left alone and why. */
export type Claim = { kind: 'ours' } | { kind: 'adoptable' } | { kind: 'foreign'; message: string }

/**
 * @param conflict why the object is not ours, or undefined if it is
 * @param live as the server or a store has it
 * @param names whose primaries are living
 */
export function claim(
  conflict: string | undefined,
  live: KubernetesObject,
  primary: KubernetesObject,
  policy: AdoptionPolicy,
  names: Names = noNames,
): Claim {
  const foreign = (message: string): Claim => ({ kind: 'foreign', message })
  const goesRound = circle(live, primary, names)
  if (goesRound !== undefined) return foreign(goesRound)
  if (conflict === undefined) return { kind: 'ours' }
  const others = otherPrimaries(live, primary)
  if (!isFree(live, others, names)) return foreign(conflict)
  const handOver = `the label or annotation ${adoptLabel}: ${addressOf(live, primary)} hands it over`
  if (policy === 'never') return foreign(`${conflict}; where the watch says adoption: ifLabelled, ${handOver}`)
  if (live.metadata.deletionTimestamp !== undefined) return foreign(`${conflict}, and is being deleted`)
  if (others.size > 0 && !names.isComplete()) return foreign(`${conflict}, as far as custom resources can be read now`)
  if (isHandedOver(live, primary)) return { kind: 'adoptable' }
  if (policy === 'always' && madeByAnother(live, primary) === undefined) return { kind: 'adoptable' }
  return foreign(`${conflict}; ${handOver}`)
}

/** The UIDs of other primaries that the object's label and managed fields name, living or not. */
function otherPrimaries({ metadata }: KubernetesObject, primary: KubernetesObject): Set<string> {
  const managers = (metadata.managedFields ?? []).map(({ manager }) => parseFieldManager(manager)?.primaryUid)
  const uids = [metadata.labels?.[primaryUidLabel], ...managers].filter((uid) => uid !== undefined)
  return new Set(uids.filter((uid) => uid !== primary.metadata.uid))
}

/** Nobody's: no controller, and of the other primaries that it names none is known to be there. */
function isFree({ metadata }: KubernetesObject, others: ReadonlySet<string>, names: Names): boolean {
  const owners = metadata.ownerReferences ?? []
  return (
    !owners.some(({ controller }) => controller) &&
    // Where the owner is gone, the garbage collector takes the object.
    !owners.some(({ uid }) => others.has(uid)) &&
    ![...others].some((uid) => names.primaryOf(uid))
  )
}

function isHandedOver(live: KubernetesObject, primary: KubernetesObject): boolean {
  const { labels, annotations } = live.metadata
  const address = addressOf(live, primary)
  return labels?.[adoptLabel] === address || annotations?.[adoptLabel] === address
}

/** The primary's name; from another namespace, where another primary can have the same one, with its own. */
const addressOf = (live: KubernetesObject, { metadata }: KubernetesObject): string =>
  live.metadata.namespace === metadata.namespace ? metadata.name : objectKey(metadata)
