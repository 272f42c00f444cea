import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readObservedRevision, writeObservedRevision } from '../../src/reconcile/observed-revision.ts'

const digests = fc.stringMatching(/^[0-9a-f]{8}$/)

describe('the revision that a status tells', () => {
  it('is read as it was written, with the watch and what was looked up', () => {
    fc.assert(
      fc.property(
        digests,
        fc.integer({ min: 1, max: 1000 }),
        fc.dictionary(digests, digests, { maxKeys: 100, noNullPrototype: true }),
        (revision, watch, lookups) => {
          expect(readObservedRevision(writeObservedRevision({ revision, watch, lookups }))).toEqual({ revision, watch, lookups })
        },
      ),
    )
  })

  it('leaves out what is more than lookups, or more of them than there is room for, and does not tell then that there was nothing', () => {
    const lookups = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`${index}`, 'a']))
    for (const told of [lookups, undefined])
      expect(readObservedRevision(writeObservedRevision({ revision: 'r', watch: 2, lookups: told }))).toEqual({
        revision: 'r',
        watch: 2,
        lookups: undefined,
      })
  })

  it('is not there where nothing is written', () => {
    expect(readObservedRevision(undefined)).toEqual({ revision: undefined, watch: 1, lookups: undefined })
  })
})
