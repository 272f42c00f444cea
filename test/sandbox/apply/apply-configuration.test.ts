import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../../src/api/object.ts'
import { builtIn } from './built-in.ts'
import { dotted, History } from './history.ts'
import { atomicThing, mapList, struct, text, thing } from './schemas.ts'

const history = () => new History()
const items = (...names: string[]) => names.map((name) => ({ name }))

describe('an apply of one manager', () => {
  it('creates the object as it is asked for, and owns all of it but its identity', () => {
    const made = history().apply('a', { spec: { text: 'x', map: { k: 'v' } } }, { metadata: { labels: { l: '1' } } })
    expect(made.live).toMatchObject({ metadata: { name: 'it', labels: { l: '1' } }, spec: { text: 'x', map: { k: 'v' } } })
    expect(made.owners).toEqual({ 'a Apply': ['.metadata.labels.l', '.spec.map.k', '.spec.text'] })
  })

  it('has no entry if it says nothing but who it is', () => {
    expect(history().apply('a', {}).entries).toEqual([])
  })

  it('leaves the object alone the second time, the time of the entry included', () => {
    const made = history().apply('a', { spec: { text: 'x', tags: ['t'], items: items('i') } })
    const before = made.live
    made.apply('a', { spec: { text: 'x', tags: ['t'], items: items('i') } })
    expect(made.live).toBe(before)
  })

  it('has a new time after it changed something', () => {
    const made = history()
      .apply('a', { spec: { text: 'x' } })
      .apply('a', { spec: { text: 'y' } })
    expect(made.entries[0]?.time).toBe('2026-01-01T00:00:01Z')
  })

  it('removes what it leaves out: fields, keys, items and members of sets', () => {
    const made = history()
      .apply('a', { spec: { text: 'x', map: { k: '1', l: '1' }, items: items('i', 'j'), tags: ['s', 't'] } })
      .apply('a', { spec: { map: { l: '1' }, items: items('j'), tags: ['t'] } })
    expect(made.spec).toEqual({ map: { l: '1' }, items: items('j'), tags: ['t'] })
  })

  it('removes a whole list, map or struct with its last part', () => {
    const made = history()
      .apply('a', { spec: { text: 'x', map: { k: '1' }, items: items('i'), tags: ['s'], structs: { inner: { a: '1' } } } })
      .apply('a', { spec: { text: 'x' } })
    expect(made.spec).toEqual({ text: 'x' })
  })

  it('owns atomic values as a whole', () => {
    const made = history().apply('a', { spec: { args: ['1', '2'], atomicMap: { k: '1' }, atomicStruct: { a: '1' } } })
    expect(made.owners).toEqual({ 'a Apply': ['.spec.args', '.spec.atomicMap', '.spec.atomicStruct'] })
  })

  it('owns nulls and empty maps as leaves, and an empty granular list not at all', () => {
    const made = history().apply('a', { spec: { text: null, map: {}, structs: {}, items: [], tags: [], args: [] } })
    expect(made.owners).toEqual({ 'a Apply': ['.spec.args', '.spec.map', '.spec.structs', '.spec.text'] })
  })

  it('owns maps without a schema key by key, and lists as a whole', () => {
    const made = history().apply('a', { spec: { any: { m: { n: 1 }, l: [1, { x: 1 }] }, half: { known: '1', u: { v: 1 } } } })
    expect(made.owners['a Apply']).toEqual([
      '.spec.any.l',
      '.spec.any.m',
      '.spec.any.m.n',
      '.spec.half.known',
      '.spec.half.u',
      '.spec.half.u.v',
    ])
  })

  it('keeps the order that it sends its items in', () => {
    const made = history()
      .apply('a', { spec: { items: items('i', 'j', 'k'), tags: ['x', 'y'] } })
      .apply('a', { spec: { items: items('k', 'i', 'j'), tags: ['y', 'x'] } })
    expect(made.spec).toEqual({ items: items('k', 'i', 'j'), tags: ['y', 'x'] })
  })

  it('does not replace a map that has something by null', () => {
    const made = history()
      .apply('a', { spec: { map: { k: '1' } } })
      .apply('b', { spec: { map: null } })
    expect(made.spec).toEqual({ map: { k: '1' } })
    expect(made.owners['b Apply']).toEqual(['.spec.map'])
  })

  it('never changes the stored object, and shares what stays', () => {
    const made = history().apply('a', { spec: { text: 'x', map: { k: '1' } } }, { metadata: { labels: { l: '1' } } })
    const before = made.live as KubernetesObject
    const copy = structuredClone(before)
    made.apply('a', { spec: { text: 'y', map: { k: '1' } } }, { metadata: { labels: { l: '1' } } })
    expect(before).toEqual(copy)
    expect(made.spec?.['map']).toBe((before['spec'] as { map: unknown }).map)
    expect(made.live?.metadata.labels).toBe(before.metadata.labels)
  })

  it('keeps a key that is called __proto__ as it is', () => {
    const made = history().apply('a', { spec: { map: JSON.parse('{"__proto__":"1","k":"1"}') } })
    made.apply('a', { spec: { map: JSON.parse('{"__proto__":"2"}') } })
    expect(JSON.stringify(made.spec)).toBe('{"map":{"__proto__":"2"}}')
    expect(({} as Record<string, unknown>)['1']).toBeUndefined()
  })
})

