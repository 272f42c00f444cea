/**
 * Feedback: a program that reads what its own passes write, or what other primaries make of that, and renders something else each time.
 *
 *   quiet ──10 passes in a minute that write, and find nothing changed but by the one before──▶ feeding ──nothing more to write──▶ quiet
 *
 * It is a fight of a primary with itself, and is slowed down as one: what is rendered anew is written after 2 s, then after twice as long
 * each time, at most after 5 minutes. Nothing else waits: drift is put right, and whatever somebody else changes, the spec or an object that
 * is looked up, is followed at once. It is over when for a while nothing had to be written although it was due.
 */
import type { Milliseconds } from '../api/clock.ts'
import { fieldManager } from '../api/names.ts'
import { pauseAfter } from './fights.ts'
import { OwnWrites } from './own-writes.ts'
import { listed } from './status.ts'

/** What a pass begins with, but for what the primary's own passes have made of it. */
export interface Surroundings {
  /** The primary and what is not its own, nor made after its own writes (see OwnWrites). */
  outside: string
  /** The same, with what others have made of its dependents. */
  others: string
}

/** What a pass wants of an object; undefined: that it goes. */
export interface Wish {
  /** `ConfigMap/web`. */
  name: string
  content: unknown
}

export interface Feeding {
  /** `ConfigMap/web data.found`; the object alone where it comes and goes. */
  fields: readonly string[]
  /** Passes a minute, when it was recognised. */
  rate: number
  /** UIDs of other primaries, by way of whose writes it comes round. */
  through: readonly string[]
}

/** A program that is finished in a few steps, each of which looks at the one before, is none that feeds itself. */
const enough = 10
const window: Milliseconds = 60_000
const quiet: Milliseconds = 5_000

/** The feedback of one primary. All times are of one clock. */
export class Feedback {
  readonly writes = new OwnWrites()
  #begun: Surroundings | undefined
  /** What the last pass that wrote began with. */
  #last: Surroundings | undefined
  #times: readonly Milliseconds[] = []
  /** What the last pass wrote, while one more can make a feedback of it. */
  #wishes: readonly Wish[] = []
  #slowed = false
  #feeding: (Feeding & { outside: string; count: number; pausedUntil: Milliseconds; wanted: Milliseconds }) | undefined

  /** A pass begins. */
  begin(surroundings: Surroundings, now: Milliseconds): void {
    this.#begun = surroundings
    const feeding = this.#feeding
    if (feeding && feeding.outside !== surroundings.outside) {
      feeding.outside = surroundings.outside
      feeding.pausedUntil = now
    }
    this.#slowed = feeding !== undefined && now < feeding.pausedUntil
  }

  /** Whether this pass has to leave what is rendered anew to a later one. */
  get slowed(): boolean {
    return this.#slowed
  }

  /** This pass wrote these, and none of them to put right what somebody else did; answers the feedback that is recognised with it. */
  wrote(wishes: readonly Wish[], now: Milliseconds): Feeding | undefined {
    const begun = this.#begun
    const isAlone = begun !== undefined && begun.others === this.#last?.others
    // What settles in a few steps after each change of something else is none, however often that changes.
    if (begun && begun.outside !== this.#last?.outside) this.#times = []
    if (begun) this.#last = begun
    // Once a pass.
    this.#begun = undefined
    this.writes.wrote()
    if (this.#feeding) this.#feeding.wanted = now
    if (!begun || !isAlone) return undefined
    this.#times = [...this.#times, now].filter((time) => now - time < window)
    if (this.#feeding) {
      this.#feeding.pausedUntil = now + pauseAfter(this.#feeding.count++)
      return undefined
    }
    const before = this.#wishes
    this.#wishes = this.#times.length >= enough - 1 ? wishes : []
    if (this.#times.length < enough) return undefined
    this.#wishes = []
    const fields = wishes.flatMap((wish) => changedFields(wish, before))
    const rate = ratePerMinute(this.#times)
    this.#feeding = {
      fields,
      rate,
      through: [...this.writes.after],
      outside: begun.outside,
      count: 1,
      pausedUntil: now + pauseAfter(0),
      wanted: now,
    }
    return this.#feeding
  }

  /** Something had to wait; answers how long still. */
  waited(now: Milliseconds): Milliseconds | undefined {
    if (this.#feeding) this.#feeding.wanted = now
    return this.nextLook(now)
  }

  /** Ends a feedback that is over; answers it. */
  settle(now: Milliseconds): Feeding | undefined {
    const feeding = this.#feeding
    if (!feeding || now < feeding.pausedUntil || now - feeding.wanted < quiet) return undefined
    this.#feeding = undefined
    this.#times = []
    return feeding
  }

  get ongoing(): Feeding | undefined {
    return this.#feeding
  }

  /** How long until it is to be looked at again, though nothing may happen; undefined if there is none. */
  nextLook(now: Milliseconds): Milliseconds | undefined {
    const feeding = this.#feeding
    return feeding && Math.max(1, (feeding.pausedUntil > now ? feeding.pausedUntil : feeding.wanted + quiet) - now)
  }
}

function ratePerMinute(times: readonly Milliseconds[]): number {
  const span = Math.max(1_000, (times.at(-1) as number) - (times[0] as number))
  return Math.round(((times.length - 1) * 60_000) / span)
}

/** Where an object is another than a pass before wanted it to be. */
function changedFields({ name, content }: Wish, before: readonly Wish[]): string[] {
  const known = before.find((wish) => wish.name === name)
  const paths = known?.content === undefined || content === undefined ? [] : differences(known.content, content)
  return paths.length === 0 ? [name] : paths.map((path) => `${name} ${path}`)
}

function differences(before: unknown, after: unknown, path: readonly string[] = []): string[] {
  if (Object.is(before, after)) return []
  if (!hasMembers(before) || !hasMembers(after)) return [path.join('.')]
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((name) => differences(before[name], after[name], [...path, name]))
}

/** A map, or a list, whose items are told by their place. */
const hasMembers = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

/** `ConfigMap/web data.found: rendered anew 41 times a minute from what this pass itself writes`, and by way of which field managers. */
export const describeFeeding = ({ fields, rate, through }: Feeding): string => {
  const way = through.length > 0 ? `, by way of ${listed(through.map((uid) => fieldManager('dependents', uid)))}` : ''
  return `${listed(fields)}: rendered anew ${rate} times a minute from what this pass itself writes${way}`
}
