/** Steps that read objects, hold values, wait and group other steps: what they do is compiled in steps.ts. */
import type { JsonObject } from '../../api/object.ts'
import type { StepKind } from '../step.ts'
import { reference } from './references.ts'
import { anyMap, bool, duration, expression, map, text, textMap } from './schema.ts'

const values = { type: 'object', additionalProperties: expression, minProperties: 1 }
const steps = { type: 'array', items: { $ref: '#/$defs/step' } }

export const apply: StepKind = {
  key: 'apply',
  promise: 'declares',
  about:
    'Objects that are to be there: written out, from template files, or of a whole chart. They are kept right, and pruned when the step turns false.',
  schema: {
    anyOf: [
      { type: 'object', required: ['apiVersion', 'kind', 'metadata'], description: 'An object.' },
      { type: 'array', items: anyMap },
      map({
        objects: { type: 'array', items: anyMap },
        templates: { type: 'array', items: text, minItems: 1, description: 'Files of the folder templates/ beside the playbook.' },
        chart: { ...text, description: 'The folder of a chart, relative to the playbook.' },
        values: { ...anyMap, description: 'it.values in the templates; over the values of the chart.' },
        prune: { ...bool, description: 'false: the objects stay when the step turns false.' },
      }),
    ],
  },
}

export const get: StepKind = {
  key: 'get',
  promise: 'reads',
  about: 'A watched object by its name, null if it is not there; or all with some labels, as `{ items }`.',
  schema: map({ apiVersion: text, kind: text, namespace: { type: ['string', 'null'] }, name: text, labels: textMap }, 'kind'),
}

export const set: StepKind = { key: 'set', promise: 'holds', about: 'Values of this pass: it.set.NAME.', schema: values }
export const remember: StepKind = {
  key: 'remember',
  promise: 'holds',
  about: 'Durable values: it.memory.NAME. Null forgets one.',
  schema: values,
}

const waitForms: readonly JsonObject[] = [
  map({ ready: reference }, 'ready'),
  map({ condition: text, of: reference, status: { enum: ['True', 'False', 'Unknown'] } }, 'condition', 'of'),
  map({ gone: reference }, 'gone'),
  map({ until: text }, 'until'),
  map({ for: duration }, 'for'),
]

export const waiting: StepKind = {
  key: 'wait',
  promise: 'holds',
  about: 'Goes no further until something is so: an expression, the readiness or the condition of an object, that it is gone, a time.',
  schema: { anyOf: [expression, ...waitForms] },
}

/** The same where it is no expression. */
export const waitingForm: StepKind = { ...waiting, schema: { anyOf: waitForms } }

export const assert: StepKind = {
  key: 'assert',
  promise: 'holds',
  about: 'Fails where the expression is not true; `message` says why.',
  schema: expression,
}
export const fail: StepKind = { key: 'fail', promise: 'holds', about: 'Fails with this message.', schema: text }
export const block: StepKind = {
  key: 'block',
  promise: 'holds',
  about: 'Steps that fail together: then `rescue` is walked, and `always` in any case.',
  schema: steps,
}
export const run: StepKind = { key: 'run', promise: 'holds', about: "A schedule's steps, here.", schema: text }
