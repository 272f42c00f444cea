/**
 * One walk over a playbook's lanes, from the top to where each can go no further.
 *
 *   set, get, apply ─▶ go on                    apply adds documents; nothing is in the cluster yet
 *   wait, remember, act, … ─▶ only behind documents that are in place: else the lane ends here, and the next pass comes this far again
 *   act ─▶ recorded as done ─▶ go on; else ask for it and end here
 *   unknown ─▶ end here: nothing behind it is decided, closed or pruned
 *
 * There is no stored position. What must happen once is in the records; what is decided false is closed, and may happen again.
 */
import { canonicalJson } from '../api/canonical.ts'
import { displayName, isMap, type JsonObject, type JsonValue } from '../api/object.ts'
import { formatPosition, type Problem } from '../api/problem.ts'
import { stepAnnotation } from '../api/names.ts'
import { identityOf, orderable } from '../reconcile/order.ts'
import type { Inputs, RenderedDocument, World } from '../reconcile/program.ts'
import type {
  ActRecord,
  ActRequest,
  FailedBlock,
  ReadRequest,
  RecordId,
  Records,
  Response,
  StepCondition,
  StepEvent,
  StepMetric,
  StepState,
  Stop,
  Walk,
} from '../reconcile/walk.ts'
import { decide, intent, type Judged, outcome, tooLarge } from './acting.ts'
import { itemsOf } from './items.ts'
import { Ledger } from './ledger.ts'
import { dueText } from './due.ts'
import type { Known, Scope, WalkScope } from './scope.ts'
import type { CompiledPlaybook, Doing, Schedule, Step } from './step.ts'

/** Acts that one walk asks for at most: with their outcomes they are one write of the records. */
const mostActs = 50

/** How a lane, or a step, ended. */
type End = { kind: 'end' } | { kind: 'stop'; stop: Stop }
const end: End = { kind: 'end' }

const waits = (step: Step, message: string, within?: number): End => ({
  kind: 'stop',
  stop: { kind: 'wait', step: step.title, at: step.at, message, within },
})

export interface WalkerOptions {
  playbook: CompiledPlaybook
  inputs: Inputs
  records: Records
  world: World
  sha256: (text: string) => string
}

/** What has been found so far, which the scope reads. */
export class Findings {
  readonly set = new Map<string, Known>()
  readonly steps = new Map<string, Known>()
  memory: JsonObject
  readonly schedules: JsonObject
  run: { name: string; due: string } | undefined
  readonly #failed = new Set<string>()

  constructor(records: Records) {
    this.memory = records.memory
    this.schedules = lastRuns(records)
  }

  readonly failed = (id: string): boolean => this.#failed.has(id)

  fail(id: string): void {
    this.#failed.add(id)
  }
}

export class Walker {
  readonly #options: WalkerOptions
  readonly #scope: WalkScope
  readonly #found: Findings
  readonly #ledger: Ledger
  readonly documents: RenderedDocument[] = []
  /** So many of the documents are known to be in place. */
  #inPlace = 0
  readonly #appliedBy = new Map<string, Step>()
  readonly #decided = new Set<string>()
  readonly #marks = new Set<string>()
  readonly #unpruned = new Set<string>()
  readonly #acts: ActRequest[] = []
  readonly #reads = new Map<string, ReadRequest>()
  readonly #states = new Map<string, StepState>()
  readonly #conditions = new Map<string, StepCondition>()
  readonly #events: StepEvent[] = []
  readonly #metrics: StepMetric[] = []
  #status: JsonObject = {}
  #within: number | undefined

