/** What a playbook tells: `status`, `condition`, `event`, `metric`. */
import type { JsonObject } from '../../api/object.ts'
import { TemplateError } from '../../template/error.ts'
import type { StepKind } from '../step.ts'
import { map, text } from './schema.ts'

export const status: StepKind = {
  key: 'status',
  promise: 'tells',
  about: 'Fields of the status.',
  schema: { type: 'object' },
}

export const condition: StepKind = {
  key: 'condition',
  promise: 'tells',
  about: 'A condition of the status.',
  schema: map(
    {
      type: { type: 'string', pattern: '^[A-Za-z]([-A-Za-z0-9_.]*[A-Za-z0-9])?$' },
      status: { type: ['string', 'boolean'], enum: ['True', 'False', 'Unknown', true, false] },
      reason: { type: 'string', pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$' },
      message: { type: 'string' },
    },
    'type',
    'status',
  ),
  request(value) {
    const { type, status: holds, reason = 'Told', message = '' } = value as Record<string, unknown>
    if (['Ready', 'Reconciling', 'Stalled'].includes(String(type)))
      throw new TemplateError('STATUS_INVALID', `the condition ${String(type)} is written by the operator itself`)
    return { type, status: holds === true ? 'True' : holds === false ? 'False' : holds, reason, message } as JsonObject
  },
}

export const event: StepKind = {
  key: 'event',
  promise: 'tells',
  about: 'An Event about the custom resource, once for each text.',
  schema: map(
    { type: { enum: ['Normal', 'Warning'] }, reason: { type: 'string', pattern: '^[A-Z][A-Za-z0-9]*$' }, message: { type: 'string' } },
    'reason',
    'message',
  ),
  request: (value) => ({ type: 'Normal', ...(value as JsonObject) }),
}

const metricTypes = ['counter', 'gauge', 'histogram', 'summary'] as const

export const metric: StepKind = {
  key: 'metric',
  promise: 'tells',
  about:
    "A metric of the playbook's own, on /metrics of the operator: a gauge is what the last pass said, anything else is counted once for each value.",
  schema: map({
    ...Object.fromEntries(
      metricTypes.map((type) => [type, { type: 'string', pattern: '^[a-z_][a-z0-9_]*$', description: `The name of a ${type}.` }]),
    ),
    value: { type: 'number' },
    help: text,
    labels: {
      type: 'object',
      propertyNames: { pattern: '^[a-z_][a-z0-9_]*$' },
      additionalProperties: { type: ['string', 'number', 'boolean'] },
    },
  }),
  request(value) {
    const inputs = value as Record<string, unknown>
    const [type, second] = metricTypes.filter((each) => Object.hasOwn(inputs, each))
    if (!type || second) throw new TemplateError('STEP_INVALID', `a metric has one of ${metricTypes.join(', ')}, with its name`)
    const name = String(inputs[type])
    const labels = Object.fromEntries(Object.entries((inputs['labels'] ?? {}) as object).map(([key, item]) => [key, String(item)]))
    const amount = inputs['value'] ?? (type === 'counter' ? 1 : undefined)
    if (amount === undefined) throw new TemplateError('STEP_INVALID', `the metric ${name} has no value`)
    return { type, name, help: String(inputs['help'] ?? name), labels, value: amount } as unknown as JsonObject
  },
}
