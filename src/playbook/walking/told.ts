/** Steps that say something, or keep a value: status, condition, event, metric, remember, assert, fail. */
import type { JsonObject, JsonValue } from '../../api/object.ts'
import type { StepCondition, StepEvent, StepMetric } from '../../reconcile/walk.ts'
import type { Step } from '../step.ts'
import { type Course, type End, end, failed, failedStep, idOf, type Place, type StepThat, unanswered } from './course.ts'

export function remember(step: StepThat<'set' | 'remember'>, { scope }: Place, course: Course): End {
  for (const { name, value } of step.does.values) {
    const result = scope.attempt((within) => value.evaluate(within))
    if (result.kind !== 'value') return unanswered(step, result)
    course.found.memory = course.ledger.remember(name, (result.value ?? null) as JsonValue)
  }
  return end
}

export function assertHolds(step: StepThat<'assert'>, { scope }: Place, course: Course): End {
  const { that, message } = step.does
  const result = course.holds(step, that, scope)
  if (result.kind === 'stop' || result.holds) return result.kind === 'stop' ? result : end
  const said = message && scope.attempt((within) => message.evaluate(within))
  return failed(
    step,
    said?.kind === 'value' ? { code: 'STEP_FAILED', message: said.value } : failedStep(step, 'asserts what does not hold'),
  )
}

export function fail(step: StepThat<'fail'>, { scope }: Place): End {
  const message = scope.attempt((within) => step.does.message.evaluate(within))
  return message.kind === 'value' ? failed(step, { code: 'STEP_FAILED', message: message.value }) : unanswered(step, message)
}

export function say(step: StepThat<'status' | 'condition' | 'event' | 'metric'>, place: Place, course: Course): End {
  const { does } = step
  const result = place.scope.attempt((within): JsonObject => (does.kind === 'status' ? does.fields : does.inputs).evaluate(within))
  if (result.kind !== 'value') return unanswered(step, result)
  const said = result.value as unknown
  switch (does.kind) {
    case 'status':
      course.status = { ...course.status, ...result.value }
      return end
    case 'condition': {
      const { type, status = 'True', reason = 'Told', message = '' } = said as Partial<StepCondition> & Pick<StepCondition, 'type'>
      course.tellCondition(type, status, reason, message)
      return end
    }
    case 'metric': {
      const metric = said as StepMetric
      if (metric.type === 'gauge') {
        course.metrics.push(metric)
        return end
      }
      return course.behind(() => once(step, metric, place, course, () => course.metrics.push(metric)))
    }
    case 'event':
      return course.behind(() => once(step, said, place, course, () => course.events.push(said as StepEvent)))
  }
}

/** That it was told is recorded: something else is other news. */
function once(step: Step, said: unknown, place: Place, course: Course, tell: () => void): End {
  const id = idOf(step, place)
  const hash = course.hash({ kind: step.does.kind, said })
  if (course.ledger.act(id)?.hash === hash) return end
  tell()
  course.ledger.setAct(id, { hash, state: 'done', at: course.inputs.now })
  return end
}
