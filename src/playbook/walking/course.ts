/**
 * What one walk has found and asks for so far, and the questions that every step has.
 *
 * A lane ends at its end, or stops. Where it stops decides what the status says, and that nothing behind it is decided, closed or pruned.
 */
import type { JsonObject } from '../../api/object.ts'
import type { Position, Problem } from '../../api/problem.ts'
import { canonicalJson } from '../../api/canonical.ts'
import type { Inputs, RenderedDocument, World } from '../../reconcile/program.ts'
import type {
  ActRequest,
  ReadRequest,
  RecordId,
  Records,
  StepCondition,
  StepEvent,
  StepMetric,
  StepState,
  Stop,
  Walk,
} from '../../reconcile/walk.ts'
import { dueText } from '../due.ts'
import type { Known, Scope, WalkScope } from '../scope.ts'
import type { CompiledPlaybook, Doing, Step } from '../step.ts'
import { Ledger } from './ledger.ts'

/** How a lane, or a step, ended. */
export type End = { kind: 'end' } | Stopped
export type Stopped = { kind: 'stop'; stop: Stop }
export const end: End = { kind: 'end' }

/** Where a step is walked. */
export interface Place {
  lane: string
  scope: Scope
  /** The key of the item of a loop. */
  item: string | undefined
}

/** The text of a step in its lane, and of one of its items: what it is recorded under. */
export const idOf = (step: Step, { lane, item }: Pick<Place, 'lane' | 'item'>): RecordId =>
  `${lane}/${step.path}${item === undefined ? '' : `/${item}`}`

/** A step that does this. */
export type StepThat<Kind extends Doing['kind']> = Step & { readonly does: Extract<Doing, { kind: Kind }> }

export interface CourseOptions {
  playbook: CompiledPlaybook
  inputs: Inputs
  records: Records
  world: World
  sha256: (text: string) => string
}

/** What is read through the scope while the walk goes on. */
export class Findings {
  readonly set = new Map<string, Known>()
  readonly steps = new Map<string, Known>()
  memory: JsonObject
  readonly schedules: JsonObject
  run: { name: string; due: string } | undefined
  readonly #failed = new Set<string>()

  constructor({ memory, schedules }: Records) {
    this.memory = memory
    this.schedules = Object.fromEntries(
      Object.entries(schedules).map(([name, { last }]) => [
        name,
        last ? { last: { due: dueText(last.due), finished: dueText(last.finished), outcome: last.outcome } } : {},
      ]),
    )
  }

  readonly failed = (id: string): boolean => this.#failed.has(id)

  fail(id: string): void {
    this.#failed.add(id)
  }
}

export class Course {
  readonly inputs: Inputs
  readonly playbook: CompiledPlaybook
  readonly scope: WalkScope
  readonly found: Findings
  readonly ledger: Ledger
  readonly documents: RenderedDocument[] = []
  /** Which step applies an object, by identity. */
  readonly appliedBy = new Map<string, Step>()
  readonly decided = new Set<string>()
  readonly acts: ActRequest[] = []
  readonly reads = new Map<string, ReadRequest>()
  readonly conditions = new Map<string, StepCondition>()
  readonly events: StepEvent[] = []
  readonly metrics: StepMetric[] = []
  status: JsonObject = {}
  readonly #world: World
  readonly #sha256: CourseOptions['sha256']
  readonly #states = new Map<string, StepState>()
  /** So many of the documents are known to be in place. */
  #inPlace = 0
  #within: number | undefined

  constructor({ playbook, inputs, records, world, sha256 }: CourseOptions, scope: WalkScope, found: Findings) {
    this.playbook = playbook
    this.inputs = inputs
    this.scope = scope
    this.found = found
    this.ledger = new Ledger(records, inputs.running ?? [])
    this.#world = world
    this.#sha256 = sha256
    for (const step of everyStep(playbook)) {
      const { id } = step
      if (step.does.kind !== 'block' || id === undefined) continue
      const isOf = ([record, { of }]: [string, { of: string }]): boolean => of === this.attempt && record.endsWith(`/${step.path}`)
      if (Object.entries(records.blocks).some(isOf)) found.fail(id)
    }
  }

  /** The generation and revision: what has failed stays failed for them. */
  get attempt(): string {
    return `${this.inputs.primary.metadata.generation ?? 0}/${this.playbook.revision.slice(0, 12)}`
  }

  hash(of: unknown): string {
    return this.#sha256(canonicalJson(of)).slice(0, 16)
  }

  /** The same for each try of these inputs, also in another process: the intent tells when the first was. */
  idempotencyKey(id: RecordId, hash: string, since: number): string {
    return this.#sha256(`${this.inputs.primary.metadata.uid} ${id} ${hash} ${since}`).slice(0, 32)
  }

  isRunning(id: RecordId): boolean {
    return this.inputs.running?.includes(id) ?? false
  }

