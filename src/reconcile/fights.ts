/**
 * Fights: a field that we and another manager take from each other, in turns and without end; or an object that somebody deletes each time
 * that it is made again.
 *
 *   quiet ──5 repairs of one field in a minute, or at a steady pace──▶ fighting ──nobody contests the object──▶ quiet
 *
 * A steady pace is that of a controller which looks every so often, as a HorizontalPodAutoscaler does every 15 s; a person is irregular.
 *
 * While the fight goes on, the object is repaired with back-off: 2 s after the first repair, or as long as the other takes, then twice as
 * long each time, at most 5 minutes. It is over when the time until the next repair, and at least 15 s, or twice what the other takes, have
 * passed without it. Only that object is slowed down, and only its repairs: a body that changes is sent at once. The rate is that of the
 * time before: the slower one says nothing.
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

/** Repairs of one field that make a fight, within a minute or at a steady pace. A person who tries again is slower, and irregular. */
const enough = 5
const minute: Milliseconds = 60_000
const window: Milliseconds = 300_000
/** How much longer the longest pause of a steady pace is than the shortest. */
const steadiness = 1.5
const firstPause: Milliseconds = 2_000
const longestPause: Milliseconds = 300_000
const quiet: Milliseconds = 15_000

/** How long a repair waits after so many of a fight. */
export const pauseAfter = (count: number, first = firstPause): Milliseconds => Math.min(longestPause, first * 2 ** count)

interface History {
  name: string
  /** What was sent last. */
  body: string
  /** When each field was repaired, within the window. */
  repairs: Map<string, Milliseconds[]>
  fights: Map<string, Fight>
  /** How long the other takes from a repair to its next change: the longest of all fights over the object. */
  pace: Milliseconds
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
      const last = times.slice(-enough)
      if (last.length < enough || history.fights.has(repair.field) || !isFight(last)) return []
      history.pace = Math.max(history.pace, spanOf(last) / (enough - 1))
      return [{ ...repair, object: name, flips: flipsPerMinute(last) }]
    })
    for (const fight of begun) history.fights.set(fight.field, fight)
    history.contested = now
    if (history.fights.size > 0) history.pausedUntil = now + pauseAfter(history.count++, Math.max(firstPause, history.pace))
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
    return [...this.#objects].flatMap(([key, { fights, pausedUntil, contested, pace }]): Fight[] => {
      const isOver = fights.size === 0 ? now - contested >= window : now >= pausedUntil && now - contested >= quietAt(pace)
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
    const looks = [...this.#objects.values()].flatMap(({ fights, pausedUntil, contested, pace }) =>
      fights.size === 0 ? [] : [(pausedUntil > now ? pausedUntil : contested + quietAt(pace)) - now],
    )
    return looks.length === 0 ? undefined : Math.max(1, Math.min(...looks))
  }

  #historyOf(key: string, name: string): History {
    const known = this.#objects.get(key)
    if (known) return known
    const history: History = { name, body: '', repairs: new Map(), fights: new Map(), pace: 0, count: 0, pausedUntil: 0, contested: 0 }
    if (this.#objects === noObjects) this.#objects = new Map()
    this.#objects.set(key, history)
    return history
  }
}

/** How long nobody has to contest an object until the fight over it is over. */
const quietAt = (pace: Milliseconds): Milliseconds => Math.max(quiet, 2 * pace)

const spanOf = (times: readonly Milliseconds[]): Milliseconds => (times.at(-1) as number) - (times[0] as number)

function isFight(times: readonly Milliseconds[]): boolean {
  const pauses = times.slice(1).map((time, at) => time - (times[at] as number))
  return spanOf(times) < minute || Math.max(...pauses) <= steadiness * Math.min(...pauses)
}

/** Each repair undoes a change of the other's, so the field has changed twice between two repairs. */
function flipsPerMinute(times: readonly Milliseconds[]): number {
  const span = Math.max(1_000, spanOf(times))
  return Math.round((2 * (times.length - 1) * 60_000) / span)
}

/** `Deployment/web spec.replicas`, or the object alone. */
export const contested = ({ object, field }: Fight): string => (field === '' ? object : `${object} ${field}`)

/** `Deployment/web spec.replicas: we 3, tuner 5, 41 flips a minute`; `ConfigMap/web: made again and deleted by somebody, 41 flips a minute`. */
export function describeFight(fight: Fight): string {
  const { field, by = 'another manager', ours, theirs, flips } = fight
  if (field === '') return `${contested(fight)}: made again and deleted by ${fight.by ?? 'somebody'}, ${flips} flips a minute`
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
