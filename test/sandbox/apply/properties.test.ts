/** Laws that hold for whatever managers write. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/api/object.ts'
import { valueAt } from '../../../src/fields/cut.ts'
import { parseFieldsV1, writeFieldsV1 } from '../../../src/fields/serialize.ts'
import { difference, equals, has, isEmpty, leafPaths, union } from '../../../src/fields/set.ts'
import { compareObjects } from '../../../src/sandbox/apply/compare.ts'
import { toFieldsV1 } from '../../../src/sandbox/apply/fields-v1.ts'
import { mergeObjects } from '../../../src/sandbox/apply/merge.ts'
import { stripMeta } from '../../../src/sandbox/apply/strip-meta.ts'
import { setOf } from '../../../src/sandbox/apply/to-set.ts'
import { shapeProblem } from '../../../src/sandbox/apply/validate.ts'
import { ApiError } from '../../../src/sandbox/status/api-error.ts'
import { History } from './history.ts'
import { thing } from './schemas.ts'

const value = fc.constantFrom('1', '2', '3')
const textMap = fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), value, { maxKeys: 3 })
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const record = (shape: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(shape, { requiredKeys: [] }).map((made) => JSON.parse(JSON.stringify(made)) as JsonObject)

const spec = record({
  replicas: fc.integer({ min: 0, max: 3 }),
  text: fc.oneof(value, fc.constant(null)),
  items: fc.uniqueArray(
    fc.record(
      {
        name: fc.constantFrom('i', 'j', 'k', '<'),
        value: optional(value),
        opts: optional(textMap),
        deep: optional(record({ a: value, b: value })),
      },
      { requiredKeys: ['name'] },
    ),
    { selector: ({ name }) => name, maxLength: 4 },
  ),
  ports: fc.uniqueArray(
    fc.record({ port: fc.constantFrom(9, 80, 443), protocol: fc.constantFrom(undefined, 'TCP', 'UDP'), name: optional(value) }),
    {
      selector: ({ port, protocol }) => `${port}/${protocol ?? 'TCP'}`,
      maxLength: 4,
    },
  ),
  tags: fc.uniqueArray(value, { maxLength: 3 }),
  args: fc.array(value, { maxLength: 2 }),
  atomicMap: textMap,
  map: textMap,
  maps: fc.dictionary(fc.constantFrom('m', 'n'), record({ a: value, b: fc.integer({ min: 0, max: 2 }) }), { maxKeys: 2 }),
  free: fc.dictionary(fc.constantFrom('f', 'g'), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 2 }),
})
const configuration = spec.map((made): JsonObject => ({ spec: made }))
const write = fc.record({ manager: fc.constantFrom('a', 'b', 'c'), kind: fc.constantFrom('apply', 'force', 'update'), body: configuration })
const writes = fc.array(write, { maxLength: 6 })

function written(steps: readonly { manager: string; kind: string; body: JsonObject }[]): History {
  const history = new History()
  for (const { manager, kind, body } of steps) {
    if (kind === 'update') history.update(manager, body)
    else
      try {
        history.apply(manager, body, { force: kind === 'force' })
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 409) throw error
      }
  }
  return history
}

const check = <T>(arbitrary: fc.Arbitrary<T>, holds: (made: T) => void) => fc.assert(fc.property(arbitrary, holds), { numRuns: 300 })
/** What is left of a map or list when others owned parts of it only. */
const isLeftOver = (at: unknown) => at === null || (typeof at === 'object' && at !== null && Object.keys(at).length === 0)
const owned = (history: History) =>
  history.entries.reduce((all, entry) => union(all, parseFieldsV1(entry.fieldsV1 ?? {})), parseFieldsV1({}))

