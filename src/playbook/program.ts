/** A playbook as a program: each pass is a walk over its lanes. */
import type { GroupVersionKind } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import type { Answer, Inputs, Program, StatusAnswer, World } from '../reconcile/program.ts'
import { listed } from '../reconcile/status.ts'
import { noRecords, type RecordsState, type Stop, type Walk } from '../reconcile/walk.ts'
import type { WalkScopeOf } from './scope.ts'
import type { CompiledPlaybook } from './step.ts'
import { Course, type End, fileOf, Findings, unknown } from './walking/course.ts'
import { walkLane } from './walking/lane.ts'
import { walkSchedules } from './walking/schedules.ts'

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

  /** The lane `steps`, then each run of a schedule that goes on or is due. */
  next(inputs: Inputs, world: World = assumed): Answer {
    return this.#walk(inputs, world, (course) => {
      const ended = walkLane(course.playbook.steps, { lane: 'steps', scope: course.scope }, course)
      if (ended.kind === 'end') course.ledger.closeUnknown('steps')
      const { status, problems } = walkSchedules(course)
      if (Object.keys(status).length > 0) course.status = { ...course.status, schedules: status }
      const [problem] = problems
      return course.walk(ended.kind === 'end' && problem ? { kind: 'stop', stop: failedSchedule(problem) } : ended)
    })
  }

  /** Acts of other lanes end first. */
  remove(inputs: Inputs, world: World = assumed): Answer {
    const { remove } = this.#options.playbook
    return this.#walk(inputs, world, (course) => {
      const lane = 'delete'
      const left = course.ledger.waitingSince(lane, inputs.now) + (remove?.timeout ?? 0) - inputs.now
      course.look(Math.max(0, left))
      const busy = (inputs.running ?? []).filter((id) => !id.startsWith(`${lane}/`))
      const place = { title: lane, at: fileOf(course.playbook) }
      const ended: End =
        busy.length > 0
          ? { kind: 'stop', stop: { kind: 'wait', step: lane, at: place.at, message: `${listed(busy)} to end` } }
          : walkLane(remove?.steps ?? [], { lane, scope: course.scope }, course)
      return { ...course.walk(ended), isOverdue: ended.kind === 'stop' && left <= 0 }
    })
  }

  /** A walk tells it with its documents. */
  status(): StatusAnswer {
    return { kind: 'status', status: {}, readNow: false }
  }

  #walk(inputs: Inputs, world: World, go: (course: Course) => Walk): Answer {
    const { playbook, scopeOf, sha256 } = this.#options
    const { records: state = { kind: 'known', records: noRecords } } = inputs
    const records = state.kind === 'known' ? state.records : noRecords
    const found = new Findings(records)
    const scope = scopeOf(playbook, inputs, found)
    const course = new Course({ playbook, inputs, records, world, sha256 }, scope, found)
    const walk = state.kind === 'known' ? go(course) : course.walk(unrecorded(state, playbook))
    if (scope.lacking) return scope.answer(scope.lacking)
    return scope.answer({ kind: 'rendered', documents: course.documents, ...scope.reads, walk })
  }
}

/** Nothing is done, applied or deleted before it is known what was done before. */
function unrecorded(state: Exclude<RecordsState, { kind: 'known' }>, playbook: CompiledPlaybook): End {
  const message = state.kind === 'lost' ? `${state.reason}; ${state.remedy}` : state.reason
  return unknown({ title: 'records', at: fileOf(playbook) }, message)
}

const failedSchedule = (problem: Problem): Stop => ({ kind: 'failed', step: 'schedules', problem, isFinal: true })
