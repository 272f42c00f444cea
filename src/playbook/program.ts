/** A playbook as a program: each pass is a walk over its lanes. */
import type { GroupVersionKind } from '../api/object.ts'
import type { Answer, Inputs, Program, StatusAnswer, World } from '../reconcile/program.ts'
import { noRecords, type Records, type Stop, type Walk } from '../reconcile/walk.ts'
import { walkSchedules } from './schedule.ts'
import type { WalkScopeOf } from './scope.ts'
import type { CompiledPlaybook } from './step.ts'
import { Findings, Walker } from './walk.ts'

export interface PlaybookOptions {
  playbook: CompiledPlaybook
  scopeOf: WalkScopeOf
  sha256: (text: string) => string
}

/** Offline everything counts as applied. */
const assumed: World = { isInPlace: () => true }

export class PlaybookProgram implements Program {
  readonly kinds: readonly GroupVersionKind[]
  readonly walks = true
  readonly #options: PlaybookOptions

  constructor(options: PlaybookOptions) {
    this.#options = options
    this.kinds = options.playbook.kinds
  }

  get removes(): boolean {
    return this.#options.playbook.remove !== undefined
  }

  next(inputs: Inputs, world: World = assumed): Answer {
    const { playbook } = this.#options
    return this.#walk(inputs, world, (walker) =>
      walker.lanes(() => {
        const { name } = inputs.primary.metadata
        return walkSchedules(walker, playbook.schedules, name, inputs.now)
      }),
    )
  }

  remove(inputs: Inputs, world: World = assumed): Answer {
    const { remove } = this.#options.playbook
    return this.#walk(inputs, world, (walker) => walker.removal(remove?.steps ?? [], remove?.timeout ?? 0))
  }

  /** A walk tells it with its documents. */
  status(): StatusAnswer {
    return { kind: 'status', status: {}, readNow: false }
  }

  #walk(inputs: Inputs, world: World, go: (walker: Walker) => Walk): Answer {
    const { playbook, scopeOf, sha256 } = this.#options
    const { records: state = { kind: 'known', records: noRecords } } = inputs
    const records: Records = state.kind === 'known' ? state.records : noRecords
    const found = new Findings(records)
    const scope = scopeOf(playbook, inputs, found)
    const walker = new Walker({ playbook, inputs, records, world, sha256 }, scope, found)
    if (state.kind !== 'known')
      return scope.answer({ kind: 'rendered', documents: [], ...scope.reads, walk: walker.without(recordsStop(state, playbook)) })
    const walk = go(walker)
    if (scope.lacking) return scope.answer(scope.lacking)
    return scope.answer({ kind: 'rendered', documents: walker.documents, ...scope.reads, walk })
  }
}

/** Nothing is done, applied or deleted before it is known what was done before. */
function recordsStop(state: Exclude<NonNullable<Inputs['records']>, { kind: 'known' }>, { file }: CompiledPlaybook): Stop {
  const message = state.kind === 'lost' ? `${state.reason}; ${state.remedy}` : state.reason
  return { kind: 'unknown', step: 'records', at: { file }, message }
}
