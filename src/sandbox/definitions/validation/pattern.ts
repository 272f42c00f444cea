/**
 * Patterns are regular expressions of RE2's syntax, as the server reads them; they are looked for anywhere in the text.
 *
 * A pattern is compiled when the first value meets it.
 */
import { compileRe2, type RegularExpression } from './re2.ts'

export type Matcher = (text: string) => boolean

/** A matcher for a pattern that the definition's validation has accepted. */
export function matcher(pattern: string): Matcher {
  let compiled: RegularExpression | undefined
  return (text) => {
    compiled ??= compileRe2(pattern)
    return compiled.test(text)
  }
}

/** What is wrong with a pattern, in Go's words; undefined for one that compiles. */
export function patternProblem(pattern: string): string | undefined {
  try {
    compileRe2(pattern)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
