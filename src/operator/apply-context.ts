/** What an action is carried out with, and what becomes of it. */
import type { GroupVersionKind, KubernetesObject } from '../api/object.ts'
import type { Informer } from '../cache/informer.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import type { ApiError } from '../kube/errors.ts'
import type { AdoptionPolicy } from '../reconcile/adoption.ts'
import { propagationBy } from '../reconcile/deletion-policy.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import type { WriteVerb } from '../reconcile/event-reasons.ts'
import { handedOver, yieldToAppliers } from '../reconcile/hand-over.ts'
import { ownerlessOn } from '../reconcile/keep.ts'
import type { MatchOptions } from '../reconcile/match.ts'
import type { Cause } from '../reconcile/plan.ts'
import type { Names } from '../reconcile/sharing.ts'
import type { Reading } from './assess.ts'
import type { PrimaryMemory } from './memory.ts'
import { primaryStands } from './observation.ts'
import { type Blockers, blockersBy } from './order-gate.ts'
import type { PassPlan } from './pass-plan.ts'
import { primaryName } from './pass-report.ts'

/** What became of one action. */
export type Result =
  | { kind: 'unchanged' }
  /** `of`: the object, as far as it is known. */
  | { kind: 'written'; verb: WriteVerb; of: KubernetesObject; cause: Cause; detail?: string }
  /** `changedBy`: the managers whose changes were to be put right. `wayOut`: what a person does about a field that cannot change. */
  | { kind: 'failed'; object: string; error: ApiError; desired?: DesiredObject; changedBy?: readonly string[]; wayOut?: string }
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
  /** Nothing that is wanted can have changed since the last clean pass. */
  wantsTheSame: boolean
  /** Reads the primary live, once a pass: whether it is still there, not being deleted, and of the generation and with the labels that the pass read. */
  primaryStands: () => Promise<boolean>
  /** The desired object on top of a live one that no store has: without what others keep of it, by its field policy, and without an owner if it is to be kept. */
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

/** What a pass carries its plan out with. */
export function applyContext(
  primary: KubernetesObject,
  { wanted, policy, match, yielding }: PassPlan,
  { wantsTheSame, memory, context }: Reading,
): ApplyContext {
  const onTopOf = (live: KubernetesObject, object: DesiredObject) => ownerlessOn(live, object, primary, context.sha256)
  return {
    client: context.client,
    primary,
    memory,
    match,
    adoption: context.adoption,
    adoptedAs: (object, live) => onTopOf(live, handedOver(object, live, wanted.objects, yielding)),
    resourceOf: context.resourceOf,
    resolve: context.resolve,
    refresh: context.refresh,
    informerOf: context.dependentsOf,
    blockers: blockersBy(wanted.order, context),
    propagation: propagationBy(policy),
    wantsTheSame,
    primaryStands: once(() => primaryStands(primary, context)),
    handOver: (object, live) => onTopOf(live, object.fieldPolicy === 'yield' ? yieldToAppliers(object, live, yielding).desired : object),
    unmarked: (kind) => context.metrics.unmarked(kind),
    now: context.now,
    sha256: context.sha256,
    fightBegan: () => context.metrics.fightBegan(context.name),
    names: context.names,
    notice: (message) => context.log.info({ primary: primaryName(primary) }, message),
  }
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  return () => (answer ??= read())
}
