/** Whether a pass was set off by nothing but what the primary's own passes have written, or those of others after them. */
import { appliedAnnotation, primaryUidLabel } from '../api/names.ts'
import { displayName, type JsonObject, type KubernetesObject } from '../api/object.ts'
import { Feedback, type Wish } from '../reconcile/feedback.ts'
import type { GenerateNeed } from '../reconcile/generated.ts'
import type { Making } from '../reconcile/own-writes.ts'
import type { Action, Plan } from '../reconcile/plan.ts'
import { ownFields } from '../reconcile/status.ts'
import type { Result } from './apply-context.ts'
import type { Read } from './clean-pass.ts'
import { generatedVersion } from './generated.ts'
import type { PrimaryMemory } from './memory.ts'
import { cacheStates } from './observation.ts'
import type { PassContext } from './pass-context.ts'

/** Notes what a pass begins with. Costs nothing for a primary that was not written for of late. */
export function beginPass(primary: KubernetesObject, read: Read, { feedback }: PrimaryMemory, context: PassContext): void {
  if (!feedback) return
  const { writes } = feedback
  const uid = primary.metadata.uid as string
  const { generation, resourceVersion } = primary.metadata
  const isOurs = ({ metadata }: KubernetesObject): boolean => metadata.uid === uid || metadata.labels?.[primaryUidLabel] === uid
  const looked = [...context.lookups.objects(uid)].filter((object) => !isOurs(object))
  const made = new Map(looked.flatMap((object) => makingOf(object, context)))
  const isMade = ({ metadata }: KubernetesObject): boolean => made.has(metadata.uid as string)
  const cameRound = ({ metadata }: KubernetesObject): boolean => made.get(metadata.uid as string)?.after.has(uid) ?? false
  const looksAt = (counts: (object: KubernetesObject) => boolean): string => context.lookups.version(uid, counts)
  const own = [generation, writes.has(primary) ? '' : resourceVersion, cacheStates(primary, context), generatedVersion(primary, context)]
  const outside = [...own, looksAt((object) => !isOurs(object) && !cameRound(object))].join('|')
  const others = [
    outside,
    ...[...read.dependents.values()].filter((object) => !writes.has(object)).map(({ metadata }) => metadata.resourceVersion),
    looksAt((object) => isOurs(object) && !writes.has(object)),
  ].join('|')
  const unmade = [...own, looksAt((object) => !isOurs(object) && !isMade(object))].join('|')
  writes.begin({ uid, unmade, made, dependents: read.dependents })
  feedback.begin({ outside, others }, context.now())
}

/** Who of all primaries made this version of an object, which is a primary or a dependent of one. */
function makingOf(object: KubernetesObject, { feedbackOf }: PassContext): [string, Making][] {
  const { uid = '', resourceVersion: version = '', labels } = object.metadata
  for (const by of [uid, labels?.[primaryUidLabel]]) {
    const after = by === undefined ? undefined : feedbackOf(by)?.writes.afterWhom(object)
    if (by !== undefined && after) return [[uid, { version, by, after }]]
  }
  return []
}

/** The plan as it is, or, where the pass has to wait with what is rendered anew, only what puts right what others did. */
export const planUnderFeedback = (planned: Plan, { feedback }: PrimaryMemory): Plan => (feedback?.slowed ? repairsOf(planned) : planned)

const repairsOf = (planned: Plan): Plan => ({
  ...planned,
  waves: planned.waves
    .map((wave) => wave.filter((action) => action.kind === 'leave' || !isRendering(action)))
    .filter((wave) => wave.length > 0),
})

/** Takes in what a pass wrote, and which of it has to wait. */
export function noteWrites(
  { planned, results }: { planned: Plan; results: readonly Result[] },
  memory: PrimaryMemory,
  context: PassContext,
): void {
  const written = results.filter((result) => result.kind === 'written')
  const isRendered = written.some(({ cause }) => cause !== 'drift')
  if (!isRendered && !memory.feedback) return
  memory.feedback ??= new Feedback()
  for (const { verb, of } of written) {
    if (verb === 'deleted' || verb === 'released') memory.feedback.writes.forget(of.metadata.uid as string)
    else memory.feedback.writes.made(of)
  }
  const rendering = planned.waves.flat().filter(isRendering)
  if (memory.feedback.slowed && rendering.length > 0) memory.feedback.waited(context.now())
  if (isRendered) note(rendering.map(wishOf), memory, context)
}

/** The same for generated values that a render had to have, and the Secret that keeps them since then. */
export function noteGenerated(secret: KubernetesObject, needs: readonly GenerateNeed[], memory: PrimaryMemory, context: PassContext): void {
  memory.feedback ??= new Feedback()
  memory.feedback.writes.made(secret)
  const content = Object.fromEntries(needs.map(({ name, sort, options }) => [name, { sort, ...options }]))
  note([{ name: displayName(secret), content }], memory, context)
}

/** The same for the status: `before` as the pass read it, `after` as it is since then; `isFollowed`: the documents depend on it. */
export function noteStatus(
  before: KubernetesObject,
  after: KubernetesObject,
  isFollowed: boolean,
  memory: PrimaryMemory,
  context: PassContext,
): void {
  if (isFollowed) memory.feedback ??= new Feedback()
  const { feedback } = memory
  if (!feedback || before === after) return
  feedback.writes.made(after)
  const [was, is] = [statusWish(before), statusWish(after)]
  if (!feedback.slowed && JSON.stringify(was) !== JSON.stringify(is)) note([is], memory, context)
}

function note(wishes: readonly Wish[], { feedback }: PrimaryMemory, context: PassContext): void {
  if (feedback?.wrote(wishes, context.now())) context.metrics.fightBegan(context.name)
}

/** After a pass that found everything as it should be. What is looked up can still bring one of its own writes. */
export function forgetFeedback({ metadata }: KubernetesObject, memory: PrimaryMemory, { lookups }: PassContext): void {
  if (!memory.feedback?.ongoing && !lookups.reads(metadata.uid as string)) memory.feedback = undefined
}

const isRendering = (action: Action): action is Extract<Action, { cause: unknown }> => 'cause' in action && action.cause !== 'drift'

function wishOf(action: Extract<Action, { cause: unknown }>): Wish {
  if (!('desired' in action)) return { name: displayName(action.observed), content: undefined }
  const { metadata, ...content } = action.desired.body
  const { [appliedAnnotation]: _applied, ...annotations } = metadata.annotations ?? {}
  return { name: displayName(action.desired.body), content: { ...content, metadata: { ...metadata, annotations } } }
}

/** What the program has said in the status. */
function statusWish(primary: KubernetesObject): Wish {
  const status = (primary['status'] ?? {}) as JsonObject
  return {
    name: displayName(primary),
    content: { status: Object.fromEntries(Object.entries(status).filter(([field]) => !ownFields.includes(field))) },
  }
}
