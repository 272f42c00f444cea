import { describe, expect, it } from 'vitest'
import { formatProblem } from '../../src/api/problem.ts'
import type { Scope } from '../../src/playbook/scope.ts'
import type { Step } from '../../src/playbook/step.ts'
import { compileFiles, compileSteps, found, sample, sampleInputs, unknown, value } from './sample.ts'

type Options = Parameters<typeof sample>[1]

/** What a `set` step gives to its only name. */
function setting(expression: string, options: Options = {}, before = ''): ReturnType<Scope['attempt']> {
  const { steps, scope } = sample(`${before}- set:\n    x: ${expression}\n`, options)
  const step = steps.at(-1) as Step
  if (step.does.kind !== 'set') throw new Error('it sets nothing')
  const [first] = step.does.values
  return scope.attempt((within) => first?.value.evaluate(within))
}

/** What the message of a `fail` step is. */
function text(written: string, options: Options = {}): unknown {
  const { steps, scope } = sample(`- fail: ${written}\n`, options)
  const { does } = steps[0] as Step
  if (does.kind !== 'fail') throw new Error('it does not fail')
  return scope.attempt((within) => does.message.evaluate(within))
}

const status = (written: string, options: Options = {}): ReturnType<Scope['attempt']> => {
  const { steps, scope } = sample(`- status: ${written}\n`, options)
  const { does } = steps[0] as Step
  if (does.kind !== 'status') throw new Error('it tells nothing')
  return scope.attempt((within) => does.fields.evaluate(within))
}

const problemIn = (result: ReturnType<Scope['attempt']>): string =>
  result.kind === 'problem' ? formatProblem(result.problem) : result.kind

describe('a value with tags', () => {
  it.each<[string, string, unknown]>([
    [
      'keeps the type where a plain scalar is one tag',
      '{ a: <%= it.spec.size %>, b: <%= it.spec.image %>, c: <%= range(1) %> }',
      { a: 3, b: { tag: 'x' }, c: [0] },
    ],
    ['is a text in quotes', '{ a: "<%= it.spec.size %>" }', { a: '3' }],
    ['is a text in a longer scalar', '{ a: v<%= it.spec.version %>-<%= it.spec.size %> }', { a: 'v1.4-3' }],
    ['can be a key', '{ "<%= it.name %>": 1 }', { shop: 1 }],
    ['leaves out what is omitted', '{ a: 1, b: <%= omit %> }', { a: 1 }],
    ['is plain YAML elsewhere', '{ a: [1, true, null, "1"], b: on }', { a: [1, true, null, '1'], b: true }],
  ])('%s', (_title, written, expected) => {
    expect(status(written)).toEqual({ kind: 'value', value: expected })
  })
  it.each<[string, string, string]>([
    ['is undefined', '{ a: <%= it.spec.szie %> }', 'app/p.yaml:3:22: it.spec.szie is undefined; did you mean "size"? (TEMPLATE_UNDEFINED)'],
    [
      'is a map within a text',
      '{ a: x<%= it.spec.image %> }',
      'app/p.yaml:3:23: it.spec.image is a map and cannot stand in a longer scalar; textOf() or toJson() makes a text of it (TEMPLATE_VALUE)',
    ],
    ['throws', '{ a: <%= it.spec.size.x.y %> }', "app/p.yaml:3:22: Cannot read properties of undefined (reading 'y') (TEMPLATE_FAILED)"],
  ])('that %s is an error with its place', (_title, written, expected) => {
    expect(problemIn(status(written))).toBe(expected)
  })
  it('as a message has to be a text', () => {
    expect(text('size <%= it.spec.size %>')).toEqual({ kind: 'value', value: 'size 3' })
    expect(text('<%= it.spec.size %>')).toEqual({ kind: 'value', value: '3' })
    expect(text('<%= it.spec.image %>')).toMatchObject({ kind: 'problem', problem: { message: 'the value has to be a text, not a map' } })
  })
})

