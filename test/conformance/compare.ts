/** Runs a case on one or two servers, and tells where two recordings differ. */
import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { Api, newWord, type Recording } from './api.ts'
import { isGenerator, type Case, type Run, type Script } from './case.ts'
import { masked } from './mask.ts'
import type { Endpoint } from './transport.ts'

export interface Comparison {
  /** Nothing to tell when equal. */
  differences: string[]
  /** The masked answers of the first server, to look at. */
  answers: unknown[]
}

export interface RunOptions {
  /** Seed of generated values. */
  seed?: number
}

const defaultSeed = 36

/** A case as a function; a generator is run for each of its values. */
function runOf(script: Script): Run {
  if (typeof script === 'function') return script
  if (typeof script === 'string') return async (api) => await api.send(script)
  return async (api) => {
    for (const step of script) await api.step(step)
  }
}

async function record(endpoint: Endpoint, run: Run, word?: string): Promise<Recording> {
  const api = new Api(endpoint, word)
  try {
    await run(api)
    return api.recording
  } finally {
    await api.close()
  }
}

/** Runs the case on one server; throws if the case breaks, or compares nothing. */
export async function runAlone(endpoint: Endpoint, { script }: Case, options: RunOptions = {}): Promise<unknown[]> {
  if (!isGenerator(script)) return masked(checked(await record(endpoint, runOf(script))))
  const answers: unknown[] = []
  for (const value of fc.sample(script.values, { numRuns: script.runs, seed: options.seed ?? defaultSeed }))
    answers.push(...masked(checked(await record(endpoint, async (api) => await script.run(api, value as never)))))
  return answers
}

/** Runs the case on both servers at once. */
export async function runOnBoth(left: Endpoint, right: Endpoint, { script, differs }: Case, options: RunOptions = {}): Promise<Comparison> {
  const once = async (run: Run): Promise<Comparison> => {
    // Both servers get the same names, so that nothing depends on their order; on one server they would be in each other's way.
    const word = left.server === right.server ? undefined : newWord()
    const [first, second] = await Promise.all([settled(record(left, run, word)), settled(record(right, run, word))])
    if (typeof first !== 'object' || typeof second !== 'object') {
      const told = first === second ? [String(first)] : [`${left.server}: ${outcome(first)}`, `${right.server}: ${outcome(second)}`]
      return { differences: told, answers: typeof first === 'object' ? masked(first) : [] }
    }
    const answers = masked(checked(first))
    return { differences: differencesOf(answers, masked(checked(second))), answers }
  }
  if (!isGenerator(script)) return await once(runOf(script))

  let last: Comparison = { differences: [], answers: [] }
  const seed = options.seed ?? defaultSeed
  const property = fc.asyncProperty(script.values, async (value) => {
    const comparison = await once(async (api) => await script.run(api, value as never))
    if (comparison.differences.length > 0 || last.differences.length === 0) last = comparison
    return comparison.differences.length === 0
  })
  const details = await fc.check(property, {
    numRuns: script.runs,
    seed,
    // What is known to differ needs no smallest example.
    endOnFailure: differs !== undefined,
    interruptAfterTimeLimit: 120_000,
    markInterruptAsFailure: true,
  })
  if (!details.failed) return { differences: [], answers: last.answers }
  return { differences: [`seed ${seed}: ${fc.stringify(details.counterexample)}`, ...last.differences], answers: last.answers }
}

/** The recording, or what broke the case on this server. */
async function settled(recording: Promise<Recording>): Promise<Recording | string> {
  try {
    return await recording
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const outcome = (result: Recording | string): string => (typeof result === 'string' ? result : 'went through')

function checked(recording: Recording): Recording {
  if (recording.entries.length === 0) throw new Error('the case compares nothing')
  return recording
}

/** Where two values differ, as lines `path: this one | that one`. */
export function differencesOf(left: unknown, right: unknown): string[] {
  const found: string[] = []
  const shown = (value: unknown): string => (value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)))
  const walk = (one: unknown, other: unknown, path: string, asked: string): void => {
    if (isDeepStrictEqual(one, other)) return
    const bothLists = Array.isArray(one) && Array.isArray(other)
    const bothMaps = !bothLists && isMap(one) && isMap(other)
    if (!bothLists && !bothMaps) return void found.push(`${asked}${path || ' '}: ${shown(one)} | ${shown(other)}`)
    for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
      const inside = (value: object): unknown => (Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined)
      walk(inside(one), inside(other), bothLists ? `${path}[${key}]` : `${path}.${key}`, asked)
    }
  }
  const [lefts, rights] = [left as unknown[], right as unknown[]]
  for (let index = 0; index < Math.max(lefts.length, rights.length); index += 1) {
    const asked = (lefts[index] ?? rights[index]) as { asked: string } | undefined
    walk(lefts[index], rights[index], '', `${index + 1}. ${asked?.asked} `)
  }
  return found
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
