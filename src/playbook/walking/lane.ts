/**
 * A lane, walked from the top to where it can go no further. There is no stored position: what must happen once is in the records.
 *
 *   set, get, apply ─▶ go on                    apply adds documents; nothing is in the cluster yet
 *   wait, remember, act, … ─▶ only behind documents that are in place: else the lane ends here, and the next pass comes this far again
 *   act ─▶ recorded as done ─▶ go on; else it is asked for, and the lane ends here
 *   unknown ─▶ the lane ends here
 *   `when` is false ─▶ decided: what the step recorded is closed, what it applied goes
 */
import type { JsonValue } from '../../api/object.ts'
import type { FailedBlock } from '../../reconcile/walk.ts'
import { runOf } from '../due.ts'
import type { Step } from '../step.ts'
import { act, closeRecords } from './act.ts'
import { apply } from './apply.ts'
import { type Course, type End, end, failed, idOf, type Place, type StepThat, unanswered } from './course.ts'
import { itemsOf } from './items.ts'
import { read } from './read.ts'
import { assertHolds, fail, remember, say } from './told.ts'
import { wait } from './wait.ts'

export function walkLane(steps: readonly Step[], place: Omit<Place, 'item'>, course: Course): End {
  for (const step of steps) {
    const ended = walkStep(step, { ...place, item: undefined }, course)
    if (ended.kind === 'stop') return ended
  }
  return end
}

function walkStep(step: Step, place: Place, course: Course): End {
  if (step.loop) return walkLoop(step, step.loop, place, course)
  const when = course.holds(step, step.when, place.scope)
  if (when.kind === 'stop') return when
  if (when.holds) return tolerant(step, place, course)
  passBy(step, place.lane, course)
  return end
}

/** It was reached, and is not to be done. */
function passBy(step: Step, lane: string, course: Course): void {
  const { ledger } = course
  const { does } = step
  if (does.kind === 'apply') course.decided.add(does.mark)
  const id = idOf(step, { lane, item: undefined })
  closeRecords(ledger.under(id), step, course)
  ledger.forget(id)
  if (does.kind === 'block') for (const each of [...does.block, ...does.rescue, ...does.always]) passBy(each, lane, course)
  if (does.kind === 'run') for (const each of does.steps) passBy(each, laneOfRun(does, lane), course)
}

const laneOfRun = ({ lane }: StepThat<'run'>['does'], outer: string): string => `${outer}/${lane}`

/** The steps of a schedule, as a run that was due when it was first come by: that is recorded, so it is the same after a restart. */
function walkRun(step: StepThat<'run'>, place: Place, course: Course): End {
  const { found, ledger, inputs } = course
  const before = found.run
  found.run = runOf(inputs.primary.metadata.name, step.does.lane, ledger.waitingSince(idOf(step, place), inputs.now))
  const ended = walkLane(step.does.steps, { ...place, lane: laneOfRun(step.does, place.lane) }, course)
  found.run = before
  return ended
}

function walkLoop(step: Step, loop: NonNullable<Step['loop']>, place: Place, course: Course): End {
  const listed = place.scope.attempt((within) => itemsOf(loop, step, within))
  if (listed.kind !== 'value') return unanswered(step, listed)
  const { items, problem } = listed.value
  if (problem) return failed(step, problem)
  const results: JsonValue[] = []
  const wanted = new Set<string>()
  let stopped: End | undefined
  for (const { key, value } of items) {
    const scope = place.scope.with({ item: value, [loop.as]: value })
    const when = course.holds(step, step.when, scope)
    if (when.kind === 'stop') return when
    if (!when.holds) continue
    wanted.add(key)
    const ended = tolerant(step, { ...place, scope, item: key }, course)
    if (ended.kind === 'stop') {
      stopped ??= ended
      // Acts of one loop go side by side; anything else goes in order.
      if (step.does.kind !== 'request' || ended.stop.kind === 'applying') return ended
    }
    const known = step.id === undefined ? undefined : course.found.steps.get(step.id)
    if (known?.kind === 'value') results.push(known.value as JsonValue)
  }
  closeRecords(course.ledger.without(idOf(step, { ...place, item: undefined }), wanted), step, course)
  if (wanted.size === 0 && step.does.kind === 'apply') course.decided.add(step.does.mark)
  if (!stopped) course.result(step, { kind: 'value', value: { results } })
  return stopped ?? end
}

