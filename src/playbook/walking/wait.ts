/** `wait`: the lane ends here until something holds, a time has passed, or the step's timeout has. */
import { type Course, type End, end, failed, failedStep, idOf, type Place, type StepThat, unanswered, waits } from './course.ts'

export function wait(step: StepThat<'wait'>, place: Place, course: Course): End {
  const { does } = step
  const { ledger } = course
  const { now } = course.inputs
  const id = idOf(step, place)
  const asked = place.scope.attempt((within) => ({
    ...does.until(within),
    pause: does.pause?.evaluate(within),
    timeout: step.timeout?.evaluate(within),
  }))
  if (asked.kind !== 'value') {
    const why = asked.kind === 'unknown' ? asked.reason : asked.problem.message
    if (does.condition !== undefined) course.tellCondition(does.condition, 'Unknown', 'StepUnknown', why)
    return unanswered(step, asked)
  }
  const { message, within, pause, timeout } = asked.value
  const passed = pause === undefined && timeout === undefined ? 0 : now - (ledger.waiting(id) ?? now)
  const holds = pause === undefined ? asked.value.holds : passed >= pause
  if (does.condition !== undefined)
    course.tellCondition(does.condition, holds ? 'True' : 'False', holds ? 'Reached' : 'Waiting', holds ? '' : `waits for ${message}`)
  if (holds) {
    // A pause that has passed is not begun again.
    if (pause === undefined) ledger.stopWaiting(id)
    else if (pause > 0) ledger.waitingSince(id, now)
    if (step.id !== undefined) course.tell(step, place.item, 'done')
    return end
  }
  if (pause === undefined && timeout === undefined) return waits(step, message, within)
  const since = ledger.waitingSince(id, now)
  if (timeout !== undefined && passed >= timeout) {
    const problem = failedStep(step, `has waited longer than its timeout for ${message}`)
    return failed(step, problem)
  }
  const looks = [within, pause === undefined ? undefined : since + pause - now, timeout === undefined ? undefined : since + timeout - now]
  return waits(step, message, Math.min(...looks.filter((look) => look !== undefined)))
}
