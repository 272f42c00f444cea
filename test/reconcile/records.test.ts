import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import {
  formatRecords,
  mergeRecords,
  mostRecordBytes,
  parseRecords,
  recordsOwner,
  recordsSecretNames,
  tooLarge,
} from '../../src/reconcile/records.ts'
import { noRecords, type Records } from '../../src/reconcile/walk.ts'

const app: KubernetesObject = { apiVersion: 'example.com/v1', kind: 'App', metadata: { name: 'shop', namespace: 'eu', uid: 'u' } }
const done = { hash: 'h', state: 'done' as const, at: 1 }
const records: Records = { ...noRecords, memory: { born: true, nothing: null }, acts: { 'steps/add': done } }

describe('records', () => {
  it('are read back as they were written, compact and in one order', () => {
    const text = formatRecords(recordsOwner(app), records)
    expect(text).toBe(
      '{"acts":{"steps/add":{"at":1,"hash":"h","state":"done"}},"memory":{"born":true,"nothing":null},"of":{"key":"eu/shop","kind":"App.example.com","uid":"u"}}',
    )
    expect(parseRecords(text)).toEqual({ of: { kind: 'App.example.com', key: 'eu/shop', uid: 'u' }, records })
  })

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"acts":{}}',
    '{"of":{"kind":"A","key":"b","uid":"c"},"acts":[]}',
    '{"of":{"kind":"A","key":"b","uid":"c"},"waits":1}',
  ])('are none in %j, which nobody has written as records', (text) => expect(parseRecords(text)).toBeUndefined())

  it('are the same object where changes change nothing, whatever they name', () => {
    expect(mergeRecords(records, {})).toBe(records)
    expect(mergeRecords(records, { acts: { 'steps/add': { ...done }, 'steps/other': null }, memory: { born: true, none: null } })).toBe(
      records,
    )
  })

  it('change where changes say so, and null takes away', () => {
    const merged = mergeRecords(records, {
      acts: { 'steps/add': null, 'steps/more': done },
      waits: { 'steps/ready': 5 },
      memory: { born: false },
    })
    expect(merged).toEqual({
      ...noRecords,
      memory: { born: false, nothing: null },
      acts: { 'steps/more': done },
      waits: { 'steps/ready': 5 },
    })
    expect(records.acts).toEqual({ 'steps/add': done })
  })

  it('have names that nobody can make to mean anything else', () => {
    const strange = JSON.parse('{"__proto__": {"hash": "h", "state": "done", "at": 1}}') as Records['acts']
    const merged = mergeRecords(noRecords, { acts: strange })
    expect(parseRecords(formatRecords(recordsOwner(app), merged))?.records.acts).toEqual(strange)
    expect(Object.getPrototypeOf(merged.acts)).toBe(Object.prototype)
  })

  it('fit up to 900 KiB, counted in bytes; beyond that the step is named that has most of them', () => {
    const of = (result: string): Records => ({ ...noRecords, acts: { 'steps/small/a': done, 'backup@1/large/a': { ...done, result } } })
    const whole = (result: string) => [formatRecords(recordsOwner(app), of(result)), of(result)] as const
    const room = mostRecordBytes - new TextEncoder().encode(whole('')[0]).length
    expect(tooLarge(...whole('x'.repeat(room)))).toBeUndefined()
    expect(tooLarge(...whole('x'.repeat(room + 1)))).toMatchObject({
      code: 'RECORDS_TOO_LARGE',
      message: expect.stringMatching(/takes 901 KiB, and 900 KiB is the most; most of it, 900 KiB, is of backup@1\/large$/),
    })
    expect(tooLarge(...whole('ü'.repeat(room)))).toMatchObject({ code: 'RECORDS_TOO_LARGE' })
    const remembered = { ...noRecords, memory: { all: 'x'.repeat(mostRecordBytes) } }
    expect(tooLarge(formatRecords(recordsOwner(app), remembered), remembered)?.message).toContain('is of remember')
  })

  it('are kept in a Secret with the name of the primary, or with its kind too', () => {
    expect(recordsSecretNames(app)).toEqual(['shop-records', 'shop-app.example.com-records'])
  })
})
