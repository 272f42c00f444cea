import { describe, expect, it } from 'vitest'
import { alwaysRendered } from '../../src/template/always.ts'
import { parseTemplate } from '../../src/template/parse.ts'

const found = (text: string) => {
  const { template, problems } = parseTemplate('a.yaml.eta', text)
  if (!template) throw new Error(problems.map(({ message }) => message).join())
  return alwaysRendered(template).map(({ kind, at }) => `${kind.kind}.${kind.group} ${at.line}:${at.column}`)
}
const document = (kind: string) => `apiVersion: example.com/v1\nkind: ${kind}\nmetadata:\n  name: <%= it.name %>\n`

describe('what a template always renders', () => {
  it.each([
    ['is its documents, with their places', `${document('A')}---\n${document('B')}`, ['A.example.com 2:1', 'B.example.com 7:1']],
    [
      'is not what a branch or a loop decides',
      `<% if (it.spec.on) { %>\n${document('A')}<% } %>\n---\n${document('B')}`,
      ['B.example.com 9:1'],
    ],
    ['is not what an else decides', `<% if (it.spec.on) { %>\na: 1\n<% } else { %>\n${document('A')}<% } %>\n`, []],
    ['is not a kind that is computed', document("<%= 'A' %>"), []],
    [
      'is not a document whose kind depends',
      `apiVersion: example.com/v1\n<% if (it.x) { %>\nkind: A\n<% } else { %>\nkind: B\n<% } %>\n`,
      [],
    ],
    ['counts what stands beside code without braces', `<% const name = 1 %>\n${document('A')}`, ['A.example.com 3:1']],
    [
      'is the Secret of values that it generates',
      `<% const p = generate.password('p', { length: 8 }) %>\n<%= generate.uuid('u') %>\n`,
      ['Secret. 1:4', 'Secret. 2:5'],
    ],
    [
      'is not the Secret of values that may not be generated',
      "<% if (it.x) { %><% generate.uuid('u') %><% } %><% if (it.y) generate.uuid('u') %>",
      [],
    ],
    ['is not a field of that name deeper down', 'apiVersion: v1\nspec:\n  kind: A\n', []],
  ])('%s', (_what, text, kinds) => {
    expect(found(text)).toEqual(kinds)
  })
})
