/** What a pass sees of one cached kind. Implemented by the reflectors of this folder. */
import type { GroupVersionKind, KubernetesObject } from '../api/object.ts'

/**
 *   starting ──list──▶ synced ──watch ends──▶ synced (watch again)
 *      │                 └──410 / silence / an audit──▶ stale ──list──▶ synced
 *      ├──403──▶ forbidden ──list (looked for again and again)──▶ synced
 *      └──not served──▶ gone ──list (told, or looked for)──▶ synced
 *
 * A reader that sees any state but `synced` must treat a missing object as unknown, not as absent. `gone` alone is known: discovery has
 * said that nothing serves the kind, or the namespace is not there, and so there are no objects.
 */
export type InformerState = 'starting' | 'synced' | 'stale' | 'forbidden' | 'gone'

/** The reason of what is gone although its kind is served. */
export const namespaceGone = 'its namespace is gone'

/** A change that a store has already taken in. `before` is absent for an object that was not known. */
export interface Change {
  kind: GroupVersionKind
  before?: KubernetesObject
  /** Absent for a deletion. */
  after?: KubernetesObject
}

/** How far a cache can be believed. */
export interface Standing {
  readonly state: InformerState
  /** Why it is not synced, for people: `pods is forbidden for system:serviceaccount:…` never contains object data. */
  readonly reason: string | undefined
  /** Whether it is not synced because the server refuses, or does not answer for some seconds; not because it takes its time. */
  readonly failed: boolean
}

/** Its own standing is the worst of what it watches. */
export interface Informer extends Standing {
  readonly kind: GroupVersionKind
  /** Whether nothing of the kind can be read: it is refused or not served wherever it is watched. */
  readonly blind: boolean
  /** Where it stands in these namespaces alone; where it watches none of them by itself, as a whole. */
  within(namespaces: readonly string[]): Standing
  get(key: string): KubernetesObject | undefined
  byUid(uid: string): KubernetesObject | undefined
  values(): Iterable<KubernetesObject>
  readonly size: number
  /** Objects whose index value (see InformerOptions.index) is this one. */
  byIndex(value: string): Iterable<KubernetesObject>
  /**
   * Takes in the answer of an own write, so that the next pass reads it. It falls away on an event of that UID at or past its version, a
   * relist, a 410, any version that goes back, or after 60 s.
   */
  wrote(object: KubernetesObject): void
}