describe('applies of several managers', () => {
  it('share what they agree on', () => {
    const made = history()
      .apply('a', { spec: { text: 'x' } })
      .apply('b', { spec: { text: 'x' } })
    expect(made.owners).toEqual({ 'a Apply': ['.spec.text'], 'b Apply': ['.spec.text'] })
  })

  it('are in conflict about a value that differs', () => {
    const refused = history()
      .apply('a', { spec: { text: 'x' } })
      .refused('b', { spec: { text: 'y' } })
    expect(refused.status()).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Apply failed with 1 conflict: conflict with "a": .spec.text',
      reason: 'Conflict',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "a"', field: '.spec.text' }] },
      code: 409,
    })
  })

  it('name all conflicts, manager by manager', () => {
    const made = history()
      .update('up', { spec: { replicas: 1 } })
      .apply('a', { spec: { text: 'x', tags: ['t'], items: [{ name: 'i', value: '1' }], ports: [{ port: 80, name: 'n' }] } })
      .apply('b', { spec: { map: { k: '1' } } })
    const refused = made.refused('c', {
      spec: { replicas: 2, text: 'y', map: { k: '2' }, items: [{ name: 'i', value: '2' }], ports: [{ port: 80, name: 'm' }] },
    })
    expect(refused.message).toBe(
      [
        'Apply failed with 5 conflicts: conflicts with "a":',
        '- .spec.text',
        '- .spec.items[name="i"].value',
        '- .spec.ports[port=80,protocol="TCP"].name',
        'conflicts with "b":',
        '- .spec.map.k',
        'conflicts with "up" using demo.io/v1:',
        '- .spec.replicas',
      ].join('\n'),
    )
    expect(refused.details?.causes).toHaveLength(5)
  })

  it('store nothing of an apply that is refused', () => {
    const made = history().apply('a', { spec: { text: 'x' } })
    const before = made.live
    made.refused('b', { spec: { text: 'y', map: { k: '1' } } })
    expect(made.live).toBe(before)
  })

  it('take a value over with force', () => {
    const made = history()
      .apply('a', { spec: { text: 'x', map: { k: '1' } } })
      .apply('b', { spec: { text: 'y' } }, { force: true })
    expect(made.spec).toEqual({ text: 'y', map: { k: '1' } })
    expect(made.owners).toEqual({ 'a Apply': ['.spec.map.k'], 'b Apply': ['.spec.text'] })
  })

  it('lose their entry with the last field that they owned', () => {
    const made = history()
      .apply('a', { spec: { text: 'x' } })
      .apply('b', { spec: { text: 'y' } }, { force: true })
    expect(made.owners).toEqual({ 'b Apply': ['.spec.text'] })
  })

  it('keep what one leaves out as long as another owns it', () => {
    const made = history()
      .apply('a', { spec: { items: [{ name: 'i', value: '1' }], tags: ['t'] } })
      .apply('b', { spec: { items: [{ name: 'i' }], tags: ['t'] } })
      .apply('a', { spec: { text: 'x' } })
    expect(made.spec).toEqual({ text: 'x', items: items('i'), tags: ['t'] })
    expect(made.owners['a Apply']).toEqual(['.spec.text'])
  })

  it('remove an item as a whole with what an updater put below it', () => {
    const made = history()
      .apply('a', { spec: { items: [{ name: 'i', value: '1' }, { name: 'j' }] } })
      .update('u', { spec: { items: [{ name: 'i', value: '1', other: '2' }, { name: 'j' }] } })
      .apply('a', { spec: { items: items('j') } })
    expect(made.spec).toEqual({ items: items('j') })
    expect(made.owners).toEqual({ 'a Apply': ['.spec.items[name="j"]', '.spec.items[name="j"].name'] })
  })

  it('keep a struct that another has something in', () => {
    const made = history()
      .apply('a', { spec: { structs: { inner: { a: '1', list: items('i') } } } })
      .apply('b', { spec: { structs: { inner: { list: items('j') } } } })
      .apply('a', { spec: { text: 'x' } })
    expect(made.spec).toEqual({ text: 'x', structs: { inner: { list: items('j') } } })
  })

  it('put their items where those stand among the others', () => {
    const made = history()
      .apply('a', { spec: { items: items('i', 'j', 'k') } })
      .apply('b', { spec: { items: items('k', 'x', 'i') } })
    expect(made.spec).toEqual({ items: items('j', 'k', 'x', 'i') })
  })

  it('end up the same in either order if they touch nothing of each other', () => {
    const one = { spec: { text: 'x', map: { k: '1' } } }
    const other = { spec: { replicas: 1, map: { l: '1' } } }
    const left = history().apply('a', one).apply('b', other)
    const right = history().apply('b', other).apply('a', one)
    expect(left.spec).toEqual(right.spec)
    expect(left.owners).toEqual(right.owners)
  })
})

