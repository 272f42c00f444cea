/** Whether documents are in the cluster as they are rendered: what a playbook asks before it goes on behind them. */
import { fieldManager } from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'
import { desiredObjects } from '../reconcile/desired.ts'
import { handOver } from '../reconcile/hand-over.ts'
import { withoutOwner } from '../reconcile/keep.ts'
import { match } from '../reconcile/match.ts'
import { conflictWith } from '../reconcile/plan.ts'
import type { World } from '../reconcile/program.ts'
import { autoscalersFor } from './autoscalers.ts'
import { observedIn, observeObject, scopeOf } from './observation.ts'
import { matchOptions } from './pass-plan.ts'
import type { PassContext } from './pass-context.ts'

/** By what the caches hold: as the plan would find them. */
export function worldOf(primary: KubernetesObject, context: PassContext): World {
  const uid = primary.metadata.uid as string
  const manager = fieldManager('dependents', uid)
  const { namespaces, fieldPolicy, sha256, parseFields: parse } = context
  const observedOf = observedIn(context)
  return {
    isInPlace(documents) {
      const { objects, problems } = desiredObjects(primary, documents, { scopeOf: scopeOf(context), namespaces, fieldPolicy, sha256 })
      if (problems.length > 0) return false
      const owned = withoutOwner(objects, primary, { observedOf, sha256 })
      const scaling = autoscalersFor(uid, owned, context.lookups)
      if ('waitsFor' in scaling) return false
      const { desired } = handOver(owned, { manager, parse, sha256, autoscalers: scaling.autoscalers, staying: [], observedOf })
      const matching = matchOptions(manager, context.memory.of(uid), context)
      return desired.every((object) => {
        const observed = observeObject(object, context)
        return (
          observed.kind === 'present' &&
          observed.object.metadata.deletionTimestamp === undefined &&
          conflictWith(observed.object, primary, manager) === undefined &&
          match(object, observed.object, matching).kind === 'same'
        )
      })
    },
  }
}
