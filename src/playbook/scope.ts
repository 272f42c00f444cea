/**
 * What the tags and expressions of a playbook can read at one place of a walk: the names of `it`, the library, and the project's own functions.
 *
 * A walk has one scope, and one more for each item of a loop. What it has found so far is read through it as it stands then.
 */
import type { JsonObject } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import type { Answer, Inputs } from '../reconcile/program.ts'
import type { CompiledPlaybook } from './step.ts'

/** A value, or why it is not known. */
export type Known = { kind: 'value'; value: unknown } | { kind: 'unknown'; reason: string }

/** What a walk has found so far. The maps are the walk's own and grow while it goes on. */
export interface Found {
  /** it.set */
  readonly set: ReadonlyMap<string, Known>
  /** it.steps */
  readonly steps: ReadonlyMap<string, Known>
  /** it.memory */
  readonly memory: JsonObject
  /** it.failed(id) */
  readonly failed: (id: string) => boolean
  /** it.schedules: the last and the next run of each. */
  readonly schedules: JsonObject
  /** it.run, in a lane of a schedule. */
  readonly run: { readonly name: string; readonly due: string } | undefined
}

export interface Scope {
  /** The same with more names of `it`: an item of a loop under the name that the step gives it, `response`. */
  with(names: Readonly<Record<string, unknown>>): Scope
  /** Runs what reads the scope; what that throws becomes an answer. */
  attempt<Type>(
    evaluate: (scope: Scope) => Type,
  ): { kind: 'value'; value: Type } | { kind: 'unknown'; reason: string } | { kind: 'problem'; problem: Problem }
}

/** The scope of a whole walk. */
export interface WalkScope extends Scope {
  /** What the snapshot lacks so far: then the walk is repeated with it, and nothing else of it counts. */
  readonly lacking: Extract<Answer, { kind: 'needs' }> | undefined
  /** The answer, with what was read for it. */
  answer(given: Answer): Answer
  /** What it read beside the spec, for the answer that documents were rendered. */
  readonly reads: Pick<Extract<Answer, { kind: 'rendered' }>, 'readNow' | 'readInputs' | 'values' | 'unread' | 'names'>
}

export type WalkScopeOf = (playbook: CompiledPlaybook, inputs: Inputs, found: Found) => WalkScope
