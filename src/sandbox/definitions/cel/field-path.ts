/**
 * The path that a rule gives for its errors, and the paths of selectable fields: `.spec.x`, `.labels['a.b']`.
 *
 * (apiextensions-apiserver, schema/cel/validation.go, ValidFieldPath)
 */
import type { SchemaProps } from '../json-schema.ts'

export type FieldPath = { readonly path: string; readonly schema: SchemaProps } | { readonly problem: string }

const token = /'(?:\\.|[^'\\])*'|[.[\]]|[^.[\]]+/g
const escaped: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', "'": "'", '\\': '\\' }

export function fieldPathOf(text: string, root: SchemaProps, brackets = true): FieldPath {
  const tokens = text.match(token) ?? []
  let path = ''
  let schema: SchemaProps = root
  for (let at = 0; at < tokens.length; at += 1) {
    const opening = tokens[at] as string
    if (opening !== '.' && opening !== '[') return { problem: `expected [ or . but got: ${opening}` }
    if (opening === '[' && !brackets) return { problem: 'array notation is not allowed' }
    at += 1
    const part = tokens[at]
    if (part === undefined) return { problem: 'unexpected end of JSON path' }
    let name = part
    if (opening === '[') {
      if (part.length < 2 || !part.startsWith("'") || !part.endsWith("'"))
        return { problem: `expected single quoted string but got ${part}` }
      name = part.slice(1, -1).replace(/\\(.)/g, (_, character: string) => escaped[character] ?? '')
    }
    const { properties, additionalProperties } = schema
    if (properties !== undefined) {
      const member: SchemaProps | undefined = Object.hasOwn(properties, name) ? properties[name] : undefined
      if (member === undefined) return { problem: 'does not refer to a valid field' }
      schema = member
      path = path === '' ? name : `${path}.${name}`
    } else if (typeof additionalProperties === 'object') {
      schema = additionalProperties
      path = `${path}[${name}]`
    } else return { problem: 'does not refer to a valid field' }
    if (opening === '[') {
      at += 1
      const close = tokens[at]
      if (close === undefined) return { problem: 'unexpected end of JSON path' }
      if (close !== ']') return { problem: `expected ] but got ${close}` }
    }
  }
  return { path, schema }
}
