import { describe, expect, it } from 'vitest'
import { coerceMetadata, MetadataTypeError } from '../../../src/sandbox/definitions/metadata.ts'

describe('metadata', () => {
  it('loses unknown fields and empty values', () => {
    const unknown: string[] = []
    const value = {
      name: 'a',
      generateName: '',
      labels: {},
      annotations: { a: null },
      finalizers: [],
      x: 1,
      ownerReferences: [{ name: 'o', y: 1 }],
    }
    expect(coerceMetadata(value, unknown)).toEqual({
      name: 'a',
      annotations: { a: '' },
      ownerReferences: [{ apiVersion: '', kind: '', name: 'o', uid: '' }],
    })
    expect(unknown).toEqual(['x', 'ownerReferences[0].y'])
  })

  it.each<[unknown, string]>([
    ['a', 'json: cannot unmarshal string into Go value of type v1.ObjectMeta'],
    [{ labels: { a: 1 } }, 'json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string'],
    [{ labels: [] }, 'json: cannot unmarshal array into Go struct field ObjectMeta.labels of type map[string]string'],
    [{ generation: 1.5 }, 'json: cannot unmarshal number 1.5 into Go struct field ObjectMeta.generation of type int64'],
    [{ finalizers: 'x' }, 'json: cannot unmarshal string into Go struct field ObjectMeta.finalizers of type []string'],
    [
      { ownerReferences: [{ uid: 1 }] },
      'json: cannot unmarshal number into Go struct field OwnerReference.ownerReferences.uid of type types.UID',
    ],
    [{ ownerReferences: [3] }, 'json: cannot unmarshal number into Go struct field ObjectMeta.ownerReferences of type v1.OwnerReference'],
    [{ creationTimestamp: 'x' }, 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'],
  ])('%j is refused as the real server refuses it', (value, message) => {
    expect(() => coerceMetadata(value, [])).toThrow(new MetadataTypeError(message))
  })
})
