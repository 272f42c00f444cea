import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const schema = JSON.parse(readFileSync(join(root, 'schema/playbook.json'), 'utf8')) as object
const validate = new Ajv({ strict: false, allErrors: true }).compile(schema)

const problems = (text: string): string[] =>
  validate(load(text)) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
const ofSteps = (steps: string): string[] => problems(`name: a\nsteps:\n${steps.replaceAll(/^(?=.)/gm, '  ')}`)

/** Every playbook of the examples. */
const examples = readdirSync(join(root, 'examples')).flatMap(playbooksOf)

function playbooksOf(example: string): string[] {
  const folder = join('examples', example)
  const watches = load(readFileSync(join(root, folder, 'watches.yaml'), 'utf8')) as { playbook?: string }[]
  return watches.flatMap(({ playbook }) =>
    playbook === undefined ? [] : [join(folder, /\.ya?ml$/.test(playbook) ? playbook : `${playbook}/playbook.yaml`)],
  )
}

describe('schema/playbook.json', () => {
  it.each(examples)('takes %s, as a plain YAML parser reads it', (path) => {
    expect(problems(readFileSync(join(root, path), 'utf8'))).toEqual([])
  })

  it.each([
    ['a number', '- id: a\n  scale: { ref: { kind: Deployment, name: b }, replicas: <%= it.spec.size %> }\n'],
    ['a boolean', '- id: a\n  delete: { objects: [], foreign: <%= it.spec.foreign %> }\n'],
    ['a list', '- id: a\n  exec: { pod: b, command: <%= it.spec.command %> }\n'],
    ['a map', '- get: { kind: Pod, labels: <%= it.vars.labels %> }\n'],
    ['an item', '- id: a\n  delete: [<%= ref(it.volume) %>]\n'],
    ['a whole input', '- id: a\n  delete: <%= it.set.objects %>\n'],
    ['a duration', '- wait: true\n  timeout: <%= it.spec.patience %>\n'],
    ['one of few texts', '- event: { type: <%= it.set.type %>, reason: Done, message: x }\n'],
    ['a name', '- metric: { gauge: <%= it.name %>_size, value: 1 }\n'],
  ])('takes a tag where %s is wanted', (_title, steps) => {
    expect(ofSteps(steps)).toEqual([])
  })
  it.each([
    ['a rule', "- when: { '==': [1, 1] }\n  wait: { '>': [{ var: spec.size }, 1] }\n"],
    ['a wait that is told as a condition', '- wait: it.x\n  condition: Available\n'],
    ['a condition', '- condition: { type: A, status: "True" }\n'],
    ['blocks in blocks', '- block:\n    - block: [{ fail: x }]\n  rescue: [{ set: { a: 1 } }]\n'],
    ['an included file', '- include: b.yaml\n'],
  ])('takes %s', (_title, steps) => {
    expect(ofSteps(steps)).toEqual([])
  })
  it.each([
    ['a key that there is not', '- wait: true\n  timout: 5m\n'],
    ['a step without a kind', '- name: nothing\n'],
    ['a text that is no tag where a number is wanted', '- id: a\n  scale: { ref: { kind: Deployment, name: b }, replicas: many }\n'],
    ['a choice that there is not', '- id: a\n  http: { post: http://a }\n  onUnknown: again\n'],
    ['a field of a kind that there is not', '- get: { kind: Pod, label: {} }\n'],
    ['something wrong in a block', '- block: [{ wiat: true }]\n'],
  ])('refuses %s', (_title, steps) => {
    expect(ofSteps(steps)).not.toEqual([])
  })
})