  constructor(options: WalkerOptions, scope: WalkScope, found: Findings) {
    this.#options = options
    this.#scope = scope
    this.#found = found
    this.#ledger = new Ledger(options.records, options.inputs.running ?? [])
    const { playbook } = options
    for (const step of everyStep(playbook)) if (step.does.kind === 'apply') this.#marks.add(step.does.mark)
    for (const [id, block] of Object.entries(options.records.blocks))
      if (block.of === this.#of) found.fail(id.slice(id.lastIndexOf('/') + 1))
  }

  /** The lane `steps`, then each run of a schedule that goes on or is due. */
  lanes(schedules: () => { status: JsonObject; problems: readonly Problem[] }): Walk {
    const result = this.#lane('steps', this.#options.playbook.steps, this.#scope)
    if (result.kind === 'end') this.#ledger.closeUnknown('steps')
    const { status, problems } = schedules()
    if (Object.keys(status).length > 0) this.#status = { ...this.#status, schedules: status }
    const [problem] = problems
    if (result.kind === 'stop' || !problem) return this.#walk(result)
    return this.#walk({ kind: 'stop', stop: { kind: 'failed', step: 'schedules', problem, isFinal: true } })
  }

  /** None: it cannot begin. */
  without(stop: Stop): Walk {
    return this.#walk({ kind: 'stop', stop })
  }

  /** The lane of a deleted primary; its timeout is counted from the first walk. */
  removal(steps: readonly Step[], timeout: number): Walk {
    const lane = 'delete'
    const since = this.#ledger.waitingSince(lane, this.#options.inputs.now)
    const left = since + timeout - this.#options.inputs.now
    const busy = (this.#options.inputs.running ?? []).filter((id) => !id.startsWith(`${lane}/`))
    const ended: End =
      busy.length > 0
        ? {
            kind: 'stop',
            stop: { kind: 'wait', step: lane, at: firstPosition(this.#options.playbook), message: `${busy.join(', ')} to end` },
          }
        : this.#lane(lane, steps, this.#scope)
    this.look(Math.max(0, left))
    return { ...this.#walk(ended), isOverdue: ended.kind === 'stop' && left <= 0 }
  }

  /** A run of a schedule. */
  run(schedule: Schedule, run: { name: string; due: string }, lane: string): End {
    this.#found.run = run
    const ended = this.#lane(lane, schedule.steps, this.#scope)
    this.#found.run = undefined
    return ended
  }

  /** A schedule without a run: what its runs applied goes. */
  idle(schedule: Schedule): void {
    for (const step of within(schedule.steps)) if (step.does.kind === 'apply') this.#decided.add(step.does.mark)
  }

  get ledger(): Ledger {
    return this.#ledger
  }

  get scope(): WalkScope {
    return this.#scope
  }

  /** Something changes with the time, in so many milliseconds. */
  look(within: number | undefined): void {
    if (within !== undefined) this.#within = Math.min(this.#within ?? Infinity, within)
  }

  get #of(): string {
    return `${this.#options.inputs.primary.metadata.generation ?? 0}/${this.#options.playbook.revision.slice(0, 12)}`
  }

  #walk(ended: End): Walk {
    const stop = ended.kind === 'stop' ? ended.stop : undefined
    if (stop && stop.kind !== 'applying') {
      this.look(stop.within)
      const state: StepState = { id: stop.step, state: stop.kind === 'wait' ? 'waiting' : stop.kind, message: messageOf(stop) }
      this.#states.set(stop.step, { ...this.#states.get(stop.step), ...state })
    }
    return {
      stop,
      acts: this.#acts,
      cancelled: this.#ledger.cancelled,
      reads: [...this.#reads.values()],
      changes: this.#ledger.changes,
      decided: this.#decided,
      marks: this.#marks,
      unpruned: this.#unpruned,
      status: this.#status,
      conditions: [...this.#conditions.values()],
      events: this.#events,
      metrics: this.#metrics,
      steps: [...this.#states.values()],
      within: this.#within,
    }
  }

  #lane(lane: string, steps: readonly Step[], scope: Scope): End {
    for (const step of steps) {
      const ended = this.#step(step, lane, scope)
      if (ended.kind === 'stop') return ended
    }
    return end
  }

  #step(step: Step, lane: string, scope: Scope): End {
    if (step.loop) return this.#loop(step, step.loop, lane, scope)
    const when = this.#holds(step, step.when, scope)
    if (when.kind === 'stop') return when
    if (!when.holds) {
      this.#off(step, lane)
      return end
    }
    return this.#do(step, lane, scope, undefined)
  }

  /** A condition that is left out holds. */
  #holds(step: Step, condition: Step['when'], scope: Scope): { kind: 'known'; holds: boolean } | Extract<End, { kind: 'stop' }> {
    if (!condition) return { kind: 'known', holds: true }
    const result = scope.attempt((within) => Boolean(condition.evaluate(within)))
    return result.kind === 'value' ? { kind: 'known', holds: result.value } : this.#notKnown(step, result)
  }

  #notKnown(
    step: Step,
    result: { kind: 'unknown'; reason: string } | { kind: 'problem'; problem: Problem },
  ): Extract<End, { kind: 'stop' }> {
    if (result.kind === 'unknown') return { kind: 'stop', stop: { kind: 'unknown', step: step.title, at: step.at, message: result.reason } }
    return failed(step, result.problem)
  }

  /** It was reached, and is not to be done: what it recorded is closed, and what it applied goes. */
  #off(step: Step, lane: string): void {
    for (const each of within([step])) {
      if (each.does.kind === 'apply') this.#decided.add(each.does.mark)
      const id = idIn(lane, each)
      this.#close(this.#ledger.under(id), each)
      this.#ledger.forget(id)
    }
    if (step.does.kind === 'wait' && step.does.condition !== undefined) this.#conditions.delete(step.does.condition)
  }

  #loop(step: Step, loop: NonNullable<Step['loop']>, lane: string, scope: Scope): End {
    const listed = scope.attempt((within) => itemsOf(loop, step, within))
    if (listed.kind !== 'value') return this.#notKnown(step, listed)
    const { items, problem } = listed.value
    if (problem) return failed(step, problem)
    const results: JsonValue[] = []
    let stop: End | undefined
    const wanted = new Set<string>()
    for (const { key, value } of items) {
      const own = scope.with({ item: value, [loop.as]: value })
      const when = this.#holds(step, step.when, own)
      if (when.kind === 'stop') return when
      if (!when.holds) continue
      wanted.add(key)
      const ended = this.#do(step, lane, own, key)
      if (ended.kind === 'stop') {
        stop ??= ended
        // Acts of one loop go side by side; anything else goes in order.
        if (step.does.kind !== 'request' || ended.stop.kind === 'applying') return ended
      }
      const known = step.id === undefined ? undefined : this.#found.steps.get(step.id)
      if (known?.kind === 'value') results.push(known.value as JsonValue)
    }
    this.#close(this.#ledger.without(idIn(lane, step), wanted), step)
    if (items.length === 0 && step.does.kind === 'apply') this.#decided.add(step.does.mark)
    if (step.id !== undefined && !stop) this.#found.steps.set(step.id, { kind: 'value', value: { results } })
    return stop ?? end
  }

