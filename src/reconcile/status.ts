/**
 * The status of a primary: what a pass found, as conditions that every tool reads.
 *
 * Ready, Reconciling and Stalled follow the convention of kstatus. Reconciling and Stalled are abnormal when True; they are always
 * there, with False when all is well, so that `kubectl wait --for=condition=Stalled=False` has something to look at.
 *
 * `observedGeneration` and `observedRevision` are those of the last clean pass: they tell the next pass what has changed since. The
 * generation that a pass looked at is in each condition.
 */
import { fieldManager, suspendAnnotation } from '../api/names.ts'
import type { JsonObject, JsonValue, KubernetesObject } from '../api/object.ts'
import { formatProblem, type Problem } from '../api/problem.ts'
import type { Readiness } from '../api/readiness.ts'
import { cut } from '../fields/cut.ts'
import { parseFieldsV1 } from '../fields/serialize.ts'
import { type ConditionStyle, conditionStyles, styledConditions } from './condition-style.ts'
import { conditionsOf, mergeConditions, parseConditions, type WantedCondition } from './conditions.ts'
import { type Instructions, readInstructions } from './instructions.ts'
import { holdConditionType } from './hold-record.ts'
import { recordedConditions, typesToRecord } from './recorded-conditions.ts'
import { readObservedRevision, writeObservedRevision } from './observed-revision.ts'
import type { ReadVersions } from './read-versions.ts'
import { unreadyName } from './ready-when.ts'
import { annotatedStatus, previousStatus, type StatusProfile } from './status-profile.ts'
import { passingConditions, statusReasons, type StatusReason } from './status-reasons.ts'

/** What a pass has to say. Of what a server wrote only what holds no value of an object belongs into a status (see kube/cause.ts). */
export interface PassReport {
  /** The primary's generation that the pass read. */
  generation: number
  /** The revision of the definition that the pass ran. */
  revision: string
  /** Which of the kind's watches in it has the primary. */
  watch: number
  /** The program was not rendered: a request for a pass still stands. */
  unrendered?: true
  /** Why nothing was done at all, or not to the end. */
  refusal?: Refusal | { reason: 'OperatorFault'; message: string }
  /** Whether everything that was rendered is now as rendered. */
  applied: boolean
  /** Whether besides nothing is left to delete. */
  clean: boolean
  /** What cannot be read, though nothing is missing: whether more is left to delete is not known. */
  unread?: string | undefined
  /** What the program read besides the spec; undefined: more than there is room for. */
  reads: ReadVersions | undefined
  /** Whether the pass wrote a dependent, or finds what the one before it wrote. */
  changed: boolean
  /** Every rendered dependent: `Deployment/web`. */
  dependents: readonly { name: string; readiness: Readiness }[]
  /** What the pass waits for, each a phrase that can follow "waits for". */
  waiting: readonly string[]
  problems: readonly Problem[]
  failedWrites: readonly FailedWrite[]
  /** Annotations that cannot be followed: of the primary, beside those that cannot be read, and of its dependents. */
  unfollowed: readonly Problem[]
  /** Conditions that are there only while they are True, see `passingConditions`; undefined if the pass did not get there: they stay. */
  passing: readonly WantedCondition[] | undefined
  /** The step at which a playbook goes no further: it has failed, or what it reads is not known. */
  stopped?: { reason: Extract<StatusReason, 'StepFailed' | 'StepUnknown'>; message: string } | undefined
  /** Dependents that a deletion waits for in vain, each with what can be done. */
  stuck?: readonly string[]
  /** What is not written yet, and the dependents that have to be ready before. */
  blocked: readonly { object: string; by: readonly string[] }[]
  /** Deletes that wait for approval, as a condition; `kept`: the pass could not tell, and what was said before stays. */
  hold: WantedCondition | 'kept' | undefined
  /** Conditions that are there beside our own. */
  style?: ConditionStyle | undefined
  /** What the program rendered into status; undefined if it was not evaluated: then what it last gave stays. */
  program: JsonObject | undefined
}

/** What keeps a primary from being served, whatever it renders. */
export interface Refusal {
  reason: Extract<StatusReason, 'WatchesOverlap' | 'NestedTooDeep'>
  message: string
}

export interface FailedWrite {
  /** `Deployment/web`. */
  object: string
  /** The API server's reason, or `Conflict` for what belongs to somebody else. */
  reason: string
  /** In our own words. */
  message?: string
  /** Whether it is tried again by itself, soon. */
  retried?: boolean
}

export interface StatusContext {
  /** As the pass read it: its status, its managed fields and, where status has no room, its annotation. */
  primary: KubernetesObject
  profile: StatusProfile
  /** Milliseconds since the epoch. */
  now: number
}

