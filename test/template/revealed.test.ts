import { describe, expect, it } from 'vitest'
import { Revealed } from '../../src/template/revealed.ts'
import { bodyFiles, chartOf, inputsFor, printed, renderErrors } from './sample.ts'

const canary = 'swordfish-canary'
const secret = (text: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'db', namespace: 'market' },
  data: { password: btoa(text) },
})
const inputs = (text = canary) =>
  inputsFor({ names: {} }, { lookups: { 'v1/Secret market/db': { state: 'found', objects: [secret(text)] } } })
const begin =
  "<% const secret = lookup('v1', 'Secret', it.namespace, 'db').data.password %>\n<% const x = reveal(base64Decode(secret)) %>\n"
const errors = (expression: string, text?: string) => renderErrors(chartOf(bodyFiles(`${begin}a: <%= ${expression} %>\n`)), inputs(text))

describe('what reveal() gave', () => {
  it.each([
    ['JSON.parse(x)', 'SyntaxError, whose message could hold what reveal() gave and is left out (TEMPLATE_FAILED)'],
    ['JSON.parse(reveal(secret))', 'SyntaxError, whose message could hold'],
    ['new RegExp("(" + x)', 'SyntaxError, whose message could hold'],
    ['null[x]', 'TypeError, whose message could hold'],
    ["(() => { throw 'bad ' + x })()", 'an error, whose message could hold'],
    ["lookup('v1', 'Secret', it.namespace, x + '!')", '"***!" is no name of Kubernetes'],
    ["lookup('v1', 'Secret', it.namespace, x.repeat(50))", '"***" is no name of Kubernetes'],
    ["lookup('v1', 'Secret', it.namespace, [...x].reverse().join('') + x + '!')", '***!" is no name of Kubernetes'],
    ['it.spec.names[x].y', 'it.spec.names["***"] is undefined, so .y cannot be read'],
    ['it[x]', 'it["***"] is undefined'],
    ['include(x)', 'there is no partial "***"'],
    ["fail('wrong: ' + x)", 'wrong: *** (TEMPLATE_FAILED)'],
    ["fail('wrong: ' + x.slice(4, 12))", 'wrong: *** (TEMPLATE_FAILED)'],
    ["fail('wrong: ' + base64Encode(x))", 'wrong: *** (TEMPLATE_FAILED)'],
    ["fail('wrong: ' + base64Decode(reveal(secret)))", 'wrong: *** (TEMPLATE_FAILED)'],
    ["({ 'b': 1, [x]: undefined })", 'the inserted value has undefined at ["***"]'],
  ])('is in no message of %s', (expression, message) => {
    const found = errors(expression)
    expect(found).toEqual([expect.stringContaining(message)])
    expect(found[0]).not.toMatch(/sword|canary|c3dvcm/)
  })

  it('is masked as it stands in quotes, and with the number that is made of it', () => {
    expect(errors('it[x]', 'a"b\nc')[0]).toContain('it["***"] is undefined')
    expect(errors('trunc("a", Number(x))', '-482913')[0]).toMatch(/: trunc.*not the number \*\*\* /)
  })

  it('is masked in the status template, and in what cannot be known now', () => {
    const files = { 'status.yaml.eta': `${begin}a: <%= it[x] %>\n` }
    const status = chartOf(files).status(inputs())
    expect(status.kind === 'problems' && printed(status.problems)).toEqual([expect.stringContaining('it["***"] is undefined')])
    const unknown = { ...inputs().lookups, [`v1/Pod market/${canary}`]: { state: 'unknown', reason: 'the watch is stale' } } as const
    const chart = chartOf(bodyFiles(`${begin}a: <%= lookup('v1', 'Pod', it.namespace, x) %>\n`))
    expect(chart.next({ ...inputs(), lookups: unknown })).toMatchObject({ kind: 'unknown', reads: ['Pod market/***: the watch is stale'] })
  })

  it('hides nothing of a render that reveals nothing, nor what only begins alike', () => {
    const plain = renderErrors(chartOf(bodyFiles("a: <%= JSON.parse('swordfish') %>\n")), inputs())
    expect(plain[0]).toContain('swordfish')
    const revealed = new Revealed()
    revealed.add('postgres://app:secret@db')
    expect(revealed.masked('it.spec.postgres of app is undefined: ://app:secret')).toBe('it.spec.*** of app is undefined: ***')
    expect(revealed.masked('it.spec.post')).toBe('it.spec.post')
  })
})
