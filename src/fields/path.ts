/**
 * Paths into an object, as field ownership names them.
 *
 * A list of scalars or of keyed items is not addressed by position but by content: `.spec.containers[name="web"].image`
 * stays the same path when another item is inserted before it. (structured-merge-diff, fieldpath)
 */
import type { JsonObject, JsonValue } from '../api/object.ts'

export type PathElement =
  | { readonly kind: 'field'; readonly name: string }
  /** The item of an associative list whose key fields have these values. */
  | { readonly kind: 'item'; readonly key: JsonObject }
  /** The item of a set that is this value. */
  | { readonly kind: 'value'; readonly value: JsonValue }
  | { readonly kind: 'index'; readonly index: number }

export type Path = readonly PathElement[]

export const field = (name: string): PathElement => ({ kind: 'field', name })
export const item = (key: JsonObject): PathElement => ({ kind: 'item', key })
export const value = (of: JsonValue): PathElement => ({ kind: 'value', value: of })
export const index = (at: number): PathElement => ({ kind: 'index', index: at })

/** As the API server prints it: `.spec.ports[port=80,protocol="TCP"].name`, `.metadata.finalizers[="x"]`, `.args[3]`; `.` for the root. */
export function formatPath(path: Path): string {
  return path.map(formatElement).join('') || '.'
}

function formatElement(element: PathElement): string {
  switch (element.kind) {
    case 'field':
      return `.${element.name}`
    case 'item':
      return `[${Object.keys(element.key)
        .sort()
        .map((name) => `${name}=${JSON.stringify(element.key[name])}`)
        .join(',')}]`
    case 'value':
      return `[=${JSON.stringify(element.value)}]`
    case 'index':
      return `[${element.index}]`
  }
}
