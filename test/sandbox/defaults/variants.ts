/** Objects made of another by leaving out a part: what a client sends that leaves the rest to the server. */
import { isMap } from '../../../src/api/object.ts'

/** `value` without each of its fields and list items, one at a time, at every depth. Names, kinds and lists of one keep what they have. */
export function* variants(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (value.length > 1) yield value.filter((_, other) => other !== index)
      for (const variant of variants(item)) yield value.with(index, variant)
    }
  } else if (isMap(value)) {
    for (const key of Object.keys(value).filter((each) => !kept.has(each))) {
      yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== key))
      for (const variant of variants(value[key])) yield { ...value, [key]: variant }
    }
  }
}

const kept = new Set(['apiVersion', 'kind', 'metadata'])
