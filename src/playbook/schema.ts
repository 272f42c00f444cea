/**
 * The JSON Schema of a playbook, for editors: made from the table of step kinds.
 *
 * It describes what is written. Wherever a value is wanted, a text with a tag may stand for it.
 */
import type { JsonObject } from '../api/object.ts'
import { anyMap, count, duration, expression, map, text } from './kinds/schema.ts'
import { stepKinds } from './kinds/kinds.ts'
import { stepOptions } from './step-options.ts'
import type { StepKind } from './step.ts'
import { tagged } from './tagged-schema.ts'

const steps: JsonObject = { type: 'array', items: { $ref: '#/$defs/step' } }
const flag: JsonObject = { type: 'boolean' }
/** Known before anything is evaluated. */
const literal: JsonObject = { type: 'string', minLength: 1, not: { pattern: '<%' } }
const taggedDuration = tagged(duration)

/** Of the options of steps, by key. */
const optionSchemas: Readonly<Record<string, JsonObject>> = {
  name: text,
  id: { type: 'string', pattern: '^[a-zA-Z][a-zA-Z0-9-]{0,39}$' },
  when: expression,
  loop: { type: ['string', 'array', 'object'] },
  as: literal,
  key: expression,
  read: map({ every: taggedDuration }),
  doneWhen: expression,
  until: expression,
  retries: count,
  delay: duration,
  failedWhen: expression,
  changedWhen: expression,
  timeout: taggedDuration,
  ignoreErrors: flag,
  secret: flag,
  onUnknown: { enum: ['fail', 'retry'] },
  onAbandon: { enum: ['wait', 'cancel'] },
  register: { enum: ['keep'] },
  message: { type: 'string' },
  rescue: steps,
  always: steps,
}

const schedule: JsonObject = map(
  {
    cron: text,
    timeZone: text,
    when: expression,
    missed: map({ within: taggedDuration }, 'within'),
    overlap: { enum: ['skip', 'queue', 'replace'] },
    steps,
  },
  'cron',
)

export function playbookSchema(kinds: readonly StepKind[] = stepKinds): JsonObject {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A playbook of Fairlead',
    ...map(
      {
        name: { ...literal, description: 'What the playbook is called.' },
        include: {
          type: 'array',
          items: literal,
          description: 'Files of the same folder, whose vars, steps, schedules and delete come before.',
        },
        vars: { ...anyMap, description: 'Values with tags, evaluated when they are read: it.vars.NAME. Each sees those before it.' },
        steps: { ...steps, description: 'Walked from the top in every pass.' },
        schedules: {
          type: 'object',
          additionalProperties: { $ref: '#/$defs/schedule' },
          description: 'Lanes of their own, by name, walked when they are due.',
        },
        delete: {
          anyOf: [steps, map({ steps, timeout: duration })],
          description: 'Walked when the custom resource is deleted, before its objects go.',
        },
      },
      'name',
    ),
    $defs: { schedule, step: step(kinds) },
  }
}

/** One map with all keys, since editors complete those; which go together is said by the compiler. */
function step(kinds: readonly StepKind[]): JsonObject {
  const options = Object.entries(optionSchemas).map(([key, schema]) => [key, { ...schema, description: stepOptions[key]?.about ?? '' }])
  const own = kinds.map((kind) => {
    const written = tagged(kind.schema)
    // Beside a wait it is the type that the wait is told as.
    const schema = kind.key === 'condition' ? { anyOf: [written, text] } : written
    return [kind.key, { ...schema, description: kind.about }]
  })
  const include = { ...literal, description: 'A file of the same folder with a list of steps, which stand here.' }
  return {
    type: 'object',
    properties: Object.fromEntries([...options, ...own, ['include', include]]) as JsonObject,
    additionalProperties: false,
    anyOf: [...kinds.map(({ key }) => ({ required: [key] })), { required: ['include'] }],
  }
}
