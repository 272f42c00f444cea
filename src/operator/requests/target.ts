/** The object that a request is about, as the server has it: this primary's, or allowed to be somebody else's, and of the UID that was meant. */
import { gvkOf, objectKey, type KubernetesObject } from '../../api/object.ts'
import type { Resource } from '../../kube/client.ts'
import { findObject } from '../../kube/find.ts'
import type { ObjectReference } from '../../reconcile/requests.ts'
import { belongsTo } from '../belonging.ts'
import type { Around } from './request.ts'

export type Target =
  | { kind: 'found'; object: KubernetesObject; resource: Resource; title: string }
  /** Nothing, or another incarnation, has the name. */
  | { kind: 'gone'; title: string }
  | { kind: 'refused'; message: string }

/** Rejects with ApiError. */
export async function targetOf(
  reference: ObjectReference,
  isForeign: boolean | undefined,
  { primary, context, signal }: Around,
): Promise<Target> {
  const { name, uid } = reference
  const resource = await context.resolve(gvkOf(reference))
  if (!resource) return { kind: 'refused', message: `the server does not serve ${reference.apiVersion} ${reference.kind}` }
  const namespace = resource.namespaced ? (reference.namespace ?? primary.metadata.namespace) : undefined
  const title = `${reference.kind} ${objectKey({ namespace, name })}`
  const object = await findObject(context.client, resource, { namespace, name }, signal)
  if (!object || (uid !== undefined && object.metadata.uid !== uid)) return { kind: 'gone', title }
  if (isForeign || (await belongsTo(object, primary, context, signal))) return { kind: 'found', object, resource, title }
  const message = `${title} is not one of ${primary.kind} ${objectKey(primary.metadata)}; with foreign: true it is taken all the same`
  return { kind: 'refused', message }
}
