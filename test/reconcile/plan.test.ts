import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { JsonObject, KubernetesObject } from '../../src/api/object.ts'
import { type DesiredObject, desiredObjects } from '../../src/reconcile/desired.ts'
import { cachedParser, type Unmarked, unmarkedBy } from '../../src/reconcile/match.ts'
import { orderOf } from '../../src/reconcile/order.ts'
import { type Observed, type PlanInputs, plan, writeCause } from '../../src/reconcile/plan.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const manager = 'fairlead/dependents/u1'
const primary: KubernetesObject = {
  apiVersion: 'app.company.com/v1alpha1',
  kind: 'App',
  metadata: { name: 'shop', namespace: 'eu', uid: 'u1' },
}

function desire(...objects: object[]): DesiredObject[] {
  const documents = objects.map((object) => ({
    object: object as KubernetesObject,
    position: { file: 't' },
    positionOf: () => ({ file: 't' }),
  }))
  return desiredObjects(primary, documents, { scopeOf: () => 'Namespaced', sha256 }).objects
}

const config = (name: string, data: object = { a: '1' }) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })

/** What the server would hold after the object was applied: everything owned by us. */
function live(desired: DesiredObject, change: Partial<{ fieldsV1: JsonObject; data: object; metadata: object }> = {}): KubernetesObject {
  const data = (desired.body['data'] ?? {}) as Record<string, unknown>
  const fieldsV1: JsonObject = change.fieldsV1 ?? {
    'f:metadata': {
      'f:labels': { 'f:fairlead.dev/primary-uid': {} },
      'f:annotations': { 'f:fairlead.dev/applied': {} },
      'f:ownerReferences': { 'k:{"uid":"u1"}': {} },
    },
    'f:data': Object.fromEntries(Object.keys(data).map((key) => [`f:${key}`, {}])),
  }
  return {
    ...desired.body,
    ...(change.data ? { data: change.data } : {}),
    metadata: {
      ...desired.body.metadata,
      uid: `uid-${desired.key}`,
      resourceVersion: '7',
      managedFields: [{ manager, operation: 'Apply', apiVersion: desired.body.apiVersion, fieldsType: 'FieldsV1', fieldsV1 }],
      ...change.metadata,
    },
  }
}

function planFor(desired: DesiredObject[], objects: KubernetesObject[], change: Partial<PlanInputs> = {}) {
  const byKey = new Map(objects.map((object) => [`${object.kind} ${object.metadata.namespace}/${object.metadata.name}`, object]))
  return plan({
    primary,
    desired,
    order: orderOf(desired).order,
    observe: ({ kind, key }): Observed => {
      const object = byKey.get(`${kind.kind} ${key}`)
      return object ? { kind: 'present', object } : { kind: 'absent' }
    },
    dependents: objects,
    hadBefore: () => false,
    cause: 'spec',
    adoption: 'never',
    pruneForbidden: undefined,
    match: { manager, parse: cachedParser(), admitted: () => false, unmarked: () => undefined },
    ...change,
  })
}

const actions = (planned: ReturnType<typeof plan>) => planned.waves.flat().map(({ kind }) => kind)

describe('waves', () => {
  it('begin with namespaces and definitions of kinds, and end with deletes', () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } }
    const definition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'd' } }
    const [old] = desire(config('old'))
    const wanted = desire(config('c'), namespace, definition)
    const { waves } = planFor(wanted, [live(old as DesiredObject)])
    expect(
      waves.map((wave) => wave.map((action) => `${action.kind} ${('desired' in action ? action.desired.body : action.observed).kind}`)),
    ).toEqual([['create Namespace', 'create CustomResourceDefinition'], ['create ConfigMap'], ['delete ConfigMap']])
  })
})

