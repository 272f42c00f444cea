/** What was put back, field by field: who changes it over and over is in a fight with us. */
import { canonicalJson } from '../api/canonical.ts'
import { displayName, isMap, type JsonObject, type KubernetesObject } from '../api/object.ts'
import { valueAt } from '../fields/cut.ts'
import { formatPath, type Path } from '../fields/path.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import type { ForeignItem } from '../reconcile/exclusive-lists.ts'
import type { Contested, Repair } from '../reconcile/fights.ts'
import { itemHolders, lostFields } from '../reconcile/holders.ts'
import { identityOf } from '../reconcile/order.ts'
import type { ApplyContext } from './apply-context.ts'

/**
 * Counts a repair of an object.
 *
 * @param live the object before it
 * @param paths the fields that were put back
 * @param removed the items that were taken out of our lists
 */
export function countRepairs(
  desired: DesiredObject,
  live: KubernetesObject,
  { paths, removed }: { paths: readonly string[]; removed: readonly ForeignItem[] },
  context: Counting & Pick<ApplyContext, 'match'>,
): void {
  const lost = new Map(lostFields(desired.body, live, context.match).map(({ path, holder }) => [formatPath(path), { path, holder }]))
  const fields = paths.map((text): Repair => {
    const { path, holder } = lost.get(text) ?? {}
    const field = path ? formatPath(placeOf(path, live)) : text
    return { field: field.replace(/^\./, ''), by: holder, ours: valueIn(desired.body, path), theirs: valueIn(live, path) }
  })
  const items = removed.map(
    (item): Repair => ({
      field: `${item.list.filter((step) => typeof step === 'string').join('.')} ${JSON.stringify(item.key)}`,
      by: itemHolders(live, item)[0],
      ours: undefined,
      theirs: undefined,
    }),
  )
  const repairs = [...new Map([...fields, ...items].map((repair) => [repair.field, repair])).values()]
  count(desired, repairs, context)
}

/** Counts that an object was made again which somebody, or its own time to live, had deleted. */
export const countReturn = (desired: DesiredObject, context: Counting): void =>
  count(desired, [{ field: '', by: timeToLive(desired.body), ours: undefined, theirs: undefined }], context)

/** What deletes a Job some time after it has finished. (batch/v1 JobSpec) */
export const timeToLive = ({ apiVersion, kind, spec }: KubernetesObject): string | undefined =>
  apiVersion === 'batch/v1' && kind === 'Job' && isMap(spec) && typeof spec['ttlSecondsAfterFinished'] === 'number'
    ? 'its spec.ttlSecondsAfterFinished'
    : undefined

type Counting = Pick<ApplyContext, 'memory' | 'now' | 'fightBegan' | 'sha256'>

function count(desired: DesiredObject, repairs: readonly Repair[], context: Counting): void {
  const { memory, now, fightBegan } = context
  const begun = memory.fights.repaired(contestedAs(desired, context), repairs, now())
  for (const _fight of begun) fightBegan()
}

/** Whether a repair of the object has to wait, since somebody takes it back each time. What was not sent before is no repair. */
export const isSlowed = (desired: DesiredObject, context: Counting): boolean =>
  context.memory.fights.pause(contestedAs(desired, context), context.now()) > 0

/** Remembers of an object that is fought over what it was brought to. */
export const noteSent = (desired: DesiredObject, { memory, sha256 }: Pick<Counting, 'memory' | 'sha256'>): void =>
  memory.fights.sent(identityOf(desired), () => bodyOf(desired, sha256))

const contestedAs = (desired: DesiredObject, { sha256 }: Counting): Contested => ({
  key: identityOf(desired),
  name: displayName(desired.body),
  body: bodyOf(desired, sha256),
})

/** By the whole body: the hash on a Secret leaves its values out. */
const bodyOf = ({ body }: DesiredObject, sha256: Counting['sha256']): string => sha256(canonicalJson(body))

/** A field that went with what it stood in counts as that: the highest place that is gone. */
function placeOf(path: Path, live: KubernetesObject): Path {
  for (let depth = 1; depth < path.length; depth++) if (valueIn(live, path.slice(0, depth)) === undefined) return path.slice(0, depth)
  return path
}

const valueIn = (object: KubernetesObject, path: Path | undefined) => path && valueAt(object as unknown as JsonObject, path)
