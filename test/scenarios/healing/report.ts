/** What healed and how long it took, as a table that a person reads. */

export interface Healed {
  kind: string
  field: string
  how: string
  /** From the answer to the change until the object was seen whole again. */
  milliseconds: number
}

export class Report {
  readonly healed: Healed[] = []
  /** Changes that the server did not take: immutable fields, values that are not valid. */
  readonly refused: string[] = []
  /** Changes after which the object is as it was: the server puts a default in the same place. */
  readonly without: string[] = []

  print(title: string): void {
    const times = this.healed.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)
    const at = (share: number): string => (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(0)
    const column = (text: string, width: number): string => text.padEnd(width)
    const rows = this.healed.map(
      ({ kind, field, how, milliseconds }) => `${column(kind, 24)}${column(how, 10)}${milliseconds.toFixed(0).padStart(5)} ms  ${field}`,
    )
    const median = `${times.length} changes healed; median ${at(0.5)} ms, 95 % within ${at(0.95)} ms, the longest ${at(1)} ms`
    const list = (what: string, entries: readonly string[]): string[] => [
      `${entries.length} ${what}${entries.length > 0 ? ':' : ''}`,
      ...entries.map((entry) => `  ${entry}`),
    ]
    console.log(
      [title, ...rows, median, ...list('refused by the server', this.refused), ...list('without effect', this.without)].join('\n'),
    )
  }
}
