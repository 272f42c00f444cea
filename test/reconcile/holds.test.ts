import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject, KubernetesObject } from '../../src/api/object.ts'
import { holdCondition, type HoldRecord, readHoldRecord } from '../../src/reconcile/hold-record.ts'
import { defaultPrunePolicy, deleteCause, type HoldInputs, judgeDeletes } from '../../src/reconcile/holds.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const primary: KubernetesObject = { apiVersion: 'example.com/v1', kind: 'Shop', metadata: { name: 'shop', namespace: 'eu', uid: 'u1' } }

const object = (kind: string, name: string, metadata: object = {}, apiVersion = 'v1'): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'eu', uid: `uid-${kind}-${name}`, ...metadata },
})
const [one, two] = [object('ConfigMap', 'one'), object('ConfigMap', 'two')]
const database = object('StatefulSet', 'db', {}, 'apps/v1')

const judge = (deletes: readonly KubernetesObject[], change: Partial<HoldInputs> = {}) =>
  judgeDeletes({
    primary,
    deletes,
    cause: 'definition',
    rendered: true,
    keepsAny: true,
    policy: defaultPrunePolicy,
    spent: new Set(),
    record: undefined,
    approval: undefined,
    sha256,
    ...change,
  })
const heldIn = (record: HoldRecord | undefined) => (record?.kind === 'held' ? record : undefined)

describe('the cause of deletes', () => {
  it.each([
    ['neither revision nor generation changed', { generation: 1, revision: 'a' }, false, 'input'],
    ['the generation changed', { generation: 0, revision: 'a' }, false, 'spec'],
    ['the generation changed, and an input drops something', { generation: 0, revision: 'a' }, true, 'input'],
    ['the revision changed', { generation: 1, revision: 'b' }, false, 'definition'],
    ['the revision and the generation changed', { generation: 0, revision: 'b' }, true, 'definition'],
    ['the status was wiped', { generation: undefined, revision: undefined }, false, 'definition'],
  ])('when %s', (_what, last, byInput, cause) => {
    expect(deleteCause(last, { generation: 1, revision: 'a', causedByInputs: () => byInput })).toBe(cause)
  })
})

describe('deletes that the spec caused', () => {
  it('run, of any kind and number', () => {
    const many = Array.from({ length: 30 }, (_, index) => object('ConfigMap', `c${index}`))
    expect(judge([database, ...many], { cause: 'spec', keepsAny: false })).toEqual({
      run: [database, ...many],
      counted: [],
      record: undefined,
    })
  })

  it('are held where no document was rendered', () => {
    const { run, record } = judge([one], { cause: 'spec', rendered: false, keepsAny: false })
    expect(run).toEqual([])
    expect(record).toMatchObject({ reason: 'NothingRendered', names: ['ConfigMap/one'] })
  })

  it('run beside a delete that was held before, which stays', () => {
    const { record } = judge([database], { cause: 'input' })
    expect(judge([database, one], { cause: 'spec', record })).toMatchObject({
      run: [one],
      record: { reason: 'InputChanged', names: ['StatefulSet/db'] },
    })
  })
})

describe.each(['definition', 'input'] as const)('deletes that the %s caused', (cause) => {
  it('run while they are few, of no protected kind, and leave something', () => {
    expect(judge([one, two], { cause })).toEqual({ run: [one, two], counted: [one, two], record: undefined })
  })

  it.each([
    ['a protected kind', [one, database], {}, 'StatefulSet is a protected kind'],
    ['two protected kinds', [object('PersistentVolumeClaim', 'd'), database], {}, 'PersistentVolumeClaim, StatefulSet are protected kinds'],
    ['everything', [one], { keepsAny: false }, 'nothing that was there would stay'],
    [
      'more than the limit',
      [one, two],
      { policy: { protected: [], maxPerRevision: 1 } },
      'one revision deletes at most 1 objects of a watch',
    ],
    [
      'one, where none is allowed',
      [one],
      { policy: { protected: [], maxPerRevision: 0 } },
      'one revision deletes at most 0 objects of a watch',
    ],
  ])('are held together when they would remove %s', (_what, deletes, change, why) => {
    const { run, counted, record } = judge(deletes, { cause, ...change })
    expect([run, counted]).toEqual([[], []])
    expect(record).toMatchObject({ why, names: deletes.map(({ kind, metadata }) => `${kind}/${metadata.name}`) })
  })

  it('are held by a kind of any group, or by that of one', () => {
    const widget = object('Widget', 'w', {}, 'example.com/v1')
    const heldBy = (kind: string) => judge([widget], { cause, policy: { protected: [kind], maxPerRevision: 9 } }).run.length === 0
    expect([heldBy('Widget'), heldBy('Widget.example.com'), heldBy('Widget.other.com')]).toEqual([true, true, false])
  })

  it('count each object once against the limit', () => {
    const policy = { protected: [], maxPerRevision: 2 }
    const spent = new Set(['uid-ConfigMap-one', 'uid-x'])
    expect(judge([one], { cause, policy, spent }).run).toEqual([one])
    expect(judge([two], { cause, policy, spent }).run).toEqual([])
  })
})

