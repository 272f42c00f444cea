import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readObservedRevision, writeObservedRevision } from '../../src/reconcile/observed-revision.ts'

const digests = fc.stringMatching(/^[0-9a-f]{8}$/)

describe('the revision that a status tells', () => {
  it('is read as it was written, with what was looked up', () => {
    fc.assert(
      fc.property(digests, fc.dictionary(digests, digests, { maxKeys: 100, noNullPrototype: true }), (revision, lookups) => {
        expect(readObservedRevision(writeObservedRevision({ revision, lookups }))).toEqual({ revision, lookups })
      }),
    )
  })

  it('leaves out what is more than lookups, or more of them than there is room for, and does not tell then that there was nothing', () => {
    const lookups = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`${index}`, 'a']))
    for (const told of [lookups, undefined])
      expect(readObservedRevision(writeObservedRevision({ revision: 'r', lookups: told }))).toEqual({ revision: 'r', lookups: undefined })
  })

  it('is not there where nothing is written', () => {
    expect(readObservedRevision(undefined)).toEqual({ revision: undefined, lookups: undefined })
  })
})
