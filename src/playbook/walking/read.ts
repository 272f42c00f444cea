/** Reads of what is no object of the cluster: asked for again when they are due, and unknown where they fail. */
import { formatPosition } from '../../api/problem.ts'
import type { Known, Scope } from '../scope.ts'
import type { Value } from '../step.ts'
import { judge } from './act.ts'
import { type Course, type End, end, failed, idOf, type Place, type StepThat } from './course.ts'
import type { JsonObject } from '../../api/object.ts'

export function read(step: StepThat<'request'>, every: Value<number>, place: Place, course: Course): End {
  const asked = place.scope.attempt((within) => ({
    inputs: step.does.inputs.evaluate(within),
    every: every.evaluate(within),
    timeout: step.timeout?.evaluate(within),
  }))
  if (asked.kind === 'problem') return failed(step, asked.problem)
  const id = idOf(step, place)
  const known = asked.kind === 'unknown' ? asked : reading(id, step, asked.value, place.scope, course)
  course.result(step, known)
  if (known.kind === 'value') course.tell(step, place.item, 'done')
  else course.tell(step, place.item, 'unknown', { message: known.reason, since: course.inputs.readings?.[id]?.at })
  return end
}

function reading(
  id: string,
  step: StepThat<'request'>,
  { inputs, every, timeout }: { inputs: JsonObject; every: number; timeout: number | undefined },
  scope: Scope,
  course: Course,
): Known {
  const kind = step.does.of.key
  const hash = course.hash({ kind, inputs })
  course.reads.set(id, { id, kind, inputs, hash, every, timeout, step: step.title, at: step.at, secret: step.secret })
  const found = course.inputs.readings?.[id]
  const where = `${formatPosition(step.at)}: step "${step.title}"`
  if (!found || found.hash !== hash) return { kind: 'unknown', reason: `${where} has not answered yet` }
  const judged = judge(step, found.response, scope)
  switch (judged.kind) {
    case 'done':
      return { kind: 'value', value: judged.value }
    case 'unjudged':
      return { kind: 'unknown', reason: judged.reason }
    case 'again':
    case 'failed':
    case 'unknown':
      return { kind: 'unknown', reason: `${where} ${judged.message}` }
  }
}
