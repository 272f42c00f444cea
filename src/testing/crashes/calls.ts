/**
 * The calls of an operator to the API server, and the points at which it can die.
 *
 * Calls are on their way side by side, so their order differs from run to run: a call is named by what it asks for and by how often that
 * was asked before, not by its number.
 */

/** When the process dies: nothing of the call reached the server; the server did it and no answer came; the answer was there. */
export const moments = ['before', 'during', 'after'] as const
export type Moment = (typeof moments)[number]

/** `PATCH /apis/apps/v1/namespaces/<namespace>/deployments/web?fieldManager=… (2)` */
export type CallName = string

export interface CrashPoint {
  call: CallName
  moment: Moment
}

/** What of a watch or a list differs from run to run. */
const passing = new Set(['resourceVersion', 'timeoutSeconds', 'continue', 'sendInitialEvents', 'resourceVersionMatch'])

const uid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** Numbers the calls of one run. `replace` takes out what has another name in each run. */
export class CallNames {
  readonly #counts = new Map<string, number>()
  readonly #replace: (text: string) => string

  constructor(replace: (text: string) => string) {
    this.#replace = replace
  }

  next(method: string, url: string): CallName {
    const { pathname, searchParams } = new URL(url, 'http://server')
    const query = [...searchParams].filter(([name]) => !passing.has(name)).map(([name, value]) => `${name}=${value}`)
    const text = this.#replace(`${method} ${pathname}${query.length > 0 ? `?${query.join('&')}` : ''}`).replace(uid, '<uid>')
    const count = (this.#counts.get(text) ?? 0) + 1
    this.#counts.set(text, count)
    return count === 1 ? text : `${text} (${count})`
  }
}

export const pointsOf = (calls: readonly CallName[]): CrashPoint[] => calls.flatMap((call) => moments.map((moment) => ({ call, moment })))

/** So many of them, by the seed: the same seed takes the same ones. In their order. */
export function sample<T>(items: readonly T[], count: number, seed: string): T[] {
  if (count >= items.length) return [...items]
  const random = seeded(seed)
  const keyed = items.map((item, index) => ({ item, index, key: random() }))
  const chosen = keyed.sort((one, other) => one.key - other.key).slice(0, count)
  return chosen.sort((one, other) => one.index - other.index).map(({ item }) => item)
}

/** Numbers from 0 to 1 that a text determines. (mulberry32, seeded by FNV-1a) */
function seeded(seed: string): () => number {
  let state = 0x811c9dc5
  for (const character of seed) state = Math.imul(state ^ (character.codePointAt(0) as number), 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
