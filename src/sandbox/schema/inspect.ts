/**
 * What Go's decoder says of a value that does not fit its type: the error that ends the decoding, or what strict decoding refuses.
 *
 * Follows the text in its order, as the decoder does: the first value of a wrong type is told in the end, unless a type that reads its own JSON
 * (a quantity, a time) fails, which ends the decoding at once. Problems of strict decoding count only if nothing else is wrong.
 * (sigs.k8s.io/json, internal/golang/encoding/json/decode.go)
 */
import { quoted } from '../status/go-text.ts'
import { goTypeOf } from './go-type.ts'
import type { JsonNode } from './json-text.ts'
import { quantityProblem } from './quantity-text.ts'
import type { AnySchema, ScalarSchema, Schema, StructSchema } from './schema.ts'
import { parseTime } from './time.ts'

export interface Inspection {
  /** As Go words it: `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`. */
  readonly error?: string
  /** `unknown field "spec.x"`, `duplicate field "metadata.name"` */
  readonly problems: readonly string[]
}

export function inspect(schema: StructSchema, node: JsonNode): Inspection {
  const inspector = new Inspector()
  const failure = inspector.run(schema, node)
  return { ...(failure && { error: messageOf(failure) }), problems: [...inspector.problems] }
}

/** A message, or a value of a wrong type, whose place is told by what surrounds it. */
type Failure = string | TypeFailure

interface TypeFailure {
  readonly value: string
  readonly goType: string
  readonly struct: string
  readonly field: string
}

const messageOf = (failure: Failure): string => {
  if (typeof failure === 'string') return failure
  const { value, goType, struct, field } = failure
  return `json: cannot unmarshal ${value} into Go ${struct || field ? `struct field ${struct}.${field}` : 'value'} of type ${goType}`
}

/** Ends the inspection. */
class Ended extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super('the decoding ended')
    this.failure = failure
  }
}

/** Upstream's decoder tells no more. */
const maximumProblems = 100

class Inspector {
  readonly problems = new Set<string>()
  #saved: Failure | undefined
  #struct = ''
  #fields: string[] = []
  /** As strict decoding writes it: `spec.containers[0].name`. */
  #path = ''

  run(schema: Schema, node: JsonNode): Failure | undefined {
    try {
      this.#visit(schema, node)
    } catch (error) {
      if (error instanceof Ended) return error.failure
      throw error
    }
    return this.#saved
  }

