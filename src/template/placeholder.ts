/**
 * Placeholders: what stands in the rendered text for a value that was set aside.
 *
 * A placeholder is a private-use character, the number of the value, and a closing one. Template text that contains such a character, as
 * itself or as an escape that a YAML reader would turn into one, is a load error, and inserted values never become text, so nothing can
 * forge a placeholder.
 */
const insertMark = '\uE000'
const endMark = '\uE001'
const spreadMark = '\uE002'

/** Private-use characters, and the escapes of those that placeholders are made of. */
export const reserved = /[\uE000-\uF8FF]|\\u[eE]00[0-2]|\\U0000[eE]00[0-2]/

export const insertPlaceholder = (slot: number): string => insertMark + slot + endMark
export const spreadPlaceholder = (slot: number): string => spreadMark + slot + endMark

export const holdsPlaceholder = (text: string): boolean => text.includes(insertMark) || text.includes(spreadMark)

const pattern = /([\uE000\uE002])(\d+)\uE001/g

export interface Placeholder {
  kind: 'insert' | 'spread'
  slot: number
}

/** Text cut at its placeholders; no part is an empty string. */
export function splitPlaceholders(text: string): (string | Placeholder)[] {
  const parts: (string | Placeholder)[] = []
  let end = 0
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) parts.push(text.slice(end, match.index))
    parts.push({ kind: match[1] === insertMark ? 'insert' : 'spread', slot: Number(match[2]) })
    end = match.index + match[0].length
  }
  if (end < text.length) parts.push(text.slice(end))
  return parts
}
