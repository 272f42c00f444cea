/**
 * What can go wrong between a client and its server, as data.
 *
 * A fault names its kind, the requests that it concerns and how often it acts. Nothing here acts; see intercept.ts.
 */
import type { Milliseconds } from '../../api/clock.ts'
import { type Distribution, distributionProblem } from './distribution.ts'
import type { RequestMatch } from './match.ts'

/** When a fault acts on what it matches: without any of these, always. */
export interface FaultLimits {
  /** The requests that it concerns; for watch events, the watches. Default: all. */
  readonly match?: RequestMatch
  /** It acts this often, then never again. */
  readonly times?: number
  /** The first matches that it leaves alone. */
  readonly skip?: number
  /** From 0 to 1. Default: 1. */
  readonly probability?: number
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'

/** Faults of single events of watches: `match.namespace` and `match.name` are those of the event's object. */
interface OfEvents {
  /** Default: all but BOOKMARK. */
  readonly events?: readonly WatchEventType[]
}

export type FaultEffect =
  /** The answer takes longer. `after`: the request takes effect at once, only the answer is late. Default: `before`. */
  | { readonly kind: 'latency'; readonly milliseconds: Distribution; readonly when?: 'before' | 'after' }
  /**
   * The server refuses: 401, 404, 409, 410, 429, 500, 503, 504 or another code from 400 on. Nothing takes effect.
   * `reason`, `message`: instead of those of the real server.
   */
  | {
      readonly kind: 'error'
      readonly code: number
      readonly reason?: string
      readonly message?: string
      /** For the `Retry-After` header. Default: 1 for 429, none for others. */
      readonly retryAfterSeconds?: number
    }
  /** 403, in the words with which RBAC refuses. */
  | { readonly kind: 'forbid' }
  /** The connection breaks; `after`: when the request has taken effect, before its answer is on the way. */
  | { readonly kind: 'break'; readonly when: 'before' | 'after' }
  /**
   * A watch ends early, after so many events or so much time, whichever comes first; one of them has to be there, and 0 is at once.
   * `end`: in good order, as when its time is over. `break`: the connection breaks. `expire`: with an ERROR event of code 410. Default: `end`.
   */
  | {
      readonly kind: 'cut'
      readonly afterEvents?: number
      readonly afterMilliseconds?: Milliseconds
      readonly how?: 'end' | 'break' | 'expire'
    }
  /** The event never comes. */
  | ({ readonly kind: 'drop' } & OfEvents)
  /** The event comes late, and those after it wait for it. */
  | ({ readonly kind: 'delay'; readonly milliseconds: Distribution } & OfEvents)
  /** The event comes once more, at once. `copies`: how many more. Default: 1. */
  | ({ readonly kind: 'duplicate'; readonly copies?: number } & OfEvents)
  /**
   * `get` and `list` answer from an earlier state, as a server whose cache lags; watches and further pages of a list do not.
   * `behind`: so many writes ago. `version`: the state at that resourceVersion. One of them has to be there.
   */
  | { readonly kind: 'stale'; readonly behind?: number; readonly version?: string }

export type Fault = FaultLimits & FaultEffect

export type FaultKind = FaultEffect['kind']

/** The fields of each kind, beside those of every fault. */
const fieldsOf: Readonly<Record<FaultKind, readonly string[]>> = {
  latency: ['milliseconds', 'when'],
  error: ['code', 'reason', 'message', 'retryAfterSeconds'],
  forbid: [],
  break: ['when'],
  cut: ['afterEvents', 'afterMilliseconds', 'how'],
  drop: ['events'],
  delay: ['milliseconds', 'events'],
  duplicate: ['copies', 'events'],
  stale: ['behind', 'version'],
}

const commonFields = ['kind', 'match', 'times', 'skip', 'probability']
const matchFields = ['verb', 'group', 'resource', 'subresource', 'namespace', 'name', 'user', 'userAgent', 'path']

/** Throws a TypeError or RangeError that says what is wrong with a fault. */
export function checkFault(fault: Fault): void {
  if (!Object.hasOwn(fieldsOf, fault.kind))
    throw new TypeError(`there is no fault of kind ${JSON.stringify(fault.kind)}; there are ${Object.keys(fieldsOf).join(', ')}`)
  const { kind, match = {}, times = 0, skip = 0, probability = 1 } = fault
  checkFields(fault, [...commonFields, ...fieldsOf[kind]], `a fault of kind "${kind}"`)
  checkFields(match, matchFields, "a fault's match")
  checkRange('times', times, 0, Infinity)
  checkRange('skip', skip, 0, Infinity)
  checkRange('probability', probability, 0, 1)
  checkEffect(fault)
}

const eventTypes: readonly WatchEventType[] = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']

function checkEffect(fault: FaultEffect): void {
  switch (fault.kind) {
    case 'latency':
      checkDistribution(fault)
      return fault.when === undefined ? undefined : checkWord('when', fault.when, ['before', 'after'])
    case 'error':
      checkRange('code', fault.code, 400, 599)
      return checkRange('retryAfterSeconds', fault.retryAfterSeconds ?? 0, 0, Infinity)
    case 'forbid':
      return undefined
    case 'break':
      return checkWord('when', fault.when, ['before', 'after'])
    case 'cut':
      if (fault.afterEvents === undefined && fault.afterMilliseconds === undefined)
        throw new TypeError('a fault of kind "cut" needs afterEvents or afterMilliseconds; 0 is at once')
      checkRange('afterEvents', fault.afterEvents ?? 0, 0, Infinity)
      checkRange('afterMilliseconds', fault.afterMilliseconds ?? 0, 0, Infinity)
      return fault.how === undefined ? undefined : checkWord('how', fault.how, ['end', 'break', 'expire'])
    case 'drop':
      return checkEvents(fault.events)
    case 'delay':
      checkDistribution(fault)
      return checkEvents(fault.events)
    case 'duplicate':
      checkRange('copies', fault.copies ?? 1, 1, Infinity)
      return checkEvents(fault.events)
    case 'stale':
      if (fault.behind === undefined && fault.version === undefined)
        throw new TypeError('a fault of kind "stale" needs behind, a number of writes, or version, a resourceVersion')
      checkRange('behind', fault.behind ?? 0, 0, Infinity)
      if (fault.version !== undefined && !/^\d+$/.test(fault.version))
        throw new TypeError(`version of a fault is ${JSON.stringify(fault.version)}; it has to be a resourceVersion, a text of digits`)
  }
}

function checkDistribution({ kind, milliseconds }: { readonly kind: FaultKind; readonly milliseconds: Distribution }): void {
  const problem = distributionProblem(milliseconds)
  if (problem !== undefined) throw new TypeError(`milliseconds of a fault of kind "${kind}" ${problem}`)
}

function checkEvents(events: readonly WatchEventType[] = []): void {
  for (const event of events) checkWord('events', event, eventTypes)
}

function checkWord(name: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return
  throw new TypeError(
    `${name} of a fault is ${JSON.stringify(value)}; it has to be ${allowed.map((word) => JSON.stringify(word)).join(' or ')}`,
  )
}

function checkFields(given: object, known: readonly string[], what: string): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown !== undefined) throw new TypeError(`"${unknown}" is not a field of ${what}; it has ${known.join(', ')}`)
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most)) throw new RangeError(`${name} of a fault is ${value}; it has to be from ${least} to ${most}`)
}
