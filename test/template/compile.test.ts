import { describe, expect, it } from 'vitest'
import { bodyErrors, renderBody } from './sample.ts'

describe('what depends on more than the inputs', () => {
  it.each([
    ['Date.now()', 'Date is not available in templates; use it.now and the date functions'],
    ['new Date()', 'Date is not available in templates; use it.now and the date functions'],
    ['Math.random()', 'Math.random is not available in templates'],
    ['process.env.HOME', 'process is not available in templates; values from the environment come through overrideValues'],
    ['globalThis.process', 'globalThis is not available in templates; a render may depend on nothing but its inputs'],
    ['fetch("http://x")', 'fetch is not available in templates; a render may depend on nothing but its inputs'],
    ['require("fs")', 'require is not available in templates; use include() for templates and it.files for files'],
    ['import("fs")', 'import is not available in templates'],
    ['eval("1")', 'eval is not available in templates'],
    ['this.x', '`this` is not available in templates'],
    ['Function("return 1")()', 'Function is not available in templates; a render may depend on nothing but its inputs'],
    ['setTimeout(() => {})', 'setTimeout is not available in templates; a render may depend on nothing but its inputs'],
    ['crypto.randomUUID()', 'crypto is not available in templates; use digest() for hashes'],
  ])('%s is refused when the template is compiled', (code, error) => {
    const column = code.startsWith('new ') ? 12 : 8
    expect(bodyErrors(`a: <%= ${code} %>\n`)).toEqual([`4:${column}: ${error}`])
    expect(bodyErrors(`a: 1\n<% if (x) { ${code} } %>\n`)).toEqual([`5:${13 + column - 8}: ${error}`])
  })

  it.each([
    [
      "'a'.localeCompare('b')",
      '4:12: localeCompare is not available in templates; sort() without an argument, or < and >, compare by code unit',
    ],
    ['it.spec.n?.toLocaleString()', '4:19: toLocaleString is not available in templates; String() and toFixed() are the same everywhere'],
    ["'I'.toLocaleLowerCase()", '4:12: toLocaleLowerCase is not available in templates; use toLowerCase()'],
  ])('%s is refused, since it depends on the language of the process', (code, error) => {
    expect(bodyErrors(`a: <%= ${code} %>\n`)).toEqual([error])
  })

  it('is not refused as a property, a key, a string or a comment', () => {
    expect(renderBody("a: <%= ({ process: it.spec.process, Date: 'eval(this)' }) /* Date.now() */ %>\n", { process: 1 })).toEqual({
      a: { process: 1, Date: 'eval(this)' },
    })
  })

  it('is the only thing missing: Math, JSON and the like are there', () => {
    expect(
      renderBody('a: <%= [Math.max(1, 2), JSON.stringify([1]), Number("3"), String(4), Object.keys({ b: 1 }), parseInt("5px", 10)] %>\n'),
    ).toEqual({ a: [2, '[1]', 3, '4', ['b'], 5] })
  })

  it('a variable that is never declared cannot be made', () => {
    expect(bodyErrors('<% leaked = 1 %>\na: 1\n')).toEqual(['4:4: leaked is not defined'])
    expect(bodyErrors('a: <%= digset(it.name) %>\n')).toEqual(['4:8: digset is not defined; did you mean digest?'])
  })
})

