/** Acts: what a walk asks for, what it makes of the answers, and what it gives back of others' objects. */
import { isMap, type JsonObject } from '../../api/object.ts'
import type { ActRecord, ActRequest, RecordId, Response } from '../../reconcile/walk.ts'
import type { Scope } from '../scope.ts'
import type { Step } from '../step.ts'
import { type Course, type End, end, failed, failedStep, idOf, type Place, type StepThat, unanswered, unknown, waits } from './course.ts'
import { decide, failureOf, intent, type Judged, outcome, tooLarge } from './decide.ts'

/** Acts that run, and that are asked for, at most: with their outcomes those of one batch are one write of the records. */
const mostActs = 50

/** Stands as the hash of the inputs where what a step holds is being given back. */
const undoing = 'undo'

export function act(step: StepThat<'request'>, place: Place, course: Course): End {
  const { scope, item } = place
  const { ledger, inputs: given } = course
  const { of } = step.does
  const asked = scope.attempt((within) => ({ inputs: step.does.inputs.evaluate(within), timeout: step.timeout?.evaluate(within) }))
  if (asked.kind !== 'value') return unanswered(step, asked)
  const { inputs, timeout } = asked.value
  const id = idOf(step, place)
  const hash = course.hash({ kind: of.key, inputs })
  const record = ledger.act(id)
  const isRunning = course.isRunning(id)
  if (!record && step.doneWhen) {
    const isDone = course.holds(step, step.doneWhen, scope)
    if (isDone.kind === 'stop') return isDone
    if (isDone.holds) {
      ledger.setAct(id, { hash, state: 'done', at: given.now })
      return isRecorded(step, item, id, course)
    }
  }
  const decision = decide(
    {
      record,
      response: given.responses?.[id],
      isRunning,
      hash,
      of: course.attempt,
      now: given.now,
      // What may be done once more is, where nobody knows whether it was done.
      step: of.isHarmless?.(inputs) ? { ...step, onUnknown: 'retry' } : step,
      reattaches: of.reattaches ?? false,
    },
    (answer) => judge(step, answer, scope),
  )
  if (decision.outcome)
    ledger.setAct(
      id,
      outcome(decision.outcome, {
        record,
        hash,
        of: course.attempt,
        now: given.now,
        keepsResult: step.keepsResult,
        essentials: of.essentials ?? [],
      }),
    )
  const { at: since } = ledger.act(id) ?? {}
  switch (decision.kind) {
    case 'done':
      return isRecorded(step, item, id, course)
    case 'failed': {
      // As much of it as is recorded: the next walk says no other thing.
      const recorded = ledger.act(id)
      const message = recorded?.state === 'failed' ? failureOf(recorded) : decision.message
      course.tell(step, item, 'failed', { message, since })
      return failed(step, decision.problem ?? failedStep(step, message))
    }
    case 'unknown':
      return unknown(step, decision.message)
    case 'wait':
      if (decision.cancels) ledger.cancel(id)
      course.tell(step, item, isRunning ? 'running' : 'waiting', { message: decision.message, since })
      return waits(step, decision.message, decision.within)
    case 'ask': {
      if (course.acts.length + (given.running?.length ?? 0) >= mostActs) return waits(step, `the turn of step "${step.title}"`)
      const { attempt, isRepeated } = decision
      // The intent of a process before this one stands: a restart writes nothing.
      if (!isRepeated) ledger.setAct(id, intent(ledger.act(id), { hash, attempt, now: given.now }))
      ask(id, step, { inputs, hash, attempt, isRepeated, timeout }, course)
      course.tell(step, item, 'running', { since: ledger.act(id)?.at })
      return waits(step, `step "${step.title}" to end`)
    }
  }
}

function ask(
  record: RecordId,
  step: StepThat<'request'>,
  request: Pick<ActRequest, 'inputs' | 'hash' | 'attempt' | 'isRepeated' | 'timeout'>,
  course: Course,
): void {
  const { since, at } = course.ledger.act(record) as ActRecord
  const idempotencyKey = course.idempotencyKey(record, request.hash, since ?? at)
  course.acts.push({ record, kind: step.does.of.key, ...request, idempotencyKey, step: step.title, at: step.at, secret: step.secret })
}

function isRecorded(step: Step, item: string | undefined, id: RecordId, course: Course): End {
  const record = course.ledger.act(id)
  course.result(
    step,
    record?.result === tooLarge
      ? { kind: 'unknown', reason: `the result of step "${step.title}" is too large to be kept unasked: "register: keep" keeps it` }
      : { kind: 'value', value: record?.result ?? {} },
  )
  course.tell(step, item, 'done', { since: record?.at })
  return end
}

/** What a response means by the step's own conditions. */
export function judge(step: Step, response: Response, scope: Scope): Judged {
  if (response.kind === 'unknown') return { kind: 'unknown', message: response.message }
  const value = response.value ?? {}
  const own = scope.with({ response: value })
  const answers = [step.failedWhen, step.until].map((condition) => condition && own.attempt((within) => condition.evaluate(within)))
  for (const answer of answers) {
    if (answer?.kind === 'unknown') return { kind: 'unjudged', reason: answer.reason }
    if (answer?.kind === 'problem') return { kind: 'failed', message: answer.problem.message, problem: answer.problem }
  }
  const [isFailed, isDone] = answers.map((answer) => (answer?.kind === 'value' ? answer.value : undefined))
  const why = response.kind === 'failed' ? response.message : undefined
  // Each of the two conditions is asked instead of what the kind itself takes for a failure.
  if (isFailed ?? (why !== undefined && isDone === undefined))
    return { kind: 'failed', message: why ?? 'has failed by its failedWhen', value }
  if (isDone === false) return { kind: 'again', message: why ?? 'is not as its until wants it', value }
  return { kind: 'done', value }
}

/** The step may act again: what it recorded is closed, once what it holds of others' objects is given back. */
export function closeRecords(ids: readonly RecordId[], step: Step, course: Course): void {
  const { ledger, inputs } = course
  const undo = step.does.kind === 'request' ? step.does.of.undo : undefined
  for (const id of ids) {
    const record = ledger.act(id)
    const isGivenBack = record?.hash === undoing && inputs.responses?.[id] !== undefined
    if (!undo || !isMap(record?.result) || isGivenBack) ledger.closeAct(id, step)
    else if (!course.isRunning(id)) {
      ledger.setAct(id, { ...record, hash: undoing, state: 'started' })
      const request = { inputs: undo(record.result as JsonObject), hash: undoing, attempt: 1, isRepeated: false, timeout: undefined }
      ask(id, step as StepThat<'request'>, request, course)
    }
  }
}
