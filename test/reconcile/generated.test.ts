import { describe, expect, it } from 'vitest'
import { type GeneratedRecord, recordsKey, rotations, validValues } from '../../src/reconcile/generated.ts'

const now = Date.parse('2026-06-01T00:00:00Z')
const data = (records: Record<string, GeneratedRecord>, values: Record<string, string>) => ({
  ...values,
  [recordsKey]: btoa(JSON.stringify(records)),
})
const password: GeneratedRecord = { sort: 'password', options: '{}' }
const authority: GeneratedRecord = { sort: 'ca', options: '{}', renew: '2026-06-01T00:00:01.000Z' }
const namesOf = (...given: Parameters<typeof validValues>) => Object.keys(validValues(...given).values)

describe('the values that hold', () => {
  it('are those with a record and all parts', () => {
    const stored = data(
      { db: password, root: authority, half: authority },
      { db: 'YQ==', 'root.crt': 'Yg==', 'root.key': 'Yw==', 'half.crt': 'Yg==' },
    )
    expect(validValues(stored, new Map(), now)).toEqual({
      values: {
        db: { sort: 'password', options: '{}', parts: { value: 'YQ==' } },
        root: { sort: 'ca', options: '{}', parts: { certificate: 'Yg==', privateKey: 'Yw==' } },
      },
      renewAt: now + 1_000,
    })
  })

  it('are none where the records are broken', () => {
    expect(validValues({ db: 'YQ==', [recordsKey]: 'e30' + '!' }, new Map(), now)).toEqual({ values: {}, renewAt: undefined })
  })

  it('end when they have to be renewed', () => {
    const stored = data({ root: authority }, { 'root.crt': 'Yg==', 'root.key': 'Yw==' })
    expect([namesOf(stored, new Map(), now + 999), namesOf(stored, new Map(), now + 1_000)]).toEqual([['root'], []])
  })

  it.each([
    [undefined, undefined, true],
    ['db=1', undefined, false],
    ['db=1', '1', true],
    ['db=2', '1', false],
    ['other=2, db=1', '1', true],
    ['', '1', true],
  ])('with the annotation %j and made for %j: %j', (annotation, rotate, holds) => {
    const stored = data({ db: { ...password, ...(rotate === undefined ? {} : { rotate }) } }, { db: 'YQ==' })
    expect(namesOf(stored, rotations(annotation), now)).toEqual(holds ? ['db'] : [])
  })
})
