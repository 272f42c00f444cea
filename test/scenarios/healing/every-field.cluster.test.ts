import { describe, expect } from 'vitest'
import { canonicalJson } from '../../../src/api/canonical.ts'
import type { JsonValue } from '../../../src/api/object.ts'
import { valueAt } from '../../../src/fields/cut.ts'
import { formatPath, type Path } from '../../../src/fields/path.ts'
import { type FieldSet, leafPaths, paths } from '../../../src/fields/set.ts'
import type { Response } from '../../controlplane/fixture.ts'
import { withValueAt } from '../../fields/objects.ts'
import { appPath, installAppDefinition } from '../app/apps.ts'
import { test } from '../fixture.ts'
import { untilQuiet } from '../quiet.ts'
import { pointerTo, replacements } from './edits.ts'
import { Report } from './report.ts'
import { autoscaled, type Dependent, type Live, openShop, ownedBy, plain } from './shop.ts'

const minutes = 60_000

describe.for([
  ['with a host', plain],
  ['with a host and autoscaling', autoscaled],
] as const)('the dependents of an App %s', ([variant, spec]) => {
  test('come back when they are deleted', { timeout: 2 * minutes }, async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const running = await operator()
    const report = new Report()
    for (const dependent of await openShop(cluster, 'shop', spec)) {
      const before = await dependent.read()
      await dependent.delete()
      report.healed.push({ kind: dependent.kind, field: '', how: 'deleted', milliseconds: await dependent.untilHealed(before, performance.now(), 'deleted') })
      expect((await dependent.read()).metadata.uid).not.toBe(before.metadata.uid)
    }
    report.print(`Dependents of an App ${variant}:`)
    await untilQuiet(cluster, running, appPath(cluster, 'shop'))
  })

  test('are put right in each field that somebody changes or removes', { timeout: 5 * minutes }, async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const running = await operator()
    const report = new Report()
    for (const dependent of await openShop(cluster, 'shop', spec)) {
      const before = await dependent.read()
      const owned = ownedBy(before)
      for (const path of leafPaths(owned)) await replace(dependent, before, path, report)
      for (const path of placesOf(owned)) await remove(dependent, before, path, report)
    }
    report.print(`Fields of the dependents of an App ${variant}:`)
    expect(report.healed.length).toBeGreaterThan(100)
    expect(report.refused.filter((each) => !each.endsWith('422 Invalid'))).toEqual([])
    await untilQuiet(cluster, running, appPath(cluster, 'shop'))
  })
})

/** Another manager's PUT with another value: the first that the server takes and that changes the field. */
async function replace(dependent: Dependent, before: Live, path: Path, report: Report): Promise<void> {
  const edits = replacements(valueAt(before, path)).map((value) => () => dependent.put((live) => withValueAt(live, path, value)))
  await change(dependent, before, path, { edits, how: 'changed', report })
}

/** Another manager's JSON patch that takes the field away. */
async function remove(dependent: Dependent, before: Live, path: Path, report: Report): Promise<void> {
  const pointer = pointerTo(before, path)
  if (pointer === undefined) return
  await change(dependent, before, path, { edits: [() => dependent.jsonPatch([{ op: 'remove', path: pointer }])], how: 'removed', report })
}

async function change(
  dependent: Dependent, before: Live, path: Path, { edits, how, report }: { edits: readonly (() => Promise<Response<Live>>)[]; how: string; report: Report },
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
    return void report.healed.push({ kind: dependent.kind, field, how, milliseconds: await dependent.untilHealed(before, since, `${field} ${how}`) })
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
