/**
 * Canonical JSON: keys sorted by UTF-16 code units, no white space, `undefined` members left out, so that equal values give equal text.
 * (The ordering rule of RFC 8785; numbers are written as JavaScript writes them, which is the same rule.)
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const record = value as Record<string, unknown>
  let text = '{'
  for (const key of sortedKeys(record)) {
    const member = record[key]
    if (member === undefined) continue
    if (text.length > 1) text += ','
    text += quoted(key)
    text += ':'
    text += canonicalJson(member)
  }
  return `${text}}`
}

/** Printable ASCII stands for itself, but for the quote and the backslash; the rest is left to the engine. */
const special = /[^ !#-[\]-~]/
const quoted = (text: string): string => (special.test(text) ? JSON.stringify(text) : `"${text}"`)

/** Servers send sorted keys, mostly. */
function sortedKeys(record: Record<string, unknown>): string[] {
  const keys = Object.keys(record)
  for (let at = 1; at < keys.length; at++) if ((keys[at - 1] as string) > (keys[at] as string)) return keys.sort()
  return keys
}