/** The whole status to apply, before it is cut to the profile. The same report on the same primary gives the same status. */
export const passStatus = (report: PassReport, context: StatusContext): JsonObject => tellPass(report, context).status

export interface ToldPass {
  status: JsonObject
  /** The types of the conditions that are to be recorded as ours. */
  recorded: readonly string[]
}

export function tellPass(report: PassReport, { primary, profile, now }: StatusContext): ToldPass {
  const previous = previousStatus(profile, primary)
  const atomic = profile.conditions === 'atomic'
  const own = report.program ? {} : ownStatus(primary)
  const declared = parseConditions(report.program?.['conditions'])
  const passing = report.passing ?? parseConditions(conditionsOf(previous['conditions']).filter(isPassing)).conditions
  const instructions = readInstructions(primary)
  const { reason, message } = verdict({ ...report, problems: [...report.problems, ...declared.problems] }, instructions)
  const deleting = primary.metadata.deletionTimestamp !== undefined
  const styled = report.style ? styledConditions(report.style, { ...report, reason, message, deleting, previous }) : []
  const taken = [...ownTypes, ...(report.style ? conditionStyles[report.style] : [])]
  const defined = [...styled, ...declared.conditions.filter(({ type }) => !taken.includes(type))]
  // What was carried over as somebody else's would never go.
  const former = [...ownTypes, ...(report.program ? recordedConditions(primary) : [])]
  const conditions = mergeConditions({
    previous: previous['conditions'],
    wanted: [...ownConditions(reason, message), ...passing, ...holdOf(report, previous), ...defined],
    generation: report.generation,
    now,
    ...(atomic && { carriesOver: (type: string) => !former.includes(type) }),
  })
  // An atomic list has carried them over already.
  const kept = atomic ? [] : conditionsOf(own['conditions']).filter(({ type }) => typeof type === 'string' && !taken.includes(type))

  const observedGeneration = report.clean ? report.generation : previous['observedGeneration']
  const observedRevision = report.clean ? observedRevisionOf(report, previous) : previous['observedRevision']
  const lastRequest = !report.unrendered && !instructions.suspended ? instructions.request : undefined
  const lastHandledReconcileAt = lastRequest ?? previous['lastHandledReconcileAt']
  const status = {
    ...(observedGeneration !== undefined && { observedGeneration }),
    ...(observedRevision !== undefined && { observedRevision }),
    ...(lastHandledReconcileAt !== undefined && { lastHandledReconcileAt }),
    conditions: [...conditions, ...kept],
    ...withoutReserved(report.program ?? own),
  }
  const types = defined.map(({ type }) => type)
  return { status, recorded: atomic ? typesToRecord(primary, conditions, types) : [] }
}

/**
 * The status as it is, with another condition on holds: recorded before a pass writes anything, since what it writes can hide why the
 * deletes are held. The order of the conditions is that of a pass.
 */
export function heldStatus(condition: WantedCondition, { primary, profile, now }: StatusContext): JsonObject {
  const previous = previousStatus(profile, primary)
  const own = ownStatus(primary)
  const known = conditionsOf(profile.conditions === 'atomic' ? previous['conditions'] : own['conditions'])
  const others = known.filter(({ type }) => type !== holdConditionType)
  const generation = primary.metadata.generation ?? 0
  const [held] = mergeConditions({ previous: previous['conditions'], wanted: [condition], generation, now })
  const at = others.findLastIndex(({ type }) => typeof type === 'string' && ownTypes.includes(type)) + 1
  return { ...own, conditions: others.toSpliced(at, 0, held as JsonObject) }
}

/** What is read anew is told where it has changed anything, or where the rest of the record is another too. */
function observedRevisionOf({ generation, revision, watch, reads, changed }: PassReport, previous: JsonObject): JsonValue {
  const before = previous['observedRevision']
  const ran = readObservedRevision(before)
  const isSame = previous['observedGeneration'] === generation && ran.revision === revision && ran.watch === watch
  return isSame && !changed && before !== undefined ? before : writeObservedRevision({ revision, watch, reads })
}

const isPassing = ({ type }: JsonObject): boolean => Object.hasOwn(passingConditions, String(type))

/** Types that a program cannot declare. */
export const ownTypes: readonly string[] = ['Ready', 'Reconciling', 'Stalled', ...Object.keys(passingConditions), holdConditionType]

/** Fields of status that a program cannot set. */
export const ownFields: readonly string[] = ['observedGeneration', 'observedRevision', 'lastHandledReconcileAt', 'conditions']

