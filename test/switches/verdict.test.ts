import { describe, expect, it } from 'vitest'
import type { Ran } from './scenarios.ts'
import { verdictOf } from './verdict.ts'

const failed = (message: string, at: string | undefined = 'holds.cluster.test.ts:40'): Ran => ({
  test: 'a delete is held',
  passed: false,
  at,
  code: 'await held()',
  message,
})
const kindOf = (ran: Ran | undefined): string => verdictOf(ran, 'a delete is held').kind

describe('a run with a switch', () => {
  it.each([
    'Error: not within 20 s: the Store holds deletes; the last look gave false',
    'AssertionError: expected 2 to be 1',
    'Error: no line matches /the deletion waits for/; the log:',
    'Error: GET /api/v1/namespaces/test/configmaps/shop was answered 404',
    'Error: the operator ended before it was ready: no watch names Sensor any more',
    'Error: the operator still runs; the log:',
  ])('has noticed it where the test fails by what it looks at: %s', (message) => {
    expect(kindOf(failed(message))).toBe('noticed')
  })

  it.each([
    'Error: no line matches /answers \\/healthz/; the log:',
    'Error: the operator is not ready: caches: starting',
    'TestTimeoutError: Test timed out in 60000ms.',
    'Error: Hook timed out in 10000ms.',
  ])('tells nothing where the operator or the test came too late: %s', (message) => {
    expect(kindOf(failed(message))).toBe('inconclusive')
  })

  it('tells nothing where it failed outside of the test, as the set-up of a fixture does', () => {
    const verdict = verdictOf({ ...failed('TypeError: fetch failed'), at: undefined }, 'a delete is held')
    expect(verdict).toEqual({ kind: 'inconclusive', why: 'it failed outside of the test: TypeError: fetch failed' })
  })

  it('has noticed it where the fixture’s audit finds what a watch has lost', () => {
    expect(kindOf({ ...failed('Error: no watch may lose an event here: fairlead_audit_repairs_total'), at: undefined })).toBe('noticed')
  })

  it('has not noticed it where the test passes', () => {
    expect(kindOf({ ...failed(''), passed: true })).toBe('unnoticed')
  })

  it('tells nothing where the test did not run', () => {
    expect(verdictOf(undefined, 'a delete is held')).toEqual({ kind: 'inconclusive', why: 'no test "a delete is held" ran' })
  })
})