describe('after any writes', () => {
  it('an apply that was done once changes nothing the second time', () => {
    check(fc.tuple(writes, configuration), ([steps, body]) => {
      const history = written(steps).apply('x', body, { force: true })
      const before = history.live
      expect(history.apply('x', body).live).toBe(before)
    })
  })

  it('an applier owns exactly what it sent', () => {
    check(fc.tuple(writes, configuration), ([steps, body]) => {
      const history = written(steps).apply('x', body, { force: true })
      const entry = history.entries.find(({ manager, operation }) => manager === 'x' && operation === 'Apply')
      expect(equals(parseFieldsV1(entry?.fieldsV1 ?? {}), stripMeta(setOf(thing, history.body(body))))).toBe(true)
    })
  })

  it('what an applier sent is in the object', () => {
    check(fc.tuple(writes, configuration), ([steps, body]) => {
      const history = written(steps).apply('x', body, { force: true })
      expect(mergeObjects(thing, history.live as unknown as JsonObject, history.body(body))).toBe(history.live)
    })
  })

  it('an apply without force either changes nothing of others or is refused', () => {
    check(fc.tuple(writes, configuration), ([steps, body]) => {
      const history = written(steps)
      const before = history.live
      const sets = new Map(history.entries.map((entry) => [`${entry.manager} ${entry.operation}`, parseFieldsV1(entry.fieldsV1 ?? {})]))
      try {
        history.apply('x', body)
      } catch {
        expect(history.live).toBe(before)
        return
      }
      if (!before || !history.live) return
      const { modified, added } = compareObjects(thing, before as unknown as JsonObject, history.live as unknown as JsonObject)
      for (const set of sets.values()) for (const path of leafPaths(set)) expect(has(modified, path) || has(added, path)).toBe(false)
    })
  })

  it('appliers of different fields end up the same in either order', () => {
    check(fc.tuple(configuration, configuration), ([left, right]) => {
      const one = { spec: { ...(left['spec'] as JsonObject) } }
      const other = { spec: Object.fromEntries(Object.entries(right['spec'] as JsonObject).filter(([name]) => !(name in one.spec))) }
      // An apply that owns nothing leaves an object that nobody tracks, which is another story.
      fc.pre([one, other].every((body) => !isEmpty(setOf(thing, body)) && Object.keys(body.spec).length > 0))
      const forth = new History().apply('a', one).apply('b', other)
      const back = new History().apply('b', other).apply('a', one)
      expect(forth.spec ?? {}).toEqual(back.spec ?? {})
      expect(forth.owners).toEqual(back.owners)
    })
  })

  it('somebody owns every leaf of an object that was tracked from its start, but for what became empty', () => {
    check(writes, (steps) => {
      const history = written(steps)
      if (history.entries.length === 0) return
      const set = stripMeta(setOf(thing, { spec: history.spec ?? {} }))
      const all = owned(history)
      for (const path of leafPaths(set)) expect(has(all, path) || isLeftOver(valueAt({ spec: history.spec ?? {} }, path))).toBe(true)
    })
  })

  it('the entries are sorted, each manager has one, and none is empty', () => {
    check(writes, (steps) => {
      const { entries } = written(steps)
      expect(new Set(entries.map(({ manager, operation }) => `${manager} ${operation}`)).size).toBe(entries.length)
      expect(entries.map(({ operation }) => operation)).toEqual(entries.map(({ operation }) => operation).sort())
      for (const { fieldsV1 } of entries) expect(isEmpty(parseFieldsV1(fieldsV1 ?? {}))).toBe(false)
    })
  })
})

describe('sets, comparisons and removals', () => {
  it('agree: from nothing to an object, all of its paths are added', () => {
    check(configuration, (body) => {
      const { added, modified, removed } = compareObjects(thing, {}, body)
      expect(isEmpty(difference(setOf(thing, body), added))).toBe(true)
      expect(isEmpty(modified) && isEmpty(removed)).toBe(true)
    })
  })

  it('agree: what is the same has no differences, and what is merged under a schema removes nothing', () => {
    check(fc.tuple(configuration, configuration), ([given, right]) => {
      const { free: _, ...declared } = given['spec'] as JsonObject
      const left = { spec: declared }
      const same = compareObjects(thing, left, structuredClone(left))
      expect([same.added, same.modified, same.removed].every(isEmpty)).toBe(true)
      expect(isEmpty(compareObjects(thing, left, mergeObjects(thing, left, right)).removed)).toBe(true)
    })
  })

  it('are written as they are read', () => {
    check(configuration, (body) => {
      const set = setOf(thing, body)
      expect(equals(parseFieldsV1(toFieldsV1(set)), set)).toBe(true)
      expect(equals(parseFieldsV1(writeFieldsV1(set)), set)).toBe(true)
    })
  })

  it('accept whatever the schema allows', () => {
    check(configuration, (body) => {
      expect(shapeProblem(thing, body)).toBeUndefined()
    })
  })
})
