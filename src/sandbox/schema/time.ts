/**
 * Times as the API's JSON has them: RFC 3339, to the second or the microsecond, in UTC.
 *
 * Reads what Go's time.Parse reads with these layouts, which is more than RFC 3339 allows (a one-digit hour, a comma before the fraction), and
 * fails with its messages. (Go, time/format.go)
 */

export interface Time {
  /** Since the epoch. */
  readonly seconds: number
  readonly nanoseconds: number
}

const layouts = { second: '2006-01-02T15:04:05Z07:00', micro: '2006-01-02T15:04:05.000000Z07:00' } as const

/** @param micro Six digits of a fraction are required. */
export function parseTime(text: string, micro: boolean): Time | { readonly error: string } {
  const layout = micro ? layouts.micro : layouts.second
  let rest = text
  const taken: Record<string, string> = {}
  for (const [element, pattern, range] of elements(micro)) {
    const match = pattern.exec(rest)
    if (match === null)
      return { error: `parsing time ${quote(text)} as ${quote(layout)}: cannot parse ${quote(rest)} as ${quote(element)}` }
    rest = rest.slice(match[0].length)
    taken[element] = match[0]
    const problem = range?.(match[0])
    if (problem) return { error: `parsing time ${quote(text)}: ${problem} out of range` }
  }
  if (rest !== '') return { error: `parsing time ${quote(text)}: extra text: ${quote(rest)}` }
  const [year, month, day] = [Number(taken['2006']), Number(taken['01']), Number(taken['02'])]
  if (day < 1 || day > daysIn(year, month)) return { error: `parsing time ${quote(text)}: day out of range` }
  const [second = '', fraction = ''] = `${taken['05']}${taken['.000000'] ?? ''}`.split(/[.,]/)
  const local = Date.UTC(2000, month - 1, day, Number(taken['15']), Number(taken['04']), Number(second))
  return {
    seconds: (atYear(local, year) - offset(taken['Z07:00'] as string)) / 1000,
    nanoseconds: Number(fraction.slice(0, 9).padEnd(9, '0')),
  }
}

/** Null for the zero time, which is how Go writes it. */
export function formatTime({ seconds, nanoseconds }: Time, micro: boolean): string | null {
  if (seconds === zeroSeconds && nanoseconds === 0) return null
  const text = new Date(seconds * 1000).toISOString().slice(0, 19)
  return micro ? `${text}.${String(Math.floor(nanoseconds / 1000)).padStart(6, '0')}Z` : `${text}Z`
}

/** 0001-01-01T00:00:00Z */
const zeroSeconds = -62_135_596_800

type Element = readonly [element: string, pattern: RegExp, range?: (text: string) => string | undefined]

const within = (name: string, from: number, to: number) => (text: string) =>
  Number.parseInt(text, 10) < from || Number.parseInt(text, 10) > to ? name : undefined
const literal = (text: string): Element => [text, new RegExp(`^${text}`)]

const date: readonly Element[] = [
  ['2006', /^\d{4}/],
  literal('-'),
  ['01', /^\d{2}/, within('month', 1, 12)],
  literal('-'),
  ['02', /^\d{2}/],
  literal('T'),
  ['15', /^\d{1,2}/, within('hour', 0, 23)],
  literal(':'),
  ['04', /^\d{2}/, within('minute', 0, 59)],
  literal(':'),
]
const zone: Element = [
  'Z07:00',
  /^(?:Z|[+-]\d{2}:\d{2})/,
  (text) => within('time zone offset hour', 0, 24)(text.slice(1)) ?? within('time zone offset minute', 0, 60)(text.slice(4)),
]
const toTheSecond: readonly Element[] = [...date, ['05', /^\d{2}(?:[.,]\d+)?/, within('second', 0, 59)], zone]
const toTheMicrosecond: readonly Element[] = [...date, ['05', /^\d{2}/, within('second', 0, 59)], ['.000000', /^[.,]\d{6}/], zone]
const elements = (micro: boolean): readonly Element[] => (micro ? toTheMicrosecond : toTheSecond)

/** Date.UTC takes the years up to 99 for those of the 20th century. */
function atYear(time: number, year: number): number {
  const moved = new Date(time)
  const [month, day] = [moved.getUTCMonth(), moved.getUTCDate()]
  return moved.setUTCFullYear(year, month, day)
}

const daysIn = (year: number, month: number): number => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()

function offset(text: string): number {
  if (text === 'Z') return 0
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(4, 6))
  return (text.startsWith('-') ? -minutes : minutes) * 60_000
}

/** Go's quoting of times in messages: bytes outside ASCII are written as escapes. */
const quote = (text: string): string =>
  `"${[...new TextEncoder().encode(text)].map((byte) => (byte < 0x20 || byte >= 0x80 ? `\\x${byte.toString(16).padStart(2, '0')}` : byte === 0x22 || byte === 0x5c ? `\\${String.fromCharCode(byte)}` : String.fromCharCode(byte))).join('')}"`
