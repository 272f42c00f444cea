/**
 * One copy of what thousands of objects have in common.
 *
 * Ten thousand Deployments of one chart carry the same label values, images and field sets ten thousand times over. A pool answers with
 * the copy it saw first. It remembers in two generations of a bounded size: what is met again moves to the young one, what is met once
 * is forgotten with the old one. Forgetting loses no object; what comes later is only shared anew.
 */
import { isMap, type JsonObject } from '../api/object.ts'

export interface Pool {
  /** The same characters, in the copy that is shared. */
  string(value: string): string
  /** A tree of maps (FieldsV1), frozen, with its subtrees shared. */
  fields(tree: JsonObject): JsonObject
  /** The part that was first met under this signature, which tells all that it holds; this one, if it is the first. It has to be frozen. */
  shared(signature: string, part: JsonObject): SharedPart
}

/** Equal parts are one. */
export interface SharedPart {
  /** Never given twice, also not after the part is forgotten. */
  readonly id: number
  readonly node: JsonObject
}

export interface PoolOptions {
  /** Strings, and subtrees, that a generation remembers. */
  capacity?: number
}

/** Longer strings are scripts, certificates and documents: rarely the same twice, and costly to hash. */
const longestShared = 128

export function createPool({ capacity = 4_096 }: PoolOptions = {}): Pool {
  const strings = new Generations<string>(capacity)
  const subtrees = new Generations<Subtree>(capacity)
  const parts = new Generations<SharedPart>(capacity)
  let lastId = 0

  /** A subtree's signature is made of its keys and its subtrees' identities, so equal ones are found without comparing trees. */
  function subtree(tree: JsonObject, isRoot: boolean): Subtree {
    const keys = Object.keys(tree)
    if (keys.length === 0) return leaf
    let signature = ''
    let ofOwner = false
    const shared: Record<string, JsonObject[string]> = {}
    for (const key of keys) {
      const child = tree[key]
      const value = isMap(child) ? subtree(child, false) : undefined
      shared[key] = value ? value.node : child
      // The length tells where a key ends, whatever it contains.
      signature += value ? `${key.length}:${key}${value.id};` : `${key.length}:${key}=${JSON.stringify(child)};`
      if (value?.ofOwner || key.startsWith('k:{"uid"')) ofOwner = true
    }
    // An owner's UID in a key: what is around it belongs to the few dependents of one owner, and the whole to one of them.
    const isShared = !(ofOwner && isRoot)
    const known = isShared ? subtrees.get(signature) : undefined
    if (known) return known
    const made = { id: ++lastId, ofOwner, node: Object.freeze(shared) }
    if (isShared) subtrees.set(signature, made)
    return made
  }

  return {
    string(value) {
      if (value.length > longestShared) return value
      const known = strings.get(value)
      if (known !== undefined) return known
      strings.set(value, value)
      return value
    },
    fields: (tree) => subtree(tree, true).node,
    shared(signature, part) {
      const known = parts.get(signature)
      if (known) return known
      const made = { id: ++lastId, node: part }
      parts.set(signature, made)
      return made
    },
  }
}

interface Subtree extends SharedPart {
  /** An owner's UID is a key in it. */
  readonly ofOwner: boolean
}

const leaf: Subtree = { id: 0, ofOwner: false, node: Object.freeze({}) }

/** A map of bounded size that forgets what was not asked for lately. */
class Generations<Value> {
  readonly #capacity: number
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= this.#capacity) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }
}
