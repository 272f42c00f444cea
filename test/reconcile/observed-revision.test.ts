import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readObservedRevision, writeObservedRevision } from '../../src/reconcile/observed-revision.ts'

const digests = fc.stringMatching(/^[0-9a-f]{8}$/)

describe('the revision that a status tells', () => {
  it('is read as it was written, with the watch, the time and what was read', () => {
    const versions = fc.dictionary(digests, digests, { maxKeys: 50, noNullPrototype: true })
    const reads = fc.record(
      { lookups: versions, values: versions, minute: fc.nat() },
      { requiredKeys: ['lookups', 'values'], noNullPrototype: true },
    )
    fc.assert(
      fc.property(digests, fc.integer({ min: 1, max: 1000 }), fc.option(reads, { nil: undefined }), (revision, watch, read) => {
        expect(readObservedRevision(writeObservedRevision({ revision, watch, reads: read }))).toEqual({ revision, watch, reads: read })
      }),
    )
  })

  it('is not there where nothing is written', () => {
    expect(readObservedRevision(undefined)).toEqual({ revision: undefined, watch: 1, reads: undefined })
  })
})