  /** What may only happen when everything that was declared before is in the cluster. */
  behind(go: () => End): End {
    const fresh = this.documents.slice(this.#inPlace)
    if (fresh.length > 0 && !this.#world.isInPlace(fresh)) return { kind: 'stop', stop: { kind: 'applying' } }
    this.#inPlace = this.documents.length
    return go()
  }

  /** A condition that is left out holds. */
  holds(step: Step, condition: Step['when'], scope: Scope): { kind: 'known'; holds: boolean } | Stopped {
    if (!condition) return { kind: 'known', holds: true }
    const result = scope.attempt((within) => condition.evaluate(within))
    return result.kind === 'value' ? { kind: 'known', holds: result.value } : unanswered(step, result)
  }

  /** Something changes with the time, in so many milliseconds. */
  look(within: number | undefined): void {
    if (within !== undefined) this.#within = Math.min(this.#within ?? Infinity, within)
  }

  /** What others read as it.steps.<id>. */
  result(step: Step, known: Known): void {
    if (step.id !== undefined) this.found.steps.set(step.id, known)
  }

  /** For status.steps. */
  tell(
    step: Step,
    item: string | undefined,
    state: StepState['state'],
    more: { message?: string | undefined; since?: number | undefined } = {},
  ): void {
    const id = item === undefined ? step.title : `${step.title}/${item}`
    const { message, since } = more
    this.#states.set(id, { id, state, ...(message !== undefined && { message }), ...(since !== undefined && { since }) })
  }

  tellCondition(type: string, status: StepCondition['status'], reason: string, message: string): void {
    this.conditions.set(type, { type, status, reason, message })
  }

  /** The walk, which ended so. */
  walk(ended: End): Walk {
    const stop = ended.kind === 'stop' ? ended.stop : undefined
    if (stop && stop.kind !== 'applying') {
      if (stop.kind !== 'failed') this.look(stop.within)
      const message = stop.kind === 'failed' ? stop.problem.message : stop.message
      const known = this.#states.get(stop.step)
      if (known?.state !== 'running')
        this.#states.set(stop.step, { ...known, id: stop.step, state: stop.kind === 'wait' ? 'waiting' : stop.kind, message })
    }
    return {
      stop,
      acts: this.acts,
      cancelled: this.ledger.cancelled,
      reads: [...this.reads.values()],
      changes: this.ledger.changes,
      decided: this.decided,
      ...marksOf(this.playbook),
      status: this.status,
      conditions: [...this.conditions.values()],
      events: this.events,
      metrics: this.metrics,
      steps: [...this.#states.values()],
      within: this.#within,
    }
  }
}

export const failed = (step: Step, problem: Problem): Stopped => ({
  kind: 'stop',
  stop: { kind: 'failed', step: step.title, problem: { at: step.at, ...problem }, isFinal: true },
})

export const waits = (step: Step, message: string, within?: number): Stopped => ({
  kind: 'stop',
  stop: { kind: 'wait', step: step.title, at: step.at, message, within },
})

export const unknown = (step: Pick<Step, 'title' | 'at'>, message: string): Stopped => ({
  kind: 'stop',
  stop: { kind: 'unknown', step: step.title, at: step.at, message },
})

/** What could not be evaluated. */
export const unanswered = (step: Step, result: { kind: 'unknown'; reason: string } | { kind: 'problem'; problem: Problem }): Stopped =>
  result.kind === 'unknown' ? unknown(step, result.reason) : failed(step, result.problem)

/** A step's own failure, in its words. */
export const failedStep = (step: Step, message: string): Problem => ({
  code: 'STEP_FAILED',
  message: `step "${step.title}" ${message}`,
  at: step.at,
})

/** The steps, and those in their blocks. */
export function* stepsWithin(steps: readonly Step[]): Generator<Step> {
  for (const step of steps) {
    yield step
    if (step.does.kind === 'block') yield* stepsWithin([...step.does.block, ...step.does.rescue, ...step.does.always])
    if (step.does.kind === 'run') yield* stepsWithin(step.does.steps)
  }
}

function* everyStep({ steps, schedules, remove }: CompiledPlaybook): Generator<Step> {
  yield* stepsWithin([...steps, ...schedules.flatMap((schedule) => schedule.steps), ...(remove?.steps ?? [])])
}

interface Marks {
  marks: ReadonlySet<string>
  unpruned: ReadonlySet<string>
}

const known = new WeakMap<CompiledPlaybook, Marks>()

/** The marks of its apply steps: the same in every walk. */
function marksOf(playbook: CompiledPlaybook): Marks {
  let marks = known.get(playbook)
  if (!marks) {
    const applies = [...everyStep(playbook)].flatMap(({ does }) => (does.kind === 'apply' ? [does] : []))
    const marksOfThose = (those: typeof applies): ReadonlySet<string> => new Set(those.map(({ mark }) => mark))
    marks = { marks: marksOfThose(applies), unpruned: marksOfThose(applies.filter(({ prune }) => !prune)) }
    known.set(playbook, marks)
  }
  return marks
}

/** Where a file begins, for what has no step. */
export const fileOf = ({ file }: CompiledPlaybook): Position => ({ file })
