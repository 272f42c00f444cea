/**
 * Whether another version of an object is the same to a pass.
 *
 * Most events are about what no template reads: somebody's annotation, an entry in the managed fields, a count in a status. The documents,
 * and what was found when they were compared, are then those of the pass before. Whatever is not known to be of no account counts.
 */
import { equalJson, sameMembers } from '../api/equal.ts'
import { isOurs } from '../api/names.ts'
import type { KubernetesObject, ManagedFieldsEntry } from '../api/object.ts'
import { applyEntry } from './ingest.ts'
import type { IncidentalPart } from './program.ts'

/** Whether a render that has not read these parts gives the same documents, and a person asks for nothing else. */
export function isSamePrimary(before: KubernetesObject, after: KubernetesObject, unread: readonly IncidentalPart[]): boolean {
  if (before === after) return true
  const root = (name: string): boolean => name === 'metadata' || (name === 'status' && unread.includes('status'))
  const metadata = (name: string): boolean => name === 'annotations' || (isVersion(name) && unread.includes('version'))
  // What is said to the operator itself is read by every pass.
  const annotations = (name: string): boolean => !isOurs(name) && unread.includes('annotations')
  return (
    sameMembers(before, after, root) &&
    sameMembers(before.metadata, after.metadata, metadata) &&
    sameMembers(before.metadata.annotations ?? {}, after.metadata.annotations ?? {}, annotations)
  )
}

/**
 * Whether a dependent that was found to be as rendered still is, whatever its status says by now.
 *
 * @param manager our field manager for the primary's dependents
 */
export function isSameDependent(before: KubernetesObject, after: KubernetesObject, manager: string): boolean {
  if (before === after) return true
  // Of a kind without a status subresource the status can be rendered.
  const isRendered = applyEntry(after, manager)?.fieldsV1?.['f:status'] !== undefined
  return (
    sameMembers(before, after, (name) => name === 'metadata' || (name === 'status' && !isRendered)) &&
    sameMembers(before.metadata, after.metadata, isVersion) &&
    (equalJson(before.metadata.managedFields, after.metadata.managedFields) || equalJson(holdersOf(before), holdersOf(after)))
  )
}

/** Who holds which fields, but for the status. */
const holdersOf = ({ metadata }: KubernetesObject): ManagedFieldsEntry[] =>
  (metadata.managedFields ?? []).filter(({ subresource }) => subresource !== 'status')

const isVersion = (name: string): boolean => name === 'resourceVersion' || name === 'managedFields'
