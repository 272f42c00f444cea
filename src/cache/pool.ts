/**
 * One copy of what thousands of objects have in common.
 *
 * Ten thousand Deployments of one chart carry the same label values, images and field sets ten thousand times over. A pool answers with
 * the first copy it saw. It is bounded by forgetting everything at once: what was shared stays shared, only later objects share anew.
 */
import type { JsonObject } from '../api/object.ts'

export interface Pool {
  /** The same characters, in the copy that is shared. */
  string(value: string): string
  /** A tree of maps (FieldsV1) with every subtree shared, frozen. Subtrees that differ anywhere below are different. */
  fields(tree: JsonObject): JsonObject
}

export interface PoolOptions {
  /** Strings and subtrees remembered before the pool starts over. */
  capacity?: number
}

/** Longer strings are scripts, certificates and documents: rarely the same twice, and costly to hash. */
const longestShared = 128

export function createPool({ capacity = 50_000 }: PoolOptions = {}): Pool {
  const strings = new Map<string, string>()
  // A subtree's identity is its keys with the identities of their values, so a lookup never compares trees.
  const subtrees = new Map<string, Subtree>()
  let lastId = 0

  function subtree(tree: JsonObject): Subtree {
    let signature = ''
    for (const key in tree) {
      const child = tree[key]
      signature += isMap(child) ? `${JSON.stringify(key)}#${subtree(child).id},` : `${JSON.stringify(key)}=${JSON.stringify(child)},`
    }
    const known = subtrees.get(signature)
    if (known) return known
    if (subtrees.size >= capacity) subtrees.clear()
    const shared: Record<string, JsonObject[string]> = {}
    for (const key in tree) {
      const child = tree[key]
      shared[key] = isMap(child) ? subtree(child).node : child
    }
    // The counter goes on after a clear: an identity is never given twice.
    const made = { id: ++lastId, node: Object.freeze(shared) }
    subtrees.set(signature, made)
    return made
  }

  return {
    string(value) {
      if (value.length > longestShared) return value
      const known = strings.get(value)
      if (known !== undefined) return known
      if (strings.size >= capacity) strings.clear()
      strings.set(value, value)
      return value
    },
    fields: (tree) => subtree(tree).node,
  }
}

interface Subtree {
  id: number
  node: JsonObject
}

const isMap = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)
