/**
 * The faults that are set, and which of them acts now.
 *
 * Each fault draws from random numbers of its own, so that one more fault does not change what the others do, and the same seed with the
 * same requests in the same order gives the same faults.
 */
import { seeded } from '../random.ts'
import { checkFault, type Fault, type FaultKind } from './fault.ts'
import { type MatchedRequest, matches } from './match.ts'

export interface Faults {
  /** What the faults are drawn with: `createSandbox({ seed })` with it repeats a run. */
  readonly seed: number
  /** Sets faults, which act from the next request on. Throws a TypeError or RangeError, and sets none, where one is not right. */
  add(...faults: readonly Fault[]): FaultHandle
  /** Takes all faults away. What waits for a delay goes on waiting. */
  clear(): void
  /** All that are set, with how often each has acted. */
  list(): readonly { readonly fault: Fault; readonly acted: number }[]
}

/** Faults that were added together. */
export interface FaultHandle {
  /** How often they have acted. */
  readonly acted: number
  remove(): void
}

/** A fault that acts on a request or an event. */
export interface ActiveFault<Kind extends FaultKind> {
  readonly fault: Extract<Fault, { kind: Kind }>
  /** From 0 up to but without 1. */
  readonly random: () => number
}

interface Entry extends ActiveFault<FaultKind> {
  seen: number
  acted: number
}

export class FaultTable implements Faults {
  readonly seed: number
  #entries: readonly Entry[] = []
  #added = 0

  constructor(seed: number) {
    this.seed = seed
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  add(...faults: readonly Fault[]): FaultHandle {
    for (const fault of faults) checkFault(fault)
    const added = faults.map((fault): Entry => {
      const random = seeded(this.seed ^ Math.imul(++this.#added, 0x9e3779b9))
      return { fault, random, seen: 0, acted: 0 }
    })
    this.#entries = [...this.#entries, ...added]
    return {
      get acted() {
        return added.reduce((sum, { acted }) => sum + acted, 0)
      },
      remove: () => {
        this.#entries = this.#entries.filter((entry) => !added.includes(entry))
      },
    }
  }

  clear(): void {
    this.#entries = []
  }

  list(): readonly { readonly fault: Fault; readonly acted: number }[] {
    return this.#entries.map(({ fault, acted }) => ({ fault, acted }))
  }

  /** Whether any fault is of one of these kinds. */
  has(kinds: readonly FaultKind[]): boolean {
    return this.#entries.some(({ fault }) => kinds.includes(fault.kind))
  }

  /** The first fault of these kinds that acts, which counts it. `also`: a condition beside the match. */
  first<Kind extends FaultKind>(
    kinds: readonly Kind[],
    request: MatchedRequest,
    also?: (fault: ActiveFault<Kind>['fault']) => boolean,
  ): ActiveFault<Kind> | undefined {
    for (const active of this.each(kinds, request, also)) return active
    return undefined
  }

  /** All faults of these kinds that act, in the order in which they were added; each is counted when it is taken. */
  *each<Kind extends FaultKind>(
    kinds: readonly Kind[],
    request: MatchedRequest,
    also: (fault: ActiveFault<Kind>['fault']) => boolean = () => true,
  ): Generator<ActiveFault<Kind>> {
    for (const entry of this.#entries) {
      if (!isOf(kinds, entry) || !matches(entry.fault.match ?? {}, request) || !also(entry.fault)) continue
      if (acts(entry)) yield entry
    }
  }
}

const isOf = <Kind extends FaultKind>(kinds: readonly Kind[], entry: Entry): entry is Entry & ActiveFault<Kind> =>
  (kinds as readonly FaultKind[]).includes(entry.fault.kind)

function acts(entry: Entry): boolean {
  const { times = Infinity, skip = 0, probability = 1 } = entry.fault
  entry.seen++
  if (entry.seen <= skip || entry.acted >= times) return false
  if (probability < 1 && entry.random() >= probability) return false
  entry.acted++
  return true
}
