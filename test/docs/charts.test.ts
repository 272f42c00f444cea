/** The examples of docs/reference/charts.md, rendered. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { parseYaml } from '../../src/yaml/read.ts'
import { defaultLimits } from '../../src/template/limits.ts'
import type { Schema } from '../../src/template/view.ts'
import { chartOf, inputsFor, printed } from '../template/sample.ts'

const page = readFileSync(new URL('../../docs/reference/charts.md', import.meta.url), 'utf8')
const blocks = [...page.matchAll(/```(?:yaml|text) (custom-resource|template|result|error)\n(.*?)```/gs)].map(([, role, text = '']) => ({
  role,
  text,
}))
const primary = parseYaml('charts.md', blocks[0]?.text ?? '').values[0] as unknown as KubernetesObject
/** The schema that the custom resource fits, with two fields that it leaves out. */
const schemaOf = (value: unknown): object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { type: 'object', properties: Object.fromEntries(Object.entries(value).map(([name, member]) => [name, schemaOf(member)])) }
    : {}
const schema = schemaOf({ ...primary, spec: { ...(primary['spec'] as object), users: [], level: '' } }) as Schema
const head = 'apiVersion: example.com/v1\nkind: Rendered\nmetadata: { name: example }\n'
const headLines = head.split('\n').length - 1

/** The body of the rendered document, or the problems with the lines of the example itself. */
function outcome(template: string): unknown {
  const chart = chartOf({ 'templates/example.yaml.eta': head + template }, { schema })
  const answer = chart.next(inputsFor({}, { primary }))
  if (answer.kind === 'problems')
    return printed(answer.problems).map((line) => line.replace(/^[^:]*:(\d+):/, (_, number: string) => `${Number(number) - headLines}:`))
  if (answer.kind !== 'rendered' || !answer.documents[0]) throw new Error(`nothing is rendered: ${answer.kind}`)
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...body } = answer.documents[0].object
  return body
}

const examples = blocks.flatMap((block, index) =>
  block.role === 'template' ? [{ template: block.text, expected: blocks[index + 1] }] : [],
)

describe('docs/reference/charts.md', () => {
  it('has examples', () => expect(examples).toHaveLength(8))

  it.each(examples)('$template', ({ template, expected }) => {
    if (expected?.role === 'error') expect(outcome(template)).toEqual([expected.text.trimEnd()])
    else expect(outcome(template)).toEqual(parseYaml('charts.md', expected?.text ?? '').values[0])
  })

  it('names the limits as they are', () => {
    const { nodes, characters, documents, steps, milliseconds } = defaultLimits
    expect([nodes, characters, documents, steps, milliseconds]).toEqual([500_000, 16 * 1024 * 1024, 1_000, 10_000_000, 2_000])
    expect(page).toContain('insert 500,000 nodes and 16 MiB, make 1,000 documents, take 10,000,000 steps and 2 seconds')
  })
})
