/** What controllers have made of an object in the end: asked for until it is there, compared without who wrote it. */
import type { AnyBody } from '../api.ts'
import type { Step } from '../case.ts'

/** A step that asks until the body fits, and compares it without managed fields and versions, which tell how many writes it took. */
export const settled = (line: string, fits: (body: AnyBody) => unknown): Step => [line, undefined, { until: fits, pick: bare }]

export const gone = (line: string): Step => [line, undefined, { until: (body: AnyBody) => body.code === 404 }]

export function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([key]) => key !== 'managedFields' && key !== 'resourceVersion')
  // In one order, for identities are told apart by where they come first.
  return Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, bare(item)]))
}

/** A list has so many items, all of which fit. */
export const items =
  (count: number, fits: (item: AnyBody) => unknown = () => true) =>
  (body: AnyBody): boolean =>
    body.items?.length === count && body.items.every(fits)

export const ready = (pod: AnyBody): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  pod.status?.conditions?.some((condition: AnyBody) => condition.type === 'Ready' && condition.status === 'True')

export const holds =
  (type: string, status: string, reason?: string) =>
  (body: AnyBody): boolean =>
    body.status?.conditions?.some(
      (condition: AnyBody) =>
        condition.type === type && condition.status === status && (reason === undefined || condition.reason === reason),
    )

/** A Deployment or the like has finished its rollout. */
export const complete =
  (replicas: number) =>
  ({ metadata, status = {} }: AnyBody): boolean =>
    status.observedGeneration === metadata.generation &&
    (status.replicas ?? 0) === replicas &&
    (status.updatedReplicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas &&
    (status.terminatingReplicas ?? 0) === 0 &&
    !status.conditions?.some(({ reason }: AnyBody) => reason === 'ReplicaSetUpdated')

const container = { name: 'main', image: 'registry.k8s.io/pause:3.10' }

export const template = (app: string, spec: object = {}, metadata: object = {}): object => ({
  metadata: { labels: { app }, ...metadata },
  spec: { containers: [container], ...spec },
})

/** No node has this label. */
export const nowhere = { nodeSelector: { 'example.com/none': 'here' } }
