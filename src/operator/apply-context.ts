/** What an action is carried out with, and what becomes of it. */
import type { GroupVersionKind, KubernetesObject } from '../api/object.ts'
import type { Informer } from '../cache/informer.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import type { ApiError } from '../kube/errors.ts'
import type { AdoptionPolicy } from '../reconcile/adoption.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import type { WriteVerb } from '../reconcile/event-reasons.ts'
import type { MatchOptions } from '../reconcile/match.ts'
import type { Cause } from '../reconcile/plan.ts'
import type { Names } from '../reconcile/sharing.ts'
import type { PrimaryMemory } from './memory.ts'
import type { Blockers } from './order-gate.ts'

/** What became of one action. */
export type Result =
  | { kind: 'unchanged' }
  /** `of`: the object, as far as it is known. */
  | { kind: 'written'; verb: WriteVerb; of: KubernetesObject; cause: Cause; detail?: string }
  | { kind: 'failed'; object: string; error: ApiError; desired?: DesiredObject }
  /** `identity`: left out where the object is ours, and a field of it is not. */
  | { kind: 'conflict'; object: string; message: string; identity?: string }
  | { kind: 'unknown'; object: string; reason: string }
  /** Not written yet: what it depends on is not ready. */
  | { kind: 'blocked'; object: string; by: readonly string[] }
  /** Somebody takes it back each time: its repair has to wait. */
  | { kind: 'slowed' }
  /** The primary or the object is no longer what the pass read: its next event decides. */
  | { kind: 'outdated' }

export interface ApplyContext {
  client: ApiClient
  primary: KubernetesObject
  memory: PrimaryMemory
  match: MatchOptions
  adoption: AdoptionPolicy
  /** The desired object without what this live one's other holders keep, for one that no store has. */
  adoptedAs: (desired: DesiredObject, live: KubernetesObject) => DesiredObject
  resourceOf: (kind: GroupVersionKind) => Resource | undefined
  /** The same, asking the server for a kind that is not known; undefined: it is not served. Rejects with ApiError. */
  resolve: (kind: GroupVersionKind) => Promise<Resource | undefined>
  /** Asks the server again for a kind that is known. Rejects with ApiError. */
  refresh: (kind: GroupVersionKind) => Promise<void>
  informerOf: (kind: GroupVersionKind) => Informer
  blockers: Blockers
  /** How deletes take along what the object owns; undefined: as the server does by itself. */
  propagation: 'Foreground' | undefined
  /** Reads the primary live, once a pass: whether it is still there, not being deleted, and of the generation that the pass read. */
  primaryStands: () => Promise<boolean>
  /** The desired object without what the live one's other holders keep, by its field policy. */
  handOver: (desired: DesiredObject, live: KubernetesObject) => DesiredObject
  /** The server did not keep the marks on an object of this kind: counted. */
  unmarked: (kind: string) => void
  /** Milliseconds since the epoch. */
  now: () => number
  sha256: (text: string) => string
  /** A fight over an object was recognised: counted. */
  fightBegan: () => void
  /** Of primaries, for messages. */
  names: Names
  /** Something that a person should see once. */
  notice: (message: string) => void
}
