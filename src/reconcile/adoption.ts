/**
 * Adoption: whether an object that has the wanted name, and that this primary did not make, may become its dependent.
 *
 * The watch decides (`adoption` in watches.yaml). Whatever it says, an object that another controller owns is not taken, nor one that
 * another primary made, nor one that is being deleted. An object that is handed over by its label names the primary that may have it, so
 * that no other primary whose chart happens to render the same name takes it.
 */
import { adoptLabel, parseFieldManager, primaryUidLabel } from '../api/names.ts'
import { type KubernetesObject, objectKey } from '../api/object.ts'

export const adoptionPolicies = ['never', 'ifLabelled', 'always'] as const

/** What a watch does with objects that were there before. */
export type AdoptionPolicy = (typeof adoptionPolicies)[number]

/** Whether an object is ours already, may be adopted, or is to be left alone and why. */
export type Claim = { kind: 'ours' } | { kind: 'adoptable' } | { kind: 'foreign'; message: string }

/**
 * @param conflict why the object is not ours, or undefined if it is
 * @param live as the server or a store has it
 */
export function claim(conflict: string | undefined, live: KubernetesObject, primary: KubernetesObject, policy: AdoptionPolicy): Claim {
  if (conflict === undefined) return { kind: 'ours' }
  if (policy === 'never' || !isFree(live, primary)) return { kind: 'foreign', message: conflict }
  if (live.metadata.deletionTimestamp !== undefined) return { kind: 'foreign', message: `${conflict}, and is being deleted` }
  if (policy === 'always' || isHandedOver(live, primary)) return { kind: 'adoptable' }
  return { kind: 'foreign', message: `${conflict}; the label or annotation ${adoptLabel}: ${addressOf(live, primary)} hands it over` }
}

/** Nobody's: no controller, no label and no Apply entry of another primary, also of one that is gone. */
function isFree({ metadata }: KubernetesObject, primary: KubernetesObject): boolean {
  const { uid } = primary.metadata
  const label = metadata.labels?.[primaryUidLabel]
  const isAnothers = (manager: string): boolean => {
    const made = parseFieldManager(manager)
    return made !== undefined && made.primaryUid !== uid
  }
  return (
    !metadata.ownerReferences?.some(({ controller }) => controller) &&
    (label === undefined || label === uid) &&
    !metadata.managedFields?.some(({ manager }) => isAnothers(manager))
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