describe('an expression', () => {
  it.each<[string, string, unknown]>([
    ['is JavaScript over its inputs', 'it.spec.size + 1', 4],
    ['can call the library', 'max([it.spec.size, 7])', 7],
    ['gives plain data', 'it.spec.image', { tag: 'x' }],
    ['can give undefined', 'range(2).find(n => n > 2)', undefined],
    ['can be a literal', '5', 5],
    ['can be true', 'true', true],
    ['can stand in a block', '|\n      it.spec.size\n        + 2', 5],
    ['can be a rule of JSON Logic', "{ '+': [{ var: spec.size }, 1] }", 4],
    ['as a rule reads what is missing as null', '{ var: spec.missing }', null],
    ['as a rule over items reads the items', '{ map: [{ var: spec.list }, { var: steps.name }] }', []],
    ['as a rule can have a default', '{ var: [spec.missing, 7] }', 7],
  ])('%s', (_title, written, expected) => {
    expect(setting(written)).toEqual({ kind: 'value', value: expected })
  })
  it('reads a name that the schema does not have as an error', () => {
    expect(problemIn(setting('it.spce.size'))).toBe('app/p.yaml:4:10: it.spce is undefined; did you mean "spec"? (TEMPLATE_UNDEFINED)')
  })
  it('can read on where something may be missing', () => {
    expect(setting('it.spec.backup?.keep ?? 3')).toEqual({ kind: 'value', value: 3 })
    expect(problemIn(setting('it.spec.backup.keep'))).toBe(
      'app/p.yaml:4:10: it.spec.backup is undefined, so .keep cannot be read; it.spec.backup?.keep reads on where it may be missing (TEMPLATE_UNDEFINED)',
    )
  })
  it('that would not end is stopped', () => {
    expect(problemIn(setting('range(3).map(() => { for (;;) {} })'))).toMatch(/the render took longer than|takes more than/)
  })
  it('decides as JavaScript does, a rule as JSON Logic does', () => {
    const holds = (when: string): unknown => {
      const { steps, scope } = sample(`- when: ${when}\n  set: { a: 1 }\n`)
      return scope.attempt((within) => steps[0]?.when?.evaluate(within))
    }
    expect(holds('it.spec.image')).toEqual({ kind: 'value', value: true })
    expect(holds('range(0)')).toMatchObject({ kind: 'value', value: true })
    expect(holds('it.spec.image.missing')).toMatchObject({ kind: 'value', value: false })
    expect(holds('{ filter: [[1], false] }')).toEqual({ kind: 'value', value: false })
    expect(holds('isReady')).toMatchObject({ kind: 'problem', problem: { message: 'the condition is a function, and not what it gives' } })
  })
})

describe('unknown is not false:', () => {
  const found: Options = { steps: { members: unknown('it answered 503') }, set: { lost: unknown('it answered 503') } }
  const before = '- id: members\n  http: { get: http://a }\n  read: { every: 1m }\n- set: { lost: it.steps.members.json }\n'

  it.each([
    'it.steps.members.json.length',
    '(!it.steps.members)',
    'it.set.lost || true',
    'it.steps["members"]',
    '{ var: steps.members }',
    "{ '!': { var: set.lost } }",
  ])('%s is unknown', (expression) => {
    expect(setting(expression, found, before)).toEqual({ kind: 'unknown', reason: 'it answered 503' })
  })
  it.each<[string, unknown]>([
    ['known(it.steps.members)', false],
    ['known(it.set.lost.length)', false],
    ['known(it.spec.size)', true],
    ["'!known(it.steps.members) && it.spec.size'", 3],
    ["'known(it.steps.members) ? 1 : 2'", 2],
    ['range(2).map(n => known(it.set.lost[n]))', [false, false]],
    ['known(it.spec.size > 2 && it.set.lost)', false],
    ['known(it.spec.size > 3 && it.set.lost)', true],
    ['known(known(it.set.lost))', true],
  ])('%s is %j', (expression, expected) => {
    expect(setting(expression, found, before)).toEqual({ kind: 'value', value: expected })
  })
  it('known() does not hide a mistake', () => {
    expect(problemIn(setting('known(it.spec.image.tag.x.y)', found, before))).toContain("(reading 'y')")
    expect(problemIn(setting('known()', found, before))).toContain('known(value): "value" is missing')
  })
})

