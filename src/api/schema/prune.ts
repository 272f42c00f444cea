/**
 * Pruning: the API server drops what a schema does not describe.
 *
 * Below `x-kubernetes-preserve-unknown-fields` unknown members stay, but members that the schema does describe are pruned again. The root
 * and every embedded resource keep `apiVersion`, `kind` and `metadata` without a word in the schema.
 * (apiextensions-apiserver, schema/pruning)
 */
import { isMap } from '../object.ts'
import { memberSchema, objectFields, type StructuralSchema } from './structural.ts'

export interface Pruned<T> {
  /** The object itself when nothing was dropped; otherwise a copy along the changed paths. */
  value: T
  /** What was dropped, e.g. `['spec', 'imge']`. */
  dropped: readonly (readonly (string | number)[])[]
}

/** The object without the fields that its schema does not describe. The input is never changed. */
export function prune<T>(schema: StructuralSchema, object: T): Pruned<T> {
  const dropped: (string | number)[][] = []
  const root = schema['x-kubernetes-embedded-resource'] ? schema : { ...schema, 'x-kubernetes-embedded-resource': true }
  return { value: pruneValue(root, object, false, [], dropped) as T, dropped }
}

type Path = readonly (string | number)[]

/** `preserved`: whether unknown members of this value stay because an enclosing level says so. */
function pruneValue(schema: StructuralSchema | undefined, value: unknown, preserved: boolean, path: Path, dropped: Path[]): unknown {
  const preserve = preserved || schema?.['x-kubernetes-preserve-unknown-fields'] === true
  if (Array.isArray(value)) return pruneList(schema, value, preserve, path, dropped)
  return isMap(value) ? pruneMap(schema, value, preserve, path, dropped) : value
}

function pruneMap(
  schema: StructuralSchema | undefined,
  map: { readonly [key: string]: unknown },
  preserve: boolean,
  path: Path,
  dropped: Path[],
): unknown {
  let changed = false
  const kept: [string, unknown][] = []
  for (const [name, before] of Object.entries(map)) {
    const after = keptMember(schema, name, before, preserve, path, dropped)
    if (after !== before) changed = true
    if (after !== gone) kept.push([name, after])
  }
  return changed ? Object.fromEntries(kept) : map
}

const gone = Symbol('gone')

function keptMember(
  schema: StructuralSchema | undefined,
  name: string,
  value: unknown,
  preserve: boolean,
  path: Path,
  dropped: Path[],
): unknown {
  if (schema?.['x-kubernetes-embedded-resource'] && objectFields.has(name)) return value
  const member = memberSchema(schema, name)
  // A described member is pruned by its own schema, even inside a level that keeps unknown ones.
  if (member !== undefined) return pruneValue(member, value, false, [...path, name], dropped)
  if (preserve || schema?.additionalProperties === true) return value
  dropped.push([...path, name])
  return gone
}

function pruneList(
  schema: StructuralSchema | undefined,
  list: readonly unknown[],
  preserve: boolean,
  path: Path,
  dropped: Path[],
): unknown {
  if (preserve && schema?.items === undefined) return list
  let pruned: unknown[] | undefined
  for (const [index, before] of list.entries()) {
    const after = pruneValue(schema?.items, before, preserve, [...path, index], dropped)
    if (after !== before) (pruned ??= [...list])[index] = after
  }
  return pruned ?? list
}
