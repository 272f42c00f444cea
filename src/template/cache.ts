/** Shapes by trace, the least recently used dropped when all together pass a number of bytes. */
import type { Shape } from './shape.ts'

export class ShapeCache {
  readonly #shapes = new Map<string, Shape>()
  readonly #most: number
  #bytes = 0

  constructor(mostBytes: number) {
    this.#most = mostBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  get(key: string): Shape | undefined {
    const shape = this.#shapes.get(key)
    if (shape && this.#bytes > this.#most / 2) {
      // Moving costs: while less than half of the room is taken, nothing is dropped soon and the order does not matter.
      this.#shapes.delete(key)
      this.#shapes.set(key, shape)
    }
    return shape
  }

  set(key: string, shape: Shape): void {
    this.#shapes.set(key, shape)
    this.#bytes += shape.bytes
    for (const [oldest, { bytes }] of this.#shapes) {
      if (this.#bytes <= this.#most || oldest === key) break
      this.#shapes.delete(oldest)
      this.#bytes -= bytes
    }
  }
}
