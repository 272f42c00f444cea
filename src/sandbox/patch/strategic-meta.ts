/**
 * What the types say about how a field is patched, and what the server answers to patches that contradict them.
 * (apimachinery, util/strategicpatch/meta.go, util/mergepatch/errors.go, third_party/forked/golang/json/fields.go)
 */
import type { JsonObject, JsonValue } from '../../api/object.ts'
import { goText, goType } from '../apply/go-syntax.ts'
import { anySchema, type PatchRule, type Schema } from '../schema/schema.ts'
import { type ApiError, badRequest, plainError } from '../status/api-error.ts'
import { quoted } from '../status/go-text.ts'
import { patchRejected } from './patch-error.ts'

export type Directive = 'retainKeys' | '$deleteFromPrimitiveList' | '$setElementOrder'

const names: Readonly<Record<Directive, string>> = {
  retainKeys: 'retainKeys',
  $deleteFromPrimitiveList: 'primitive list',
  $setElementOrder: 'setElementOrder list',
}

export const badFormat = (directive: Directive): ApiError => badRequest(`invalid patch format of ${names[directive]}`)
export const listOfLists = (): ApiError => patchRejected()
export const noMergeKey = (map: JsonObject, key: string): ApiError =>
  plainError(`map: ${goText(map)} does not contain declared merge key: ${key}`)
export const unknownDirective = (directive: JsonValue, map: JsonObject): ApiError =>
  plainError(`unknown patch type: ${shownAsText(directive)} in map: ${goText(map)}`)
/** `%s` of what need not be a text. */
function shownAsText(value: JsonValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'object' && value !== null) return goText(value)
  return value === null ? '%!s(<nil>)' : `%!s(${goType(value)}=${goText(value)})`
}

export const wrongType = (expected: JsonValue, actual: JsonValue): ApiError =>
  plainError(`expected a ${goType(expected)}, but received a ${actual === null ? '%!s(<nil>)' : goType(actual)}`)

const noRule: PatchRule = { strategies: [] }

/** The schema of a field, or of the items of a list, and its rule. */
export function patchMetaOf(schema: Schema, name: string, as: 'struct' | 'slice'): { schema: Schema; patch: PatchRule } {
  if (schema.kind !== 'struct') {
    if (schema.kind === 'any') return { schema: anySchema, patch: noRule }
    throw plainError(`merging an object in json but data type is not struct, instead is: ${kindOf(schema)}`)
  }
  const field = schema.fields.get(name)
  if (!field) {
    if (schema.preserveUnknown) return { schema: anySchema, patch: noRule }
    throw plainError(`unable to find api field in struct ${schema.typeName} for the json field ${quoted(name)}`)
  }
  const patch = field.patch ?? noRule
  if (as === 'struct') return { schema: field.schema, patch }
  if (field.schema.kind === 'any') return { schema: anySchema, patch }
  if (field.schema.kind !== 'list') throw plainError('expected slice or array type, but got: struct')
  return { schema: field.schema.items, patch }
}

function kindOf(schema: Schema): string {
  switch (schema.kind) {
    case 'list':
      return 'slice'
    case 'scalar':
      return schema.goType || 'string'
    default:
      return schema.kind
  }
}

/** What is left of the strategies without `retainKeys`, which says only what a client may send. */
export const mergeStrategy = ({ strategies }: PatchRule): 'merge' | 'replace' | undefined =>
  strategies.find((strategy): strategy is 'merge' | 'replace' => strategy !== 'retainKeys')
