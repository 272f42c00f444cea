import { describe, expect, it } from 'vitest'
import { bodyErrors, renderBody } from './sample.ts'

describe('a value in a plain scalar that is nothing else', () => {
  it.each([
    ['a number', 8080],
    ['a string that YAML would read as a number', '8080'],
    ['a string that YAML would read as a boolean', 'on'],
    ['a boolean', true],
    ['null', null],
    ['an empty string', ''],
    ['a string of several lines', 'a: b\n---\nc: d\n'],
    ['an empty list', []],
    ['an empty map', {}],
    ['a list of maps', [{ a: 1 }, { b: [2, null] }]],
    ['a map, at any depth', { a: { b: { c: ['d'] } } }],
  ])('keeps its type: %s', (_, value) => {
    expect(renderBody('data:\n  deep:\n    - key: <%= it.spec.value %>\n', { value })).toEqual({ data: { deep: [{ key: value }] } })
  })

  it('may be an expression over several lines, with comments', () => {
    expect(renderBody('data: <%= [\n  1, // one\n  /* two */ 2,\n] %>\n')).toEqual({ data: [1, 2] })
  })
})

describe('a value behind an anchor', () => {
  it('is a value of its own in each place', () => {
    const { data } = renderBody('data:\n  one: &map <%= it.spec.map %>\n  two: *map\n', { map: { a: { b: 1 } } }) as {
      data: Record<'one' | 'two', { a: object }>
    }
    expect(data).toEqual({ one: { a: { b: 1 } }, two: { a: { b: 1 } } })
    expect(data.one).not.toBe(data.two)
    expect(data.one.a).not.toBe(data.two.a)
  })
})

describe('lines that end as on Windows', () => {
  it('give the same values as others, also where lines of code disappear', () => {
    const body = 'data: |\n  one\n  <% if (true) { %>\n  <%= it.spec.value %>\n  <% } %>\n  two\n'
    expect(renderBody(body.replaceAll('\n', '\r\n'), { value: 1 })).toEqual({ data: 'one\n1\ntwo\n' })
  })
})

describe('a value in a quoted or block scalar', () => {
  it.each([
    ['"<%= it.spec.port %>"', '8080'],
    ["'<%= it.spec.port %>'", '8080'],
    ['"http://<%= it.spec.host %>:<%= it.spec.port %>/"', 'http://a "b" \\n\n:8080/'],
    ['|-\n  port <%= it.spec.port %>\n  host <%= it.spec.host %>', 'port 8080\nhost a "b" \\n\n'],
    ['|\n  <%= it.spec.port %>', '8080\n'],
    ['>-\n  <%= it.spec.yes %>', 'true'],
  ])('is a string: %s', (scalar, text) => {
    expect(renderBody(`data: ${scalar}\n`, { port: 8080, host: 'a "b" \\n\n', yes: true })).toEqual({ data: text })
  })

  it('cannot be a map or a list', () => {
    expect(bodyErrors('data: "<%= it.spec.map %>"\n', { map: { a: 1 } })).toEqual([
      '4:12: it.spec.map is a map and cannot stand in a quoted scalar; textOf() or toJson() makes a text of it',
    ])
    expect(bodyErrors('data: |-\n  <%= it.spec.list %>\n', { list: [1] })).toEqual([
      '5:7: it.spec.list is a list and cannot stand in a block scalar; textOf() or toJson() makes a text of it',
    ])
  })

  it('can be the JSON or YAML that a function makes of a map', () => {
    expect(renderBody('data: |-\n  <%= toJson(it.spec.map) %>\n', { map: { a: 1 } })).toEqual({ data: '{"a":1}' })
    expect(renderBody('data: |-\n  <%= toYaml(it.spec.map) %>\n', { map: { b: 2, a: 1 } }).data).toContain('b: 2\na: 1')
  })
})

