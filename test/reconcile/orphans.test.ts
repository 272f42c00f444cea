import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { isWithin, orphanOf } from '../../src/reconcile/orphans.ts'

const primary: KubernetesObject = { apiVersion: 'app.company.com/v1', kind: 'App', metadata: { name: 'shop', namespace: 'eu', uid: 'u1' } }
const known = {
  byUid: (uid: string) => (uid === 'u1' ? primary : undefined),
  watches: (kind: string, namespace: string | undefined) => kind === 'App.app.company.com' && isWithin(['eu', 'us'], namespace),
  has: (kind: string, namespace: string | undefined, name: string) =>
    kind === 'App.app.company.com' && namespace === 'eu' && name === 'shop',
}
const owner = (uid: string, kind = 'App') => ({ apiVersion: 'app.company.com/v1', kind, name: 'shop', uid, controller: true })
const entry = (uid: string) => ({ manager: `fairlead/dependents/${uid}`, operation: 'Apply' as const, apiVersion: 'v1' })
const configMap = (uid: string | undefined, metadata: Partial<KubernetesObject['metadata']> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', namespace: 'eu', ...(uid === undefined ? {} : { labels: { 'fairlead.dev/primary-uid': uid } }), ...metadata },
})

describe('an object', () => {
  it.each([
    ['that its primary made', configMap('u1', { managedFields: [entry('u1')], ownerReferences: [owner('u1')] }), undefined],
    [
      'that keeps the generated values of its primary',
      configMap('u1', { managedFields: [{ ...entry('u1'), manager: 'fairlead/generated/u1' }], ownerReferences: [owner('u1')] }),
      undefined,
    ],
    ['without our label', configMap(undefined), undefined],
    ['of a controller that copied the label', configMap('u9', { ownerReferences: [owner('u2', 'ReplicaSet')] }), undefined],
    ['with the label of a primary that did not make it', configMap('u1'), 'copy'],
    ['that another primary made, and that has the label of this one', configMap('u1', { managedFields: [entry('u2')] }), 'copy'],
    ['of a UID that nobody has', configMap('u0', { managedFields: [entry('u0')] }), 'primary-unknown'],
    [
      'of a primary of another operator',
      configMap('u7', { managedFields: [entry('u7')], ownerReferences: [owner('u7', 'Ferry')] }),
      undefined,
    ],
    [
      'of a UID that nobody has, and of somebody else',
      configMap('u0', { ownerReferences: [{ ...owner('u7', 'Ferry'), controller: false }] }),
      'primary-unknown',
    ],
    [
      'of a primary of a watched kind that is gone, and waits for the garbage collector',
      configMap('u0', { ownerReferences: [{ ...owner('u0'), name: 'other' }] }),
      'primary-unknown',
    ],
    [
      'of a primary that was made again',
      configMap('u0', { managedFields: [entry('u0')], ownerReferences: [owner('u0')] }),
      'primary-replaced',
    ],
  ])('%s', (_title, object, reason) => {
    expect(orphanOf(object, known)?.reason).toBe(reason)
  })
})

describe('an object without an owner reference', () => {
  it.each([
    ['of another operator', 'Ferry.ferries.example.com/eu/aurora', undefined],
    ['of another operator, outside of namespaces', 'Ferry.ferries.example.com/aurora', undefined],
    ['of a namespace that is not watched', 'App.app.company.com/asia/shop', undefined],
    ['that is gone', 'App.app.company.com/us/shop', 'primary-unknown'],
    ['that was made again', 'App.app.company.com/eu/shop', 'primary-replaced'],
  ])('that names a primary %s', (_title, named, reason) => {
    const object = configMap('u7', { namespace: 'us', managedFields: [entry('u7')], annotations: { 'fairlead.dev/primary': named } })
    expect(orphanOf(object, known)?.reason).toBe(reason)
  })
})
