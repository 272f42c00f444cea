/**
 * Every name that Fairlead writes into a cluster: labels, annotations, finalizers, field managers.
 *
 * Marks stand on a dependent's own metadata only, never on pod templates, claim templates or selectors: core controllers
 * copy those onto objects that nobody rendered.
 */

/** Whether a label or annotation is one of this program's. */
export const isOurs = (name: string): boolean => name.startsWith('fairlead.dev/')

/** Label on each dependent: the UID of its primary. Dependents are watched and found by it. */
export const primaryUidLabel = 'fairlead.dev/primary-uid'

/** Annotation on a dependent that no owner reference ties to its primary: which one that is, `App.app.company.com/eu/shop`. */
export const primaryAnnotation = 'fairlead.dev/primary'

/** Annotation on each dependent: `v1:` and the hash of the body that was sent. */
export const appliedAnnotation = 'fairlead.dev/applied'

/** Annotation on a rendered object: what becomes of its fields that others want too. Wins over the watch's `fieldPolicy`. */
export const fieldPolicyAnnotation = 'fairlead.dev/field-policy'

/** Annotation on a primary: what becomes of its dependents when it is deleted. Wins over the watch's `deletionPolicy`. */
export const deletionPolicyAnnotation = 'fairlead.dev/deletion-policy'

/** Annotation on a rendered object: the other objects of the same primary that it waits for, `Kind/name, Kind.group/namespace/name`. */
export const dependsOnAnnotation = 'fairlead.dev/depends-on'

/** Annotation on a rendered object: a JSON Logic rule, or an expression, over the observed object that has to hold before it counts as ready. */
export const readyWhenAnnotation = 'fairlead.dev/ready-when'

/** Annotation on a dependent, whatever is not `"false"`: it stays when it would be pruned or deleted. */
export const keepAnnotation = 'fairlead.dev/keep'

/** Annotation on what a playbook applies: the mark of the step that does. */
export const stepAnnotation = 'fairlead.dev/step'

/** Annotation on a primary, `db=1,tls=2026-06`: its generated value of this name is made anew for each new text behind it. */
export const rotateAnnotation = 'fairlead.dev/rotate'

/**
 * Annotation on a primary: the name of the Secret in which it is recorded what was done for it. `new` begins anew, as if nothing had ever been
 * done.
 */
export const recordsAnnotation = 'fairlead.dev/records'

/** Annotation on a Job that an act of a playbook has made: which act of the primary, as it is recorded. */
export const actAnnotation = 'fairlead.dev/act'

/** Annotation on such a Job: what becomes of it when its outcome is on record. */
export const actKeepAnnotation = 'fairlead.dev/act-keep'

/** Annotation on a primary whose CRD leaves no room for status: the status as JSON. */
export const statusAnnotation = 'fairlead.dev/status'

/** Annotation on a primary whose list of conditions does not merge: the types in it that are ours, but for those that always are. */
export const conditionsAnnotation = 'fairlead.dev/conditions'

/** Annotation on the operator's own Lease: the kinds of dependents that it has ever applied, as JSON. */
export const inventoryAnnotation = 'fairlead.dev/inventory'

/** Annotation on that Lease: what the watches of the last start take of each kind, as JSON. */
export const selectionsAnnotation = 'fairlead.dev/selections'

/** Annotation on that Lease: what the last revisions deleted without approval, as JSON. */
export const prunedAnnotation = 'fairlead.dev/pruned'

/** Annotation on that Lease: who serves the group versions of custom kinds that were applied, as JSON. */
export const serversAnnotation = 'fairlead.dev/served-by'

/** Label on that Lease: the operator's name. */
export const operatorLabel = 'fairlead.dev/operator'

/** The name of an operator that is given none. */
export const defaultOperatorName = 'fairlead'

/** The name of that Lease. Operators of one namespace have names of their own, and so Leases of their own. */
export const inventoryName = (operator: string): string => `${operator}-inventory`

/** Finalizer on a primary that has dependents which no owner reference holds: it stays until the operator has deleted them. */
export const dependentsFinalizer = 'fairlead.dev/dependents'

/**
 * Label or annotation on an object that is there before its primary: the name of the primary that may adopt it, for a watch that adopts
 * `ifLabelled`. For a primary of another namespace `namespace/name`, which only an annotation has room for.
 */
export const adoptLabel = 'fairlead.dev/adopt'

/** Annotations by which a person tells the operator something about one primary; see reconcile/instructions.ts. */
export const suspendAnnotation = 'fairlead.dev/suspend'
export const reconcileAnnotation = 'fairlead.dev/reconcile'
export const reconcilePeriodAnnotation = 'fairlead.dev/reconcile-period'

/** Annotation on a primary that is being deleted, `"true"`: the rest of its playbook's delete steps is left out. */
export const skipFinalizerAnnotation = 'fairlead.dev/skip-finalizer'

/** Annotation on a primary that releases deletes which are held: the set that its condition names, or `all`. */
export const approvePruneAnnotation = 'fairlead.dev/approve-prune'

/** Annotation on a dependent whose delete waits for approval: why. It stands there until the object goes, or is rendered again. */
export const pruneHeldAnnotation = 'fairlead.dev/prune-held'

/** What a write is for. Two primaries never share a field manager, so they conflict instead of taking turns silently. */
export const managerRoles = ['dependents', 'status', 'lists', 'adopt', 'generated', 'records', 'acts', 'patch', 'holds'] as const
export type ManagerRole = (typeof managerRoles)[number]

/** The roles in which a primary makes objects of its own. */
export const makingRoles = ['dependents', 'generated', 'records', 'acts'] as const satisfies readonly ManagerRole[]
export const isMakingRole = (role: ManagerRole): boolean => (makingRoles as readonly ManagerRole[]).includes(role)

/**
 * The field manager of one primary in one role, e.g. `fairlead/dependents/1b4e28ba-…`. At most 128 characters by construction.
 *
 * @param part tells several of one role apart, where each holds fields of its own
 */
export const fieldManager = (role: ManagerRole, primaryUid: string, part?: string): string =>
  `fairlead/${role}/${primaryUid}${part === undefined ? '' : `/${part}`}`

const managerPattern = new RegExp(`^fairlead/(${managerRoles.join('|')})/([^/]+)(?:/.+)?$`)

/** Reads a field manager's name back; undefined for a manager that is not Fairlead's. */
export function parseFieldManager(manager: string): { role: ManagerRole; primaryUid: string } | undefined {
  const match = managerPattern.exec(manager)
  return match ? { role: match[1] as ManagerRole, primaryUid: match[2] as string } : undefined
}

/** The field manager of CustomResourceDefinitions that the operator installs when it is asked to. */
export const crdManager = 'fairlead/definitions'

/** The field manager of the operator's own inventory. */
export const inventoryManager = 'fairlead/inventory'

/** The field manager of the annotation on a primary that says where its records are. */
export const recordsManager = 'fairlead/records'

/** The field manager of changes of a primary's finalizers. */
export const finalizerManager = 'fairlead/finalizer'

/** What Events name as their source. */
export const eventController = 'fairlead.dev/operator'
