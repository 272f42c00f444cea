import { describe, expect, it } from 'vitest'
import { keepAnnotation, primaryUidLabel } from '../../src/api/names.ts'
import type { KubernetesObject, ObjectMeta } from '../../src/api/object.ts'
import { Memory } from '../../src/operator/memory.ts'
import { isReplaced, noteReset } from '../../src/operator/reinstate.ts'
import type { DesiredObject } from '../../src/reconcile/desired.ts'
import { orderable } from '../../src/reconcile/order.ts'

const object = (metadata: Partial<ObjectMeta>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', namespace: 'eu', uid: 'u2', ...metadata },
})
const primary: KubernetesObject = { apiVersion: 'example.com/v1', kind: 'Shop', metadata: { name: 'shop', namespace: 'eu', uid: 'u1' } }
const entryOf = (uid: string) => [{ manager: `fairlead/dependents/${uid}`, operation: 'Apply' as const, apiVersion: 'v1' }]
const ours = { labels: { [primaryUidLabel]: 'u1' }, managedFields: entryOf('u1') }
const owner = { apiVersion: 'v1', kind: 'Other', name: 'o', uid: 'u9', controller: true }

/** Whether the object is known again after its label went out of sight. */
function isKnown(before: Partial<ObjectMeta>, live: Partial<ObjectMeta>, isDeletedByUs = false): boolean {
  const memory = new Memory().of('u1')
  if (isDeletedByUs) memory.deleted.add('u2')
  noteReset(object(before), undefined, 'u1', () => memory)
  return isReplaced(orderable(object({})) as DesiredObject, object(live), { memory, primary })
}

describe('an object that went out of sight and has none of our marks', () => {
  it('is ours where it is the same that we had made', () => {
    expect(isKnown(ours, {})).toBe(true)
  })

  it.each<[string, Partial<ObjectMeta>, Partial<ObjectMeta>, boolean?]>([
    ['it is another incarnation', ours, { uid: 'u3' }],
    ['it had our label alone', { labels: ours.labels }, {}],
    ['it is another primary’s by now, by its label', ours, { labels: { [primaryUidLabel]: 'u7' } }],
    ['it is another primary’s by now, by its managed fields', ours, { managedFields: entryOf('u7') }],
    ['another controller has it', ours, { ownerReferences: [owner] }],
    ['it is being deleted', ours, { deletionTimestamp: '2026-01-01T00:00:00Z' }],
    ['we let go of it, since it was to be kept', { ...ours, annotations: { [keepAnnotation]: 'true' } }, {}],
    ['we deleted it', ours, {}, true],
  ])('is not where %s', (_what, before, live, isDeletedByUs) => {
    expect(isKnown(before, live, isDeletedByUs)).toBe(false)
  })
})
