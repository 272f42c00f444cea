/**
 * Merge patch: an object whose nulls delete and whose other values replace. (RFC 7386; evanphx/json-patch v4 as the API server uses it)
 *
 * Unlike the RFC, nulls are also taken out of the objects inside of new lists.
 */
import { isMap, type JsonObject, type JsonValue } from '../../api/object.ts'
import { isList } from '../../fields/match.ts'
import { define, own } from '../apply/shape.ts'
import { badRequest } from '../status/api-error.ts'
import { type FieldValidation, jsonKind } from './patch-error.ts'

/**
 * The document after the patch; the document is not changed, and what the patch does not touch is shared. Only without validation can the
 * answer be a list.
 *
 * @throws ApiError 400 for a patch that is no object
 */
export function applyMergePatch(document: JsonObject, patch: JsonValue, validation: FieldValidation): JsonValue {
  if (patch === null) throw badRequest('Invalid JSON Patch')
  if (isMap(patch)) return mergeInto(document, patch)
  if (validation !== 'Ignore')
    throw badRequest(`error decoding patch: json: cannot unmarshal ${jsonKind(patch)} into Go value of type map[string]interface {}`)
  if (!isList(patch)) throw badRequest('Invalid JSON Patch')
  return withoutNulls(patch)
}

/** The keys of what changes are sorted, as the server writes them: messages show the text. */
function mergeInto(document: JsonObject, patch: JsonObject): JsonObject {
  const merged: Record<string, JsonValue | undefined> = {}
  const names = new Set(Object.keys(document))
  for (const name of Object.keys(patch)) names.add(name)
  for (const name of [...names].sort()) {
    const before = own(document, name)
    const given = own(patch, name)
    const value = given === undefined ? before : given === null ? undefined : mergeValue(before, given)
    if (value !== undefined) define(merged, name, value)
  }
  return merged
}

function mergeValue(before: JsonValue | undefined, given: JsonValue): JsonValue {
  if (!isMap(before)) return withoutNulls(given)
  return isMap(given) ? mergeInto(before, given) : given
}

function withoutNulls(value: JsonValue): JsonValue {
  if (isList(value)) return value.map(withoutNulls)
  if (!isMap(value)) return value
  const kept = Object.keys(value)
    .sort()
    .filter((name) => value[name] !== null && value[name] !== undefined)
  return Object.fromEntries(kept.map((name) => [name, withoutNulls(value[name] as JsonValue)]))
}