describe('list keys', () => {
  it('take the default for a key field that is missing', () => {
    const made = history().apply('a', { spec: { ports: [{ port: 80, name: 'n' }] } })
    expect(made.owners['a Apply']).toEqual([
      '.spec.ports[port=80,protocol="TCP"]',
      '.spec.ports[port=80,protocol="TCP"].name',
      '.spec.ports[port=80,protocol="TCP"].port',
    ])
    expect(made.refused('b', { spec: { ports: [{ port: 80, protocol: 'TCP', name: 'm' }] } }).details?.causes).toHaveLength(1)
  })

  it('name another item without a key field that has no default', () => {
    const made = history().apply('a', {
      spec: {
        loose: [
          { name: 'n', value: '1' },
          { name: 'n', protocol: 'TCP', value: '2' },
        ],
      },
    })
    expect(made.spec?.['loose']).toHaveLength(2)
    expect(made.owners['a Apply']).toContain('.spec.loose[name="n"].value')
  })

  it('may be there twice in what is stored, but not in a configuration', () => {
    const twice = [
      { name: 'i', value: '1' },
      { name: 'i', value: '2' },
    ]
    const made = history().update('u', { spec: { items: twice } })
    expect(made.owners['u Update']).toEqual(['.spec', '.spec.items', '.spec.items[name="i"]'])
    expect(made.refused('a', { spec: { items: twice } }).message).toBe(
      'failed to create typed patch object (/it; demo.io/v1, Kind=Thing): .spec.items: duplicate entries for key [name="i"]',
    )
    made.apply('a', { spec: { items: [{ name: 'i', value: '3' }] } }, { force: true })
    expect(made.spec).toEqual({ items: [{ name: 'i', value: '3' }] })
  })
})

