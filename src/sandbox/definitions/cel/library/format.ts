/** `"%s has %d".format([…])`. (cel-go, ext/formatting.go) */

type Clause = (value: unknown, precision: number | undefined) => string

const clauses: Readonly<Record<string, Clause>> = {
  s: (value) => textOf(value),
  d: (value) => {
    if (typeof value === 'bigint') return value.toString()
    if (typeof value === 'number') return String(value)
    throw new TypeError('decimal clause can only be used on integers')
  },
  f: (value, precision = 6) => Number(value).toFixed(precision),
  e: (value, precision = 6) =>
    Number(value)
      .toExponential(precision)
      .replace(/e([+-])(\d)$/, 'e$10$2'),
  b: (value) => (typeof value === 'boolean' ? (value ? '1' : '0') : BigInt(value as bigint).toString(2)),
  x: (value) => hexadecimal(value),
  X: (value) => hexadecimal(value).toUpperCase(),
  o: (value) => BigInt(value as bigint).toString(8),
}

export function formatText(template: string, values: readonly unknown[]): string {
  let next = 0
  return template.replace(/%%|%(?:\.(\d+))?([a-zA-Z])/g, (all, precision: string | undefined, verb: string) => {
    if (all === '%%') return '%'
    const clause = clauses[verb]
    if (clause === undefined) throw new TypeError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`)
    if (next >= values.length) throw new RangeError(`index ${next} out of range`)
    const value = values[next]
    next += 1
    return clause(value, precision === undefined ? undefined : Number(precision))
  })
}

function textOf(value: unknown): string {
  if (value === null) return 'null'
  if (value instanceof Date) return value.toISOString().replace(/\.000Z$/, 'Z')
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`
  if (value instanceof Map) {
    const entries = [...value].map(([key, member]) => [textOf(key), textOf(member)] as const)
    return `{${entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${key}: ${member}`)
      .join(', ')}}`
  }
  return String(value)
}

function hexadecimal(value: unknown): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex')
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return BigInt(value as bigint).toString(16)
}