  #do(step: Step, lane: string, scope: Scope, item: string | undefined): End {
    const ended = this.#doing(step, step.does, lane, scope, item)
    if (ended.kind !== 'stop' || ended.stop.kind !== 'failed' || !step.ignoreErrors) return ended
    if (step.id !== undefined) {
      this.#found.fail(step.id)
      this.#found.steps.set(step.id, { kind: 'value', value: { failed: true, message: ended.stop.problem.message } })
    }
    this.#tell(step, item, 'failed', ended.stop.problem.message)
    return end
  }

  #doing(step: Step, does: Doing, lane: string, scope: Scope, item: string | undefined): End {
    switch (does.kind) {
      case 'apply':
        return this.#apply(step, does, scope)
      case 'set':
        for (const { name, value } of does.values) {
          const result = scope.attempt((within) => value.evaluate(within))
          if (result.kind === 'problem') return failed(step, result.problem)
          this.#found.set.set(name, result)
        }
        return end
      case 'get': {
        const result = scope.attempt((within) => does.read(within))
        if (result.kind === 'problem') return failed(step, result.problem)
        if (step.id !== undefined) this.#found.steps.set(step.id, result)
        return end
      }
      case 'request':
        return does.every ? this.#read(step, does, does.every, lane, scope, item) : this.#act(step, does, lane, scope, item)
      case 'block':
        return this.#block(step, does, idIn(lane, step, item), item === undefined ? lane : `${lane}/${step.title}/${item}`, scope)
      case 'run':
        return this.#lane(`${lane}/${does.lane}`, does.steps, scope)
      case 'remember':
        return this.#behind(() => this.#remember(step, does.values, scope))
      case 'wait':
        return this.#behind(() => this.#wait(step, does, idIn(lane, step, item), scope))
      case 'assert':
        return this.#behind(() => this.#assert(step, does, scope))
      case 'fail':
        return this.#behind(() => {
          const message = scope.attempt((within) => does.message.evaluate(within))
          return message.kind === 'value'
            ? failed(step, { code: 'STEP_FAILED', message: message.value, at: step.at })
            : this.#notKnown(step, message)
        })
      case 'status':
      case 'condition':
      case 'event':
      case 'metric':
        return this.#say(step, does, lane, scope, item)
    }
  }

  /** What may only happen when everything that was declared before is in the cluster. */
  #behind(go: () => End): End {
    const fresh = this.documents.slice(this.#inPlace)
    if (fresh.length > 0 && !this.#options.world.isInPlace(fresh)) return { kind: 'stop', stop: { kind: 'applying' } }
    this.#inPlace = this.documents.length
    return go()
  }

  #apply(step: Step, does: Extract<Doing, { kind: 'apply' }>, scope: Scope): End {
    const rendered = scope.attempt((within) => does.render(within))
    if (rendered.kind !== 'value') return this.#notKnown(step, rendered)
    const { documents, problems } = rendered.value
    if (problems[0]) return failed(step, problems[0])
    this.#decided.add(does.mark)
    if (!does.prune) this.#unpruned.add(does.mark)
    for (const document of documents) {
      const identity = identityOf(orderable(document.object))
      const other = this.#appliedBy.get(identity)
      if (other)
        return failed(step, {
          code: 'DOCUMENT_DUPLICATE',
          message: `${displayName(document.object)} is applied by the step ${other.title} (${formatPosition(other.at)}) too`,
          at: document.position,
        })
      this.#appliedBy.set(identity, step)
      const { metadata } = document.object
      metadata.annotations = { ...metadata.annotations, [stepAnnotation]: does.mark }
      this.documents.push(document)
    }
    return end
  }

  #read(
    step: Step,
    does: Extract<Doing, { kind: 'request' }>,
    every: NonNullable<Extract<Doing, { kind: 'request' }>['every']>,
    lane: string,
    scope: Scope,
    item: string | undefined,
  ): End {
    const asked = scope.attempt((within) => ({
      inputs: does.inputs.evaluate(within),
      every: every.evaluate(within),
      timeout: step.timeout?.evaluate(within),
    }))
    if (asked.kind === 'problem') return failed(step, asked.problem)
    const known = asked.kind === 'unknown' ? asked : this.#reading(step, does, asked.value, lane, scope, item)
    if (step.id !== undefined) this.#found.steps.set(step.id, known)
    const since = this.#options.inputs.readings?.[idIn(lane, step, item)]?.at
    this.#tell(
      step,
      item,
      known.kind === 'value' ? 'done' : 'unknown',
      known.kind === 'value' ? undefined : known.reason,
      known.kind === 'value' ? undefined : since,
    )
    return end
  }

  #reading(
    step: Step,
    does: Extract<Doing, { kind: 'request' }>,
    { inputs, every, timeout }: { inputs: JsonObject; every: number; timeout: number | undefined },
    lane: string,
    scope: Scope,
    item: string | undefined,
  ): Known {
    const id = idIn(lane, step, item)
    const hash = this.#hash(does.of.key, inputs)
    const place = { step: step.title, at: step.at, secret: step.secret }
    this.#reads.set(id, { id, kind: does.of.key, inputs, hash, every, timeout, ...place })
    const reading = this.#options.inputs.readings?.[id]
    const where = `${formatPosition(step.at)}: step "${step.title}"`
    if (!reading || reading.hash !== hash) return { kind: 'unknown', reason: `${where} has not answered yet` }
    const { response } = reading
    if (response.kind === 'unknown') return { kind: 'unknown', reason: `${where}: ${response.message}` }
    const judged = this.#judge(step, response, scope)
    if (judged.kind === 'unjudged') return { kind: 'unknown', reason: judged.reason }
    if (judged.kind === 'failed') return { kind: 'unknown', reason: `${where} ${judged.message}` }
    return { kind: 'value', value: response.value ?? {} }
  }

  #hash = (kind: string, inputs: JsonObject): string => this.#options.sha256(canonicalJson({ kind, inputs })).slice(0, 16)

  /** What a response means by the step's own conditions. */
  #judge(step: Step, response: Response, scope: Scope): Judged {
    if (response.kind === 'unknown') return { kind: 'unknown', message: response.message }
    const own = scope.with({ response: response.value ?? {} })
    const asked = (condition: Step['when']) => (condition ? own.attempt((within) => Boolean(condition.evaluate(within))) : undefined)
    const isFailed = asked(step.failedWhen)
    const isDone = asked(step.until)
    for (const result of [isFailed, isDone]) {
      if (result?.kind === 'unknown') return { kind: 'unjudged', reason: result.reason }
      if (result?.kind === 'problem') return { kind: 'failed', message: result.problem.message, problem: result.problem }
    }
    const message = response.kind === 'failed' ? response.message : `failed: failedWhen holds`
    const value = response.value ?? {}
    if (isFailed ? isFailed.kind === 'value' && isFailed.value : response.kind === 'failed' && !step.until)
      return { kind: 'failed', message, value }
    if (isDone?.kind === 'value' && !isDone.value)
      return { kind: 'again', message: response.kind === 'failed' ? message : 'until does not hold yet', value }
    return { kind: 'done', value }
  }

  #act(step: Step, does: Extract<Doing, { kind: 'request' }>, lane: string, scope: Scope, item: string | undefined): End {
    return this.#behind(() => {
      const asked = scope.attempt((within) => ({ inputs: does.inputs.evaluate(within), timeout: step.timeout?.evaluate(within) }))
      if (asked.kind !== 'value') return this.#notKnown(step, asked)
      const { inputs, timeout } = asked.value
      const id = idIn(lane, step, item)
      const hash = this.#hash(does.of.key, inputs)
      const record = this.#ledger.act(id)
      const response = this.#options.inputs.responses?.[id]
      const isRunning = this.#options.inputs.running?.includes(id) ?? false
      if (!record && step.doneWhen) {
        const isDone = this.#holds(step, step.doneWhen, scope)
        if (isDone.kind === 'stop') return isDone
        if (isDone.holds) {
          this.#ledger.setAct(id, { hash, state: 'done', at: this.#options.inputs.now })
          return this.#done(step, item, this.#ledger.act(id))
        }
      }
      const decision = decide(
        { record, response, isRunning, hash, of: this.#of, now: this.#options.inputs.now, step, reattaches: does.of.reattaches ?? false },
        (answer) => this.#judge(step, answer, scope),
      )
      if (decision.outcome)
        this.#ledger.setAct(
          id,
          outcome(decision.outcome, { record, hash, of: this.#of, now: this.#options.inputs.now, keepsResult: step.keepsResult }),
        )
      switch (decision.kind) {
        case 'done':
          return this.#done(step, item, this.#ledger.act(id))
        case 'failed':
          this.#tell(step, item, 'failed', decision.message, this.#ledger.act(id)?.at)
          return failed(step, decision.problem ?? { code: 'STEP_FAILED', message: `step "${step.title}" ${decision.message}`, at: step.at })
        case 'unknown':
          return { kind: 'stop', stop: { kind: 'unknown', step: step.title, at: step.at, message: decision.message } }
        case 'wait':
          if (decision.cancels) this.#ledger.cancel(id)
          this.#tell(step, item, isRunning ? 'running' : 'waiting', decision.message, record?.at)
          return waits(step, decision.message, decision.within)
        case 'ask': {
          if (this.#acts.length + (this.#options.inputs.running?.length ?? 0) >= mostActs) return waits(step, 'its turn')
          this.#ledger.setAct(id, intent(this.#ledger.act(id), { hash, attempt: decision.attempt, now: this.#options.inputs.now }))
          const { attempt, isRepeated } = decision
          this.#ask(id, step, does.of.key, { inputs, hash, attempt, isRepeated, timeout })
          this.#tell(step, item, 'running', undefined, this.#options.inputs.now)
          return waits(step, `step "${step.title}" to end`)
        }
      }
    })
  }

  #ask(id: RecordId, step: Step, kind: string, request: Pick<ActRequest, 'inputs' | 'hash' | 'attempt' | 'isRepeated' | 'timeout'>): void {
    const { since, at } = this.#ledger.act(id) as ActRecord
    // The same for each try, also in another process: the intent tells when the first was.
    const key = this.#options.sha256(`${this.#options.inputs.primary.metadata.uid} ${id} ${request.hash} ${since ?? at}`)
    this.#acts.push({ record: id, kind, ...request, idempotencyKey: key.slice(0, 32), step: step.title, at: step.at, secret: step.secret })
  }

  #done(step: Step, item: string | undefined, record: ActRecord | undefined): End {
    if (step.id !== undefined) {
      const known: Known =
        record?.result === tooLarge
          ? {
              kind: 'unknown',
              reason: `the result of step "${step.title}" is larger than 200 bytes and was not kept: register: keep keeps it`,
            }
          : { kind: 'value', value: record?.result ?? {} }
      this.#found.steps.set(step.id, known)
    }
    this.#tell(step, item, 'done', undefined, record?.at)
    return end
  }

  /** What the step recorded is closed: where it holds something of another's object, when that is given back. */
  #close(ids: readonly RecordId[], step: Step): void {
    const undo = step.does.kind === 'request' ? step.does.of.undo : undefined
    for (const id of ids) {
      const record = this.#ledger.act(id)
      if (!undo || !isMap(record?.result) || (record.hash === undoing && this.#options.inputs.responses?.[id]))
        this.#ledger.closeAct(id, step)
      else if (!this.#options.inputs.running?.includes(id) && step.does.kind === 'request') {
        this.#ledger.setAct(id, { ...record, hash: undoing, state: 'started' })
        this.#ask(id, step, step.does.of.key, {
          inputs: undo(record.result as JsonObject),
          hash: undoing,
          attempt: 1,
          isRepeated: false,
          timeout: undefined,
        })
      }
    }
  }

  #block(step: Step, does: Extract<Doing, { kind: 'block' }>, id: string, lane: string, scope: Scope): End {
    const before = this.#ledger.block(id)
    const isFailed = before?.of === this.#of
    let ended: End = isFailed ? end : this.#lane(lane, does.block, scope)
    let failure: FailedBlock | undefined = isFailed ? before : undefined
    if (ended.kind === 'stop') {
      if (ended.stop.kind !== 'failed' || does.rescue.length === 0) {
        if (ended.stop.kind !== 'failed' || does.always.length === 0) return ended
      } else {
        failure = { of: this.#of, step: ended.stop.step, message: ended.stop.problem.message }
        this.#ledger.setBlock(id, failure)
        ended = end
      }
    } else if (!isFailed && before) this.#ledger.setBlock(id, null)
    if (failure) {
      if (step.id !== undefined) this.#found.fail(step.id)
      // What it has applied stays as it is: the block has not been walked.
      this.#tell(step, undefined, 'failed', failure.message)
      const rescued = this.#lane(lane, does.rescue, scope)
      if (rescued.kind === 'stop') ended = rescued
    }
    if (ended.kind === 'stop' && ended.stop.kind !== 'failed') return ended
    const last = this.#lane(lane, does.always, scope)
    return last.kind === 'stop' ? last : ended
  }

  #remember(step: Step, values: Extract<Doing, { kind: 'set' | 'remember' }>['values'], scope: Scope): End {
    for (const { name, value } of values) {
      const result = scope.attempt((within) => value.evaluate(within))
      if (result.kind !== 'value') return this.#notKnown(step, result)
      this.#found.memory = this.#ledger.remember(name, (result.value ?? null) as JsonValue)
    }
    return end
  }

  #wait(step: Step, does: Extract<Doing, { kind: 'wait' }>, id: string, scope: Scope): End {
    const { now } = this.#options.inputs
    const asked = scope.attempt((inner) => ({ ...does.until(inner), timeout: step.timeout?.evaluate(inner) }))
    if (asked.kind !== 'value') {
      if (does.condition !== undefined)
        this.#tellCondition(does.condition, 'Unknown', 'StepUnknown', asked.kind === 'unknown' ? asked.reason : asked.problem.message)
      return this.#notKnown(step, asked)
    }
    const { holds, message, within: soon, timeout } = asked.value
    if (does.condition !== undefined)
      this.#tellCondition(does.condition, holds ? 'True' : 'False', holds ? 'Reached' : 'Waiting', holds ? '' : `waits for ${message}`)
    if (holds) {
      this.#ledger.stopWaiting(id)
      if (step.id !== undefined) this.#tell(step, undefined, 'done')
      return end
    }
    if (timeout === undefined) return waits(step, message, soon)
    const since = this.#ledger.waitingSince(id, now)
    const left = since + timeout - now
    if (left <= 0)
      return failed(step, {
        code: 'STEP_FAILED',
        message: `step "${step.title}" has waited longer than its timeout for ${message}`,
        at: step.at,
      })
    return waits(step, message, Math.min(left, soon ?? left))
  }

  #tellCondition(type: string, status: StepCondition['status'], reason: string, message: string): void {
    this.#conditions.set(type, { type, status, reason, message })
  }

  #assert(step: Step, does: Extract<Doing, { kind: 'assert' }>, scope: Scope): End {
    const result = scope.attempt((within) => ({ holds: Boolean(does.that.evaluate(within)) }))
    if (result.kind !== 'value') return this.#notKnown(step, result)
    if (result.value.holds) return end
    const message = does.message && scope.attempt((within) => does.message?.evaluate(within))
    return failed(step, {
      code: 'STEP_FAILED',
      message:
        message?.kind === 'value' && message.value !== undefined ? message.value : `the assertion of step "${step.title}" does not hold`,
      at: step.at,
    })
  }

  #say(
    step: Step,
    does: Extract<Doing, { kind: 'status' | 'condition' | 'event' | 'metric' }>,
    lane: string,
    scope: Scope,
    item: string | undefined,
  ): End {
    const result = scope.attempt(
      (within): JsonObject => (does.kind === 'status' ? does.fields.evaluate(within) : does.inputs.evaluate(within)),
    )
    if (result.kind !== 'value') return this.#notKnown(step, result)
    const said = result.value
    switch (does.kind) {
      case 'status':
        this.#status = { ...this.#status, ...said }
        return end
      case 'condition': {
        const { type, status = 'True', reason = 'Told', message = '' } = said as unknown as Partial<StepCondition> & { type: string }
        this.#tellCondition(type, status, reason, message)
        return end
      }
      case 'metric':
        this.#metrics.push(said as unknown as StepMetric)
        return end
      case 'event':
        return this.#behind(() => {
          const id = idIn(lane, step, item)
          const hash = this.#hash('event', said)
          if (this.#ledger.act(id)?.hash === hash) return end
          this.#events.push(said as unknown as StepEvent)
          this.#ledger.setAct(id, { hash, state: 'done', at: this.#options.inputs.now })
          return end
        })
    }
  }

  #tell(step: Step, item: string | undefined, state: StepState['state'], message?: string, since?: number): void {
    const id = item === undefined ? step.title : `${step.title}/${item}`
    this.#states.set(id, { id, state, ...(message !== undefined && { message }), ...(since !== undefined && { since }) })
  }
}