describe('a configuration that is not of the shape of the kind', () => {
  const cases: [string, object, string][] = [
    ['an unknown field', { spec: { foo: 1 } }, '.spec.foo: field not declared in schema'],
    ['a text for a number', { spec: { replicas: '3' } }, '.spec.replicas: expected numeric (int or float), got string'],
    ['a map for a number', { spec: { replicas: {} } }, '.spec.replicas: expected numeric (int or float), got map[string]interface {}'],
    ['a number for a text', { spec: { text: 3 } }, '.spec.text: expected string, got &value.valueUnstructured{Value:3}'],
    [
      'a map for a text',
      { spec: { text: { b: [1, null], a: 'x' } } },
      '.spec.text: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"a":"x", "b":[]interface {}{1, interface {}(nil)}}}',
    ],
    ['a map for a list', { spec: { items: { a: 1 } } }, '.spec.items: expected list, got &{map[a:1]}'],
    ['a list for a map', { spec: [1, 'a'] }, '.spec: expected map, got &{[1 a]}'],
    ['a null item', { spec: { items: [null] } }, '.spec.items: element 0: associative list with keys may not have a null element'],
    ['a scalar item', { spec: { items: ['x'] } }, '.spec.items: element 0: associative list with keys may not have non-map elements'],
    [
      'an item without a key',
      { spec: { items: [{ value: 'x' }] } },
      '.spec.items: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)',
    ],
    ['a member twice', { spec: { tags: ['a', 'a'] } }, '.spec.tags: duplicate entries for key [="a"]'],
    ['a map in a set', { spec: { tags: [{}] } }, ".spec.tags: element 0: associative list without keys has an element that's a map type"],
    ['a list in a set', { spec: { tags: [[]] } }, '.spec.tags: element 0: not supported: associative list with lists as elements'],
    [
      'a null in a set',
      { spec: { tags: [null] } },
      ".spec.tags: element 0: associative list without keys has an element that's an explicit null",
    ],
    [
      'a wrong member of an atomic list',
      { spec: { args: ['a', 1] } },
      '.spec.args[1]: expected string, got &value.valueUnstructured{Value:1}',
    ],
    [
      'several',
      { spec: { text: 1, items: [{ name: 'i', value: 2 }] } },
      'errors:\n  .spec.text: expected string, got &value.valueUnstructured{Value:1}\n  .spec.items[name="i"].value: expected string, got &value.valueUnstructured{Value:2}',
    ],
  ]
  it.each(cases)('is refused with code 500: %s', (_, configuration, problem) => {
    const refused = history().refused('a', configuration as never, { metadata: { namespace: 'ns' } })
    expect(refused.status()).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `failed to create typed patch object (ns/it; demo.io/v1, Kind=Thing): ${problem}`,
      code: 500,
    })
  })

  it('is a bad request if it is of another kind', () => {
    const made = history()
    const refused = (head: object) => made.refused('a', { apiVersion: 'demo.io/v1', kind: 'Thing', metadata: {}, ...head } as never)
    expect(refused({ kind: 'Other' })).toMatchObject({ code: 400, message: 'invalid object type: demo.io/v1, Kind=Other' })
    expect(refused({ apiVersion: 'v1' })).toMatchObject({ code: 400, message: 'invalid object type: /v1, Kind=Thing' })
    expect(refused({ apiVersion: 'a/b/c' })).toMatchObject({ code: 400, message: 'invalid object type: /, Kind=' })
  })

  it('is a bad request if it has managed fields, an empty list too', () => {
    const refused = history().refused('a', {}, { metadata: { managedFields: [] } })
    expect(refused).toMatchObject({ code: 400, reason: 'BadRequest', message: 'metadata.managedFields must be nil' })
    expect(history().apply('a', { spec: { text: 'x' } }, { metadata: { managedFields: null } }).spec).toEqual({ text: 'x' })
  })
})

describe('an object that nobody applied before', () => {
  it('belongs to before-first-apply when it has no owners yet', () => {
    const made = history().update('u', { spec: { text: 'x', map: { k: '1' } } })
    made.update('u', { spec: { text: 'x', map: { k: '1' } } }, { requested: [{}] })
    expect(made.entries).toEqual([])
    made.apply('a', { spec: { replicas: 1 } })
    expect(made.owners).toEqual({
      'a Apply': ['.spec.replicas'],
      'before-first-apply Update': ['.spec', '.spec.map', '.spec.map.k', '.spec.text'],
    })
    expect(made.refused('a', { spec: { text: 'y' } }).message).toContain('conflict with "before-first-apply" using demo.io/v1')
  })
})

describe('what an endpoint resets', () => {
  it('is merged but owned by nobody', () => {
    const made = new History({ resetFields: dotted('status') }).apply('a', { spec: { text: 'x' }, status: { phase: 'A' } })
    expect(made.owners).toEqual({ 'a Apply': ['.spec.text'] })
  })

  it('is never in conflict', () => {
    const status = new History({ resetFields: dotted('spec', 'metadata') })
    status.live = history().apply('a', { spec: { text: 'x' } }).live
    status.apply('b', { spec: { text: 'y' }, status: { phase: 'A' } }, { subresource: 'status' })
    expect(status.owners).toEqual({ 'a Apply': ['.spec.text'], 'b Apply status': ['.status.phase'] })
  })
})