describe('what a walk has found', () => {
  const before = '- id: pods\n  get: { kind: Pod }\n- set: { free: 1 }\n- remember: { born: true }\n- id: update\n  block: []\n'

  it.each<[string, unknown]>([
    ['it.steps.pods.items.length', 2],
    ['it.steps.pods.items.map(p => p.metadata.name)', ['a', 'b']],
    ['it.set.free', undefined],
    ['it.set.free === undefined', true],
    ['it.memory.born', undefined],
    ['it.memory.old', 'kept'],
    ['it.memory.born ?? false', false],
    ["it.failed('update')", true],
    ['it.run?.name', undefined],
    ['{ var: memory.old }', 'kept'],
    ['Object.keys(it.memory)', ['old']],
  ])('reads as %s', (expression, expected) => {
    const found: Options = {
      steps: { pods: value({ items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }] }) },
      set: { free: value(undefined) },
      memory: { old: 'kept' },
      failed: ['update'],
    }
    expect(setting(expression, found, `${before}- remember: { old: 1 }\n`)).toEqual({ kind: 'value', value: expected })
  })
  it('is read as it stands then', () => {
    const { playbook, scopeOf } = compileSteps('- id: a\n  get: { kind: Pod }\n- set: { x: it.steps.a }\n')
    if (!playbook || !scopeOf) throw new Error('it does not compile')
    const steps = new Map()
    const scope = scopeOf(playbook, sampleInputs(), { ...found(), steps })
    expect(evaluate(scope, playbook.steps)).toEqual({ kind: 'value', value: undefined })
    steps.set('a', value(1))
    expect(evaluate(scope, playbook.steps)).toEqual({ kind: 'value', value: 1 })
    steps.set('a', value({ items: [2] }))
    expect(evaluate(scope, playbook.steps)).toEqual({ kind: 'value', value: { items: [2] } })
  })
  it('has the time in milliseconds, to the second, and says that it was read', () => {
    const { steps, scope } = sample("- set: { x: it.now - timestamp('2026-11-23T09:55:00Z') > duration('5m') }\n- set: { y: it.now }\n")
    expect(scope.reads.readNow).toBe(false)
    const [first, second] = steps.map(({ does }) => (does.kind === 'set' ? does.values[0]?.value : undefined))
    expect(scope.attempt((within) => first?.evaluate(within))).toEqual({ kind: 'value', value: false })
    expect(scope.attempt((within) => second?.evaluate(within))).toEqual({ kind: 'value', value: Date.parse('2026-11-23T10:00:00Z') })
    expect(scope.reads.readNow).toBe(true)
  })
  it('has more names within a loop', () => {
    const { steps, scope } = sample('- loop: [1]\n  as: volume\n  key: it.volume.metadata.uid\n  set: { x: it.volume.metadata.name }\n')
    const { does, loop } = steps[0] as Step
    if (does.kind !== 'set' || !loop) throw new Error('it sets nothing')
    const own = scope.with({ volume: { metadata: { name: 'data', uid: 'u-7' } } })
    expect(own.attempt((within) => does.values[0]?.value.evaluate(within))).toEqual({ kind: 'value', value: 'data' })
    expect(own.attempt((within) => loop.key.evaluate(within))).toEqual({ kind: 'value', value: 'u-7' })
    expect(problemIn(scope.attempt((within) => does.values[0]?.value.evaluate(within)))).toContain('it.volume is undefined')
  })
})

describe('an item of a loop without a key', () => {
  const keyOf = (item: unknown): unknown => {
    const { steps, scope } = sample('- loop: it.spec.items\n  set: { x: 1 }\n')
    return scope.with({ item }).attempt((within) => steps[0]?.loop?.key.evaluate(within))
  }
  it.each<[string, unknown, string]>([
    ['a text', 'a', 'a'],
    ['a number', 7, '7'],
    ['a map with a name', { name: 'n' }, 'n'],
    ['an object, by its UID', { metadata: { name: 'n', uid: 'u' } }, 'u'],
    ['an object without a UID', { metadata: { name: 'n' } }, 'n'],
  ])('is known by itself or its name: %s', (_title, item, key) => {
    expect(keyOf(item)).toEqual({ kind: 'value', value: key })
  })
  it('has to have a name', () => {
    expect(keyOf({ a: 1 })).toMatchObject({
      kind: 'problem',
      problem: { message: 'an item of the loop has no name to be known by', remedy: 'give the step a key, e.g. key: it.item.id' },
    })
  })
})

describe('vars', () => {
  it('see those before them, and are evaluated when they are read', () => {
    const { scope, steps } = sampleWithVars(
      '{ host: <%= it.name %>.<%= it.namespace %>.svc, api: "https://<%= it.vars.host %>:2379", broken: <%= it.spec.a.b.c %> }',
      'it.vars.api',
    )
    expect(evaluate(scope, steps)).toEqual({ kind: 'value', value: 'https://shop.eu.svc:2379' })
  })
  it('do not see those behind them, nor themselves', () => {
    const { scope, steps } = sampleWithVars('{ a: <%= it.vars.b %>, b: 1, c: <%= it.vars.c %> }', 'it.vars.a')
    expect(problemIn(evaluate(scope, steps))).toBe(
      'app/p.yaml:2:16: it.vars.b cannot be read here; a var sees only those before it (TEMPLATE_VALUE)',
    )
  })
  it('are evaluated once in a run of a schedule', () => {
    const { playbook, scopeOf } = compileFiles(
      new Map([['p.yaml', 'name: a\nvars: { file: backup-<%= it.run.name %> }\nsteps: [{ set: { x: it.vars.file } }]\n']]),
    )
    if (!playbook || !scopeOf) throw new Error('it does not compile')
    const walk = { ...found(), run: { name: 'r1', due: '2026-11-23T03:00:00Z' } }
    const scope = scopeOf(playbook, sampleInputs(), walk)
    expect(evaluate(scope, playbook.steps)).toEqual({ kind: 'value', value: 'backup-r1' })
    walk.run = { name: 'r2', due: '2026-11-24T03:00:00Z' }
    expect(evaluate(scope, playbook.steps)).toEqual({ kind: 'value', value: 'backup-r2' })
  })
  it('can be given from outside', () => {
    const { scope, steps } = sampleWithVars('{ a: 1, b: <%= it.vars.a %>2 }', 'it.vars.b', { a: 'x' })
    expect(evaluate(scope, steps)).toEqual({ kind: 'value', value: 'x2' })
  })
})

