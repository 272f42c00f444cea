/** Go's names of types and its way of quoting, as error messages of the server's decoder have them. */
import type { Schema } from './schema.ts'

/** `int32`, `[]v1.Container`, `map[string]string`, `v1.PodSpec` */
export function goTypeOf(schema: Schema): string {
  switch (schema.kind) {
    case 'struct':
      return goName(schema.fullName)
    case 'scalar':
      return schema.goType
    case 'map':
    case 'list':
      return schema.goType ?? ''
    case 'any':
      return schema.either === undefined ? 'interface {}' : goName(schema.either.struct.fullName)
  }
}

/** `io.k8s.api.core.v1.PodSpec` → `v1.PodSpec` */
export const goName = (fullName: string): string => fullName.split('.').slice(-2).join('.')

const letters: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
}

/** A text in double quotes, as Go's %q writes it. (Go, strconv.Quote) */
export const quoteGo = (text: string): string =>
  `"${text.replaceAll(/["\\]|[\p{C}\p{Z}]/gu, (character) => {
    if (character === ' ') return character
    if (character === '"' || character === '\\') return `\\${character}`
    const code = character.codePointAt(0) as number
    if (code < 0x80) return letters[character] ?? `\\x${code.toString(16).padStart(2, '0')}`
    if (code >= 0xd800 && code < 0xe000) return '\ufffd'
    return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
  })}"`
