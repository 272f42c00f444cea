import { writeFileSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { canonicalJson } from '../../src/api/canonical.ts'
import { isMap, type JsonValue } from '../../src/api/object.ts'
import { coverage, coversExactly } from '../../src/fields/coverage.ts'
import { valueAt } from '../../src/fields/cut.ts'
import { holds } from '../../src/fields/holds.ts'
import { outOfOrder } from '../../src/fields/order.ts'
import { formatPath, type Path } from '../../src/fields/path.ts'
import { writeFieldsV1 } from '../../src/fields/serialize.ts'
import { type FieldSet, children, leafPaths, paths } from '../../src/fields/set.ts'
import { test } from '../controlplane/fixture.ts'
import { corpusFile, namespace, ownerUid, readKinds } from './corpus.ts'
import { installDefinitions, type Live, ownedBy, Subject, withValueAt } from './objects.ts'

const minutes = 60_000

const words =
  'Never Always IfNotPresent UDP TCP Retain Delete Fail Ignore None Exists NoExecute Exact Immediate Recreate Replace Deny Warning Cluster NodePort Terminating AlwaysAllow IfHealthyBudget OnFailure RollingUpdate Reject ByNamespace NoneOnDryRun Persistent ReadWriteMany CREATE client'.split(
    ' ',
  )
const texts = [
  'other',
  '7',
  '0.7',
  '70%',
  'https://other.example/',
  'other.example',
  '/other',
  '2026-02-02T00:00:00.000000Z',
  'b3RoZXI=',
  'true',
  '192.0.2.9',
  'limits.memory',
  '*/5 * * * *',
  'server auth',
]

/** Members for lists that are sent empty, or of which nothing but another member is accepted. */
const members: Readonly<Record<string, JsonValue>> = {
  allowedTopologies: { matchLabelExpressions: [{ key: 'a', values: ['b'] }] },
  args: 'other',
  auditAnnotations: { key: 'a', valueExpression: '"x"' },
  egress: {},
  externalIPs: '192.0.2.9',
  matchExpressions: { key: 'a', operator: 'Exists' },
  ports: { name: 'x', port: 1, protocol: 'TCP' },
  rules: { apiGroups: ['other.example'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['others'] },
  scopes: 'Terminating',
  selectors: { cel: { expression: 'true' } },
  subjects: { kind: 'User', name: 'other', apiGroup: 'rbac.authorization.k8s.io' },
  validations: { expression: 'true' },
}

/** Values that another manager could put in a leaf's place, the likeliest to be accepted first. */
function replacements(value: JsonValue | undefined, name: string | undefined): JsonValue[] {
  if (typeof value === 'boolean') return [!value]
  if (typeof value === 'number') return [value + 1, value - 1, value * 2]
  if (typeof value === 'string') return [`${value}x`, `x${value}`, ...texts, ...words].filter((other) => other !== value)
  if (Array.isArray(value)) {
    const edits = value.flatMap((member, at) =>
      replacements(member as JsonValue, undefined)
        .slice(0, 60)
        .map((other) => value.with(at, other) as JsonValue),
    )
    const added: JsonValue[] = Object.hasOwn(members, name ?? '') ? [[...value, members[name as string] as JsonValue]] : []
    return [...added, ...(value.length > 1 ? [value.slice(1)] : []), ...edits, [...value, 'other'], [...value, {}], [...value, 1]]
  }
  if (isMap(value)) {
    const edits = Object.entries(value).flatMap(([field, member]) =>
      replacements(member as JsonValue, field).map((other) => ({ ...value, [field]: other })),
    )
    return [...edits, { ...value, other: 'x' }, { matchLabels: { other: 'x' } }, { a: 1 }, { fsGroup: 1 }, { sizeLimit: '1Gi' }]
  }
  return ['other', 1, true, '2026-02-02T00:00:00Z', ['other'], { other: 'x' }]
}

const nameOf = (path: Path): string | undefined => {
  const last = path.at(-1)
  return last?.kind === 'field' ? last.name : undefined
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
      entries.push(serialize(cluster.namespace, subject, set, live))
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
    // The server drops an empty list that it was sent, and each apply puts it there for a moment.
    expect(churning).toEqual(['NetworkPolicy', 'ValidatingWebhookConfiguration'])
  })

  test('each change of an owned field by another manager is seen', { timeout: 10 * minutes }, async ({ cluster }) => {
    await installDefinitions(cluster)
    const counts = { drifts: 0, seen: 0, refused: 0, kinds: 0, beside: 0, unowned: 0, order: 0, unseen: 0, without: 0 }
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
        let accepted = false
        for (const edit of edits) {
          const answer = await subject.change(edit)
          if (answer.status !== 200) continue
          accepted = true
          const live = answer.body as Live
          const changed = canonicalJson(valueAt(live, path)) !== canonicalJson(valueAt(original, path))
          const held = holds(ownedBy(live), subject.body, live)
          // What an apply leaves as it is was put beside what we own, and is not ours to heal.
          const heals =
            held && changed && canonicalJson(valueAt((await subject.apply()).body as Live, path)) !== canonicalJson(valueAt(live, path))
          if (held && changed && !heals) counts.beside++
          else if (changed) {
            counts.drifts++
            if (held) missed.push(`${kind.kind}${formatPath(path)} ${what}`)
            else counts.seen++
            if (!coversExactly(ownedBy(live), subject.body)) counts.unowned++
            else if (outOfOrder(ownedBy(live), subject.body, live).length > 0) counts.order++
            else if (!held) counts.unseen++
          }
          if (changed || !held) original = await subject.restore(original)
          if (changed) return true
        }
        if (accepted) counts.without++
        else counts.refused++
        refused.push(`${kind.kind}${formatPath(path)} ${what}${accepted ? ' without effect' : ''}`)
        return false
      }

      for (const path of leafPaths(owned))
        await drift(
          'replaced',
          path,
          replacements(valueAt(original, path) ?? valueAt(subject.body, path), nameOf(path)).map(
            (value) => (live: Live) => withValueAt(live, path, value),
          ),
        )
      for (const path of paths(owned))
        if (valueAt(original, path) !== undefined) await drift('removed', path, [(live: Live) => withValueAt(live, path, undefined)])
      for (const path of ownedLists(owned)) {
        const list = valueAt(original, path)
        if (!Array.isArray(list)) throw new Error(`${kind.kind}${formatPath(path)} is no list: ${JSON.stringify(original)}`)
        const reverse = (live: Live) => withValueAt(live, path, list.toReversed())
        await drift('reordered', path, [reverse])
      }
      await subject.delete()
    }
    console.log(
      `${counts.seen} of ${counts.drifts} drifts seen in ${counts.kinds} kinds (${counts.refused} refused, ${counts.without} without effect): ` +
        `${counts.unowned} by ownership, ${counts.order} by order, ${counts.unseen} by the live object; ` +
        `${counts.beside} changes beside what is owned are left alone`,
    )
    if (process.env['SHOW_REFUSED']) console.log(refused.join('\n'))
    expect(missed).toEqual([])
    expect(counts.drifts).toBeGreaterThan(300)
  })
})

/** One line of the corpus, without what differs from run to run. */
function serialize(run: string, { body, owner }: Subject, set: FieldSet, { status: _, ...live }: Live): string {
  const { managedFields: __, ...metadata } = live['metadata'] as Live['metadata']
  const uid = metadata.uid as string
  const marks = { ...metadata, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }
  return JSON.stringify({ body, fields: writeFieldsV1(set), live: { ...live, metadata: marks } })
    .replaceAll(run, namespace)
    .replaceAll(owner, ownerUid)
    .replaceAll(uid, '0d3f3c4e-0000-4000-8000-000000000001')
}
