/**
 * The crash certificate: an operator that is killed at any point comes to the state that it would have come to.
 *
 * Every history is played twice without a crash, which shows its calls and that its states do not depend on chance; then once for each
 * point, in a namespace of its own, with one crash. A run counts where every step ended in the state of the run without a crash.
 */
import { differences } from '../world.ts'
import { type CrashPoint, pointsOf, sample } from './calls.ts'
import type { History } from './history.ts'
import { type CrashResult, type OpenStage, playCrash, playReference, type Reference, titleOf } from './play.ts'

/** Plays histories. Rejects for one that cannot be played. */
export interface Play {
  /** Where it can be seen that an operator is at rest. */
  reference(history: History): Promise<Reference>
  crash(history: History, reference: Reference, point: CrashPoint): Promise<CrashResult>
}

/** Plays them in this process. */
export const playOn = (openReference: OpenStage, openCrash: OpenStage): Play => ({
  reference: async (history) => await playReference(history, openReference),
  crash: async (history, reference, point) => await playCrash(history, openCrash, reference, point),
})

export interface CertificateOptions {
  histories: readonly History[]
  play: Play
  /** How many of all the points are played; default: each. */
  count?: (all: number) => number
  /** Which of them. */
  seed: string
  /** Runs at a time. */
  jobs: number
  /** Told of every run that has ended. */
  progress: (done: number, all: number, failures: number) => void
  /** Told of every failure as soon as there is one. */
  failed?: (failure: Failure) => void
}

export interface Failure {
  history: string
  point: CrashPoint | undefined
  /** The step at which it was otherwise. */
  step: string
  lines: readonly string[]
}

export interface HistoryResult {
  history: History
  calls: number
  points: number
  /** Points that were played. */
  played: number
  equal: number
  /** Of these: runs in which the call did not come again, so that the operator was killed at the end. */
  unmet: number
}

export interface Certificate {
  results: readonly HistoryResult[]
  failures: readonly Failure[]
}

interface Planned {
  history: History
  reference: Reference
  point: CrashPoint
}

export async function certify(options: CertificateOptions): Promise<Certificate> {
  const { histories, count = (all) => all, seed, jobs, progress, failed } = options
  const failures: Failure[] = []
  const fail = (failure: Failure): void => {
    failures.push(failure)
    failed?.(failure)
  }
  const results = new Map<string, HistoryResult>()
  const references = await inParallel(histories, jobs, async (history) => ({ history, found: await referenceOf(history, options) }))
  const planned = references.flatMap(({ history, found }): Planned[] => {
    const calls = 'reference' in found ? found.reference.calls : []
    const points = pointsOf(calls)
    results.set(history.name, { history, calls: calls.length, points: points.length, played: 0, equal: 0, unmet: 0 })
    if (!('reference' in found)) fail({ history: history.name, point: undefined, ...found })
    return 'reference' in found ? points.map((point) => ({ history, reference: found.reference, point })) : []
  })
  const chosen = sample(planned, count(planned.length), seed)
  let done = 0
  await inParallel(chosen, jobs, async ({ history, reference, point }) => {
    const result = results.get(history.name) as HistoryResult
    const failure = await crashOnce(history, options, reference, point, result)
    if (failure) fail({ history: history.name, point, ...failure })
    progress(++done, chosen.length, failures.length)
  })
  return { results: [...results.values()], failures }
}

/** The run that the others are compared with. A history whose states are others each time proves nothing. */
async function referenceOf(
  history: History,
  { play }: CertificateOptions,
): Promise<{ reference: Reference } | Omit<Failure, 'history' | 'point'>> {
  try {
    const reference = await play.reference(history)
    const again = await play.reference(history)
    for (const [index, state] of reference.states.entries()) {
      const lines = differences(again.states[index] ?? new Map(), state)
      if (lines.length > 0) return { step: `${titleOf(history, index)}, without a crash`, lines }
    }
    return { reference }
  } catch (error) {
    return { step: 'without a crash', lines: [messageOf(error)] }
  }
}

async function crashOnce(
  history: History,
  { play }: CertificateOptions,
  reference: Reference,
  point: CrashPoint,
  result: HistoryResult,
): Promise<Omit<Failure, 'history' | 'point'> | undefined> {
  result.played++
  try {
    const ended = await play.crash(history, reference, point)
    if (ended.kind === 'different') return { step: ended.step, lines: ended.differences }
    result.equal++
    if (!ended.met) result.unmet++
    return undefined
  } catch (error) {
    return { step: 'the run', lines: [messageOf(error)] }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))

async function inParallel<T, R>(items: readonly T[], jobs: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T)
  }
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, worker))
  return results
}