/** it.schedules */
const lastRuns = ({ schedules }: Records): JsonObject =>
  Object.fromEntries(
    Object.entries(schedules).map(([name, { last }]) => [
      name,
      last ? { last: { due: dueText(last.due), finished: dueText(last.finished), outcome: last.outcome } } : {},
    ]),
  )

/** Stands as the hash of the inputs where what a step holds is being given back. */
const undoing = 'undo'

const failed = (step: Step, problem: Problem): Extract<End, { kind: 'stop' }> => ({
  kind: 'stop',
  stop: { kind: 'failed', step: step.title, problem: { at: step.at, ...problem }, isFinal: true },
})

const messageOf = (stop: Exclude<Stop, { kind: 'applying' }>): string => (stop.kind === 'failed' ? stop.problem.message : stop.message)

/** The text of a step in a lane, and of one of its items. */
const idIn = (lane: string, step: Step, item?: string): RecordId =>
  `${lane}/${step.id ?? step.title}${item === undefined ? '' : `/${item}`}`

/** The steps and those in their blocks. */
function* within(steps: readonly Step[]): Generator<Step> {
  for (const step of steps) {
    yield step
    if (step.does.kind === 'block') yield* within([...step.does.block, ...step.does.rescue, ...step.does.always])
    if (step.does.kind === 'run') yield* within(step.does.steps)
  }
}

function* everyStep({ steps, schedules, remove }: CompiledPlaybook): Generator<Step> {
  yield* within([...steps, ...schedules.flatMap((schedule) => schedule.steps), ...(remove?.steps ?? [])])
}

const firstPosition = ({ file }: CompiledPlaybook) => ({ file })
