/**
 * What we held on an object whose managed fields somebody reset.
 *
 * An apply removes what we do not send any more only where our entry says that it was ours. Without the entry such a field stays for ever,
 * so before another body is sent the entry is put back, as far as it is certain what was in it:
 *
 * | what is known                                                                 | ours is                                |
 * | ----------------------------------------------------------------------------- | -------------------------------------- |
 * | this process saw the object when it had our entry                             | what that entry held                   |
 * | the object as it is has the hash of what we sent: nobody, nor the server with its defaults, has added anything | all of it |
 * | neither                                                                       | what is sent now; the rest is nobody's |
 */
import { appliedAnnotation } from '../api/names.ts'
import type { KubernetesObject, ManagedFieldsEntry } from '../api/object.ts'
import { type DesiredObject, withBody } from './desired.ts'
import { applyEntry } from './ingest.ts'
import { spentEntries } from './spent-entries.ts'

/** Our entry, if a change took it off; undefined if it is there, or was not. */
export const lostEntry = (before: KubernetesObject, after: KubernetesObject, manager: string): ManagedFieldsEntry | undefined =>
  applyEntry(after, manager) ? undefined : applyEntry(before, manager)

/** The managed fields of an object with our entry back in them, and without those that hold fields for no one. */
export function withEntry(live: KubernetesObject, entry: ManagedFieldsEntry): readonly ManagedFieldsEntry[] {
  const spent = new Set(spentEntries(live, entry.manager).map(({ index }) => index))
  return [entry, ...(live.metadata.managedFields ?? []).filter((_, index) => !spent.has(index))]
}

/** What was sent of this object the last time, if the live one is exactly that. */
export function lastSent(desired: DesiredObject, live: KubernetesObject, sha256: (text: string) => string): DesiredObject | undefined {
  const { status: _status, metadata, ...content } = live
  const { name, namespace, labels, annotations, ownerReferences, finalizers } = metadata
  const { [appliedAnnotation]: applied, ...others } = annotations ?? {}
  const sent = {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(labels && { labels }),
    ...(Object.keys(others).length > 0 && { annotations: others }),
    ...(ownerReferences && { ownerReferences }),
    ...(finalizers && { finalizers }),
  }
  const same = withBody(desired, { ...content, metadata: sent }, sha256)
  return same.applied === applied ? same : undefined
}