describe('what was held', () => {
  it('stays held when there would be no reason to hold it now, with the reason that there was', () => {
    const { record } = judge([one], { keepsAny: false })
    expect(judge([one], { record }).record).toEqual(record)
    expect(judge([one], { record, cause: 'input' }).record).toEqual(record)
    expect(judge([one, two], { record })).toMatchObject({ run: [], record: { names: ['ConfigMap/one', 'ConfigMap/two'] } })
  })

  it('does not hold others: after a way back, what the other definition had made is judged by itself', () => {
    const { record } = judge([one], { keepsAny: false })
    expect(judge([two], { record, cause: 'input' }).run).toEqual([two])
  })

  it('for want of any document is judged anew when there is one', () => {
    const { record } = judge([one, two], { rendered: false, keepsAny: false })
    expect(judge([one], { record, cause: 'spec' }).run).toEqual([one])
  })

  it('stays held where the condition had no room for its name', () => {
    const many = Array.from({ length: 25 }, (_, index) => object('ConfigMap', `c${index}`))
    const { record } = judge(many, { keepsAny: false })
    const condition = holdCondition(record as HoldRecord, 'approve it')
    expect(condition.message).toMatch(/^25 deletes are held .* and 5 more; to delete: approve it \(set [0-9a-f]{12}\)$/)
    const read = readHoldRecord([condition as unknown as JsonObject])
    expect(judge(many.slice(20, 24), { record: read }).run).toEqual([])
  })
})

describe('an approval', () => {
  const held = judge([database, one])
  const { set } = heldIn(held.record) as { set: string }

  it('releases exactly its set, in any order, and records all of its names', () => {
    expect(judge([one, database], { approval: set })).toEqual({
      run: [one, database],
      counted: [],
      record: { kind: 'approved', set, names: ['ConfigMap/one', 'StatefulSet/db'], digests: [] },
    })
  })

  it('of more than a message has names for releases the rest of it too, and no others', () => {
    const many = Array.from({ length: 1000 }, (_, index) => object('ConfigMap', `${'a-long-name-'.repeat(20)}${index}`))
    const { set: whole } = heldIn(judge(many).record) as { set: string }
    const { record } = judge(many, { approval: whole })
    const { message } = holdCondition(record as HoldRecord, 'fairlead approve Shop/shop -n eu')
    expect(message.length).toBeLessThan(32_768)
    const told = readHoldRecord([holdCondition(record as HoldRecord, '') as unknown as JsonObject])
    expect(told).toEqual(record)
    const rest = many.slice(300)
    expect(judge([...rest, database], { approval: whole, record: told })).toMatchObject({
      run: rest,
      record: { kind: 'held', names: ['StatefulSet/db'] },
    })
  })

  it('releases the rest of its set when a part is deleted already', () => {
    const { record } = judge([one, database], { approval: set })
    expect(judge([database], { approval: set, record }).run).toEqual([database])
  })

  it.each([
    ['one more', [database, one, two]],
    ['one less', [database]],
    ['another incarnation', [one, object('StatefulSet', 'db', { uid: 'another' }, 'apps/v1')]],
  ])('does not release a set with %s', (_what, deletes) => {
    expect(judge(deletes, { approval: set, record: held.record }).run).toEqual([])
  })

  it('does not release what came to a set that is being deleted', () => {
    const { record } = judge([one, database], { approval: set })
    const claim = object('PersistentVolumeClaim', 'data')
    expect(judge([database, claim], { approval: set, record })).toMatchObject({
      run: [database],
      record: { kind: 'held', names: ['PersistentVolumeClaim/data'] },
    })
  })

  it('that is taken back before all are deleted holds the rest', () => {
    const { record } = judge([one, database], { approval: set })
    expect(judge([one], { record }).run).toEqual([])
  })

  it('of all releases everything, also where no document was rendered', () => {
    expect(judge([database], { approval: 'all', rendered: false, keepsAny: false })).toEqual({
      run: [database],
      counted: [],
      record: undefined,
    })
  })
})

describe('the condition', () => {
  it('names an object of another namespace with it', () => {
    expect(judge([object('StatefulSet', 'db', { namespace: 'us' })]).record?.names).toEqual(['StatefulSet/us/db'])
  })

  it('is read back as it was written', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[A-Z][a-z]{0,5}\/[a-z0-9]([-a-z0-9.]{0,8}[a-z0-9])?$/), {
      minLength: 1,
      maxLength: 20,
    })
    fc.assert(
      fc.property(names, fc.boolean(), fc.array(fc.stringMatching(/^[0-9a-f]{8}$/)), (listed, approved, digests) => {
        const record: HoldRecord = approved
          ? { kind: 'approved', set: '0123456789ab', names: listed, digests }
          : { kind: 'held', reason: 'InputChanged', why: 'nothing that was there would stay', names: listed, more: 0, set: '0123456789ab' }
        expect(readHoldRecord([holdCondition(record, 'fairlead approve Shop/shop -n eu') as unknown as JsonObject])).toEqual(record)
      }),
    )
  })

  it.each([
    ['none', []],
    ['somebody else’s text', [{ type: 'PruneHeld', status: 'True', reason: 'DefinitionChanged', message: 'hello' }]],
    ['a reason that is not ours', [{ ...holdCondition(judge([database]).record as HoldRecord, 'x'), reason: 'toString' }]],
  ])('with %s tells of no hold', (_what, conditions) => {
    expect(readHoldRecord(conditions as unknown as JsonObject[])).toBeUndefined()
  })
})
