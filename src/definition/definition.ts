/**
 * A definition is everything that the operator is told: watches.yaml with all its charts and playbooks, read, checked and compiled.
 *
 * It is a value: its hash names it, and the same files and environment always give the same one.
 */
import type { GroupVersionKind, JsonObject } from '../api/object.ts'
import type { Position } from '../api/problem.ts'
import type { StructuralSchema } from '../api/schema/structural.ts'
import type { LabelSelector } from '../api/selectors.ts'
import type { FieldPolicy } from '../reconcile/field-policy.ts'
import type { AdoptionPolicy } from '../reconcile/adoption.ts'
import type { ConditionStyle } from '../reconcile/condition-style.ts'
import type { DeletionPolicy } from '../reconcile/deletion-policy.ts'
import type { PrunePolicy } from '../reconcile/holds.ts'
import type { Program } from '../reconcile/program.ts'

/** One entry of watches.yaml: which primaries it takes, and what it makes of them. */
export interface Watch {
  readonly kind: GroupVersionKind
  /** The entry in watches.yaml. */
  readonly position: Position
  readonly program: Program
  /** Folder of the chart or playbook, as a person would write it from where the command runs. */
  readonly chartPath: string
  /** Only primaries with these labels; undefined takes all, or what the other watches of the kind leave. */
  readonly selector: LabelSelector | undefined
  /** Only primaries in namespaces with these labels; undefined takes those of all. */
  readonly namespaceSelector: LabelSelector | undefined
  /** Where that stands in watches.yaml. */
  readonly namespaceSelectorPosition?: Position | undefined
  /** Milliseconds between two passes without an event; 0 and undefined: none. */
  readonly reconcilePeriod: number | undefined
  readonly watchDependentResources: boolean
  /** What becomes of fields of dependents that others want too. */
  readonly fieldPolicy: FieldPolicy
  /** Passes of this watch at the same time; undefined leaves it to the operator's number of workers. */
  readonly maxConcurrentReconciles: number | undefined
  /** What becomes of an object that has the name of a dependent and was there before. */
  readonly adoption: AdoptionPolicy
  /** What becomes of dependents when their primary is deleted. */
  readonly deletionPolicy: DeletionPolicy
  /** Milliseconds that a dependent has to be gone before the deletion counts as stuck; 0: any time. */
  readonly waitForDeletion: number
  /** Conditions of another operator that the status has beside our own; undefined: none. */
  readonly conditions: ConditionStyle | undefined
  /** Which deletes need approval. */
  readonly prune: PrunePolicy
  /** False: the status is somebody else's, and nothing is written there. Left out: true. */
  readonly manageStatus?: boolean
  /** False: changes of dependents outside namespaces start no pass. Left out: true. */
  readonly watchClusterScopedResources?: boolean
  /** A change of the annotations starts a pass though nothing reads them. Left out: false. */
  readonly watchAnnotationsChanges?: boolean
  /** Kinds that are read from the server when a pass asks for them, and whose changes start none. */
  readonly blacklist?: readonly GroupVersionKind[]
  /** A finalizer that the operator before this one has set: it goes with ours. */
  readonly finalizer?: string | undefined
  /** The project's CustomResourceDefinition of the kind; undefined where the chart has none. */
  readonly crd: ProjectCrd | undefined
}

/** A CustomResourceDefinition in a chart's crds/, and what it says about the version that is watched. */
export interface ProjectCrd {
  readonly position: Position
  /** The whole manifest, as it is applied. */
  readonly manifest: JsonObject
  readonly plural: string
  readonly namespaced: boolean
  readonly hasStatus: boolean
  readonly schema: StructuralSchema
}

export interface Definition {
  readonly watches: readonly Watch[]
  /** The revision: hexadecimal SHA-256 of every file, of every value taken from the environment, and of how they are rendered. */
  readonly hash: string
}