describe('the plan', () => {
  it('creates what is absent, and heals what was there before', () => {
    const [object] = desire(config('c'))
    expect(planFor([object as DesiredObject], []).waves).toEqual([[{ kind: 'create', desired: object, cause: 'spec' }]])
    expect(planFor([object as DesiredObject], [], { hadBefore: () => true }).waves).toEqual([
      [{ kind: 'create', desired: object, cause: 'drift' }],
    ])
  })

  it('keeps what carries our hash and is held by us whole', () => {
    const desired = desire(config('c'))
    expect(
      actions(
        planFor(
          desired,
          desired.map((object) => live(object)),
        ),
      ),
    ).toEqual(['keep'])
  })

  it('keeps what others added to: labels, annotations and data keys', () => {
    const desired = desire(config('c'))
    const objects = desired.map((object) => live(object, { data: { a: '1', theirs: 'x' }, metadata: { finalizers: ['theirs.example/x'] } }))
    expect(actions(planFor(desired, objects))).toEqual(['keep'])
  })

  it('updates what was applied from another body', () => {
    const [before] = desire(config('c', { a: '1' }))
    const [now] = desire(config('c', { a: '2' }))
    expect(planFor([now as DesiredObject], [live(before as DesiredObject)]).waves[0]).toMatchObject([
      { kind: 'update', cause: 'spec', difference: { kind: 'changed' } },
    ])
  })

  it('sees a field that another manager took, and names it', () => {
    const desired = desire(config('c', { a: '1', b: '2' }))
    const [object] = desired as [DesiredObject]
    const whole = live(object).metadata.managedFields?.[0]?.fieldsV1 as JsonObject
    const taken = live(object, { fieldsV1: { ...whole, 'f:data': { 'f:a': {} } } })
    expect(planFor(desired, [taken]).waves[0]).toMatchObject([
      { kind: 'update', cause: 'drift', difference: { kind: 'drift', paths: ['.data.b'] } },
    ])
  })

  it('sees an edited annotation of ours as drift, not as another body', () => {
    const desired = desire(config('c'))
    const [object] = desired as [DesiredObject]
    const whole = live(object).metadata.managedFields?.[0]?.fieldsV1 as { [key: string]: JsonObject }
    const { 'f:annotations': _taken, ...kept } = whole['f:metadata'] as JsonObject
    const taken = live(object, {
      fieldsV1: { ...whole, 'f:metadata': kept },
      metadata: { annotations: { 'fairlead.dev/applied': 'v1:0' } },
    })
    expect(planFor(desired, [taken]).waves[0]).toMatchObject([{ kind: 'update', cause: 'drift' }])
  })

  it('sees managed fields that somebody reset as drift', () => {
    const [desired] = desire(config('a'))
    const reset = live(desired as DesiredObject, {
      metadata: { managedFields: [], ownerReferences: (desired as DesiredObject).body.metadata.ownerReferences },
    })
    expect(planFor([desired as DesiredObject], [reset]).waves[0]).toMatchObject([{ kind: 'update', cause: 'drift' }])
  })

  it.for([
    ['lists that were put back', 'fairlead/lists/u1'],
    ['a reset', 'before-first-apply'],
  ])('sees the entry that is left of %s as drift, since it would keep alive what is dropped later', ([, spent]) => {
    const [desired] = desire(config('a'))
    const whole = live(desired as DesiredObject)
    const managedFields = [{ manager: spent, operation: 'Update', apiVersion: 'v1', fieldsV1: {} }, ...(whole.metadata.managedFields ?? [])]
    expect(planFor([desired as DesiredObject], [live(desired as DesiredObject, { metadata: { managedFields } })]).waves[0]).toMatchObject([
      { kind: 'update', cause: 'drift', difference: { kind: 'drift', paths: [], foreign: [], spent: [spent] } },
    ])
  })

  it('keeps what others put into an empty list of a custom resource, if their entry shows that its items have keys', () => {
    const [desired] = desire({ apiVersion: 'odd.example.com/v1', kind: 'Thing', metadata: { name: 'a' }, spec: { hosts: [] } })
    const filledBy = (fieldsV1: JsonObject) => {
      const whole = live(desired as DesiredObject)
      const managedFields = [
        ...(whole.metadata.managedFields ?? []),
        { manager: 'somebody', operation: 'Update', apiVersion: 'odd.example.com/v1', fieldsV1 },
      ]
      const { 'f:data': _none, ...held } = (whole.metadata.managedFields?.[0]?.fieldsV1 ?? {}) as JsonObject
      const entries = [{ ...managedFields[0], fieldsV1: held }, ...managedFields.slice(1)]
      return planFor(
        [desired as DesiredObject],
        [{ ...whole, spec: { hosts: [{ name: 'x' }] }, metadata: { ...whole.metadata, managedFields: entries as never } }],
      ).waves[0]
    }
    expect(filledBy({ 'f:spec': { 'f:hosts': { 'k:{"name":"x"}': { '.': {}, 'f:name': {} } } } })).toMatchObject([{ kind: 'keep' }])
    expect(filledBy({ 'f:spec': { 'f:hosts': {} } })).toMatchObject([
      { kind: 'update', cause: 'drift', difference: { paths: ['.spec.hosts'] } },
    ])
  })

  it('says nothing of what cannot be known', () => {
    const desired = desire(config('c'))
    expect(actions(planFor(desired, [], { observe: () => ({ kind: 'unknown', reason: 'forbidden' }) }))).toEqual(['unknown'])
  })

  it('does not touch another controller’s object, and names the controller', () => {
    const desired = desire(config('c'))
    const theirs = live(desired[0] as DesiredObject, {
      metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Other', name: 'o', uid: 'u9', controller: true }] },
    })
    expect(planFor(desired, [theirs]).waves[0]).toMatchObject([{ kind: 'conflict', message: 'it is controlled by Other/o' }])
  })

  it('keeps the values of a Secret right although its hash leaves them out', () => {
    const desired = desire({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: 'YQ==' } })
    const [object] = desired as [DesiredObject]
    expect(actions(planFor(desired, [live(object)]))).toEqual(['keep'])
    expect(planFor(desired, [live(object, { data: { a: 'Yg==' } })]).waves[0]).toMatchObject([
      { kind: 'update', cause: 'spec', difference: { kind: 'changed' } },
    ])
    const { 'f:data': _taken, ...fieldsV1 } = live(object).metadata.managedFields?.[0]?.fieldsV1 ?? {}
    expect(planFor(desired, [live(object, { data: { a: 'Yg==' }, fieldsV1 })]).waves[0]).toMatchObject([
      { kind: 'update', cause: 'drift', difference: { paths: ['.data.a'] } },
    ])
  })

  it('takes the remembered version of an object whose marks the server does not keep', () => {
    const desired = desire(config('c'))
    const [object] = desired as [DesiredObject]
    const { managedFields: _none, ...metadata } = live(object).metadata
    const bare = { ...live(object), metadata: { ...metadata, ownerReferences: object.body.metadata.ownerReferences as never } }
    const remembering = (unmarked: Unmarked) => ({
      match: { manager, parse: cachedParser(), admitted: () => false, unmarked: () => unmarked },
    })
    const left = unmarkedBy(object, bare)
    expect(actions(planFor(desired, [bare], remembering(left)))).toEqual(['keep'])
    expect(actions(planFor(desired, [bare], remembering({ ...left, wish: 'v1:other' })))).toEqual(['update'])
  })

  it('keeps an unmarked object of another version that differs in its status alone, and no other', () => {
    const desired = desire(config('c'))
    const [object] = desired as [DesiredObject]
    const left = unmarkedBy(object, live(object))
    const match = { manager, parse: cachedParser(), admitted: () => false, unmarked: () => left }
    const later = (change: object) => ({
      ...live(object, {
        metadata: { resourceVersion: '8', generation: 2, managedFields: [], ownerReferences: object.body.metadata.ownerReferences },
      }),
      ...change,
    })
    expect(actions(planFor(desired, [later({ status: { ready: true } })], { match }))).toEqual(['keep'])
    expect(actions(planFor(desired, [later({ data: { a: '2' } })], { match }))).toEqual(['update'])
  })
})

