/** What `wait` waits for: an expression, the readiness or a condition of an object, that it is gone, a time. */
import { formatDuration } from '../api/duration.ts'
import { isMap, type KubernetesObject } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import { gatedReadiness } from '../reconcile/ready-when.ts'
import { TemplateError } from '../template/error.ts'
import { member } from '../yaml/node.ts'
import type { Code } from './code.ts'
import { type Evaluation, evaluationOf } from './evaluation.ts'
import { check, writtenProblems } from './inputs.ts'
import { waitingForm } from './kinds/flow.ts'
import { objectNamed } from './objects.ts'
import type { Source, SourceNode } from './source.ts'
import type { Doing, Value } from './step.ts'
import { asDuration, Expression, TaggedValue } from './values.ts'

type Wait = Extract<Doing, { kind: 'wait' }>
type Looked = ReturnType<Wait['until']>

const forms = ['ready', 'condition', 'gone', 'until', 'for']

export interface WaitOptions {
  code: Code
  problems: Problem[]
  /** What the step says that it waits for. */
  message: Value<string> | undefined
  condition: string | undefined
}

export function compileWait(source: Source, node: SourceNode, { code, problems, message, condition }: WaitOptions): Wait | undefined {
  const isForm = node.kind === 'mapping' && node.entries.some(({ key }) => forms.includes(key.text))
  if (!isForm) {
    const expression = Expression.of(source, node, code, problems)?.condition()
    const said = node.kind === 'scalar' ? node.text.replaceAll(/\s+/g, ' ').trim() : 'its condition'
    return expression && waitOf((scope) => ({ holds: expression.evaluate(scope), message: said }), message, condition)
  }
  const found = writtenProblems(waitingForm, source, node)
  problems.push(...found)
  if (found.length > 0) return undefined
  const pause = member(node, 'for')
  if (pause)
    return {
      ...waitOf(() => ({ holds: false, message: 'the time' }), message, condition),
      pause: asDuration(new TaggedValue(source, pause, code)),
    }
  const value = new TaggedValue(source, node, code)
  return waitOf(
    (scope) => {
      const given = value.evaluate(scope)
      check(waitingForm, value, given)
      try {
        return look(given as unknown as Form, evaluationOf(scope))
      } catch (error) {
        if (error instanceof TemplateError) error.at ??= value.at
        throw error
      }
    },
    message,
    condition,
  )
}

const waitOf = (until: Wait['until'], message: Value<string> | undefined, condition: string | undefined): Wait => ({
  kind: 'wait',
  condition,
  pause: undefined,
  until(scope) {
    const looked = until(scope)
    return looked.holds || !message ? looked : { ...looked, message: message.evaluate(scope) }
  },
})

type Reference = { apiVersion?: string; kind: string; namespace?: string; name: string; uid?: string }

type Form = { ready: Reference } | { condition: string; of: Reference; status?: string } | { gone: Reference } | { until: string }

function look(form: Form, evaluation: Evaluation): Looked {
  if ('ready' in form) {
    const object = objectNamed(form.ready, evaluation)
    const name = `${form.ready.kind}/${form.ready.name}`
    if (!object) return { holds: false, message: `${name}, which is not there` }
    const { state, message } = gatedReadiness({ body: object }, object)
    return { holds: state === 'current', message: `${name} to be ready: ${message}` }
  }
  if ('gone' in form)
    return { holds: objectNamed(form.gone, evaluation) === null, message: `${form.gone.kind}/${form.gone.name} to be gone` }
  if ('of' in form) {
    const { of, condition, status = 'True' } = form
    const actual = conditionOf(objectNamed(of, evaluation), condition)
    return { holds: actual === status, message: `${condition}=${status} of ${of.kind}/${of.name}, which is ${actual ?? 'not told'}` }
  }
  const time = Date.parse(form.until)
  if (Number.isNaN(time)) throw new TemplateError('STEP_INVALID', 'until is a time like 2026-11-22T10:00:00Z')
  const within = time - evaluation.inputs.now
  return { holds: within <= 0, message: `${form.until}, in ${formatDuration(Math.max(0, within))}`, ...(within > 0 && { within }) }
}

function conditionOf(object: KubernetesObject | null, type: string): string | undefined {
  const status = object?.['status']
  const conditions = isMap(status) ? status['conditions'] : undefined
  if (!Array.isArray(conditions)) return undefined
  const found = conditions.find((each: unknown) => isMap(each) && each['type'] === type) as { status?: unknown } | undefined
  return typeof found?.status === 'string' ? found.status : undefined
}
