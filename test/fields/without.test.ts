import { describe, expect, it } from 'vitest'
import { formatPath } from '../../src/fields/path.ts'
import { parseFieldsV1 } from '../../src/fields/serialize.ts'
import { without } from '../../src/fields/without.ts'
import type { JsonObject } from '../../src/api/object.ts'

function rest(body: JsonObject, fields: JsonObject, stays: readonly string[] = []): { body: JsonObject; taken: string[] } {
  const found = without(body, parseFieldsV1(fields), (path) => stays.includes(formatPath(path)))
  return { body: found.body, taken: found.taken.map(formatPath) }
}

const leaf = {}

describe('a body without what a set owns', () => {
  it('lacks its leaves, and the maps that they were all of', () => {
    const body = { spec: { replicas: 3, paused: true, strategy: { type: 'Recreate' } } }
    expect(rest(body, { 'f:spec': { 'f:replicas': leaf, 'f:strategy': { '.': leaf, 'f:type': leaf } } })).toEqual({
      body: { spec: { paused: true } },
      taken: ['.spec.replicas', '.spec.strategy.type'],
    })
    expect(rest({ kind: 'A', spec: { replicas: 3 } }, { 'f:spec': { 'f:replicas': leaf } }).body).toEqual({ kind: 'A' })
  })

  it('is the very same where the set owns nothing of it', () => {
    const body = { spec: { replicas: 3 } }
    expect(without(body, parseFieldsV1({ 'f:spec': { 'f:paused': leaf } }), () => false).body).toBe(body)
  })

  it('keeps the items of keyed lists with their keys, also those whose key has a default', () => {
    const body = { ports: [{ port: 80, name: 'http' }, { port: 81 }] }
    const fields = { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': leaf, 'f:port': leaf, 'f:protocol': leaf, 'f:name': leaf } } }
    expect(rest(body, fields)).toEqual({ body: { ports: [{ port: 80 }, { port: 81 }] }, taken: ['.ports[port=80,protocol="TCP"].name'] })
  })

  it('lacks whole lists that are owned whole, and single members of sets', () => {
    expect(rest({ args: ['a'], set: ['a', 'b'] }, { 'f:args': leaf, 'f:set': { 'v:"a"': leaf } })).toEqual({
      body: { set: ['b'] },
      taken: ['.args', '.set[="a"]'],
    })
  })

  it('keeps what is to stay', () => {
    const fields = { 'f:metadata': { 'f:labels': { 'f:a': leaf, 'f:b': leaf } } }
    expect(rest({ metadata: { labels: { a: '1', b: '2' } } }, fields, ['.metadata.labels.a'])).toEqual({
      body: { metadata: { labels: { a: '1' } } },
      taken: ['.metadata.labels.b'],
    })
  })
})
