import { describe, expect, it } from 'vitest'
import type { JsonObject, JsonValue } from '../../../src/api/object.ts'
import { applyMergePatch } from '../../../src/sandbox/patch/merge-patch.ts'

const document: JsonObject = { data: { a: '1', b: '2' }, list: [1, 2], text: 'x' }

describe('a merge patch', () => {
  const cases: [string, JsonObject, object][] = [
    ['sets fields', { text: 'y', more: 1 }, { data: { a: '1', b: '2' }, list: [1, 2], text: 'y', more: 1 }],
    ['merges objects', { data: { a: '2', c: '3' } }, { data: { a: '2', b: '2', c: '3' }, list: [1, 2], text: 'x' }],
    ['deletes by null', { data: { a: null }, list: null, none: null }, { data: { b: '2' }, text: 'x' }],
    ['replaces lists', { list: [{ a: null, b: 1 }, null] }, { data: { a: '1', b: '2' }, list: [{ b: 1 }, null], text: 'x' }],
    ['replaces an object by a list as it is', { data: [{ a: null }] }, { data: [{ a: null }], list: [1, 2], text: 'x' }],
    ['replaces a scalar by an object without its nulls', { text: { a: null, b: { c: null } } }, { ...document, text: { b: {} } }],
    ['changes nothing', {}, document],
  ]
  it.each(cases)('%s', (_, patch, expected) => {
    expect(applyMergePatch(document, patch, 'Warn')).toEqual(expected)
  })

  it('leaves the document alone and shares what it does not touch', () => {
    const before = structuredClone(document)
    const result = applyMergePatch(document, { text: 'y' }, 'Warn') as JsonObject
    expect(document).toEqual(before)
    expect(result['data']).toBe(document['data'])
  })

  it('keeps a key that is called __proto__ as it is', () => {
    const result = applyMergePatch(document, JSON.parse('{"data":{"__proto__":{"polluted":true}}}'), 'Warn')
    expect(JSON.stringify(result)).toContain('"__proto__":{"polluted":true}')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it.each<[JsonValue, string]>([
    [null, 'Invalid JSON Patch'],
    [[1], 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}'],
    ['x', 'error decoding patch: json: cannot unmarshal string into Go value of type map[string]interface {}'],
    [3, 'error decoding patch: json: cannot unmarshal number into Go value of type map[string]interface {}'],
    [true, 'error decoding patch: json: cannot unmarshal bool into Go value of type map[string]interface {}'],
  ])('is a bad request if it is no object: %j', (patch, message) => {
    expect(() => applyMergePatch(document, patch, 'Warn')).toThrow(expect.objectContaining({ code: 400, message }))
  })

  it('without validation may be a list, which takes the place of the document', () => {
    expect(applyMergePatch(document, [{ a: null }], 'Ignore')).toEqual([{}])
    expect(() => applyMergePatch(document, 'x', 'Ignore')).toThrow('Invalid JSON Patch')
  })
})