describe('prune', () => {
  const [kept, dropped] = desire(config('kept'), config('dropped')) as [DesiredObject, DesiredObject]

  it('deletes what is no longer rendered, after everything else', () => {
    expect(planFor([kept], [live(kept), live(dropped)]).waves).toMatchObject([
      [{ kind: 'keep' }],
      [{ kind: 'delete', observed: { metadata: { name: 'dropped' } } }],
    ])
  })

  it('needs our Apply entry: a copy that carries only our label stays', () => {
    const copy = live(dropped, {
      metadata: { managedFields: [{ manager: 'kubectl-client-side-apply', operation: 'Update', apiVersion: 'v1' }] },
    })
    expect(actions(planFor([kept], [live(kept), copy]))).toEqual(['keep'])
  })

  it('leaves what another controller has taken', () => {
    const taken = live(dropped, {
      metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Other', name: 'o', uid: 'u9', controller: true }] },
    })
    expect(actions(planFor([kept], [live(kept), taken]))).toEqual(['keep'])
  })

  it('leaves what is being deleted already', () => {
    expect(actions(planFor([kept], [live(kept), live(dropped, { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })]))).toEqual([
      'keep',
    ])
  })

  it('deletes nothing while something is unknown, and says so', () => {
    const planned = planFor([kept], [live(kept), live(dropped)], { pruneForbidden: 'v1 Secret cannot be read now' })
    expect(actions(planned)).toEqual(['keep'])
    expect(planned.pruneSkipped).toBe('v1 Secret cannot be read now')
  })
})

describe('the cause of a write', () => {
  const last = { generation: 1, revision: 'a' }

  it.each([
    ['the spec, whatever else changed', { generation: 2, revision: 'b' }, 'spec'],
    ['the definition', { generation: 1, revision: 'b' }, 'definition'],
    ['an input where neither changed', { generation: 1, revision: 'a' }, 'input'],
  ])('is %s', (_title, now, cause) => {
    expect(writeCause(last, now)).toBe(cause)
  })
})
