/** Regular expressions of RE2, the engine loaded by the first pattern. */
import { createRequire } from 'node:module'
import type * as Re2 from 're2js'

export type RegularExpression = Re2.RE2JS

const load = createRequire(import.meta.url)

/** @throws what the engine throws for a pattern that is none */
export const compileRe2 = (pattern: string): RegularExpression => (load('re2js') as typeof Re2).RE2JS.compile(pattern)
