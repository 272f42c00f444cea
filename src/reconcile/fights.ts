/**
 * Fights: a field that we and another manager take from each other, in turns and without end; or an object that somebody deletes each time
 * that it is made again.
 *
 *   quiet ──5 repairs of one field in a minute──▶ fighting ──nobody contests the object──▶ quiet
 *
 * While the fight goes on, the object is repaired with back-off: 2 s after the first repair, then twice as long each time, at most
 * 5 minutes. It is over when the time until the next repair, and at least 15 s, have passed without the other. Only that object is slowed
 * down, and only its repairs: a body that changes is sent at once. The rate is that of the time before: the slower one says nothing.
 */
import type { Milliseconds } from '../api/clock.ts'
import type { JsonValue } from '../api/object.ts'
import type { WantedCondition } from './conditions.ts'
import { listed } from './status.ts'

/** One field that we put back. */
export interface Repair {
  /** `spec.replicas`; empty: the object itself, which was gone. */
  field: string
  /** The other manager, if it is known. */
  by: string | undefined
  /** The two values. Only numbers and truth values are told to anybody: text could be a secret. */
  ours: JsonValue | undefined
  theirs: JsonValue | undefined
}

export interface Fight extends Repair {
  /** `Deployment/web`. */
  object: string
  /** Changes of the field a minute, theirs and ours, when the fight was recognised. */
  flips: number
}

/** An object that somebody else changes too. */
export interface Contested {
  /** Its own among those of its primary. */
  key: string
  /** `Deployment/web`. */
  name: string
  /** Tells what we send from any other content. */
  body: string
}

/** Repairs of one field within the window that make a fight. A person who tries again is slower. */
const enough = 5
const window: Milliseconds = 60_000
const firstPause: Milliseconds = 2_000
const longestPause: Milliseconds = 300_000
const quiet: Milliseconds = 15_000

/** How long a repair waits after so many of a fight. */
export const pauseAfter = (count: number): Milliseconds => Math.min(longestPause, firstPause * 2 ** count)

interface History {
  name: string
  /** What was sent last. */
  body: string
  /** When each field was repaired, within the window. */
  repairs: Map<string, Milliseconds[]>
  fights: Map<string, Fight>
  /** Repairs since the fight was recognised. */
  count: number
  pausedUntil: Milliseconds
  /** When somebody else's change was last seen. */
  contested: Milliseconds
}

const noObjects: Map<string, History> = new Map()

/** The fights over the dependents of one primary. All times are of one clock. */
export class Fights {
  /** None as long as nothing was repaired, as is the rule. */
  #objects: Map<string, History> = noObjects

  /**
   * An object, by a key that is its own, was repaired; answers the fights that are recognised with it.
   *
   * @param body tells what was sent from any other content of the object
   */
  repaired({ key, name, body }: Contested, repairs: readonly Repair[], now: Milliseconds): Fight[] {
    const history = this.#historyOf(key, name)
    history.body = body
    const begun = repairs.flatMap((repair): Fight[] => {
      const times = [...(history.repairs.get(repair.field) ?? []), now].filter((time) => now - time < window)
      history.repairs.set(repair.field, times)
      if (times.length < enough || history.fights.has(repair.field)) return []
      return [{ ...repair, object: name, flips: flipsPerMinute(times) }]
    })
    for (const fight of begun) history.fights.set(fight.field, fight)
    history.contested = now
    if (history.fights.size > 0) history.pausedUntil = now + pauseAfter(history.count++)
    return begun
  }

  /** An object was brought to another content: from now on that is what a repair sends. */
  sent(key: string, body: () => string): void {
    const history = this.#objects.get(key)
    if (history) history.body = body()
  }

  /** Somebody has changed the object again: how long its repair has to wait. 0: it is due, or would send what was not sent before. */
  pause({ key, body }: Pick<Contested, 'key' | 'body'>, now: Milliseconds): Milliseconds {
    const history = this.#objects.get(key)
    if (!history || history.fights.size === 0) return 0
    history.contested = now
    return history.body === body ? Math.max(0, history.pausedUntil - now) : 0
  }

  /** Ends the fights that are over, and forgets repairs that are long past; answers those that it ended. */
  settle(now: Milliseconds): Fight[] {
    return [...this.#objects].flatMap(([key, { fights, pausedUntil, contested }]): Fight[] => {
      const isOver = fights.size === 0 ? now - contested >= window : now >= pausedUntil && now - contested >= quiet
      if (!isOver) return []
      this.#objects.delete(key)
      return [...fights.values()]
    })
  }

  get ongoing(): Fight[] {
    return [...this.#objects.values()].flatMap(({ fights }) => [...fights.values()])
  }

  /** How long until a fight is to be looked at again, though nothing may happen; undefined if there is none. */
  nextLook(now: Milliseconds): Milliseconds | undefined {
    const looks = [...this.#objects.values()].flatMap(({ fights, pausedUntil, contested }) =>
      fights.size === 0 ? [] : [(pausedUntil > now ? pausedUntil : contested + quiet) - now],
    )
    return looks.length === 0 ? undefined : Math.max(1, Math.min(...looks))
  }

  #historyOf(key: string, name: string): History {
    const known = this.#objects.get(key)
    if (known) return known
    const history: History = { name, body: '', repairs: new Map(), fights: new Map(), count: 0, pausedUntil: 0, contested: 0 }
    if (this.#objects === noObjects) this.#objects = new Map()
    this.#objects.set(key, history)
    return history
  }
}

/** Each repair undoes a change of the other's, so the field has changed twice between two repairs. */
function flipsPerMinute(times: readonly Milliseconds[]): number {
  const span = Math.max(1_000, (times.at(-1) as number) - (times[0] as number))
  return Math.round((2 * (times.length - 1) * 60_000) / span)
}

/** `Deployment/web spec.replicas`, or the object alone. */
export const contested = ({ object, field }: Fight): string => (field === '' ? object : `${object} ${field}`)

/** `Deployment/web spec.replicas: we 3, tuner 5, 41 flips a minute`; `ConfigMap/web: made again and deleted by somebody, 41 flips a minute`. */
export function describeFight(fight: Fight): string {
  const { field, by = 'another manager', ours, theirs, flips } = fight
  if (field === '') return `${contested(fight)}: made again and deleted by somebody, ${flips} flips a minute`
  const sides = isTold(ours) || isTold(theirs) ? `we ${told(ours)}, ${by} ${told(theirs)}` : `we and ${by}`
  return `${contested(fight)}: ${sides}, ${flips} flips a minute`
}

const isTold = (value: JsonValue | undefined): boolean => typeof value === 'number' || typeof value === 'boolean'

const told = (value: JsonValue | undefined): string => (isTold(value) ? String(value) : value === undefined ? 'none' : 'another value')

/** `Fighting`, as long as there is a fight; `feeding` describes the one that a primary has with itself. */
export function fightingConditions(fights: readonly Fight[], feeding?: string): WantedCondition[] {
  if (fights.length === 0 && feeding === undefined) return []
  const reason = fights.length > 0 ? 'ManagersDisagree' : 'FeedsItself'
  const told = [...fights.map(describeFight), ...(feeding === undefined ? [] : [feeding])]
  return [{ type: 'Fighting', status: 'True', reason, message: listed(told, '; ') }]
}
