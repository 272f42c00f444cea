/**
 * What a run with a switch tells: that the test saw the mechanism missing, that it did not, or nothing.
 *
 * A test that fails before the mechanism had its turn has seen nothing: on a busy machine an operator starts too late, and whatever is
 * switched off then looks noticed.
 */
import type { Ran } from './scenarios.ts'

export type Verdict = { kind: 'noticed'; ran: Ran } | { kind: 'unnoticed'; why: string } | { kind: 'inconclusive'; why: string }

/** Failures of which load alone can be the cause. */
const early: readonly { message: RegExp; why: string }[] = [
  { message: /no line matches \/answers \\\/healthz\//, why: 'the operator did not start in time' },
  { message: /the operator is not ready/, why: 'the operator was not ready in time' },
  { message: /^\w*Error: (?:Test|Hook) timed out/, why: 'the test ran out of its time, and did not tell what it waited for' },
]

/** What the fixture itself watches for, when the test has ended. */
const audited = /no watch may lose an event here/

/** @param ran undefined: no test of the name ran */
export function verdictOf(ran: Ran | undefined, test: string): Verdict {
  if (!ran) return { kind: 'inconclusive', why: `no test "${test}" ran` }
  if (ran.passed) return { kind: 'unnoticed', why: 'the test passes' }
  const message = ran.message ?? ''
  const found = early.find((each) => each.message.test(message))
  if (found) return { kind: 'inconclusive', why: found.why }
  if (ran.at === undefined && !audited.test(message)) return { kind: 'inconclusive', why: `it failed outside of the test: ${message}` }
  return { kind: 'noticed', ran }
}
