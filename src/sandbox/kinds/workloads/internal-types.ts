/**
 * Values as the server's messages show them: with the names of its own types, all fields in their order.
 *
 * (pkg/apis, types.go of each group; the types have no JSON names, so that Go's are printed)
 */
import { isMap } from '../../../api/object.ts'
import { orderedJson, Verbatim } from '../../status/go-text.ts'
import { internalTypesTable } from '../../tables/internal-types.ts'
import { quantityText } from './checks.ts'
import { printedSelector, sortedTexts } from './selectors.ts'
import type { LabelSelector, Texts } from './shapes.ts'

type Fields = Readonly<Record<string, unknown>>

/** The value of a field error. `type`: as the server calls it. */
export const printedAs = (type: string, value: unknown): Verbatim => new Verbatim(orderedJson(internalValue(type, value, {})))

/** On lines of their own, to be compared. */
export const prettyPrinted = (type: string, value: unknown): string => JSON.stringify(internalValue(type, value, {}), undefined, 1)

/** `around`: the object that has the value as a field. */
function internalValue(type: string, value: unknown, around: Fields): unknown {
  if (type.startsWith('*')) return value === undefined || value === null ? null : internalValue(type.slice(1), value, around)
  if (type.startsWith('[]')) return Array.isArray(value) ? value.map((item) => internalValue(type.slice(2), item, around)) : null
  if (type.startsWith('{}')) {
    if (!isMap(value)) return null
    const entries = Object.entries(sortedTexts(value as Texts))
    return Object.fromEntries(entries.map(([key, each]) => [key, internalValue(type.slice(2), each, around)]))
  }
  switch (type) {
    case 'string':
      return value ?? ''
    case 'integer':
    case 'intOrString':
      return value ?? 0
    case 'boolean':
      return value ?? false
    case 'quantity':
      return quantityText((value as string | undefined) ?? '0')
    case 'time':
    case 'bytes':
      return value ?? null
    case 'selector':
      return value ? printedSelector(value as LabelSelector) : null
    default:
      return struct(type, isMap(value) ? value : {}, around)
  }
}

function struct(type: string, value: Fields, around: Fields): unknown {
  const printed: [string, unknown][] = []
  for (const [name, source, of] of internalTypesTable.types[type] ?? []) {
    if (name === '') printed.push(...metadata(value[source]))
    else printed.push([name, internalValue(of, source.startsWith('../') ? around[source.slice(3)] : value[source], value)])
  }
  return Object.fromEntries(printed)
}

/** Metadata is a public type: what is empty is left out. */
const metadataFields = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'labels',
  'annotations',
  'finalizers',
]

function metadata(value: unknown): [string, unknown][] {
  if (!isMap(value)) return []
  return metadataFields.flatMap((name): [string, unknown][] => {
    const member = value[name]
    if (member === undefined || member === null || member === '') return []
    if (!isMap(member)) return [[name, member]]
    return Object.keys(member).length > 0 ? [[name, sortedTexts(member as Texts)]] : []
  })
}
