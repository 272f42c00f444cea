import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/api/object.ts'
import { coverage } from '../../src/fields/coverage.ts'
import { cut, valueAt } from '../../src/fields/cut.ts'
import { holds } from '../../src/fields/holds.ts'
import { formatPath, type Path } from '../../src/fields/path.ts'
import { parseFieldsV1, writeFieldsV1 } from '../../src/fields/serialize.ts'
import { difference, equals, fromPaths, leafPaths, paths } from '../../src/fields/set.ts'
import { readCorpus } from './corpus.ts'

const corpus = readCorpus().map((entry) => ({
  ...entry,
  name: `${entry.body.apiVersion} ${entry.body.kind} ${entry.body.metadata.name}`,
  set: parseFieldsV1(entry.fields),
}))
const kinds = new Set(corpus.map(({ body }) => `${body.apiVersion}/${body.kind}`))

const isKeyField = (path: Path): boolean => {
  const [item, field] = path.slice(-2)
  return item?.kind === 'item' && field?.kind === 'field' && Object.hasOwn(item.key, field.name)
}

describe('the corpus', () => {
  it('has 30 built-in kinds and 5 custom ones', () => {
    const custom = [...kinds].filter((kind) => kind.startsWith('corpus.example.com/'))
    expect(custom).toHaveLength(5)
    expect(kinds.size - custom.length).toBeGreaterThanOrEqual(30)
  })

  it.each(corpus)('$name: the entry covers the body exactly, and the live object holds it', ({ body, set, live }) => {
    const { missing, extra } = coverage(set, body)
    expect({ missing: missing.map(formatPath), extra: extra.map(formatPath) }).toEqual({ missing: [], extra: [] })
    expect(holds(set, body, live)).toBe(true)
  })

  it.each(corpus)('$name: what the server wrote is read and written back alike', ({ fields, set }) => {
    expect(writeFieldsV1(set)).toEqual(fields)
    expect(equals(fromPaths(paths(set)), set)).toBe(true)
  })

  it.each(corpus)('$name: the live object cut to the entry has each owned path that is there, and no other', ({ set, live }) => {
    const { missing, extra } = coverage(set, cut(live, set) as JsonObject)
    expect(missing.map(formatPath)).toEqual([])
    // The server leaves nulls and empty values out of what it stores, and owns them all the same.
    for (const path of extra) expect([undefined, null]).toContain(valueAt(live, path))
  })

  it.each(corpus)('$name: a lost leaf does not hold', ({ set, body, live }) => {
    for (const path of leafPaths(set)) {
      const sent = valueAt(body, path)
      // An empty list has a path or none; only the live object can tell that others filled it.
      if (Array.isArray(sent) && sent.length === 0) continue
      // A key field is not lost without its item.
      if (isKeyField(path)) continue
      const lost = difference(set, fromPaths([path]))
      const hollow = !coverage(lost, body).missing.length
      if (!hollow) expect(holds(lost, body, live), formatPath(path)).toBe(false)
      else expect(body.apiVersion, formatPath(path)).toBe('corpus.example.com/v1')
    }
  })
})
