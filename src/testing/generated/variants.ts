/**
 * Custom resources out of a schema: a sample that works, and from it one custom resource for each thing that can be done to one field, then
 * some with several at once. (Sun and others, Acto: Automatic End-to-End Testing for Operation Correctness of Cloud System Management, 2023)
 */
import { isMap, type JsonObject, type JsonValue } from '../../api/object.ts'
import { memberSchema, type StructuralSchema } from '../../api/schema/structural.ts'
import { limits, ordinary } from './values.ts'

/** From a spec to a field in it; a number is the place in a list. */
export type Path = readonly (string | number)[]

/** One thing that is done to one field. */
export interface Mutation {
  /** `spec.replicas: its least value` */
  title: string
  path: Path
  /** Undefined takes the field away. */
  value: JsonValue | undefined
}

export interface Variant {
  title: string
  spec: JsonObject
}

/**
 * Everything that is worth trying on this sample, field by field: each is taken away if it is not required, set if it was not, and set to each
 * value at its limits. Lists and maps are followed into their first item.
 */
export function mutations(schema: StructuralSchema | undefined, sample: JsonObject): Mutation[] {
  const found: Mutation[] = []
  const visit = (path: Path, value: JsonValue | undefined, described: StructuralSchema | undefined, required: boolean): void => {
    const of = described && isDescribed(described) ? described : schemaOf(value)
    if (path.length > 0) {
      const title = (what: string): string => `${textOf(path)}: ${what}`
      if (value === undefined) found.push({ title: title('set'), path, value: ordinary(of) })
      else if (!required) found.push({ title: title('not set'), path, value: undefined })
      for (const each of limits(of)) found.push({ title: title(each.title), path, value: each.value })
    }
    const inner = value ?? (isPlain(ordinary(of)) ? undefined : ordinary(of))
    if (Array.isArray(inner)) {
      if (inner.length > 0) visit([...path, 0], value === undefined ? undefined : (inner[0] as JsonValue), of.items, true)
      return
    }
    if (!isMap(inner)) return
    const names = new Set([...Object.keys(of.properties ?? {}), ...Object.keys(inner).slice(0, of.properties ? undefined : 1)])
    // What is in something that the sample does not have is tried where the sample has it.
    if (value !== undefined || path.length === 0)
      for (const name of names)
        visit(
          [...path, name],
          Object.hasOwn(inner, name) ? (inner[name] as JsonValue) : undefined,
          memberSchema(of, name),
          of.required?.includes(name) === true,
        )
  }
  visit([], sample, schema, true)
  return found
}

/** The sample with these mutations, in their order. */
export function mutated(sample: JsonObject, all: readonly Mutation[]): JsonObject {
  return all.reduce((spec, { path, value }) => (withValue(spec, path, value) as JsonObject | undefined) ?? spec, sample)
}

/**
 * The sample, every mutation alone, then `combined` times two to four of them together, in an order that `random` chooses: so each field is
 * also changed from, and taken away after, something else than the sample's value.
 */
export function variants(
  schema: StructuralSchema | undefined,
  sample: JsonObject,
  { random, combined }: { random: () => number; combined: number },
): Variant[] {
  const all = mutations(schema, sample)
  const single = all.map((mutation): Variant => ({ title: mutation.title, spec: mutated(sample, [mutation]) }))
  const several = Array.from({ length: all.length > 0 ? combined : 0 }, (): Variant => {
    const some = Array.from({ length: 2 + Math.floor(random() * 3) }, () => all[Math.floor(random() * all.length)] as Mutation)
    return { title: some.map(({ title }) => title).join('; '), spec: mutated(sample, some) }
  })
  return [{ title: 'the sample', spec: sample }, ...shuffled([...single, ...several], random)]
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const order = [...items]
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    ;[order[at], order[other]] = [order[other] as T, order[at] as T]
  }
  return order
}

function withValue(within: JsonValue | undefined, [step, ...rest]: Path, value: JsonValue | undefined): JsonValue | undefined {
  if (step === undefined) return value
  if (typeof step === 'number') {
    const list = Array.isArray(within) ? [...(within as JsonValue[])] : []
    const item = withValue(list[step], rest, value)
    if (item === undefined) list.splice(step, 1)
    else list[step] = item
    return list
  }
  const map = isMap(within) ? (within as JsonObject) : {}
  const member = withValue(map[step], rest, value)
  const others = Object.entries(map).filter(([name]) => name !== step)
  // From entries: assigning to a member named __proto__ would set the prototype.
  return Object.fromEntries(member === undefined ? others : [...others, [step, member]]) as JsonObject
}

const textOf = (path: Path): string =>
  path.reduce((text: string, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}.${step}`), 'spec')

const isPlain = (value: JsonValue): boolean => typeof value !== 'object' || value === null

/** Whether a schema says more than that anything may stand. */
const isDescribed = ({ type, properties, additionalProperties, ...others }: StructuralSchema): boolean =>
  properties !== undefined ||
  typeof additionalProperties === 'object' ||
  others['x-kubernetes-int-or-string'] === true ||
  (type !== undefined && type !== 'object')

/** What a value tells of its field where no schema does. */
export function schemaOf(value: JsonValue | undefined): StructuralSchema {
  if (Array.isArray(value)) return { type: 'array', items: schemaOf(value[0] as JsonValue | undefined) }
  if (isMap(value))
    return {
      type: 'object',
      properties: Object.fromEntries(Object.entries(value).map(([name, member]) => [name, schemaOf(member as JsonValue)])),
    }
  switch (typeof value) {
    case 'boolean':
      return { type: 'boolean' }
    case 'number':
      return { type: Number.isInteger(value) ? 'integer' : 'number', minimum: 0 }
    case 'string':
      return { type: 'string' }
    default:
      return { 'x-kubernetes-preserve-unknown-fields': true }
  }
}
