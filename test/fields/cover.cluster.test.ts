import { writeFileSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { canonicalJson } from '../../src/api/canonical.ts'
import type { JsonValue } from '../../src/api/object.ts'
import { coverage } from '../../src/fields/coverage.ts'
import { valueAt } from '../../src/fields/cut.ts'
import { holds } from '../../src/fields/holds.ts'
import { formatPath, type Path } from '../../src/fields/path.ts'
import { writeFieldsV1 } from '../../src/fields/serialize.ts'
import { type FieldSet, children, leafPaths, paths } from '../../src/fields/set.ts'
import { test } from '../controlplane/fixture.ts'
import { corpusFile, namespace, readKinds } from './corpus.ts'
import { installDefinitions, type Live, ownedBy, Subject, withValueAt } from './objects.ts'

const minutes = 60_000

/** Values that another manager could put in a leaf's place, the likeliest to be accepted first. */
function replacements(value: JsonValue | undefined): JsonValue[] {
  if (typeof value === 'boolean') return [!value]
  if (typeof value === 'number') return [value + 1, value - 1, value * 2]
  if (typeof value === 'string') {
    const words = ['Never', 'Always', 'IfNotPresent', 'UDP', 'TCP', 'Retain', 'Delete', 'Fail', 'Ignore', 'None', 'Exists', 'NoExecute', 'Exact', 'Immediate', 'Recreate', 'Replace', 'Deny', 'Warning', 'Cluster']
    return [`${value}x`, `x${value}`, 'other', '7', '0.7', '70%', 'https://other.example/', 'other.example', '/other', '2026-02-02T00:00:00.000000Z', 'b3RoZXI=', 'true', ...words].filter((other) => other !== value)
  }
  if (Array.isArray(value)) return [[...value, ...value.slice(0, 1).flatMap((member) => replacements(member as JsonValue).slice(0, 1))], [...value, 'other'], ['other'], [{}], [1]].flatMap((list) => [list, list.toReversed()])
  if (typeof value === 'object' && value !== null) {
    const edits = Object.entries(value).flatMap(([name, member]) => replacements(member as JsonValue).map((other) => ({ ...value, [name]: other })))
    return [...edits, { ...value, other: 'x' }, { matchLabels: { other: 'x' } }, { a: 1 }]
  }
  return ['other', 1, true, ['other'], { other: 'x' }]
}

/** Associative lists of which at least two items are owned. */
function* ownedLists(set: FieldSet, above: Path = []): Generator<Path> {
  if (set.items.size + set.values.size > 1) yield above
  for (const [element, child] of children(set)) yield* ownedLists(child, [...above, element])
}

describe('ownership on a real API server', () => {
  test('the entry of each kind covers exactly the body that was applied', { timeout: 5 * minutes }, async ({ cluster }) => {
    await installDefinitions(cluster)
    const entries: string[] = []
    const wrong: string[] = []
    for (const kind of readKinds()) {
      const subject = await Subject.of(cluster, kind)
      const applied = await subject.apply()
      if (applied.status !== 201) {
        wrong.push(`${kind.kind}: ${applied.status} ${JSON.stringify(applied.body)}`)
        continue
      }
      const live = applied.body as Live
      const set = ownedBy(live)
      const { missing, extra } = coverage(set, subject.body)
      if (missing.length + extra.length > 0 || !holds(set, subject.body, live))
        wrong.push(`${kind.kind}: missing ${missing.map(formatPath).join(' ')}, extra ${extra.map(formatPath).join(' ')}`)
      entries.push(serialize(cluster.namespace, subject.body, set, live))
      await subject.delete()
    }
    expect(wrong).toEqual([])
    console.log(`${entries.length} of ${entries.length} entries cover their bodies exactly`)
    if (process.env['UPDATE_CORPUS']) writeFileSync(corpusFile, `[\n${entries.join(',\n')}\n]\n`)
  })

  test('an identical apply changes nothing, and the entry still covers the body', { timeout: 5 * minutes }, async ({ cluster }) => {
    await installDefinitions(cluster)
    const lost: string[] = []
    const churning: string[] = []
    for (const kind of readKinds()) {
      const subject = await Subject.of(cluster, kind)
      await subject.apply()
      // A controller may write between our read and our apply; it does not do so for ever.
      let unchanged = false
      for (let tries = 0; tries < 5 && !unchanged; tries++) {
        const before = await subject.read()
        const again = (await subject.apply()).body as Live
        unchanged = before.metadata.resourceVersion === again.metadata.resourceVersion
        if (!holds(ownedBy(again), subject.body, again)) lost.push(kind.kind)
      }
      if (!unchanged) churning.push(kind.kind)
      await subject.delete()
    }
    console.log(`changed by an identical apply: ${churning.join(', ') || 'none'}`)
    expect(lost).toEqual([])
    expect(churning).toEqual(['NetworkPolicy'])
  })

  test('each change of an owned field by another manager is seen', { timeout: 10 * minutes }, async ({ cluster }) => {
    await installDefinitions(cluster)
    const counts = { drifts: 0, seen: 0, refused: 0, kinds: 0, reordered: 0 }
    const missed: string[] = []
    const refused: string[] = []
    for (const kind of readKinds()) {
      const subject = await Subject.of(cluster, kind)
      const applied = await subject.apply()
      expect(applied.status).toBe(201)
      let original = applied.body as Live
      const owned = ownedBy(original)
      counts.kinds++

      /** Tries the edits until the server accepts one that changes the place; whether it did. */
      const drift = async (what: string, path: Path, edits: readonly ((live: Live) => Live)[]): Promise<boolean> => {
        for (const edit of edits) {
          const answer = await subject.change(edit)
          if (answer.status !== 200) continue
          const live = answer.body as Live
          const changed = canonicalJson(valueAt(live, path)) !== canonicalJson(valueAt(original, path))
          const held = holds(ownedBy(live), subject.body, live)
          if (changed) {
            counts.drifts++
            if (held) missed.push(`${kind.kind}${formatPath(path)} ${what}`)
            else counts.seen++
          }
          if (changed || !held) original = await subject.restore(original)
          if (changed) return true
        }
        counts.refused++
        refused.push(`${kind.kind}${formatPath(path)} ${what}`)
        return false
      }

      for (const path of leafPaths(owned))
        await drift('replaced', path, replacements(valueAt(original, path)).map((value) => (live: Live) => withValueAt(live, path, value)))
      for (const path of paths(owned))
        if (valueAt(original, path) !== undefined) await drift('removed', path, [(live: Live) => withValueAt(live, path, undefined)])
      for (const path of ownedLists(owned)) {
        const reverse = (live: Live) => withValueAt(live, path, (valueAt(live, path) as JsonValue[]).toReversed())
        if (await drift('reordered', path, [reverse])) counts.reordered++
      }
      await subject.delete()
    }
    console.log(`${counts.seen} of ${counts.drifts} drifts seen in ${counts.kinds} kinds (${counts.refused} refused), ${counts.reordered} of them re-ordered lists`)
    if (process.env['SHOW_REFUSED']) console.log(refused.join('\n'))
    expect(missed).toEqual([])
    expect(counts.drifts).toBeGreaterThan(300)
  })
})

/** One line of the corpus, without what differs from run to run. */
function serialize(run: string, body: Live, set: FieldSet, { status: _, ...live }: Live): string {
  const { managedFields: __, ...metadata } = live['metadata'] as Live['metadata']
  const uid = metadata.uid as string
  const marks = { ...metadata, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }
  return JSON.stringify({ body, fields: writeFieldsV1(set), live: { ...live, metadata: marks } }).replaceAll(run, namespace).replaceAll(uid, '0d3f3c4e-0000-4000-8000-000000000001')
}
