/** The CEL engine, loaded by the first schema that has rules. */
import { createRequire } from 'node:module'
import type * as Cel from '@marcbachmann/cel-js'

const load = createRequire(import.meta.url)

export type CelModule = typeof Cel
export type Environment = Cel.Environment

// `require` keeps what it has loaded, so this is a look-up from the second call on.
export const celModule = (): CelModule => load('@marcbachmann/cel-js') as CelModule
