/**
 * Entries in the managed fields that hold what is ours under another name.
 *
 * A field goes when we stop sending it only if nobody else holds it. Two managers hold fields for no one: the one that put lists back and
 * has done so, and `before-first-apply`, under which the server files everything that an object has when it is applied to without any
 * managed fields: after somebody reset them. Both are taken off. (Kubernetes documentation, Server-Side Apply, clearing managedFields)
 */
import { fieldManager, parseFieldManager } from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'

/** The positions of such entries in the object's managed fields, and whose they are. */
export function spentEntries(live: KubernetesObject, manager: string): { index: number; manager: string }[] {
  const lists = fieldManager('lists', parseFieldManager(manager)?.primaryUid ?? '')
  return (live.metadata.managedFields ?? []).flatMap((entry, index) =>
    entry.manager === lists || (entry.manager === 'before-first-apply' && entry.operation === 'Update')
      ? [{ index, manager: entry.manager }]
      : [],
  )
}
