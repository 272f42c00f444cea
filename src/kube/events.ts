/**
 * Writing Events. (events.k8s.io/v1)
 *
 * This version and not core/v1, since it has a word for the action and a reference to the other object, and says what a series is; both
 * are the same objects, and `kubectl describe` and `kubectl events` show them.
 */
import { apiVersionOf, gvkOf, type KubernetesObject } from '../api/object.ts'
import type { ApiClient, Resource } from './client.ts'
import { resourcePath } from './paths.ts'

export const events: Resource = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
  verbs: ['create', 'patch', 'list'],
  subresources: [],
}

export interface NewEvent {
  name: string
  regarding: KubernetesObject
  related?: KubernetesObject | undefined
  type: 'Normal' | 'Warning'
  action: string
  reason: string
  /** Cut to what the server takes. */
  note: string
  /** A qualified name: `fairlead.dev/operator`. */
  reportingController: string
  /** Which of its processes. */
  reportingInstance: string
  /** Milliseconds since the epoch. */
  time: number
}

/** Where Events about an object stand: those about cluster-scoped ones in `default`. */
export const eventNamespace = ({ metadata }: KubernetesObject): string => metadata.namespace ?? 'default'

/** Rejects with ApiError. */
export async function createEvent(client: ApiClient, event: NewEvent): Promise<void> {
  const { name, regarding, related, type, action, reason, note, time } = event
  const namespace = eventNamespace(regarding)
  await client.request({
    method: 'POST',
    path: resourcePath(events, { namespace }),
    body: {
      apiVersion: apiVersionOf(events),
      kind: events.kind,
      metadata: { name, namespace },
      eventTime: microTime(time),
      regarding: referenceTo(regarding),
      ...(related && { related: referenceTo(related) }),
      type,
      action,
      reason,
      note: cutToBytes(note, longestNote),
      reportingController: event.reportingController,
      reportingInstance: cutToBytes(event.reportingInstance, longestInstance),
    },
  })
}

/** Tells that an Event was seen again. Rejects with ApiError, `notFound` if the server has dropped it by now. */
export async function continueEvent(
  client: ApiClient,
  event: { name: string; namespace: string; count: number; time: number },
): Promise<void> {
  const { name, namespace, count, time } = event
  await client.request({
    method: 'PATCH',
    path: resourcePath(events, { namespace, name }),
    contentType: 'application/merge-patch+json',
    body: { series: { count, lastObservedTime: microTime(time) } },
  })
}

/** In bytes. (pkg/apis/core/validation/events.go) */
const longestNote = 1024
const longestInstance = 128

function referenceTo(object: KubernetesObject): object {
  const { namespace, name, uid, resourceVersion } = object.metadata
  const { kind } = gvkOf(object)
  return { apiVersion: object.apiVersion, kind, namespace, name, uid, ...(resourceVersion !== undefined && { resourceVersion }) }
}

/** meta/v1 MicroTime has exactly six digits. */
const microTime = (time: number): string => new Date(time).toISOString().replace('Z', '000Z')

function cutToBytes(text: string, most: number): string {
  const bytes = new TextEncoder().encode(text)
  if (bytes.length <= most) return text
  // A character that the cut goes through becomes a replacement character, and is dropped with the room for the ellipsis.
  const kept = new TextDecoder().decode(bytes.subarray(0, most - 3)).replace(/\ufffd+$/u, '')
  return `${kept}…`
}
