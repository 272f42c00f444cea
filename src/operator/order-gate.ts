/** What holds a write back: the objects that have to be ready before it, as the caches and this pass's own writes have them now. */
import { displayName } from '../api/object.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import { identityOf, isMet, type Order, type Orderable } from '../reconcile/order.ts'
import { unreadyName } from '../reconcile/ready-when.ts'
import { readinessOf } from './composition.ts'
import type { PassContext } from './pass-context.ts'

/** Names what an object still waits for. `unfinished`: identities of what this pass could not bring to what is rendered. */
export type Blockers = (desired: DesiredObject, unfinished: ReadonlySet<string>) => readonly string[]

/** What is ready and stands behind something that is not has to wait as well: the order holds along the whole line. */
export function blockersBy(order: Order, context: PassContext): Blockers {
  return (desired, unfinished) => {
    const names: string[] = []
    const seen = new Set<string>()
    const visit = (object: Orderable): void => {
      for (const required of order.requirementsOf(object)) {
        const identity = identityOf(required)
        if (seen.has(identity)) continue
        seen.add(identity)
        const name = displayName(required.body)
        const observed = context.dependentsOf(required.kind).get(required.key)
        const readiness = readinessOf(required, observed, context)
        if (unfinished.has(identity)) names.push(name)
        else if (!isMet(observed, readiness)) names.push(unreadyName(name, readiness))
        else visit(required)
      }
    }
    visit(desired)
    return names
  }
}
