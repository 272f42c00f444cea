/** Durations in Go's form, as Kubernetes and the Helm operator write them: `1m30s`, `1.5h`, `250ms`, `0`. (Go, time.ParseDuration) */

const units: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds; undefined for text that is no duration. */
export function parseDuration(text: string): number | undefined {
  const [, sign, body] = /^([+-]?)(.+)$/.exec(text) ?? []
  if (body === undefined) return undefined
  if (body === '0') return 0
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(body)) return undefined
  let milliseconds = 0
  for (const [, amount, unit] of body.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    milliseconds += Number(amount) * (units[unit as string] as number)
  }
  return sign === '-' ? -milliseconds : milliseconds
}

/** The shortest time between two things that go on for ever: what is shorter is a slip, and keeps whoever serves it busy. */
export const shortestPeriod = 1_000

/** Milliseconds, 0 for none; undefined for text that is no duration, or one below `shortestPeriod`. */
export function parsePeriod(text: string): number | undefined {
  const period = parseDuration(text)
  return period === 0 || (period !== undefined && period >= shortestPeriod) ? period : undefined
}

/** `5400000` → `1h30m0s`, `1500` → `1.5s`, `0` → `0s`. (Go, Duration.String) */
export function formatDuration(milliseconds: number): string {
  const size = Math.abs(milliseconds)
  const sign = milliseconds < 0 ? '-' : ''
  if (size === 0) return '0s'
  if (size < 1) return size < 1e-3 ? `${sign}${trim(size * 1e6)}ns` : `${sign}${trim(size * 1e3)}µs`
  if (size < 1000) return `${sign}${trim(size)}ms`
  const hours = Math.floor(size / 3_600_000)
  const minutes = Math.floor((size % 3_600_000) / 60_000)
  return `${sign}${hours ? `${hours}h` : ''}${hours || minutes ? `${minutes}m` : ''}${trim((size % 60_000) / 1000)}s`
}

const trim = (amount: number): string => String(Number(amount.toFixed(9)))