describe('a value inside a longer scalar or a key', () => {
  it('becomes its text', () => {
    expect(
      renderBody('data:\n  name: web-<%= it.spec.number %>-<%= it.spec.yes %>\n  <%= it.spec.key %>: 1\n  x-<%= it.spec.key %>: 2\n', {
        number: 3,
        yes: false,
        key: 'a: b',
      }),
    ).toEqual({
      data: { name: 'web-3-false', 'a: b': 1, 'x-a: b': 2 },
    })
  })

  it.each([
    [
      'name: x-<%= it.spec.value %>',
      { a: 1 },
      '4:13: it.spec.value is a map and cannot stand in a longer scalar; textOf() or toJson() makes a text of it',
    ],
    ['name: x-<%= it.spec.value %>', null, '4:13: it.spec.value is null and cannot stand in a longer scalar'],
    ['<%= it.spec.value %>: 1', { a: 1 }, '4:5: it.spec.value is a map and cannot stand in a key; textOf() or toJson() makes a text of it'],
    ['<%= it.spec.value %>: 1', null, '4:5: it.spec.value is null and cannot stand in a key'],
    ['x<%= omit %>: 1', 0, '4:6: omit is omit and cannot stand in a key'],
  ])('cannot be %s of %j', (line, value, error) => {
    expect(bodyErrors(`${line}\n`, { value })).toEqual([error])
  })

  it('is refused in a plain scalar of several lines, which a line indented too deep makes', () => {
    expect(bodyErrors('name: <%= it.name %>\n  and more\n')).toEqual([
      '4:11: an inserted value cannot stand in a plain scalar of several lines; is a line indented too deep? Otherwise quote the scalar, or use | or >-',
    ])
  })
})

