import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isMap, type JsonObject, type JsonValue } from '../../src/api/object.ts'
import { coverage, coversExactly } from '../../src/fields/coverage.ts'
import { valueAt } from '../../src/fields/cut.ts'
import { field, formatPath } from '../../src/fields/path.ts'
import { parseFieldsV1 } from '../../src/fields/serialize.ts'
import { difference, fromPaths, leafPaths, nodeAt, union } from '../../src/fields/set.ts'
import { applied, fieldSets } from './arbitrary.ts'

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) for (const member of Object.values(Object.freeze(value))) deepFreeze(member)
  return value
}
const printed = (fields: JsonObject, body: JsonObject) => {
  const { missing, extra } = coverage(parseFieldsV1(fields), body)
  const exact = missing.length + extra.length === 0
  expect(coversExactly(parseFieldsV1(fields), body)).toBe(exact)
  return { missing: missing.map(formatPath), extra: extra.map(formatPath) }
}
/** An empty list, or a struct of nothing but such: associative lists without items have no path. */
const hasNoPath = (value: JsonValue | undefined): boolean =>
  Array.isArray(value) ? value.length === 0 : isMap(value) && Object.keys(value).length > 0 && Object.values(value).every(hasNoPath)
const exact = { missing: [], extra: [] }

describe('coverage of any body', () => {
  it('is exact for the set of that body, which may be frozen', () => {
    fc.assert(
      fc.property(applied, ({ body, set }) => {
        expect(coverage(set, deepFreeze(body))).toEqual(exact)
        expect(coversExactly(set, body)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('misses each leaf that is taken away, unless an empty list or what looks like a whole is left', () => {
    fc.assert(
      fc.property(applied, ({ body, set }) => {
        for (const path of leafPaths(set)) {
          const lost = difference(set, fromPaths([path]))
          const left = path.slice(0, -1).map((_, depth) => nodeAt(lost, path.slice(0, depth + 1)))
          const looksWhole = left.some((node) => node?.leaf)
          expect(coversExactly(lost, body)).toBe(looksWhole || hasNoPath(valueAt(body, path)))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('finds each path that is added', () => {
    fc.assert(
      fc.property(applied, fc.string(), ({ body, set }, name) => {
        const more = union(set, fromPaths([[field('other'), field(name)]]))
        expect(coverage(more, body)).toEqual({ missing: [], extra: [[field('other'), field(name)]] })
        expect(coversExactly(more, body)).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  it('says the same in its fast and in its telling form, whatever the set is', () => {
    fc.assert(
      fc.property(applied, fieldSets, fc.boolean(), ({ body, set }, other, removes) => {
        const spec = fromPaths([...leafPaths(other)].map((path) => [field('spec'), ...path]))
        const changed = removes ? difference(set, spec) : union(set, spec)
        const { missing, extra } = coverage(changed, body)
        expect(coversExactly(changed, body)).toBe(missing.length + extra.length === 0)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('coverage', () => {
  it('does not look at identity', () => {
    expect(
      printed(
        {},
        {
          apiVersion: 'v1',
          kind: 'A',
          metadata: { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '1', generation: 1, managedFields: null },
        },
      ),
    ).toEqual(exact)
    expect(printed({ 'f:metadata': { 'f:labels': { 'f:a': {} } } }, { metadata: { name: 'a', labels: { a: '1' } } })).toEqual(exact)
  })

  it('expects no path for what the server ignores in an apply', () => {
    expect(printed({ 'f:spec': { 'f:a': {} } }, { spec: { a: 1 }, status: { a: 1 } })).toEqual(exact)
    expect(printed({ 'f:status': { 'f:a': {} } }, { status: { a: 1, b: 1 } }).missing).toEqual(['.status.b'])
    expect(printed({}, { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', spec: { request: 'x' } })).toEqual(exact)
  })

  it('tracks names that are identity at the root only', () => {
    const body = { spec: { kind: 'x', template: { metadata: { name: 'a' } } } }
    expect(printed({}, body).missing).toEqual(['.spec.kind', '.spec.template.metadata.name'])
    expect(printed({ 'f:spec': { 'f:kind': {}, 'f:template': { 'f:metadata': { 'f:name': {} } } } }, body)).toEqual(exact)
  })

  it('accepts an empty list with and without a path, and an empty map or null only with one', () => {
    expect(printed({}, { spec: { list: [], deep: { list: [] } } })).toEqual(exact)
    expect(printed({ 'f:spec': { 'f:list': {} } }, { spec: { list: [] } })).toEqual(exact)
    expect(printed({ 'f:spec': { 'f:map': {}, 'f:none': {} } }, { spec: { map: {}, none: null } })).toEqual(exact)
    expect(printed({}, { spec: { map: {}, none: null } }).missing).toEqual(['.spec.map', '.spec.none'])
  })

  it('finds items whose key has a defaulted field, and gives it to the item that does not say otherwise', () => {
    const fields = {
      'f:ports': {
        'k:{"port":53,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:name': {} },
        'k:{"port":53,"protocol":"UDP"}': { '.': {}, 'f:port': {}, 'f:protocol': {} },
      },
    }
    expect(
      printed(fields, {
        ports: [
          { port: 53, name: 'tcp' },
          { port: 53, protocol: 'UDP' },
        ],
      }),
    ).toEqual(exact)
    expect(
      printed(fields, {
        ports: [
          { port: 53, protocol: 'UDP' },
          { port: 53, name: 'tcp' },
        ],
      }),
    ).toEqual(exact)
    expect(printed(fields, { ports: [{ port: 53, protocol: 'UDP' }] }).extra).toEqual(
      ['[port=53,protocol="TCP"]', '[port=53,protocol="TCP"].port', '[port=53,protocol="TCP"].name'].map((path) => `.ports${path}`),
    )
  })

  it('needs the item itself, not only its fields', () => {
    expect(printed({ 'f:env': { 'k:{"name":"a"}': { 'f:name': {} } } }, { env: [{ name: 'a' }] }).missing).toEqual(['.env[name="a"]'])
  })

  it('tells an item of another key, and one too many', () => {
    const fields = { 'f:env': { 'k:{"name":"a"}': { '.': {}, 'f:name': {} } } }
    expect(printed(fields, { env: [{ name: 'b' }] })).toEqual({
      missing: ['.env[0].name'],
      extra: ['.env[name="a"]', '.env[name="a"].name'],
    })
    expect(printed(fields, { env: [{ name: 'a' }, { name: 'a' }] }).missing).toEqual(['.env[1].name'])
  })

  it('does not take an inherited name for a field of the item', () => {
    expect(printed({ 'f:l': { 'k:{"constructor":"a"}': { '.': {}, 'f:x': {} } } }, { l: [{ x: 1 }] })).toEqual(exact)
  })

  it('compares sets by value and type', () => {
    const fields = { 'f:s': { 'v:1': {}, 'v:"1"': {} } }
    expect(printed(fields, { s: ['1', 1] })).toEqual(exact)
    expect(printed(fields, { s: ['1', true] })).toEqual({ missing: ['.s[=true]'], extra: ['.s[=1]'] })
    expect(printed({ 'f:s': { 'v:{"a":1,"b":2}': {} } }, { s: [{ b: 2, a: 1 }] })).toEqual(exact)
  })

  it('tells a list from a map from a scalar', () => {
    expect(printed({ 'f:a': { 'f:b': {} } }, { a: 'x' })).toEqual({ missing: ['.a'], extra: ['.a.b'] })
    expect(printed({ 'f:a': { 'f:b': {} } }, { a: ['x'] })).toEqual({ missing: ['.a[0]'], extra: ['.a.b'] })
    expect(printed({ 'f:a': { 'v:"x"': {} } }, { a: { b: 1 } })).toEqual({ missing: ['.a.b'], extra: ['.a[="x"]'] })
  })

  it('handles a list longer than the bits of an integer', () => {
    const names = Array.from({ length: 100 }, (_, at) => `n${at}`)
    const fields = { 'f:env': Object.fromEntries(names.map((name) => [`k:{"name":"${name}"}`, { '.': {}, 'f:name': {} }])) }
    expect(printed(fields, { env: names.toReversed().map((name) => ({ name })) })).toEqual(exact)
    expect(printed(fields, { env: names.slice(1).map((name) => ({ name })) }).extra).toHaveLength(2)
  })
})
