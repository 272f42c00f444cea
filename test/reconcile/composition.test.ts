import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { renderedBy, servedReadiness, tooDeep, withoutMarks } from '../../src/reconcile/composition.ts'

const store = (metadata: object = {}, status?: object): KubernetesObject => ({
  apiVersion: 'malls.example.com/v1',
  kind: 'Store',
  metadata: { name: 'goods', namespace: 'eu', uid: 'u2', generation: 2, ...metadata },
  ...(status && { status }),
})
const entry = (uid: string, role = 'dependents', operation: 'Apply' | 'Update' = 'Apply') => ({
  manager: `fairlead/${role}/${uid}`,
  operation,
  apiVersion: 'v1',
})
const label = { 'fairlead.dev/primary-uid': 'u1' }

describe('the custom resource that has rendered another', () => {
  const owner = { apiVersion: 'malls.example.com/v1', kind: 'Shop', name: 'corner', uid: 'u1', controller: true }
  it('is known by the label and the Apply entry together, with the owner reference where there is one', () => {
    expect(renderedBy(store({ labels: label, managedFields: [entry('u1')], ownerReferences: [owner] }))).toEqual({ uid: 'u1', owner })
    expect(renderedBy(store({ labels: label, managedFields: [entry('u1')] }))).toEqual({ uid: 'u1', owner: undefined })
  })
  it.each([
    ['a copied label', { labels: label }],
    ['an owner reference alone', { ownerReferences: [owner] }],
    ['another primary’s entry', { labels: label, managedFields: [entry('u9')] }],
    ['an entry of another role', { labels: label, managedFields: [entry('u1', 'lists')] }],
    ['an entry that is no apply', { labels: label, managedFields: [entry('u1', 'dependents', 'Update')] }],
  ])('is not told by %s', (_what, metadata) => {
    expect(renderedBy(store(metadata))).toBeUndefined()
  })
})

describe('a chain', () => {
  const chain = (length: number) => Array.from({ length }, (_, at) => store({ name: `s${at + 1}` }))
  it('may grow at depth 7, and not at depth 8', () => {
    expect(tooDeep(chain(7))).toBeUndefined()
    expect(tooDeep(chain(8))).toEqual({
      reason: 'NestedTooDeep',
      message: `nothing new is made at depth 8, since custom resources may render each other to depth 8: ${chain(8)
        .map(({ metadata }) => `Store eu/${metadata.name}`)
        .join(' > ')}`,
    })
  })
})

describe('a custom resource that is served here', () => {
  const condition = (type: string, status: string, observedGeneration = 2) => ({
    type,
    status,
    reason: 'Why',
    message: '',
    observedGeneration,
  })
  it.each<[string, KubernetesObject, string]>([
    ['is on its way while nobody has looked at it', store(), 'inProgress'],
    ['is on its way with a status that says nothing of it', store({}, { phase: 'Open' }), 'inProgress'],
    ['is current when it is Ready', store({}, { observedGeneration: 2, conditions: [condition('Ready', 'True')] }), 'current'],
    ['is on its way while it is not Ready', store({}, { conditions: [condition('Ready', 'False')] }), 'inProgress'],
    [
      'has failed when it is Stalled, though its last clean pass was of an older generation',
      store({}, { observedGeneration: 1, conditions: [condition('Ready', 'False'), condition('Stalled', 'True')] }),
      'failed',
    ],
    [
      'is on its way when it was Stalled by an older generation',
      store({}, { observedGeneration: 1, conditions: [condition('Stalled', 'True', 1)] }),
      'inProgress',
    ],
    [
      'is terminating while it is deleted, also if it is Stalled',
      store({ deletionTimestamp: '2026-01-01T00:00:00Z' }, { conditions: [condition('Stalled', 'True')] }),
      'terminating',
    ],
  ])('%s', (_what, object, state) => {
    expect(servedReadiness(object, 0).state).toBe(state)
  })
})

describe('what a program reads of its primary', () => {
  it('is without the marks of the one that has rendered it, and otherwise the same', () => {
    const object = store({ labels: { ...label, shop: 'corner' }, annotations: { 'fairlead.dev/applied': 'v1:a', note: 'n' } })
    expect(withoutMarks(object)).toEqual(store({ labels: { shop: 'corner' }, annotations: { note: 'n' } }))
    expect(withoutMarks(store({ labels: label }))).toEqual(store())
  })
  it('is the very object where there are none', () => {
    const object = store({ labels: { shop: 'corner' } })
    expect(withoutMarks(object)).toBe(object)
  })
})
