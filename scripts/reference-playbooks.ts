/** The page of docs/reference about playbooks, made from the table of step kinds. */
import { isMap, type JsonObject, type JsonValue } from '../src/api/object.ts'
import { stepKinds } from '../src/playbook/kinds/kinds.ts'
import { stepOptions } from '../src/playbook/step-options.ts'
import type { StepKind, StepPromise } from '../src/playbook/step.ts'

const promises: Readonly<Record<StepPromise, string>> = {
  declares: 'part of the plan, like the documents of a chart',
  reads: 'cached, repeated, never recorded',
  acts: 'recorded: intent, act, outcome',
  tells: 'in every pass that comes so far',
  holds: 'in every pass that comes so far',
}

export function playbooksPage(source: string): string {
  const kinds = stepKinds.map(
    ({ key, promise, canRead, about }) =>
      `| [\`${key}\`](#${key}) | ${promise}${canRead && promise === 'acts' ? ', or reads' : ''} | ${about} |`,
  )
  const options = Object.entries(stepOptions).map(([key, { fits, about }]) => {
    const fitting = stepKinds.filter((kind) => fits(kind, false) || (kind.canRead && fits(kind, true)))
    const of = fitting.length === stepKinds.length ? 'all' : fitting.map((kind) => `\`${kind.key}\``).join(', ')
    return `| \`${key}\` | ${of} | ${about} |`
  })
  const names = Object.entries(namesOfIt).map(([name, about]) => `| \`it.${name}\` | ${about} |`)
  return `# Playbooks\n\n${source}\n\n${opening}\n
## Steps\n\nA step is a map with the key of one kind, and what else it needs.\n
| kind | it | what it is |\n| --- | --- | --- |\n${kinds.join('\n')}\n
| it | that is |\n| --- | --- |\n${Object.entries(promises)
    .map(([promise, text]) => `| ${promise} | ${text} |`)
    .join('\n')}\n
| key | of | meaning |\n| --- | --- | --- |\n${options.join('\n')}\n
${expressions}\n
| name | what it is |\n| --- | --- |\n${names.join('\n')}\n
${functions}\n
${stepKinds.map(kindSection).join('\n')}`
}

const opening = `A playbook is YAML with tags: what a person would do for a custom resource, as steps. It stands in a folder of its own, which [watches.yaml](watches.md) names:

| file | what it is |
| --- | --- |
| \`NAME.yaml\` | the playbook, and files that it includes |
| \`templates/\` | templates and static documents that \`apply\` steps name, and partials (\`_NAME.yaml.eta\`) |
| \`functions.js\` | functions of the project's own |
| \`crds/\` | the CustomResourceDefinition; it can stand in \`crds/\` beside watches.yaml too |

\`# yaml-language-server: $schema=…/schema/playbook.json\` in the first line gives editors [the schema](../../schema/playbook.json).

| key | what stands under it |
| --- | --- |
| \`name\` | What the playbook is called. |
| \`include\` | A list of files of the same folder: what they have comes before what stands here. A step \`- include: FILE\` takes a list of steps from a file. |
| \`vars\` | Values by name, evaluated when they are read; each sees those before it. \`vars\` in watches.yaml stand over them. |
| \`steps\` | The steps, walked from the top in every pass. |
| \`schedules\` | By name: \`cron\`, \`timeZone\`, \`when\`, \`missed: { within }\`, \`overlap\` (\`skip\`, \`queue\`, \`replace\`) and \`steps\`. |
| \`delete\` | Steps for a custom resource that is deleted; or \`steps\` and \`timeout\`, 10 minutes unless told otherwise. |`

