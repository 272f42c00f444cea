/** What somebody else could do to one field of an object. */
import { isMap, type JsonValue } from '../../../src/api/object.ts'
import { agrees, isList } from '../../../src/fields/match.ts'
import type { Path } from '../../../src/fields/path.ts'

const words = ['Always', 'IfNotPresent', 'Exact', 'ImplementationSpecific', 'UDP', 'Unconfined', 'Average', 'true']
const texts = ['7', '7m', 'other', '/other', 'other.example', 'https://other.example/']

/** Values that another manager could put in a field's place, the likeliest to be accepted first. */
export function replacements(value: JsonValue | undefined): JsonValue[] {
  if (typeof value === 'boolean') return [!value]
  if (typeof value === 'number') return [value + 1, value - 1]
  if (typeof value === 'string') return [`${value}x`, ...texts, ...words].filter((other) => other !== value)
  if (isList(value)) return [...value.flatMap((member, at) => replacements(member).map((other) => value.with(at, other))), []]
  if (isMap(value)) {
    const edits = Object.entries(value).flatMap(([field, member]) => replacements(member).map((other) => ({ ...value, [field]: other })))
    return [...edits, { ...value, other: 'x' }]
  }
  return ['other', 1, true]
}

/** Where the path leads in this object, as a JSON pointer; undefined if it leads nowhere. (RFC 6901) */
export function pointerTo(object: JsonValue, path: Path): string | undefined {
  let value: JsonValue | undefined = object
  let pointer = ''
  for (const element of path) {
    const step = stepTo(value, element)
    if (step === undefined) return undefined
    pointer += `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`
    value = (value as Record<string | number, JsonValue>)[step]
  }
  return pointer
}

function stepTo(value: JsonValue | undefined, element: Path[number]): string | number | undefined {
  if (element.kind === 'field') return isMap(value) && Object.hasOwn(value, element.name) ? element.name : undefined
  if (!isList(value)) return undefined
  if (element.kind === 'index') return element.index < value.length ? element.index : undefined
  const key = element.kind === 'item' ? { names: Object.keys(element.key), values: Object.values(element.key) } : undefined
  const at = value.findIndex((member) =>
    key ? isMap(member) && agrees(member, key) : JSON.stringify(member) === JSON.stringify((element as { value: JsonValue }).value),
  )
  return at < 0 ? undefined : at
}