describe('a syntax error', () => {
  it.each([
    ['a: <%= it.spec. %>\n', '4:8:'],
    ['a: 1\nb: <%= it.name\n', '5:4: the tag is not closed; it ends with %>'],
    ['a: <%= it.name\nb: <%= it.name %>\n', '4:4: the tag is not closed; it ends with %>'],
    ['a: <%= it.name) %>\n', '4:8:'],
    ["a: <%= 'x %>\n", '4:8: unclosed string'],
    ['a: 1\n<% const = 1 %>\n', '5:4:'],
    ['a: 1\n<% if (it.name { %>\n<% } %>\n', '5:7: "(" is never closed'],
    ['<% if (it.name) { %>\na: 1\n', '4:17: "{" is never closed'],
    ['a: 1\n<% } %>\n', '5:4: "}" closes nothing'],
    ['<% it.spec.list.forEach((x) => { %>\na: 1\n<% } %>\n', '4:24: "(" is never closed'],
    ['<% for (const x of it.spec.list { %>\n<% }) %>\n', "4:4: Unexpected token '{'"],
    ['a: <%= %>\n', '4:4: <%= %> holds no expression'],
    ['a: <%- it.name %>\n', '4:4: the trim mark <%- is not available; lines that hold only code disappear by themselves'],
    ['a: <%= it.name -%>\n', '4:4: the trim mark -%> is not available; lines that hold only code disappear by themselves'],
    ['a: <%= await it.name %>\n', '4:8: templates cannot wait'],
  ])('in %j is found in its tag', (body, error) => {
    const [first] = bodyErrors(body)
    expect(first).toContain(error)
  })

  it('that YAML has is found at its line', () => {
    expect(bodyErrors('a: 1\n  b: 2\n')[0]).toMatch(/^5:\d+: /)
    expect(bodyErrors('a: [1\nb: <%= it.name %>\n')[0]).toMatch(/^[56]:\d+: /)
  })
})

describe('all ways of control flow', () => {
  it.each([
    ['<% if (it.spec.a) { %>\nx: 1\n<% } else if (it.spec.b) { %>\nx: 2\n<% } else { %>\nx: 3\n<% } %>\n', { a: 0, b: 1 }, { x: 2 }],
    ['x:\n<% for (const item of it.spec.list) { %>\n  - <%= item %>\n<% } %>\n', { list: [1, 'b'] }, { x: [1, 'b'] }],
    [
      'x:\n<% it.spec.list.forEach((item, index) => { %>\n  k<%= index %>: <%= item %>\n<% }) %>\n',
      { list: [1, 'b'] },
      { x: { k0: 1, k1: 'b' } },
    ],
    ['x:\n<% for (let i = 0; i < 3; i++) { %>\n  - <%= i %>\n<% } %>\n', {}, { x: [0, 1, 2] }],
    ['x:\n<% let i = 0; while (i < 2) { i++ %>\n  - <%= i %>\n<% } %>\n', {}, { x: [1, 2] }],
    ['x:\n<% let i = 0; do { i++ %>\n  - <%= i %>\n<% } while (i < 2) %>\n', {}, { x: [1, 2] }],
    ['<% switch (it.spec.a) { %>\n<% case 1: %>\nx: one\n<% break %>\n<% default: %>\nx: other\n<% } %>\n', { a: 1 }, { x: 'one' }],
    ['<% let x = 1; try { fail("no") } catch { x = 2 } %>\nx: <%= x %>\n', {}, { x: 2 }],
    ['<% try { %>\nx: 1\n<% } catch { %>\nx: 2\n<% } %>\n', {}, { x: 1 }],
    ['<% const pair = (a, b) => [a, b] %>\nx: <%= pair(1, 2).map((n) => n * 2) %>\n', {}, { x: [2, 4] }],
    ['<% function twice(n) { return n * 2 } %>\nx: <%= twice(2) %>\n', {}, { x: 4 }],
    ['x: <%= it.spec.a ? it.spec.list.map((n) => n + 1) : [] %>\n', { a: 1, list: [1] }, { x: [2] }],
    ['x: <%= it.spec.list.sort ? /b+/.test("abb") : 0 %>\n', { list: [] }, { x: true }],
  ])('%j', (body, spec, expected) => {
    expect(renderBody(body, spec)).toEqual(expected)
  })

  it('a for loop without braces is refused, since its turns cannot be counted', () => {
    expect(bodyErrors('<% const l = []; for (const x of it.spec.list) l.push(x) %>\na: 1\n')).toEqual([
      '4:18: a for loop needs braces around its body',
    ])
  })
})

describe('fail', () => {
  it('stops the render with its message, at its tag', () => {
    expect(bodyErrors('a: 1\n<% if (!it.spec.host) { fail("spec.host is needed") } %>\n')).toEqual(['5:4: spec.host is needed'])
  })
})

describe('a library function that refuses its arguments', () => {
  it('is named at its tag', () => {
    expect(bodyErrors('a: 1\nb: <%= trunc(it.spec.name, "x") %>\n', { name: 'a' })[0]).toMatch(/^5:8: trunc\(/)
  })
})
