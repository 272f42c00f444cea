/**
 * The plan: the pure difference between what a primary wants and what is there, as actions with their reason and cause.
 */
import { primaryUidLabel } from '../api/names.ts'
import { type AdoptionPolicy, claim } from './adoption.ts'
import type { KubernetesObject } from '../api/object.ts'
import type { DesiredObject } from './desired.ts'
import type { Seen } from './holds.ts'
import { applyEntry } from './ingest.ts'
import { type Match, type MatchOptions, match } from './match.ts'
import { isKept } from './keep.ts'
import { isProvablyOf } from './ownership.ts'
import { madeByAnother, type Names, noNames, sharedWith, titleOf, unknownPrimary, unlabelledMaker } from './sharing.ts'
import { identityOf, orderable, type Order } from './order.ts'

/** What the caches say of one object. `unknown` is not absent: nothing may follow from it. */
export type Observed = { kind: 'present'; object: KubernetesObject } | { kind: 'absent' } | { kind: 'unknown'; reason: string }

/** Why an action is needed. */
export type Cause = 'spec' | 'definition' | 'input' | 'drift'

/** What makes a pass write: what changed since the last clean one, and where several things did, the primary's own spec. */
export function writeCause(
  last: Pick<Seen, 'generation' | 'revision'>,
  now: Pick<Seen, 'generation' | 'revision'>,
): Exclude<Cause, 'drift'> {
  if (last.generation !== now.generation) return 'spec'
  return last.revision === now.revision ? 'input' : 'definition'
}

export type Action =
  | { kind: 'create'; desired: DesiredObject; cause: Cause }
  | { kind: 'update'; desired: DesiredObject; observed: KubernetesObject; cause: Cause; difference: Exclude<Match, { kind: 'same' }> }
  | { kind: 'keep'; desired: DesiredObject; observed: KubernetesObject }
  /** Somebody else made the object, and the watch takes it over. */
  | { kind: 'adopt'; desired: DesiredObject; cause: Cause }
  /** Nothing can be said of the object, so nothing is done. */
  | { kind: 'unknown'; desired: DesiredObject; reason: string }
  /** Somebody else's object has the name. */
  | { kind: 'conflict'; desired: DesiredObject; message: string }
  | { kind: 'delete'; observed: KubernetesObject; cause: Cause }
  /** It is to be kept: it only loses our marks. */
  | { kind: 'leave'; observed: KubernetesObject; cause: Cause }

/** What becomes of an object that is no longer rendered. */
export type Departure = Extract<Action, { kind: 'delete' | 'leave' }>

export interface Plan {
  /** Waves: each one begins when the one before it has ended. What is let go of comes first, deletes last. */
  waves: readonly (readonly Action[])[]
  /** What is known to be no longer rendered, also where none of it may be deleted now. */
  departures: readonly Departure[]
  /** Why dependents that are no longer rendered are left alone, if any would be lost. */
  pruneSkipped: string | undefined
}

export interface PlanInputs {
  primary: KubernetesObject
  desired: readonly DesiredObject[]
  order: Order
  observe: (desired: DesiredObject) => Observed
  /** Every observed object that carries the primary's UID label. */
  dependents: Iterable<KubernetesObject>
  /** Whether the primary has had this object before: then it is healed and not made for the first time. */
  hadBefore: (desired: DesiredObject) => boolean
  /** What changed since the last clean pass. */
  cause: Exclude<Cause, 'drift'>
  /** Whether an object may go that is no longer rendered; left out: each may. */
  mayPrune?: (object: KubernetesObject) => boolean
  /** Why nothing may be deleted now. */
  pruneForbidden: string | undefined
  match: MatchOptions
  adoption: AdoptionPolicy
  /** For messages. */
  names?: Names
}

export function plan(inputs: PlanInputs): Plan {
  const writes = inputs.desired.map((desired) => actionFor(desired, inputs))
  const orphans = [...orphaned(inputs)]
  const departures = orphans.map((observed): Departure => ({ kind: isKept(observed) ? 'leave' : 'delete', observed, cause: inputs.cause }))
  const [losses, releases] = lossesOf(departures, writes.length > 0)
  const pruneSkipped = losses.length > 0 ? inputs.pruneForbidden : undefined
  const waves = [releases, ...inWaves(writes, inputs.order), pruneSkipped === undefined ? losses : []]
  return { waves: waves.filter((wave) => wave.length > 0), departures, pruneSkipped }
}

