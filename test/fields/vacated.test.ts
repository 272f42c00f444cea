import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/api/object.ts'
import { parseFieldsV1 } from '../../src/fields/serialize.ts'
import { vacated } from '../../src/fields/vacated.ts'

/** What of `spec` is applied before, where these fields of it are held. */
const before = (spec: JsonObject, held: JsonObject) => vacated({ kind: 'Thing', spec }, parseFieldsV1({ 'f:spec': held }))?.['spec']

describe('what is applied before a body that empties something', () => {
  it('leaves out a map that had entries, and a list that had items', () => {
    const held = { 'f:files': { 'f:a': {} }, 'f:tags': { 'v:"x"': {} }, 'f:members': { 'k:{"name":"a"}': { '.': {}, 'f:name': {} } } }
    expect(before({ files: {}, tags: [], members: [], size: 1 }, held)).toEqual({ size: 1 })
  })

  it('leaves out what is deeper, also in an item', () => {
    const held = { 'f:members': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:options': { 'f:x': {} } } } }
    expect(
      before(
        {
          members: [
            { name: 'b', options: {} },
            { name: 'a', options: {} },
          ],
        },
        held,
      ),
    ).toEqual({
      members: [{ name: 'b', options: {} }, { name: 'a' }],
    })
  })

  it('leaves out a map that would be empty then', () => {
    expect(before({ free: { deep: {} }, size: 1 }, { 'f:free': { 'f:deep': { '.': {}, 'f:list': {} } } })).toEqual({ size: 1 })
  })

  it('is nothing where nothing was, where the list is held as a whole, and where nothing becomes empty', () => {
    expect(before({ files: {} }, { 'f:files': {} })).toBeUndefined()
    expect(before({ files: {} }, { 'f:size': {} })).toBeUndefined()
    expect(before({ numbers: [] }, { 'f:numbers': {} })).toBeUndefined()
    expect(before({ files: { b: '' } }, { 'f:files': { 'f:a': {} } })).toBeUndefined()
  })
})
