import { describe, expect, it } from 'vitest'
import { readInstructions } from '../../src/reconcile/instructions.ts'

const read = (annotations?: Record<string, string>) =>
  readInstructions({ apiVersion: 'v1', kind: 'App', metadata: { name: 'shop', ...(annotations && { annotations }) } })

describe('fairlead.dev/suspend', () => {
  it.each(['true', 'True', 'TRUE', '1', 't', 'T'])('suspends with %j', (text) => {
    expect(read({ 'fairlead.dev/suspend': text })).toMatchObject({ suspended: true, problems: [] })
  })
  it.each(['false', 'False', 'FALSE', '0', 'f', 'F', ''])('does not with %j', (text) => {
    expect(read({ 'fairlead.dev/suspend': text })).toMatchObject({ suspended: false, problems: [] })
  })
  it('suspends with a text that is neither, and says so', () => {
    const { suspended, problems } = read({ 'fairlead.dev/suspend': 'yes' })
    expect([suspended, problems]).toEqual([
      true,
      [
        {
          code: 'ANNOTATION_INVALID',
          message: 'the annotation fairlead.dev/suspend is neither "true" nor "false"',
          remedy: 'until then it counts as "true"',
        },
      ],
    ])
  })
})

describe('fairlead.dev/reconcile-period', () => {
  it.each([
    ['5m', 300_000],
    ['1m30s', 90_000],
    ['1s', 1_000],
    ['0', 0],
    ['0s', 0],
  ])('of %s is %d ms', (text, milliseconds) => {
    expect(read({ 'fairlead.dev/reconcile-period': text })).toMatchObject({ reconcilePeriod: milliseconds, problems: [] })
  })
  it.each(['4x', '-1s', '5', '', '1ns', '999ms'])('cannot be %j', (text) => {
    const { reconcilePeriod, problems } = read({ 'fairlead.dev/reconcile-period': text })
    expect([reconcilePeriod, problems.map(({ code }) => code)]).toEqual([undefined, ['ANNOTATION_INVALID']])
  })
})

describe('fairlead.dev/deletion-policy', () => {
  it.each(['background', 'foreground', 'orphan'])('can be %s', (text) => {
    expect(read({ 'fairlead.dev/deletion-policy': text })).toEqual(read())
  })
  it.each([
    ['Orphan', 'did you mean orphan? until then nothing is deleted with the custom resource'],
    ['', 'until then nothing is deleted with the custom resource'],
  ])('cannot be %j, also of a primary that is being deleted', (text, remedy) => {
    const metadata = { name: 'shop', annotations: { 'fairlead.dev/deletion-policy': text }, deletionTimestamp: '2026-01-01T00:00:00Z' }
    const problem = {
      code: 'ANNOTATION_INVALID',
      message: 'the annotation fairlead.dev/deletion-policy is none of background, foreground, orphan',
      remedy,
    }
    expect(read({ 'fairlead.dev/deletion-policy': text }).problems).toEqual([problem])
    expect(readInstructions({ apiVersion: 'example.com/v1', kind: 'Shop', metadata }).problems).toEqual([problem])
  })
})

describe('fairlead.dev/rotate', () => {
  it.each(['db=1', 'db=1,tls=2026-06', ' db=1 ', 'a-b=x=y', ''])('is a list of names and texts: %j', (text) => {
    expect(read({ 'fairlead.dev/rotate': text }).problems).toEqual([])
  })
  it.each(['db', 'db=1,tls', '=1', 'Db=1', 'db =1', 'now', 'db;tls=1', 'db=', 'db=1,db=2', 'db=1,tls=,a=1'])(
    'is none, and says so: %j',
    (text) => {
      expect(read({ 'fairlead.dev/rotate': text }).problems).toEqual([
        {
          code: 'ANNOTATION_INVALID',
          message: 'the annotation fairlead.dev/rotate is no list of names and texts',
          remedy: 'e.g. db=1,tls=2026-06, each name once; until then nothing is made anew',
        },
      ])
    },
  )
})

describe('a primary', () => {
  it('without annotations has no instructions', () => {
    expect(read()).toEqual({ suspended: false, request: undefined, reconcilePeriod: undefined, problems: [] })
    expect(read({ 'example.com/other': 'true' })).toEqual(read())
  })
  it('asks for a pass with any text', () => {
    expect(read({ 'fairlead.dev/reconcile': '2026-01-01' }).request).toBe('2026-01-01')
  })
})