describe('a schema that changed', () => {
  it('makes who owned parts of what is atomic now the owner of the whole', () => {
    let schema = thing
    const made = new History({ versions: (version) => (version === 'demo.io/v1' ? { schema, convert: (object) => object } : undefined) })
    made.apply('a', { spec: { items: [{ name: 'i', value: '1' }], map: { k: '1' }, structs: { inner: { a: '1' } } } })
    schema = atomicThing
    made.apply('b', { spec: { text: 'x' } })
    expect(made.owners).toEqual({ 'a Apply': ['.spec.items', '.spec.map', '.spec.structs'], 'b Apply': ['.spec.text'] })
  })

  it('leaves who owned an atomic value the owner of the place', () => {
    let schema = atomicThing
    const made = new History({ versions: (version) => (version === 'demo.io/v1' ? { schema, convert: (object) => object } : undefined) })
    made.apply('a', { spec: { map: { k: '1' } } })
    schema = thing
    made.apply('b', { spec: { map: { l: '1' } } })
    expect(made.spec).toEqual({ map: { k: '1', l: '1' } })
    expect(made.owners).toEqual({ 'a Apply': ['.spec.map'], 'b Apply': ['.spec.map.l'] })
  })
})

describe('versions of a kind', () => {
  /** Version 2 calls `text` `words`. */
  const renamed = struct({
    ...Object.fromEntries([...thing.fields].map(([name, { schema }]) => [name, schema])),
    spec: struct({ words: text, items: mapList(['name'], { name: text }) }),
  })
  const rename = (object: KubernetesObject, from: string, to: string, apiVersion: string): KubernetesObject => {
    if (object.apiVersion === apiVersion) return object
    const { [from]: moved, ...spec } = (object['spec'] ?? {}) as Record<string, unknown>
    return { ...object, apiVersion, spec: { ...spec, ...(moved !== undefined && { [to]: moved }) } }
  }
  const versions = (served: readonly string[]) => (version: string) =>
    !served.includes(version)
      ? undefined
      : version === 'demo.io/v1'
        ? { schema: thing, convert: (object: KubernetesObject) => rename(object, 'words', 'text', version) }
        : { schema: renamed, convert: (object: KubernetesObject) => rename(object, 'text', 'words', version) }

  const made = () => new History({ versions: versions(['demo.io/v1', 'demo.io/v2']) })
  const at = (history: History, apiVersion: string) => {
    history.apiVersion = apiVersion
    history.live =
      history.live &&
      rename(history.live, apiVersion === 'demo.io/v2' ? 'text' : 'words', apiVersion === 'demo.io/v2' ? 'words' : 'text', apiVersion)
    return history
  }

  it('are in conflict in the terms of the version that the owner wrote', () => {
    const history = at(made().apply('a', { spec: { text: 'x' } }), 'demo.io/v2')
    expect(history.refused('b', { spec: { words: 'y' } }).message).toBe('Apply failed with 1 conflict: conflict with "a": .spec.text')
  })

  it('are one applier: an apply at another version replaces the entry, and removes what it leaves out', () => {
    const history = at(made().apply('a', { spec: { text: 'x', items: items('i') } }), 'demo.io/v2').apply('a', {
      spec: { items: items('i') },
    })
    expect(history.spec).toEqual({ items: items('i') })
    expect(history.entries.map(({ apiVersion }) => apiVersion)).toEqual(['demo.io/v2'])
  })

  it('that are gone take their managers with them', () => {
    const history = at(made().apply('a', { spec: { text: 'x' } }), 'demo.io/v2')
    history.versions = versions(['demo.io/v2'])
    history.apply('b', { spec: { words: 'y' } })
    expect(history.owners).toEqual({ 'b Apply': ['.spec.words'] })
  })
})

describe('a Deployment', () => {
  const deployment = () => new History({ apiVersion: 'apps/v1', kind: 'Deployment', schema: builtIn('apps/v1', 'Deployment') })
  const template = (containers: object[]) => ({ spec: { template: { spec: { containers } } } }) as never

  it('owns a container by its name and a port by number and protocol', () => {
    const made = deployment().apply('a', template([{ name: 'c', ports: [{ containerPort: 443 }, { containerPort: 80, protocol: 'UDP' }] }]))
    expect(JSON.stringify(made.entries[0]?.fieldsV1)).toBe(
      '{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:name":{},"f:ports":{"k:{\\"containerPort\\":80,\\"protocol\\":\\"UDP\\"}":{".":{},"f:containerPort":{},"f:protocol":{}},"k:{\\"containerPort\\":443,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{}}}}}}}}}',
    )
  })

  it('is refused with an unknown field', () => {
    expect(deployment().refused('a', template([{ name: 'c', foo: 1 }])).message).toBe(
      'failed to create typed patch object (/it; apps/v1, Kind=Deployment): .spec.template.spec.containers[name="c"].foo: field not declared in schema',
    )
  })
})
