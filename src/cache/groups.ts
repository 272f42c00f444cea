/**
 * Keys grouped by one value: the secondary index of a store.
 *
 * Most groups have one member (a primary's one Service), so a group becomes a set only at its second.
 */
export class Groups {
  readonly #groups = new Map<string, string | Set<string>>()

  add(value: string, key: string): void {
    const group = this.#groups.get(value)
    if (group === undefined) this.#groups.set(value, key)
    else if (typeof group !== 'string') group.add(key)
    else if (group !== key) this.#groups.set(value, new Set([group, key]))
  }

  delete(value: string, key: string): void {
    const group = this.#groups.get(value)
    if (group === key) this.#groups.delete(value)
    else if (group instanceof Set && group.delete(key) && group.size === 0) this.#groups.delete(value)
  }

  *keys(value: string): Iterable<string> {
    const group = this.#groups.get(value)
    if (typeof group === 'string') yield group
    else if (group) yield* group
  }

  clear(): void {
    this.#groups.clear()
  }
}