/**
 * The departures by which something is lost, and the others, which wait for nothing: what is to be kept is not lost when it loses our marks,
 * unless it is all a mistake.
 *
 * @param rendered whether there is any document
 */
export function lossesOf(departures: readonly Departure[], rendered: boolean): [losses: Departure[], releases: Departure[]] {
  const isLoss = ({ kind }: Departure): boolean => kind === 'delete' || !rendered
  return [departures.filter(isLoss), departures.filter((departure) => !isLoss(departure))]
}

export const isDeparture = (action: Action): action is Departure => action.kind === 'delete' || action.kind === 'leave'

/** Another plan for the same objects, with the deletes of this one. */
export function withDeparturesOf<Other extends { planned: Plan }>({ waves }: Plan, other: Other): Other {
  const only = (of: Plan['waves'], isWanted: (action: Action) => boolean) => of.map((wave) => wave.filter(isWanted))
  const both = [...only(other.planned.waves, (action) => !isDeparture(action)), ...only(waves, isDeparture)]
  return { ...other, planned: { ...other.planned, waves: both.filter((wave) => wave.length > 0) } }
}

function actionFor(desired: DesiredObject, inputs: PlanInputs): Action {
  const observed = inputs.observe(desired)
  switch (observed.kind) {
    case 'unknown':
      return { kind: 'unknown', desired, reason: observed.reason }
    case 'absent':
      return { kind: 'create', desired, cause: inputs.hadBefore(desired) ? 'drift' : inputs.cause }
    case 'present': {
      const conflict = conflictWith(observed.object, inputs.primary, inputs.match.manager, inputs.names)
      const claimed = claim(conflict, observed.object, inputs.primary, inputs.adoption, inputs.names)
      if (claimed.kind === 'foreign') return { kind: 'conflict', desired, message: claimed.message }
      if (claimed.kind === 'adoptable') return { kind: 'adopt', desired, cause: inputs.cause }
      const found = match(desired, observed.object, inputs.match)
      if (found.kind === 'same') return { kind: 'keep', desired, observed: observed.object }
      return {
        kind: 'update',
        desired,
        observed: observed.object,
        cause: found.kind === 'drift' ? 'drift' : inputs.cause,
        difference: found,
      }
    }
  }
}

/**
 * Why an object that has the wanted name is not ours to write, or undefined if it is. Ours means: our Apply entry is in its managed fields,
 * or, where that was reset, its controller is this primary. Another controller is always a conflict.
 */
export function conflictWith(
  live: KubernetesObject,
  primary: KubernetesObject,
  manager: string,
  names: Names = noNames,
): string | undefined {
  const controller = live.metadata.ownerReferences?.find((owner) => owner.controller)
  const another = madeByAnother(live, primary)
  if (another !== undefined && (!controller || controller.uid === another)) return sharedWith(another, live, primary, names)
  if (controller && controller.uid !== primary.metadata.uid) return `it is controlled by ${controller.kind}/${controller.name}`
  if (applyEntry(live, manager) || controller) return undefined
  const other = live.metadata.labels?.[primaryUidLabel]
  if (other && other !== primary.metadata.uid)
    return `it carries the label of ${titleOf(other, names, live) ?? 'another custom resource'}, which has not made it`
  const maker = unlabelledMaker(live)
  if (maker !== undefined) return `it was made for ${titleOf(maker, names, live) ?? unknownPrimary}, whose label it has lost`
  return 'it was there before, or has lost the marks of this operator'
}

/** Dependents that are no longer rendered and that this primary provably made: our label, our Apply entry, and no other controller. */
function* orphaned({ desired, dependents, primary, match: { manager }, mayPrune }: PlanInputs): Generator<KubernetesObject> {
  const wanted = new Set(desired.map(identityOf))
  for (const object of dependents) {
    if (wanted.has(identityOf(orderable(object)))) continue
    if (object.metadata.deletionTimestamp !== undefined || mayPrune?.(object) === false) continue
    if (isProvablyOf(object, primary, manager)) yield object
  }
}

function inWaves(actions: readonly Action[], { waveOf }: Order): Action[][] {
  const waves = Map.groupBy(actions, (action) => ('desired' in action ? waveOf(action.desired) : 0))
  return [...waves].sort(([one], [other]) => one - other).map(([, wave]) => wave)
}
