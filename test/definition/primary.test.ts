import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatProblem } from '../../src/api/problem.ts'
import type { Definition } from '../../src/definition/definition.ts'
import { loadDefinition } from '../../src/definition/load.ts'
import { readPrimaries } from '../../src/definition/primary.ts'
import { project, sampleProject, sha256, thing, watchesYaml } from './project.ts'

function definition(files: Readonly<Record<string, string>> = sampleProject): Definition {
  const loaded = loadDefinition({ watchesFile: join(project(files), 'watches.yaml'), environment: {}, sha256 })
  expect(loaded.problems).toEqual([])
  return loaded.definition as Definition
}
const read = (text: string) => readPrimaries(definition(), 'cr.yaml', text)
const lines = (text: string): string[] => read(text).problems.map(formatProblem)

describe('a custom resource from a file', () => {
  it('is defaulted, and stands in the namespace default', () => {
    expect(read(thing)).toMatchObject({
      problems: [],
      primaries: [{ primary: { metadata: { name: 'one', namespace: 'default' }, spec: { size: 3, colour: 'blue' } } }],
    })
  })
  it('keeps its namespace', () => {
    expect(read(thing.replace('name: one', 'name: one\n  namespace: shop')).primaries).toMatchObject([
      { primary: { metadata: { namespace: 'shop' } } },
    ])
  })
  it('loses what the schema does not describe, with a warning at its line', () => {
    const { primaries, problems } = read(`${thing}  color: red\n`)
    expect(primaries[0]?.primary['spec']).toEqual({ size: 3, colour: 'blue' })
    expect(problems.map(formatProblem)).toEqual([
      'cr.yaml:7:3: spec.color is not in the schema, and the API server would drop it; did you mean "colour"? (CR_INVALID)',
    ])
    expect(problems[0]?.severity).toBe('warning')
  })
  it('is refused with path, value and line', () => {
    expect(lines(thing.replace('size: 3', 'size: 0'))).toEqual(['cr.yaml:6:9: spec.size must be >= 1, not 0 (CR_INVALID)'])
    expect(lines(thing.replace('size: 3', 'colour: red'))).toEqual(['cr.yaml:6:3: spec.size is missing (CR_INVALID)'])
  })
  it('may be one of several', () => {
    expect(read(`${thing}---\n${thing.replace('one', 'two')}`).primaries.map(({ primary }) => primary.metadata.name)).toEqual([
      'one',
      'two',
    ])
  })
  it('may stand in a list, as kubectl prints several, with the lines of the file', () => {
    const items = [thing, thing.replace('one', 'two').replace('size: 3', 'size: 0')].map(
      (text) => `- ${text.trim().replaceAll('\n', '\n  ')}\n`,
    )
    const { primaries, problems } = read(`apiVersion: v1\nitems:\n${items.join('')}kind: List\n`)
    expect(primaries.map(({ primary }) => primary.metadata.name)).toEqual(['one'])
    expect(problems.map(formatProblem)).toEqual(['cr.yaml:14:11: spec.size must be >= 1, not 0 (CR_INVALID)'])
  })
  it('may be JSON', () => {
    expect(read('{"apiVersion":"demo.io/v1","kind":"Thing","metadata":{"name":"j"},"spec":{"size":1}}').primaries).toHaveLength(1)
  })
  it.each([
    ['', 'cr.yaml: the file holds no custom resource; it needs apiVersion, kind, metadata and spec (CR_INVALID)'],
    ['- a\n', 'cr.yaml:1:1: a custom resource is a map; it needs apiVersion, kind, metadata and spec (CR_INVALID)'],
    [thing.replace('  name: one', '  label: x'), 'cr.yaml:4:3: metadata.name is missing or no text; give the object a name (CR_INVALID)'],
    [thing.replace('Thing', 'Think'), 'cr.yaml:2:7: no watch takes demo.io/v1 Think; watches.yaml has: demo.io/v1 Thing (CR_INVALID)'],
    [thing.replace('io/v1', 'io/v2'), 'cr.yaml:2:7: no watch takes demo.io/v2 Thing; watches.yaml has: demo.io/v1 Thing (CR_INVALID)'],
  ])('is told what it lacks: %j', (text, message) => {
    expect(lines(text)).toEqual([message])
  })
})

describe('with selectors', () => {
  const selecting = (value: string): string => `${watchesYaml}  selector: { matchLabels: { tier: ${value} } }\n`
  const files = { ...sampleProject, 'watches.yaml': selecting('gold') + selecting('iron') }
  it('the first watch that matches takes the object', () => {
    const watches = definition(files)
    const labelled = thing.replace('name: one', 'name: one\n  labels: { tier: iron }')
    expect(readPrimaries(watches, 'cr.yaml', labelled).primaries).toMatchObject([{ watch: { position: { line: 6 } } }])
    expect(readPrimaries(watches, 'cr.yaml', thing).problems.map(formatProblem)).toEqual([
      'cr.yaml:4:3: no watch selects this Thing by its labels; see selector in watches.yaml (CR_INVALID)',
    ])
  })
})
