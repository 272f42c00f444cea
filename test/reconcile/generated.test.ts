import { describe, expect, it } from 'vitest'
import {
  type GeneratedRecord,
  generatedSecretNames,
  isOfAnotherKind,
  recordsKey,
  rotations,
  validValues,
} from '../../src/reconcile/generated.ts'

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

  it.each([
    ['null', []],
    ['[]', []],
    ['"db"', []],
    ['{"db":null,"root":7}', []],
    ['{"db":{"sort":"nothing","options":"{}"}}', []],
    ['{"db":{"sort":"constructor","options":"{}"}}', []],
    ['{"db":{"sort":"password"}}', []],
    ['{"db":{"sort":"password","options":"{}","renew":3}}', []],
    ['{"db":{"sort":"password","options":"{}"},"root":{"sort":"password","options":"{}","renew":"next year"}}', ['db']],
    ['{"db":{"sort":"password","options":"{}"},"root":{}}', ['db']],
  ])('are those whose record can be read, whatever else somebody wrote: %s', (text, names) => {
    expect(namesOf({ db: 'YQ==', root: 'YQ==', [recordsKey]: btoa(text) }, new Map(), now)).toEqual(names)
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
    ['db', undefined, true],
    ['Db=1, =2, db, ,', undefined, true],
    ['db=a=b', 'a=b', true],
  ])('with the annotation %j and made for %j: %j', (annotation, rotate, holds) => {
    const stored = data({ db: { ...password, ...(rotate === undefined ? {} : { rotate }) } }, { db: 'YQ==' })
    expect(namesOf(stored, rotations(annotation), now)).toEqual(holds ? ['db'] : [])
  })
})

describe('the name of the Secret that keeps them', () => {
  const app = { apiVersion: 'a.example.com/v1', kind: 'App', metadata: { name: 'shop', namespace: 'eu', uid: 'u1' } }
  const secret = (owner: object | undefined, manager = 'fairlead/generated/u2') => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'shop-generated',
      namespace: 'eu',
      ...(owner ? { ownerReferences: [{ name: 'shop', uid: 'u2', controller: true, ...owner } as never] } : {}),
      managedFields: [{ manager, operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} }] as never,
    },
  })

  it('differs between kinds where it has to, also between those of two groups', () => {
    expect(
      [app, { ...app, apiVersion: 'b.example.com/v1' }, { ...app, apiVersion: 'v1', kind: 'ConfigMap' }].map(generatedSecretNames),
    ).toEqual([
      ['shop-generated', 'shop-app.a.example.com-generated'],
      ['shop-generated', 'shop-app.b.example.com-generated'],
      ['shop-generated', 'shop-configmap-generated'],
    ])
  })

  it('is the second only where the first is that of the values of another kind', () => {
    const [same, other] = [
      { apiVersion: 'a.example.com/v2', kind: 'App' },
      { apiVersion: 'a.example.com/v1', kind: 'Team' },
    ]
    expect(isOfAnotherKind(secret(other), app)).toBe(true)
    for (const left of [secret(same), secret(undefined), secret(other, 'kubectl'), secret({ ...other, controller: false })])
      expect(isOfAnotherKind(left, app)).toBe(false)
  })
})
