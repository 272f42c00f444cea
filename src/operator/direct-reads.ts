/** Reads of kinds that are not to be watched: from the server, once in a pass that asks for them. */
import { groupKind } from '../api/object.ts'
import { isApiError } from '../kube/errors.ts'
import { findObject } from '../kube/find.ts'
import { listAll } from '../kube/list.ts'
import { labelSelector, type Lookup, type LookupResult, sortedObjects } from '../reconcile/lookup.ts'
import type { PassContext } from './pass-context.ts'

/** Whether the watch has the kind among those that are not watched. */
export const isDirect = ({ unwatched }: Pick<PassContext, 'unwatched'>, { kind }: Lookup): boolean =>
  unwatched.some((each) => groupKind(each) === groupKind(kind))

/** What is there now. What cannot be read is denied or unknown, as with lookups that are watched. */
export async function readDirectly(lookup: Lookup, { client, resolve }: PassContext): Promise<LookupResult> {
  try {
    const resource = await resolve(lookup.kind)
    if (!resource) return { state: 'found', objects: [] }
    const { namespace, name } = lookup
    if (name !== undefined) {
      const object = await findObject(client, resource, { namespace, name })
      return { state: 'found', objects: object ? [object] : [] }
    }
    const objects = await listAll(client, resource, { namespace, labelSelector: labelSelector(lookup.labels) })
    return { state: 'found', objects: sortedObjects(objects) }
  } catch (error) {
    if (!isApiError(error)) throw error
    if (error.class === 'forbidden')
      return { state: 'denied', reason: error.message, remedy: 'the operator’s role needs the verbs get and list for it' }
    return { state: 'unknown', reason: error.message }
  }
}
