/**
 * Patterns are regular expressions of RE2's syntax, as the server reads them; they are looked for anywhere in the text.
 *
 * The engine is loaded by the first schema that has a pattern, and a pattern is compiled when the first value meets it.
 */
import { RE2JS } from 're2js'

export type Matcher = (text: string) => boolean

/** A matcher for a pattern that the definition's validation has accepted. */
export function matcher(pattern: string): Matcher {
  let compiled: RE2JS | undefined
  return (text) => {
    compiled ??= RE2JS.compile(pattern)
    return compiled.test(text)
  }
}

/** What is wrong with a pattern, in Go's words; undefined for one that compiles. */
export function patternProblem(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
