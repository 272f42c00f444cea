/**
 * Aliases of YAML written out: what was read shares what an alias stands for, and a few lines can stand for more than any memory holds.
 *
 * (go.yaml.in/yaml/v2, decode.go: how much of a document may come from aliases)
 */
import type { JsonValue } from '../../api/object.ts'

/** Up to so many values, nearly all may come from aliases; from the second number on a tenth. */
const [small, large] = [400_000, 4_000_000]

/**
 * The value as a tree in which nothing stands in two places.
 *
 * @param value what a parser of YAML made of a text that has aliases
 * @throws Error for aliases that stand for too much, or for what they stand in
 */
export function writtenOut(value: unknown): unknown {
  const seen = new Set<object>()
  const open = new Set<object>()
  let all = 0
  let aliased = 0
  const count = (inAlias: boolean, values: number): void => {
    all += values
    if (inAlias) aliased += values
    if (aliased > 100 && all > 1000 && aliased / all > allowedShare(all)) throw new Error('document contains excessive aliasing')
  }
  const copy = (node: unknown, below: boolean): unknown => {
    if (typeof node !== 'object' || node === null) {
      count(below, 1)
      return node
    }
    if (open.has(node)) throw new Error('an anchor contains itself')
    const inAlias = below || seen.has(node)
    count(inAlias, 1)
    seen.add(node)
    open.add(node)
    const result = Array.isArray(node)
      ? node.map((item) => copy(item, inAlias))
      : Object.fromEntries(
          Object.entries(node).map(([name, member]) => {
            count(inAlias, 1)
            return [name, copy(member, inAlias) as JsonValue]
          }),
        )
    open.delete(node)
    return result
  }
  return copy(value, false)
}

const allowedShare = (all: number): number => (all <= small ? 0.99 : all >= large ? 0.1 : 0.99 - (0.89 * (all - small)) / (large - small))
