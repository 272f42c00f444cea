/** Every field that we own of an object, changed and then taken away by another manager, one after the other; each is waited for to heal. */
import { canonicalJson } from '../../../src/api/canonical.ts'
import type { JsonValue } from '../../../src/api/object.ts'
import { valueAt } from '../../../src/fields/cut.ts'
import { formatPath, type Path } from '../../../src/fields/path.ts'
import { type FieldSet, leafPaths, paths } from '../../../src/fields/set.ts'
import type { Response } from '../../controlplane/fixture.ts'
import { withValueAt } from '../../fields/objects.ts'
import { type Dependent, type Live, ownedBy } from './dependent.ts'
import { pointerTo, replacements } from './edits.ts'
import type { Report } from './report.ts'

/** @param beside fields that are left out of what is changed: empty maps, where what others put in stands beside what is ours */
export async function changeEachField(dependent: Dependent, report: Report, beside: readonly string[] = []): Promise<void> {
  const before = await dependent.read()
  const owned = ownedBy(before)
  for (const path of leafPaths(owned)) if (!beside.includes(formatPath(path))) await replace(dependent, before, path, report)
  for (const path of placesOf(owned)) await remove(dependent, before, path, report)
}

/** Another manager's PUT with another value: the first that the server takes and that changes the field. */
async function replace(dependent: Dependent, before: Live, path: Path, report: Report): Promise<void> {
  const edits = replacements(valueAt(before, path)).map((value) => () => dependent.put((live) => withValueAt(live, path, value)))
  await attempt(dependent, before, path, { edits, how: 'changed', report })
}

/** Another manager's JSON patch that takes the field away. */
async function remove(dependent: Dependent, before: Live, path: Path, report: Report): Promise<void> {
  const pointer = pointerTo(before, path)
  if (pointer === undefined) return
  await attempt(dependent, before, path, { edits: [() => dependent.jsonPatch([{ op: 'remove', path: pointer }])], how: 'removed', report })
}

async function attempt(
  dependent: Dependent,
  before: Live,
  path: Path,
  { edits, how, report }: { edits: readonly (() => Promise<Response<Live>>)[]; how: string; report: Report },
): Promise<void> {
  const field = formatPath(path)
  let refusal: string | undefined
  for (const edit of edits) {
    const { status, body } = await edit()
    const since = performance.now()
    if (status !== 200) {
      refusal ??= `${status} ${String(body['reason'])}`
      continue
    }
    if (isSame(valueAt(body, path), valueAt(before, path))) continue
    return void report.healed.push({
      kind: dependent.kind,
      field,
      how,
      milliseconds: await dependent.untilHealed(before, since, `${field} ${how}`),
    })
  }
  if (refusal === undefined) report.without.push(`${dependent.kind} ${field} ${how}`)
  else report.refused.push(`${dependent.kind} ${field} ${how}: ${refusal}`)
}

const isSame = (one: JsonValue | undefined, other: JsonValue | undefined): boolean => canonicalJson(one) === canonicalJson(other)

/** Every place that is ours or has something below it that is, but for metadata as a whole, without which it is no object. */
function placesOf(owned: FieldSet): Path[] {
  const places = [...paths(owned)].flatMap((path) => path.map((_, depth) => path.slice(0, depth + 1)))
  return [...new Map(places.map((path) => [formatPath(path), path])).values()].filter((path) => formatPath(path) !== '.metadata')
}