describe('keys', () => {
  it('are resolved before the map is built: a key of data never replaces a fixed one', () => {
    expect(bodyErrors('labels:\n  app: fixed\n  <%= it.spec.key %>: other\n', { key: 'app' })).toEqual([
      '6:7: the key "app" stands twice in one map',
    ])
    expect(bodyErrors('labels:\n  <%= it.spec.key %>: other\n  app: fixed\n', { key: 'app' })).toEqual([
      '6:3: the key "app" stands twice in one map',
    ])
  })

  it('that are the same in the text are refused', () => {
    expect(bodyErrors('labels:\n  app: a\n  app: b\n')).toEqual(['6:3: the key "app" stands twice in one mapping'])
  })

  it('may be the names of the prototype', () => {
    const key = '__proto__'
    const rendered = renderBody('data:\n  <%= it.spec.key %>: { polluted: true }\n  constructor: 1\n', { key })
    expect(Object.keys(rendered.data as object)).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('a spread', () => {
  it('alone on a line gives a map its keys', () => {
    expect(renderBody('data:\n  a: 1\n  <%... it.spec.map %>\n  z: 2\n', { map: { b: [1], c: null } })).toEqual({
      data: { a: 1, b: [1], c: null, z: 2 },
    })
  })

  it('alone in a map gives all of it', () => {
    expect(renderBody('data:\n  <%... it.spec.map %>  # comment\n', { map: {} })).toEqual({ data: {} })
  })

  it('as an item gives a list its items', () => {
    expect(renderBody('data:\n  - a\n  - <%... it.spec.list %>\n  - z\n', { list: ['b', { c: 1 }] })).toEqual({
      data: ['a', 'b', { c: 1 }, 'z'],
    })
  })

  it('works in flow style', () => {
    expect(renderBody('data: [a, <%... it.spec.list %>]\nmore: { a: 1, <%... it.spec.map %> }\n', { list: ['b'], map: { c: 2 } })).toEqual({
      data: ['a', 'b'],
      more: { a: 1, c: 2 },
    })
  })

  it('that brings a key which is there is an error', () => {
    expect(bodyErrors('data:\n  a: 1\n  <%... it.spec.map %>\n', { map: { a: 2 } })).toEqual(['6:9: the key "a" stands twice in one map'])
  })

  it.each([
    ['data:\n  <%... it.spec.value %>\n', ['a'], '5:9: it.spec.value is a list; a spread in a map needs a map'],
    ['data:\n  - <%... it.spec.value %>\n', { a: 1 }, '5:11: it.spec.value is a map; a spread in a list needs a list'],
    ['data: x <%... it.spec.value %>\n', {}, '4:15: a spread stands alone on a line of a map, or as an item of a list'],
    ['data: <%... it.spec.value %>\n', {}, '4:13: a spread stands alone on a line of a map, or as an item of a list'],
    ['data: "<%... it.spec.value %>"\n', {}, '4:14: a spread stands alone on a line of a map, or as an item of a list'],
    ['data:\n  <%... it.spec.value %>: 1\n', {}, '5:9: a spread has no value of its own'],
  ])('elsewhere or of another type is an error: %j', (body, value, error) => {
    expect(bodyErrors(body, { value })).toEqual([error])
  })
})

describe('omit', () => {
  it('drops the key, or the item', () => {
    expect(renderBody('data:\n  a: <%= omit %>\n  b: [1, <%= omit %>, 2]\n  c: <%= { d: omit, e: [omit, 3] } %>\n')).toEqual({
      data: { b: [1, 2], c: { e: [3] } },
    })
  })
})

describe('where no value can stand', () => {
  it.each([
    ['data: &<%= it.name %> x\n', '4:12: a value cannot be inserted into an anchor, an alias or a tag'],
    ['data: &a x\nmore: *<%= it.name %>\n', '5:12: a value cannot be inserted into an anchor, an alias or a tag'],
    ['data: !<%= it.name %> x\n', 'an anchor, an alias or a tag'],
  ])('a template is not compiled: %j', (body, error) => {
    const [only, ...others] = bodyErrors(body)
    expect(only).toContain(error)
    expect(others).toEqual([])
  })

  it('also in a directive', () => {
    expect(bodyErrors('---\n%TAG ! <%= it.name %>\n---\na: 1\n')[0]).toContain('a value cannot be inserted into a directive')
  })

  it('a merge key names the spread', () => {
    expect(bodyErrors('data:\n  <<: <%= it.spec %>\n')).toEqual([
      '5:3: `<<` merges a mapping, or a list of mappings; use <%... map %> on a line of its own',
    ])
  })

  it('a comment is ignored', () => {
    expect(renderBody('data: 1 # <%= it.name %>\n')).toEqual({ data: 1 })
  })
})

describe('there is no way around values', () => {
  it('raw output is a compile error', () => {
    expect(bodyErrors('data: <%~ it.name %>\n')).toEqual([
      '4:7: there is no raw output: <%~ %>; use <%= %>, which inserts a value with its type',
    ])
  })

  it.each(['output("x")', 'capture(() => {})', 'layout("x")', 'block("x")'])('%s does not exist', (code) => {
    const name = code.slice(0, code.indexOf('('))
    expect(bodyErrors(`<% ${code} %>\ndata: 1\n`)).toEqual([`4:4: ${name} is not defined`])
  })

  it('template text with private-use characters, or an escape for one, is a load error', () => {
    const error = 'template text must not contain private-use characters (U+E000 to U+F8FF); insert such text as a value'
    expect(bodyErrors('data: \uE0000\uE001\n')).toEqual([`4:7: ${error}`])
    expect(bodyErrors('data: "\\uE0000\\ue001"\n')).toEqual([`4:8: ${error}`])
  })

  it('a value with private-use characters stays what it is', () => {
    const value = '\uE0000\uE001 \uE0021\uE001'
    expect(renderBody('data: <%= it.spec.value %>\nmore: "x<%= it.spec.value %>"\n', { value })).toEqual({ data: value, more: `x${value}` })
  })
})

describe('lines that hold only code', () => {
  it('disappear, also in a block scalar', () => {
    expect(renderBody('data: |\n  a\n  <% if (it.spec.on) { %>\n  b\n  <% } else { %>\n  c\n  <% } %>\n  d\n', { on: true })).toEqual({
      data: 'a\nb\nd\n',
    })
  })

  it('disappear with several tags, a comment, or code of several lines', () => {
    expect(
      renderBody('<%/* comment */%>\n  <% const a = 1 %> <% const b = 2 %>\n<%\nconst c = 3\n%>\ndata: |\n  <% %>\n  <%= a + b + c %>\n'),
    ).toEqual({ data: '6\n' })
  })

  it('stay where an insert stands on them', () => {
    expect(renderBody('data: |\n  <% const a = "" %><%= a %>\n  b\n')).toEqual({ data: '\nb\n' })
  })
})

describe('what is inserted', () => {
  it.each([
    ['a function', '() => 1', 'the inserted value is a function; a value is a string, number, boolean, null, list or map'],
    ['not a number', '0 / 0', 'the inserted value is NaN; a value is a string, number, boolean, null, list or map'],
    ['infinite', '1 / 0', 'the inserted value is Infinity; a value is a string, number, boolean, null, list or map'],
    ['a Map', 'new Map()', 'the inserted value is a Map; a value is a string, number, boolean, null, list or map'],
    ['a bigint', '1n', 'the inserted value is a bigint; a value is a string, number, boolean, null, list or map'],
    ['undefined inside a map', '({ a: { b: undefined } })', 'the inserted value has undefined at .a.b; omit drops a key'],
  ])('cannot be %s', (_, code, error) => {
    expect(bodyErrors(`data: <%= ${code} %>\n`)).toEqual([`4:11: ${error}`])
  })

  it('is copied: what a template does with it later has no effect', () => {
    expect(renderBody('<% const list = [1] %>\ndata: <%= list %>\n<% list.push(2) %>\n')).toEqual({ data: [1] })
  })
})

describe('include', () => {
  const partial = { 'templates/_labels.eta': 'app: <%= it.name %>\ntier: <%= it.tier %>\n' }
  it('returns a value, with the names of `it` and those given', () => {
    expect(
      renderBody('data: <%= include("labels", { tier: 1 }) %>\nmore: "<%= include("labels", { tier: 2 }).tier %>"\n', {}, partial),
    ).toEqual({
      data: { app: 'shop', tier: 1 },
      more: '2',
    })
  })

  it('gives a value that text functions can work on', () => {
    const name = { 'templates/_name.eta': '<%= it.name %>-<%= it.spec.suffix %>' }
    expect(renderBody('data: <%= trunc(include("name"), 63).length %>\n', { suffix: 'x'.repeat(100) }, name)).toEqual({ data: 63 })
  })

  it('names the partial that was meant, when it is compiled', () => {
    expect(bodyErrors('data: <%= include("lables") %>\n', {}, partial)).toEqual([
      '4:19: there is no partial "lables"; did you mean "labels"?',
    ])
  })

  it('tells the line inside the partial', () => {
    expect(bodyErrors('data: <%= include("labels") %>\n', {}, partial)).toEqual([
      'charts/app/templates/_labels.eta:2:11: it.tier is undefined',
    ])
  })

  it('of itself ends', () => {
    expect(bodyErrors('data: <%= include("again") %>\n', {}, { 'templates/_again.eta': 'a: <%= include("again") %>\n' })[0]).toContain(
      'includes go deeper than 100 levels',
    )
  })
})

describe('digest', () => {
  it('changes with the value and not with the order of its keys', () => {
    const digest = (spec: unknown): unknown => renderBody('data: <%= digest(it.spec) %>\n', spec).data
    expect(digest({ a: 1, b: 2 })).toBe(digest({ b: 2, a: 1 }))
    expect(digest({ a: 1 })).not.toBe(digest({ a: 2 }))
  })
})
