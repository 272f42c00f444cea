/**
 * What a conformance case is, and the short way to write one.
 *
 * A case sends requests to one server and keeps every answer. It is run on two servers; the answers, masked by meaning (mask.ts), have
 * to be equal. The notation is documented in README.md.
 */
import type { Arbitrary } from 'fast-check'
import type { Api } from './api.ts'

/** `GET v1/configmaps/a?x=y`: see README.md for the methods and the short paths. */
export type Line = string

export interface StepOptions {
  headers?: Readonly<Record<string, string>>
  /** Default: application/json. */
  accept?: string
  /** Default: what the method stands for, else application/json. */
  contentType?: string
  /** Asks again until the body fits, and keeps the last answer only. Rejects after 40 s. */
  until?: (body: never) => unknown
  /** What of the body is compared; for answers of which only a part is meant. */
  pick?: (body: never) => unknown
}

export type Step = Line | readonly [line: Line, body?: unknown, options?: StepOptions]

export type Run = (api: Api) => Promise<unknown>

/** A case's shapes: one request, a list of steps, a function. */
export type Script = Line | readonly Step[] | Run

export interface GeneratorOptions<T> {
  values: Arbitrary<T>
  /** How many values; default 25. */
  runs?: number
  run: (api: Api, value: T) => Promise<unknown>
}

export interface Generator {
  values: Arbitrary<unknown>
  runs: number
  run: (api: Api, value: never) => Promise<unknown>
}

/** A case that answers otherwise on the sandbox, with the reason; it fails once the answers are equal. */
export interface Difference {
  script: Script | Generator
  differs: string
}

export interface Case {
  title: string
  script: Script | Generator
  /** The reason of a known difference. */
  differs?: string
}

/** The cases of one file. Titles state behaviour; they are unique within a group. */
export const cases = (list: Readonly<Record<string, Script | Generator | Difference>>): Case[] =>
  Object.entries(list).map(([title, entry]) => ({
    title,
    ...(typeof entry === 'object' && 'script' in entry ? entry : { script: entry }),
  }))

/** Values that fast-check makes: each is run on both servers in a namespace of its own, and a difference is made small. */
export const generated = <T>({ values, runs = 25, run }: GeneratorOptions<T>): Generator => ({ values, runs, run })

export const differs = (reason: string, script: Script | Generator): Difference => ({ script, differs: reason })

export const isGenerator = (script: Script | Generator): script is Generator => typeof script === 'object' && !Array.isArray(script)
