import { describe, expect, it } from 'vitest'
import { isReason, mergeConditions, parseConditions } from '../../src/reconcile/conditions.ts'
import type { MergeConditions, WantedCondition } from '../../src/reconcile/conditions.ts'

const now = Date.parse('2026-03-04T05:06:07.890Z')
const earlier = '2026-01-01T00:00:00Z'
const ready: WantedCondition = { type: 'Ready', status: 'True', reason: 'Ready', message: 'fine' }
const previousReady = { ...ready, observedGeneration: 1, lastTransitionTime: earlier }
const foreign = (type: string): object => ({
  type,
  status: 'True',
  lastTransitionTime: earlier,
  reason: 'Theirs',
  message: '',
  lastProbeTime: null,
})

const merge = (options: Partial<MergeConditions> = {}): unknown[] =>
  mergeConditions({ previous: undefined, wanted: [ready], generation: 2, now, ...options })

describe('merged conditions', () => {
  it('have the generation and, the first time, the present second as time of the transition', () => {
    expect(merge()).toEqual([{ ...ready, observedGeneration: 2, lastTransitionTime: '2026-03-04T05:06:07Z' }])
  })

  it('keep the time of the transition while the status stays, whatever else changes', () => {
    expect(merge({ previous: [previousReady], wanted: [{ ...ready, reason: 'Other', message: 'changed' }] })).toEqual([
      { type: 'Ready', status: 'True', reason: 'Other', message: 'changed', observedGeneration: 2, lastTransitionTime: earlier },
    ])
  })

  it('have a new time when the status changes', () => {
    expect(merge({ previous: [{ ...previousReady, status: 'False' }] })).toMatchObject([{ lastTransitionTime: '2026-03-04T05:06:07Z' }])
  })

  it.each([undefined, null, 'soon', 7])('have a new time when the previous one is %s', (lastTransitionTime) => {
    expect(merge({ previous: [{ ...previousReady, lastTransitionTime }] })).toMatchObject([{ lastTransitionTime: '2026-03-04T05:06:07Z' }])
  })

  it.each([undefined, null, 'none', {}, [null, 'x', []]])('stand a previous value that is no list of conditions: %j', (previous) => {
    expect(merge({ previous, carriesOver: () => true })).toHaveLength(1)
  })

  it('are the same bytes in the next pass', () => {
    const first = merge({ previous: [foreign('B'), foreign('A')], carriesOver: () => true })
    expect(JSON.stringify(merge({ previous: first, carriesOver: () => true, now: now + 60_000 }))).toBe(JSON.stringify(first))
  })

  it('leave out what others wrote when the list merges by type', () => {
    expect(merge({ previous: [foreign('Other'), previousReady] })).toMatchObject([{ type: 'Ready' }])
  })

  it('carry over what others wrote, unchanged and in one order, when the list is atomic', () => {
    const [first, ...others] = merge({ previous: [foreign('B'), previousReady, foreign('A')], carriesOver: () => true })
    expect(first).toMatchObject({ type: 'Ready' })
    expect(others).toEqual([foreign('A'), foreign('B')])
  })

  it('contain no message longer than the API allows, nor half a character', () => {
    const [condition] = merge({ wanted: [{ ...ready, message: `${'x'.repeat(32_766)}😀 and more` }] }) as [{ message: string }]
    expect(condition.message).toBe(`${'x'.repeat(32_766)}…`)
  })

  it('do not change or hand out what was read', () => {
    const previous = Object.freeze([Object.freeze(foreign('B')), Object.freeze(foreign('A'))])
    merge({ previous, carriesOver: () => true })
    expect(previous).toEqual([foreign('B'), foreign('A')])
  })
})

describe('conditions that a program declares', () => {
  it('are taken as they are, with an empty message where there is none', () => {
    expect(parseConditions([{ type: 'example.com/Up', status: 'Unknown', reason: 'Starting' }])).toEqual({
      conditions: [{ type: 'example.com/Up', status: 'Unknown', reason: 'Starting', message: '' }],
      problems: [],
    })
  })

  it.each([undefined, null, []])('may be missing: %j', (value) => {
    expect(parseConditions(value)).toEqual({ conditions: [], problems: [] })
  })

  const good = { type: 'Up', status: 'True', reason: 'Up' }
  it.each([
    [{}, 'status.conditions is not a list'],
    [['Up'], 'status.conditions[0] is not a map'],
    [[{ ...good, type: 'Is it up?' }], 'status.conditions[0].type is not the name of a condition'],
    [[{ ...good, status: true }], 'status.conditions[0].status of Up is not a status'],
    [[{ ...good, reason: 'it is up' }], 'status.conditions[0].reason of Up is not a reason'],
    [[{ ...good, reason: undefined }], 'status.conditions[0].reason of Up is not a reason'],
    [[{ ...good, message: 7 }], 'status.conditions[0].message of Up is not a string'],
    [[good, good], 'status.conditions[1] is a second condition of type Up'],
  ])('are refused one by one: %j', (value, message) => {
    const { problems, conditions } = parseConditions(value)
    expect(problems).toMatchObject([{ code: 'STATUS_INVALID', message }])
    expect(conditions).toHaveLength(Array.isArray(value) ? value.length - 1 : 0)
  })
})

it.each([
  ['PodsReady', true],
  ['A', true],
  ['a_b,c:d', true],
  ['', false],
  ['Not ready', false],
  ['1st', false],
  ['Ends:', false],
  ['x'.repeat(1025), false],
])('reason %j is allowed: %s', (reason, allowed) => {
  expect(isReason(reason)).toBe(allowed)
})