describe('functions.js', () => {
  const files = {
    'functions.js': `const dash = '-'

/** The number behind the last dash. */
export function ordinal(name) {
  return Number(name.slice(name.lastIndexOf(dash) + 1))
}

export const names = (pods) => pods.items.map((pod) => pod.metadata.name)
export const broken = (value) => {
  return value.missing.member
}
export const endless = () => { for (;;) {} }
export const age = (text) => it0(text)
const it0 = (text) => timestamp(text)
`,
  }
  it('can be called in expressions, tags and templates', () => {
    expect(setting("ordinal('web-12') + it.spec.size", { files })).toEqual({ kind: 'value', value: 15 })
    const pods = value({ items: [{ metadata: { name: 'a' } }] })
    expect(setting('names(it.steps.pods)', { files, steps: { pods } }, '- id: pods\n  get: { kind: Pod }\n')).toEqual({
      kind: 'value',
      value: ['a'],
    })
    expect(setting("age('1970-01-01T00:00:01Z')", { files })).toEqual({ kind: 'value', value: 1000 })
  })
  it('fails at its own line', () => {
    expect(problemIn(setting('broken(it.spec.image)', { files }))).toMatch(
      /^app\/functions\.js:10:\d+: Cannot read properties of undefined/,
    )
  })
  it('is stopped where it would not end', () => {
    expect(problemIn(setting('endless()', { files }))).toMatch(/the render took longer than|takes more than/)
  })
  it.each<[string, string, string]>([
    [
      'imports nothing',
      "import a from 'b'\nexport const x = 1\n",
      'app/functions.js:1:1: import is not available in templates (TEMPLATE_FORBIDDEN)',
    ],
    [
      'has no default export',
      'export default 1\n',
      'app/functions.js:1:1: only `export function` and `export const` can be read (TEMPLATE_SYNTAX)',
    ],
    [
      'has no clock',
      'export const x = () =>\n  Date.now()\n',
      'app/functions.js:2:3: Date is not available in templates; use it.now and the date functions (TEMPLATE_FORBIDDEN)',
    ],
    [
      'has no randomness',
      'export const x = () => Math.random()\n',
      'app/functions.js:1:24: Math.random is not available in templates (TEMPLATE_FORBIDDEN)',
    ],
    [
      'has no `this`',
      'export function x() { return this }\n',
      'app/functions.js:1:30: `this` is not available in templates (TEMPLATE_FORBIDDEN)',
    ],
    ['is valid', 'export const x = (\n', 'app/functions.js:1:18: "(" is never closed (TEMPLATE_SYNTAX)'],
    [
      'has to run',
      'const a = null\nexport const x = a.b\n',
      "app/functions.js:2:20: Cannot read properties of null (reading 'b') (TEMPLATE_FAILED)",
    ],
  ])('%s', (_title, functions, expected) => {
    expect(() => sample('- set: { a: 1 }\n', { files: { 'functions.js': functions } })).toThrow(expected)
  })
})

function sampleWithVars(vars: string, expression: string, over: Record<string, string | number> = {}) {
  const { playbook, scopeOf, errors } = compileFiles(
    new Map([['p.yaml', `name: a\nvars: ${vars}\nsteps: [{ set: { x: ${expression} } }]\n`]]),
    { vars: over },
  )
  if (!playbook || !scopeOf) throw new Error(errors.join('\n'))
  return { scope: scopeOf(playbook, sampleInputs(), found()), steps: playbook.steps }
}

function evaluate(scope: Scope, steps: readonly Step[]): ReturnType<Scope['attempt']> {
  const does = steps.at(-1)?.does
  if (does?.kind !== 'set') throw new Error('it sets nothing')
  return scope.attempt((within) => does.values[0]?.value.evaluate(within))
}
