/** What the real API server answered to the cases, recorded by scripts/sandbox-workloads.ts. */
import { readFileSync } from 'node:fs'
import type { Outcome } from './exchange.ts'

const file = new URL('fixtures/recorded.json', import.meta.url)

export interface Recorded {
  /** The server that was asked. */
  readonly kubernetes: string
  /** By the title of the case. */
  readonly outcomes: Readonly<Record<string, Outcome>>
}

export const recorded = (): Recorded => JSON.parse(readFileSync(file, 'utf8')) as Recorded
