/**
 * Switches: small changes of the sources, each of which turns one mechanism off.
 *
 * A scenario that passes shows that a promise holds, and not that it watches for it. So each mechanism has a switch, and the switch names
 * the scenario that has to fail with it. The sources on disk stay as they are: the operator of the scenario loads them through a hook
 * (load.ts) that makes the change.
 *
 *   npm run switches [-- NAME…]   runs the scenarios, each with its switch, and writes docs/reference/mechanisms.md
 */

/** One change of one file. */
export interface Edit {
  /** From the root of the repository: `src/kube/writes.ts`. */
  file: string
  /** What stands there, exactly once. */
  text: string
  replacement: string
}

/** A project of vitest. */
export type Server = 'sandbox' | 'control-plane'

export interface Switch extends Edit {
  /** Lower case with dashes, unlike any other's. */
  name: string
  /** What is so while it is on, as a sentence. */
  off: string
  /** Further places, where one does not do. */
  more?: readonly Edit[]
  /** The folder below test/scenarios, and the full name of the test in it that has to fail. */
  scenario: string
  test: string
  /** Where that scenario can be played; default: the sandbox. */
  server?: Server
}

/** One part of what the operator promises. */
export interface Part {
  title: string
  /** Folders below test/scenarios that show it, beside those that its switches name. */
  scenarios?: readonly string[]
  switches: readonly Switch[]
}

export const editsOf = ({ file, text, replacement, more = [] }: Switch): readonly Edit[] => [{ file, text, replacement }, ...more]

/** The source with the changes; throws if a text is not there exactly once. */
export function changed(source: string, edits: readonly Edit[]): string {
  return edits.reduce((text, edit) => {
    const places = text.split(edit.text).length - 1
    if (places !== 1) throw new Error(`${edit.file}: ${JSON.stringify(edit.text)} is there ${places} times`)
    return text.replace(edit.text, () => edit.replacement)
  }, source)
}
