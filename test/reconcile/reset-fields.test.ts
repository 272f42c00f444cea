import { describe, expect, it } from 'vitest'
import type { KubernetesObject, ManagedFieldsEntry } from '../../src/api/object.ts'
import { desiredObjects } from '../../src/reconcile/desired.ts'
import { lastSent, lostEntry, withEntry } from '../../src/reconcile/reset-fields.ts'

const manager = 'fairlead/dependents/u-1'
const sha256 = (text: string): string => text
const ours: ManagedFieldsEntry = { manager, operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': {} } }
const entry = (name: string): ManagedFieldsEntry => ({ ...ours, manager: name, operation: 'Update' })

const primary: KubernetesObject = { apiVersion: 'e/v1', kind: 'Site', metadata: { name: 's', namespace: 'n', uid: 'u-1' } }
function desired(data: object) {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', annotations: { note: 'x' } }, data }
  const document = { object, position: { file: 'f' }, positionOf: () => ({ file: 'f' }) }
  const [found] = desiredObjects(primary, [document], { scopeOf: () => 'Namespaced', sha256 }).objects
  if (!found) throw new Error('nothing is desired')
  return found
}
/** As the server has it, without managed fields. */
const live = (data: object, more: object = {}): KubernetesObject => {
  const { metadata, ...body } = desired(data).body
  return { ...body, ...more, metadata: { ...metadata, uid: 'o-1', resourceVersion: '7', creationTimestamp: '2026-01-01T00:00:00Z' } }
}

describe('what was sent of an object without our entry', () => {
  it('is the object itself where it has the hash of that', () => {
    expect(lastSent(desired({ a: '1' }), live({ a: '0', old: 'x' }), sha256)?.body).toEqual(desired({ a: '0', old: 'x' }).body)
  })
  it('is not known where anything was added, and a status is nothing', () => {
    expect(lastSent(desired({ a: '1' }), live({ a: '0' }, { data: { a: '0', theirs: 'x' } }), sha256)).toBeUndefined()
    expect(lastSent(desired({ a: '1' }), live({ a: '0' }, { status: {} }), sha256)).toBeDefined()
  })
})

describe('our entry', () => {
  const object = (...managedFields: ManagedFieldsEntry[]): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c', managedFields },
  })
  it('is lost with the change that takes it off, and not when others come', () => {
    expect(lostEntry(object(ours), object(), manager)).toBe(ours)
    expect(lostEntry(object(ours), object(ours, entry('kubectl')), manager)).toBeUndefined()
    expect(lostEntry(object(), object(), manager)).toBeUndefined()
  })
  it('comes back beside those of others, but for what the server filed for nobody', () => {
    expect(withEntry(object(entry('before-first-apply'), entry('kubectl')), ours)).toEqual([ours, entry('kubectl')])
  })
})