  #visit(schema: Schema, node: JsonNode): void {
    if (node.kind === 'null') return
    switch (schema.kind) {
      case 'struct':
        return node.kind === 'object' ? this.#visitStruct(schema, node.entries) : this.#wrongType(schema, node)
      case 'map':
        return node.kind === 'object' ? this.#visitMap(schema.values, node.entries) : this.#wrongType(schema, node)
      case 'list':
        return node.kind === 'array' ? this.#visitList(schema.items, node.items) : this.#wrongType(schema, node)
      case 'scalar':
        return this.#visitScalar(schema, node)
      case 'any':
        return this.#visitAny(schema, node)
    }
  }

  #visitStruct(schema: StructSchema, entries: Entries): void {
    const [struct, path, depth] = [this.#struct, this.#path, this.#fields.length]
    const seen = new Set<string>()
    for (const [name, value] of entries) {
      const field = schema.fields.get(name)
      if (field === undefined) {
        this.#problem('unknown', name)
        continue
      }
      if (seen.has(name)) this.#problem('duplicate', name)
      seen.add(name)
      this.#struct = schema.typeName
      for (const inlined of field.inlined ?? []) this.#fields.push(inlined.name)
      this.#fields.push(name)
      this.#path = path ? `${path}.${name}` : name
      this.#visit(field.schema, value)
      this.#struct = struct
      this.#path = path
      this.#fields.length = depth
    }
  }

  #visitMap(values: Schema, entries: Entries): void {
    const path = this.#path
    const seen = new Set<string>()
    for (const [name, value] of entries) {
      if (seen.has(name)) this.#problem('duplicate', name)
      seen.add(name)
      this.#path = path ? `${path}.${name}` : name
      this.#visit(values, value)
      this.#path = path
    }
  }

  #visitList(items: Schema, nodes: readonly JsonNode[]): void {
    const path = this.#path
    for (const [index, node] of nodes.entries()) {
      this.#path = `${path}[${index}]`
      this.#visit(items, node)
    }
    this.#path = path
  }

  #visitScalar(schema: ScalarSchema, node: JsonNode): void {
    switch (schema.type) {
      case 'string':
        return node.kind === 'string' ? undefined : this.#wrongType(schema, node)
      case 'boolean':
        return node.kind === 'bool' ? undefined : this.#wrongType(schema, node)
      case 'integer':
        return isIntegerText(node, schema.goType) ? undefined : this.#wrongType(schema, node, true)
      case 'number':
        return node.kind === 'number' && Number.isFinite(Number(node.text)) ? undefined : this.#wrongType(schema, node, true)
      case 'bytes':
        return this.#visitBytes(schema, node)
      case 'intOrString':
        return node.kind === 'string' || isIntegerText(node, 'int32') ? undefined : this.#end(this.#typeFailure('int32', node, true))
      case 'quantity': {
        const problem = quantityProblem(node.kind === 'string' ? node.value.trim() : node.kind === 'number' ? node.text : '[]')
        return problem === undefined ? undefined : this.#end(problem)
      }
      case 'time':
      case 'microTime':
      case 'duration': {
        if (node.kind !== 'string') return this.#end(this.#typeFailure('string', node, false))
        const time = schema.type === 'duration' ? undefined : parseTime(node.value, schema.type === 'microTime')
        return time !== undefined && 'error' in time ? this.#end(time.error) : undefined
      }
    }
  }

  #visitBytes(schema: ScalarSchema, node: JsonNode): void {
    if (node.kind === 'array') return this.#visitList({ kind: 'scalar', type: 'integer', goType: 'uint8' }, node.items)
    if (node.kind !== 'string') return this.#wrongType(schema, node)
    const at = corruptBase64At(node.value)
    if (at !== undefined) this.#saved ??= `illegal base64 data at input byte ${at}`
  }

  /** Types that read their own JSON do so with a decoder of their own, which is not strict and knows nothing of what surrounds it. */
  #visitAny({ either }: AnySchema, node: JsonNode): void {
    if (either === undefined) return
    let failure: Failure | undefined
    if (node.kind === 'object') failure = new Inspector().run(either.struct, node)
    else if (either.or === 'boolean') failure = node.kind === 'bool' ? undefined : 'boolean or JSON schema expected'
    else if (node.kind === 'array')
      failure = new Inspector().run(
        {
          kind: 'list',
          items: either.or === 'list' ? either.struct : text,
          listType: 'atomic',
          keys: [],
          goType: either.or === 'list' ? `[]${goTypeOf(either.struct)}` : '[]string',
        },
        node,
      )
    if (failure !== undefined) this.#end(typeof failure === 'string' ? failure : this.#within(failure))
  }

  #wrongType(schema: Schema, node: JsonNode, numeric = false): void {
    this.#saved ??= this.#typeFailure(goTypeOf(schema), node, numeric)
  }

  /** @param numeric Numbers are told with their text where a number was expected, only of another size. */
  #typeFailure(goType: string, node: JsonNode, numeric: boolean): TypeFailure {
    const value = node.kind === 'number' && numeric ? `number ${node.text}` : node.kind
    return this.#within({ value, goType, struct: '', field: '' })
  }

  #within(failure: TypeFailure): TypeFailure {
    if (!this.#struct && this.#fields.length === 0) return failure
    const field = [...this.#fields, ...(failure.field ? [failure.field] : [])].join('.')
    return { ...failure, struct: this.#struct, field }
  }

  #end(failure: Failure): never {
    throw new Ended(failure)
  }

  #problem(what: 'unknown' | 'duplicate', name: string): void {
    if (this.problems.size < maximumProblems) this.problems.add(`${what} field ${quoted(this.#path ? `${this.#path}.${name}` : name)}`)
  }
}

type Entries = readonly (readonly [name: string, value: JsonNode])[]

const text: ScalarSchema = { kind: 'scalar', type: 'string', goType: 'string' }

const limits: Readonly<Record<string, readonly [from: bigint, to: bigint]>> = {
  uint8: [0n, 255n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
}

function isIntegerText(node: JsonNode, goType: string): boolean {
  if (node.kind !== 'number' || !/^-?\d+$/.test(node.text)) return false
  const [from, to] = limits[goType] ?? [0n, 0n]
  const value = BigInt(node.text)
  return value >= from && value <= to
}

/** Where Go's decoder of base64 stumbles; undefined where it does not. (Go, encoding/base64 decodeQuantum) */
function corruptBase64At(value: string): number | undefined {
  // The positions that count: line breaks are passed over.
  const positions = Array.from(value, (_, at) => at).filter((at) => value[at] !== '\r' && value[at] !== '\n')
  for (let start = 0; start < positions.length; start += 4) {
    const quantum = positions.slice(start, start + 4)
    const odd = quantum.findIndex((at) => !/[A-Za-z0-9+/]/.test(value[at] as string))
    const at = quantum[odd]
    if (at === undefined && quantum.length === 4) continue
    if (at === undefined) return value.length - quantum.length
    if (value[at] !== '=' || odd < 2) return at
    const next = positions[start + 3]
    if (odd === 2 && next === undefined) return value.length
    if (odd === 2 && value[next as number] !== '=') return (next as number) - 1
    return positions[start + 4]
  }
  return undefined
}
