/** What the passes of one watch share. */
import type { GroupVersionKind, JsonObject, KubernetesObject } from '../api/object.ts'
import type { Informer } from '../cache/informer.ts'
import type { FieldSet } from '../fields/set.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import type { Feedback } from '../reconcile/feedback.ts'
import type { FieldPolicy } from '../reconcile/field-policy.ts'
import type { ConditionStyle } from '../reconcile/condition-style.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import type { Servers } from '../reconcile/servers.ts'
import type { AdoptionPolicy } from '../reconcile/adoption.ts'
import type { DeletionPolicy } from '../reconcile/deletion-policy.ts'
import type { PrunePolicy } from '../reconcile/holds.ts'
import type { Capabilities, Program } from '../reconcile/program.ts'
import type { Names } from '../reconcile/sharing.ts'
import type { Contests } from './contests.ts'
import type { Effects } from './effects.ts'
import type { Events } from './events.ts'
import type { KnownKinds } from './inventory-store.ts'
import type { Logger } from './log.ts'
import type { Lookups } from './lookups.ts'
import type { Memory } from './memory.ts'
import type { Metrics } from './metrics.ts'
import type { PruneCount } from './prune-count.ts'
import type { StatusWriter } from './status-writer.ts'

export interface PassContext {
  program: Program
  /** Which of the kind's watches it is: 1 for the first. */
  watch: number
  /** That one of the kind's watches; undefined where there is none. */
  watchOf: (watch: number) => { program: Program; prune: PrunePolicy } | undefined
  /** The definition's content hash. */
  revision: string
  resource: Resource
  client: ApiClient
  primaries: Informer
  /** The cache of a dependents' kind; started when it is asked for the first time. */
  dependentsOf: (kind: GroupVersionKind) => Informer
  /** Every dependents' cache that has been started. */
  startedCaches: () => Iterable<Informer>
  /** The same without those of lost versions, whose objects others have: whatever is there is in these. */
  dependentCaches: () => Iterable<Informer>
  /** The primary with this UID wants exactly these kinds that nobody serves. */
  awaitKinds: (primaryUid: string, kinds: readonly GroupVersionKind[]) => void
  resourceOf: (kind: GroupVersionKind) => Resource | undefined
  /** The same, asking the server for a kind that is not known; undefined: it is not served. Rejects with ApiError. */
  resolve: (kind: GroupVersionKind) => Promise<Resource | undefined>
  /** Asks the server again for a kind that is known. Rejects with ApiError. */
  refresh: (kind: GroupVersionKind) => Promise<void>
  /** The kind in a version that the server serves, if there is one: objects are the same in all of them. */
  servedVersion: (kind: GroupVersionKind) => GroupVersionKind
  inventory: KnownKinds
  /** Who serves the objects' group versions, of those of which that is not on record. */
  findServers: (desired: readonly DesiredObject[]) => Promise<Servers>
  /** More of that is on record. */
  serversFound: () => void
  prune: PrunePolicy
  /** What the revision made this watch delete without approval. */
  pruned: PruneCount
  /** Those that the operator is limited to; empty: all. */
  namespaces: readonly string[]
  capabilities: () => Capabilities
  statusWriter: StatusWriter
  memory: Memory
  /** What the primaries of the kind look up. */
  lookups: Lookups
  /** Of primaries of all watches, for messages. */
  names: Names
  /** Whether this operator serves the object as a primary, and tells its state in conditions. */
  tellsStatus: (object: KubernetesObject) => boolean
  /** What the last passes of the primary with this UID wrote, of any watch. */
  feedbackOf: (uid: string) => Feedback | undefined
  /** Objects that primaries want and others have. */
  contests: Contests
  /** Whether other primaries wait for a worker. */
  othersWait: () => boolean
  parseFields: (fields: JsonObject) => FieldSet
  sha256: (text: string) => string
  now: () => number
  log: Logger
  /** What becomes of an object that has the name of a dependent and was there before. */
  adoption: AdoptionPolicy
  /** What becomes of dependents when their primary is deleted, where the primary's annotation says nothing else. */
  deletionPolicy: DeletionPolicy
  /** Milliseconds that a dependent has to be gone before the deletion counts as stuck; 0: any time. */
  waitForDeletion: number
  /** Whether an event of a dependent wakes its primary. */
  wokenByDependents: boolean
  /** Kinds that programs look up from the server, and that wake nobody. */
  unwatched: readonly GroupVersionKind[]
  /** Whether a change of annotations that no program reads is a reason to run it. */
  followsAnnotations: boolean
  /** A finalizer of another operator that goes with ours. */
  formerFinalizer: string | undefined
  /** Milliseconds after which an unchanged primary is looked at again; undefined for never. */
  reconcilePeriod: number | undefined
  /** What becomes of fields that others want too, where an object's annotation says nothing else. */
  fieldPolicy: FieldPolicy
  /** Conditions of another operator that the status has beside our own. */
  conditionStyle: ConditionStyle | undefined
  metrics: Metrics
  events: Events
  /** What playbooks do beside objects. */
  effects: Effects
  /** What the kind is called in metrics. */
  name: string
}
