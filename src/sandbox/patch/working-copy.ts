/**
 * A document that is being changed without changing the one that it was made from.
 *
 * Objects and lists are copied when a path leads through them, once each; everything else is shared.
 */
import type { JsonObject, JsonValue } from '../../api/object.ts'
import { define } from '../apply/shape.ts'

/** An object or list that may be changed in place. */
export type Document = Record<string, JsonValue | undefined> | JsonValue[]

export class WorkingCopy {
  root: Document
  readonly #owned = new Set<object>()

  constructor(document: JsonObject) {
    this.root = this.#copy(document)
  }

  /** The object or list at a place as one that may be changed. */
  own(container: Document, key: string | number, value: JsonObject | readonly JsonValue[]): Document {
    if (this.#owned.has(value)) return value as Document
    const copy = this.#copy(value)
    this.set(container, key, copy as JsonValue)
    return copy
  }

  set(container: Document, key: string | number, value: JsonValue): void {
    if (Array.isArray(container)) container[key as number] = value
    else define(container, String(key), value)
  }

  replaceRoot(value: JsonObject | readonly JsonValue[]): true {
    this.root = this.#copy(value)
    return true
  }

  /** The keys of what was copied are sorted, as the server writes them: messages show the text. */
  result(): JsonValue {
    return this.#sorted(this.root as JsonValue)
  }

  #sorted(value: JsonValue): JsonValue {
    if (typeof value !== 'object' || value === null || !this.#owned.has(value)) return value
    if (Array.isArray(value)) return value.map((member: JsonValue) => this.#sorted(member))
    const object = value as JsonObject
    return Object.fromEntries(
      Object.keys(object)
        .sort()
        .map((name) => [name, this.#sorted(object[name] as JsonValue)]),
    )
  }

  #copy(value: JsonObject | readonly JsonValue[]): Document {
    const copy: Document = Array.isArray(value) ? [...value] : { ...(value as JsonObject) }
    this.#owned.add(copy)
    return copy
  }
}
