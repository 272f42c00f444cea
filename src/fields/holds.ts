/** Whether a live object is still exactly what an apply of the body would leave: the question of every pass. */
import type { JsonObject } from '../api/object.ts'
import { coversExactly } from './coverage.ts'
import { inOrder } from './order.ts'
import type { FieldSet } from './set.ts'
import { hasUnseen } from './unseen.ts'

/**
 * True if our entry owns exactly the paths of the body, our items stand in our order, and nothing that ownership cannot tell has
 * changed. Values in `live` that the server or admission spells differently do not count.
 */
export const holds = (set: FieldSet, body: JsonObject, live: JsonObject): boolean =>
  coversExactly(set, body) && inOrder(set, body, live) && !hasUnseen(set, body, live)