/** A failure of a step whose errors are ignored is a result like any other. */
function tolerant(step: Step, place: Place, course: Course): End {
  const ended = doStep(step, place, course)
  if (ended.kind !== 'stop' || ended.stop.kind !== 'failed' || !step.ignoreErrors) return ended
  const { message } = ended.stop.problem
  if (step.id !== undefined) course.found.fail(step.id)
  course.result(step, { kind: 'value', value: { failed: true, message } })
  course.tell(step, place.item, 'failed', { message })
  return end
}

function doStep(step: Step, place: Place, course: Course): End {
  const { does } = step
  switch (does.kind) {
    case 'apply':
      return apply(step as StepThat<'apply'>, place, course)
    case 'set':
      for (const { name, value } of does.values) {
        const result = place.scope.attempt((within) => value.evaluate(within))
        if (result.kind === 'problem') return failed(step, result.problem)
        course.found.set.set(name, result)
      }
      return end
    case 'get': {
      const result = place.scope.attempt((within) => does.read(within))
      if (result.kind === 'problem') return failed(step, result.problem)
      course.result(step, result)
      return end
    }
    case 'request':
      return does.every
        ? read(step as StepThat<'request'>, does.every, place, course)
        : course.behind(() => act(step as StepThat<'request'>, place, course))
    case 'block':
      return walkBlock(step as StepThat<'block'>, place, course)
    case 'run':
      return walkRun(step as StepThat<'run'>, place, course)
    case 'remember':
      return course.behind(() => remember(step as StepThat<'set' | 'remember'>, place, course))
    case 'wait':
      return course.behind(() => wait(step as StepThat<'wait'>, place, course))
    case 'assert':
      return course.behind(() => assertHolds(step as StepThat<'assert'>, place, course))
    case 'fail':
      return course.behind(() => fail(step as StepThat<'fail'>, place))
    case 'status':
    case 'condition':
    case 'event':
    case 'metric':
      return say(step as StepThat<'status' | 'condition' | 'event' | 'metric'>, place, course)
  }
}

/**
 * A block that failed stays failed for its generation and revision: `rescue` is then what is walked, so that a way back is no branch that
 * flaps. `always` is walked behind either.
 */
function walkBlock(step: StepThat<'block'>, place: Place, course: Course): End {
  const { ledger } = course
  const { block, rescue, always } = step.does
  const id = idOf(step, place)
  const inside = { scope: place.scope, lane: place.item === undefined ? place.lane : id }
  const before = ledger.block(id)
  let failure: FailedBlock | undefined = before?.of === course.attempt ? before : undefined
  let ended = failure ? end : walkLane(block, inside, course)
  if (ended.kind === 'stop') {
    if (ended.stop.kind !== 'failed') return ended
    failure = { of: course.attempt, step: ended.stop.step, message: ended.stop.problem.message }
    if (rescue.length > 0) {
      ledger.setBlock(id, failure)
      ended = end
    }
  } else if (!failure && before) ledger.setBlock(id, null)
  if (failure && rescue.length > 0) {
    if (step.id !== undefined) course.found.fail(step.id)
    course.tell(step, place.item, 'failed', { message: failure.message })
    ended = walkLane(rescue, inside, course)
    if (ended.kind === 'stop' && ended.stop.kind !== 'failed') return ended
  }
  const last = walkLane(always, inside, course)
  return last.kind === 'stop' ? last : ended
}