const expressions = `## Expressions and tags

\`when\`, \`until\`, \`loop\`, \`key\`, \`doneWhen\`, \`failedWhen\`, \`changedWhen\`, \`wait\`, \`assert\` and the values of \`set\` and \`remember\` are expressions: JavaScript as in a tag of a template, without the tag. Where a map stands
it is a rule of [JSON Logic](https://jsonlogic.com) over the same names: \`{ '>': [{ var: spec.size }, 2] }\`. A number, \`true\` or \`false\` is itself.

Everywhere else a text can hold tags, \`<%= it.spec.size %>\`. A plain scalar that is one tag keeps the type of the value; in quotes, in a block or within a longer text it becomes text. \`<% %>\` is not available. A tag
stands on one line, and YAML must not take it apart: where it has \`: \`, \` #\` or, within brackets, \`,\`, \`]\` or \`}\` in it, the whole text stands in quotes, or the expression moves to a \`set\` step. An expression that begins with \`!\`, \`[\`, \`{\` or a quote stands in quotes too.

**Unknown is not false.** The answer of a read that has failed is unknown, and so is everything that is made of it. A step whose \`when\` is unknown is not done, and nothing that it did is undone. \`known(…)\` asks.

A condition is false where it gives false, 0, an empty text, null or undefined. A name that the playbook does not give (\`it.steps.mebmers\`) is an error when it is loaded; one that the schema does not have is an error when it is read.

\`it\` has what [templates](charts.md) have, but for \`it.chart\`; \`it.values\` is what an \`apply\` step gives. Besides:`

const namesOfIt = {
  'vars.NAME': 'A var.',
  'steps.ID':
    'The result of a step: of `get` the object, or `{ items }`; of a request its answer; of a loop `{ results }`. Undefined where the step was not done.',
  'set.NAME': 'What a `set` step has given the name to in this pass.',
  'memory.NAME': 'What a `remember` step has given the name to, at any time.',
  "failed('ID')": 'Whether that block, or a step with `ignoreErrors`, has failed for this generation and these files.',
  'schedules.NAME': 'Its `last` run, with `due`, `finished` and `outcome`.',
  'run.name, run.due': 'In a schedule: the run, whose name is made of the time at which it was due.',
  'item, or the name under `as`': 'In a step with `loop`: the item.',
  response: 'In `until`, `failedWhen` and `changedWhen`: the answer.',
  now: "Milliseconds since 1970, to the second, so that it can be added and compared: `it.now - timestamp(pod.status.startTime) > duration('5m')`. In a chart it is a text. A walk that reads it is repeated a minute later.",
}

const functions = `## functions.js

Its \`export function\` and \`export const\` can be called in every expression, tag and template of the playbook, beside [the library](functions.md), which they can call themselves. It is plain JavaScript: no imports, no \`this\`, no clock, no randomness. One with the name of a library function takes its place.`

function kindSection({ key, promise, canRead, about, schema }: StepKind): string {
  const rows = fieldsOf(schema).map(
    ([name, each, required]) => `| \`${name}\` | ${typeOf(each)}${required ? ', required' : ''} | ${String(each['description'] ?? '')} |`,
  )
  const table = rows.length > 0 ? `\n\n| field | type | |\n| --- | --- | --- |\n${rows.join('\n')}` : ''
  return `## ${key}\n\n${about}\n\nA step that ${promise}${canRead && promise === 'acts' ? ', or with `read` one that reads' : ''}.${table}\n`
}

/** The fields of all its forms. */
function fieldsOf(schema: JsonObject): [string, JsonObject, boolean][] {
  const forms = formsOf(schema)
  const fields = new Map<string, [JsonObject, boolean]>()
  for (const form of forms) {
    const required = Array.isArray(form['required']) ? (form['required'] as readonly JsonValue[]) : []
    for (const [name, each] of Object.entries((form['properties'] ?? {}) as JsonObject))
      if (isMap(each) && !fields.has(name)) fields.set(name, [each, forms.length === 1 && required.includes(name)])
  }
  return [...fields].map(([name, [each, required]]) => [name, each, required])
}

const formsOf = (schema: JsonObject): JsonObject[] =>
  Array.isArray(schema['anyOf'])
    ? (schema['anyOf'] as readonly JsonValue[]).flatMap((each) => (isMap(each) ? formsOf(each) : []))
    : [schema]

function typeOf(schema: JsonObject): string {
  const forms = formsOf(schema)
  const names = forms.flatMap(({ type, enum: choices, items }) => {
    if (Array.isArray(choices)) return (choices as readonly JsonValue[]).map((choice) => `\`${String(choice)}\``)
    const types = Array.isArray(type) ? (type as readonly JsonValue[]) : [type]
    return types.map((each) => (each === 'array' && isMap(items) ? `list of ${typeOf(items)}` : (typeNames[String(each)] ?? 'anything')))
  })
  return [...new Set(names)].join(', ')
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'map',
  array: 'list',
  null: 'null',
}
