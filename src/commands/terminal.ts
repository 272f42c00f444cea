/** What a command may touch of its process: given as an argument, so that a test can look at it. */

export interface Terminal {
  /** Resolves when the text is written. */
  out(text: string): void
  error(text: string): void
  /** The whole standard input as text. */
  input(): Promise<string>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Whether standard error is a terminal that shows colours. */
  readonly colours: boolean
  /** Whether standard output is a terminal. */
  readonly interactive: boolean
  /** Milliseconds since the epoch. */
  now(): number
}
