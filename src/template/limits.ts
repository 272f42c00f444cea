/** Limits of one render, and the count of what it has used. The clock comes from outside. */
import { TemplateError } from './error.ts'

export interface Limits {
  /** Turns of loops, calls of functions, and reads. */
  steps: number
  /** Values inserted, and nodes inside them. */
  nodes: number
  /** Characters of static and inserted text. */
  characters: number
  documents: number
  /** From the start of the render. */
  milliseconds: number
  /** Nesting of includes, and of inserted values. */
  depth: number
}

export const defaultLimits: Limits = {
  steps: 10_000_000,
  nodes: 500_000,
  characters: 16 * 1024 * 1024,
  documents: 1000,
  milliseconds: 2000,
  depth: 100,
}

/** A clock in milliseconds that only goes forward. */
export interface Clock {
  now(): number
}

const stepsBetweenLooks = 1024

export class Budget {
  readonly limits: Limits
  readonly #clock: Clock
  readonly #deadline: number
  #steps = 0
  #nodes = 0
  #characters = 0
  #documents = 0

  constructor(limits: Limits, clock: Clock) {
    this.limits = limits
    this.#clock = clock
    this.#deadline = clock.now() + limits.milliseconds
  }

  /** One turn of a loop, call of a function, or read. True, so that it can stand before a condition. */
  step(): true {
    if (++this.#steps % stepsBetweenLooks !== 0) return true
    if (this.#steps > this.limits.steps) throw exceeded(`the render takes more than ${this.limits.steps} steps`)
    if (this.#clock.now() > this.#deadline) throw exceeded(`the render took longer than ${this.limits.milliseconds} ms`)
    return true
  }

  node(): void {
    if (++this.#nodes > this.limits.nodes) throw exceeded(`the render inserts more than ${this.limits.nodes} values`)
    this.step()
  }

  characters(count: number): void {
    this.#characters += count
    if (this.#characters > this.limits.characters) throw exceeded(`the render holds more than ${this.limits.characters} characters`)
  }

  document(): void {
    if (++this.#documents > this.limits.documents) throw exceeded(`the render holds more than ${this.limits.documents} documents`)
  }

  depth(depth: number, what: string): void {
    if (depth > this.limits.depth) throw exceeded(`${what} go deeper than ${this.limits.depth} levels`)
  }
}

export const exceeded = (message: string): TemplateError => new TemplateError('TEMPLATE_LIMIT', message)
