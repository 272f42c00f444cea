/**
 * A compiled playbook: what reading its files gives, and what a walk goes over.
 *
 * Nothing here has run. A `Value` is a piece of the YAML in which tags may stand; evaluating it in a scope gives plain data, or throws:
 * UnknownError where it reads what is not known, TemplateError where the author has made a mistake.
 */
import type { GroupVersionKind, JsonObject } from '../api/object.ts'
import type { Position, Problem } from '../api/problem.ts'
import type { RenderedDocument } from '../reconcile/program.ts'
import type { Scope } from './scope.ts'

export interface Value<Type = unknown> {
  readonly at: Position
  evaluate(scope: Scope): Type
}

/** What a step of a kind promises. A step that declares, tells or holds can be walked any number of times. */
export type StepPromise = 'declares' | 'reads' | 'acts' | 'tells' | 'holds'

/** A kind of step: the half that is pure. The other half, if it has an effect, is in operator/requests/ under the same key. */
export interface StepKind {
  /** The key in a step: `http`. */
  readonly key: string
  readonly promise: StepPromise
  /** Also as a read, where the step has `read`. */
  readonly canRead?: boolean
  /** JSON Schema of what stands under the key, once its tags are evaluated. */
  readonly schema: JsonObject
  /** One line for the reference. */
  readonly about: string
  /**
   * The evaluated value under the key as the request's inputs: defaults filled in, short forms written out. Throws TemplateError. Called by the
   * `inputs` of a step: what these evaluate to is ready to be sent.
   */
  request?(value: unknown, of: RequestScope): JsonObject
  /** What of a result is recorded where the whole of it is too large. */
  readonly essentials?: readonly string[]
  /** Asked for once more it finds what it has begun: an intent without an outcome needs no onUnknown. */
  readonly reattaches?: boolean
  /** The inputs by which what it holds of others' objects is given back, from its recorded result. */
  undo?(result: JsonObject): JsonObject
  /** Nothing is destroyed by doing it once more: no onUnknown or doneWhen is asked for. Asked with the value as it is written. */
  readonly isHarmless?: (written: unknown) => boolean
}

/** What inputs are made with. */
export interface RequestScope {
  readonly primary: { readonly name: string; readonly namespace: string | undefined }
  /** The kind that a step names: `Pod`, `Deployment`, `Certificate.cert-manager.io`, or with its apiVersion. Throws TemplateError. */
  kindOf(kind: string, apiVersion?: string): { readonly apiVersion: string; readonly kind: string }
}

export interface Step {
  /** For messages and the status: its id, else its name, else its kind and line. */
  readonly title: string
  readonly id: string | undefined
  /** Unique in the playbook, and the same as long as the step is: its id, else what its name makes of it, else its kind and place in its block. */
  readonly path: string
  readonly at: Position
  readonly when: Value<boolean> | undefined
  readonly doneWhen: Value<boolean> | undefined
  readonly loop: { readonly items: Value<readonly unknown[]>; readonly as: string; readonly key: Value<string> } | undefined
  readonly until: Value<boolean> | undefined
  /** Tries after the first. */
  readonly retries: number
  /** Milliseconds between two tries. */
  readonly delay: number
  /** Milliseconds. */
  readonly timeout: Value<number> | undefined
  readonly ignoreErrors: boolean
  readonly changedWhen: Value<boolean> | undefined
  readonly failedWhen: Value<boolean> | undefined
  readonly secret: boolean
  readonly onUnknown: 'fail' | 'retry'
  readonly onAbandon: 'wait' | 'cancel'
  /** Its result is kept whole. */
  readonly keepsResult: boolean
  readonly does: Doing
}

export type Doing =
  | { readonly kind: 'block'; readonly block: readonly Step[]; readonly rescue: readonly Step[]; readonly always: readonly Step[] }
  | {
      readonly kind: 'apply'
      /** Stands on what it applies; the same as long as the step is. */
      readonly mark: string
      /** The kinds that it can render, as far as its text shows them. */
      readonly kinds: readonly GroupVersionKind[]
      readonly prune: boolean
      render(scope: Scope): { documents: readonly RenderedDocument[]; problems: readonly Problem[] }
    }
  /** Watched objects: the names of the lookup are evaluated, and the result is read like that of lookup() and lookupAll(). */
  | { readonly kind: 'get'; read(scope: Scope): unknown }
  /** An effect, or with `every` a read. The inputs are checked by the kind's schema, and as its `request` makes them. */
  | { readonly kind: 'request'; readonly of: StepKind; readonly inputs: Value<JsonObject>; readonly every: Value<number> | undefined }
  | { readonly kind: 'run'; readonly lane: string; readonly steps: readonly Step[] }
  | { readonly kind: 'set' | 'remember'; readonly values: readonly { readonly name: string; readonly value: Value }[] }
  | {
      readonly kind: 'wait'
      /** `holds` where what is waited for is true, so the walk goes on; a message says what is waited for. */
      until(scope: Scope): { holds: boolean; message: string; within?: number | undefined }
      /** Instead: the walk goes on when so many milliseconds have passed since it began. */
      readonly pause: Value<number> | undefined
      /** Also told as this condition. */
      readonly condition: string | undefined
    }
  | { readonly kind: 'assert'; readonly that: Value<boolean>; readonly message: Value<string> | undefined }
  | { readonly kind: 'fail'; readonly message: Value<string> }
  | { readonly kind: 'status'; readonly fields: Value<JsonObject> }
  /** The inputs of each are what a StepCondition, StepEvent or StepMetric has. */
  | { readonly kind: 'condition' | 'event' | 'metric'; readonly inputs: Value<JsonObject> }

export interface Schedule {
  readonly name: string
  readonly at: Position
  readonly cron: Value<string>
  readonly timeZone: Value<string> | undefined
  readonly when: Value<boolean> | undefined
  /** Milliseconds for which a run that was missed is made up for; 0: none is. */
  readonly missedWithin: Value<number> | undefined
  readonly overlap: 'skip' | 'queue' | 'replace'
  readonly steps: readonly Step[]
}

export interface CompiledPlaybook {
  readonly name: string
  /** SHA-256 of all its files: what has failed stays failed for it. */
  readonly revision: string
  readonly file: string
  readonly vars: readonly { readonly name: string; readonly value: Value }[]
  readonly steps: readonly Step[]
  readonly schedules: readonly Schedule[]
  /** With `timeout`, milliseconds for which the lane may take before the status names the way out. Undefined: the playbook has none. */
  readonly remove: { readonly steps: readonly Step[]; readonly timeout: number } | undefined
  readonly kinds: readonly GroupVersionKind[]
}