/** The hold that the status tells: of this pass, or of the one before. */
function holdOf({ hold }: PassReport, previous: JsonObject): WantedCondition[] {
  if (hold !== 'kept') return hold ? [hold] : []
  const before = conditionsOf(previous['conditions']).find(({ type }) => type === holdConditionType)
  return before ? [before as unknown as WantedCondition] : []
}

function ownConditions(reason: StatusReason, message: string): WantedCondition[] {
  const { outcome } = statusReasons[reason]
  const is = (type: string, holds: boolean): WantedCondition => ({
    type,
    status: holds ? 'True' : 'False',
    reason,
    message: holds ? message : '',
  })
  return [
    { ...is('Ready', outcome === 'ready'), ...(outcome === 'suspended' && { status: 'Unknown' }), message },
    is('Reconciling', outcome === 'reconciling'),
    is('Stalled', outcome === 'stalled'),
  ]
}

/** The one reason that tells most: what blocks comes before what is slow. */
function verdict(report: PassReport, { suspended, problems: unread }: Instructions): { reason: StatusReason; message: string } {
  const problems = report.problems.filter(({ severity }) => severity !== 'warning')
  const refused = report.failedWrites.filter(({ retried }) => !retried)
  const failed = report.dependents.filter(({ readiness }) => readiness.state === 'failed')
  const unready = report.dependents.filter(({ readiness }) => readiness.state !== 'current')
  const invalid = [...unread, ...report.unfollowed]
  const unreadable = { reason: 'InvalidAnnotation', message: listed(invalid.map(formatProblem), '; ') } as const
  if (suspended)
    return unread.length > 0
      ? unreadable
      : { reason: 'Suspended', message: `nothing is written while the annotation ${suspendAnnotation} is there` }
  if (report.refusal) return report.refusal
  if (problems.length > 0) return { reason: 'RenderFailed', message: listed(problems.map(formatProblem), '; ') }
  if (refused.length > 0)
    return {
      reason: refused.every(({ reason }) => reason === 'Conflict') ? 'Conflict' : 'ApplyFailed',
      message: listed(refused.map(writeMessage), '; '),
    }
  if (report.stopped) return report.stopped
  if (invalid.length > 0) return unreadable
  const fight = report.passing?.find(({ type }) => type === 'Fighting')
  if (fight) return { reason: 'Fighting', message: fight.message }
  if (report.failedWrites.length > 0) return { reason: 'WriteRetried', message: listed(report.failedWrites.map(writeMessage), '; ') }
  if (report.stuck && report.stuck.length > 0) return { reason: 'DeletionStuck', message: listed(report.stuck, '; ') }
  if (report.waiting.length > 0) return { reason: 'Waiting', message: `waits for ${listed(report.waiting, '; ')}` }
  if (failed.length > 0)
    return {
      reason: 'DependentsFailed',
      message: `failed: ${listed(failed.map(({ name, readiness }) => `${name} (${readiness.message})`))}`,
    }
  if (report.blocked.length > 0)
    return {
      reason: 'WaitingForDependents',
      message: listed(
        report.blocked.map(({ object, by }) => `${object} waits for ${listed(by)}`),
        '; ',
      ),
    }
  if (unready.length > 0)
    return {
      reason: 'DependentsNotReady',
      message: `not ready: ${listed(unready.map(({ name, readiness }) => unreadyName(name, readiness)))}`,
    }
  const notKnown = report.unread === undefined ? '' : `; whether anything is left to delete is not known: ${report.unread}`
  return { reason: 'Ready', message: `${readyMessage(report.dependents.length)}${notKnown}` }
}

function readyMessage(dependents: number): string {
  if (dependents === 0) return 'there are no dependents'
  return dependents === 1 ? '1 dependent is ready' : `${dependents} dependents are ready`
}

const writeMessage = ({ object, reason, message }: FailedWrite): string => `${object}: ${message ?? reason}`

/** The first five, then how many more. */
export function listed(texts: readonly string[], separator = ', '): string {
  const rest = texts.length - 5
  return rest > 0 ? `${texts.slice(0, 5).join(separator)} and ${rest} more` : texts.join(separator)
}

/** What this operator itself wrote before: the part of the status that its managed fields hold, or the annotation. */
function ownStatus(primary: KubernetesObject): JsonObject {
  const entry = primary.metadata.managedFields?.find(
    ({ manager, operation, subresource }) =>
      manager === fieldManager('status', primary.metadata.uid ?? '') && operation === 'Apply' && subresource === 'status',
  )
  const owned = entry?.fieldsV1
    ? (cut(primary as unknown as JsonObject, parseFieldsV1(entry.fieldsV1)) as { status?: JsonObject }).status
    : undefined
  return { ...owned, ...annotatedStatus(primary) }
}

const withoutReserved = (program: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(program).filter(([field, value]) => value !== undefined && !ownFields.includes(field)))
