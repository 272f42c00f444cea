/** Time as an argument: what waits gets a clock, so that a test decides when a minute has passed. */

export type Milliseconds = number

export interface Clock {
  /** Milliseconds from a fixed start that never goes back. Only differences mean something. */
  now(): Milliseconds
  /** Calls back once, `delay` milliseconds from now; the answer takes the call back. */
  after(delay: Milliseconds, callback: () => void): () => void
}
