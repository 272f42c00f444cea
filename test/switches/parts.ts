/** All parts, in the order in which the page tells of them. */
import { adoption } from './parts/adoption.ts'
import { conflicts } from './parts/conflicts.ts'
import { effects } from './parts/effects.ts'
import { holds } from './parts/holds.ts'
import { inputs } from './parts/inputs.ts'
import { inventory } from './parts/inventory.ts'
import { order } from './parts/order.ts'
import { queue } from './parts/queue.ts'
import { scope } from './parts/scope.ts'
import { sharing } from './parts/sharing.ts'
import { status } from './parts/status.ts'
import { unknown } from './parts/unknown.ts'
import { writes } from './parts/writes.ts'
import type { Part } from './switch.ts'

export const parts: readonly Part[] = [
  writes,
  inventory,
  holds,
  unknown,
  order,
  conflicts,
  adoption,
  sharing,
  inputs,
  queue,
  scope,
  status,
  effects,
]
