/**
 * Sets and maps that are nearly always empty.
 *
 * An empty Set or Map has room for its first entries already, some 200 bytes, and ten thousand primaries have several of each. These have
 * none until something is put in.
 */
export class SparseSet<Value> {
  #values: Set<Value> | undefined

  constructor(values: readonly Value[] = []) {
    if (values.length > 0) this.#values = new Set(values)
  }

  get size(): number {
    return this.#values?.size ?? 0
  }

  has(value: Value): boolean {
    return this.#values?.has(value) ?? false
  }

  add(value: Value): void {
    this.#values ??= new Set()
    this.#values.add(value)
  }

  delete(value: Value): void {
    if (this.#values?.delete(value) && this.#values.size === 0) this.#values = undefined
  }

  clear(): void {
    this.#values = undefined
  }
}

export class SparseMap<Key, Value> {
  #values: Map<Key, Value> | undefined

  has(key: Key): boolean {
    return this.#values?.has(key) ?? false
  }

  get(key: Key): Value | undefined {
    return this.#values?.get(key)
  }

  set(key: Key, value: Value): void {
    this.#values ??= new Map()
    this.#values.set(key, value)
  }

  delete(key: Key): void {
    if (this.#values?.delete(key) && this.#values.size === 0) this.#values = undefined
  }
}
