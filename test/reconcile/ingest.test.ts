import { describe, expect, it } from 'vitest'
import type { KubernetesObject, ManagedFieldsEntry } from '../../src/api/object.ts'
import { applyEntry, reduceDependentsFields, reduceManagedFields } from '../../src/reconcile/ingest.ts'

const fields = { 'f:spec': { 'f:replicas': {}, 'f:paused': {} } }
const entry = (manager: string, more: Partial<ManagedFieldsEntry> = {}): ManagedFieldsEntry => ({
  manager,
  operation: 'Update',
  apiVersion: 'apps/v1',
  time: '2026-01-01T00:00:00Z',
  fieldsV1: fields,
  ...more,
})
const object = (...managedFields: ManagedFieldsEntry[]): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', managedFields },
})
const reduced = (...entries: ManagedFieldsEntry[]) => reduceManagedFields(object(...entries)).metadata.managedFields

describe('what is kept of managed fields', () => {
  it('is our own entries whole, whatever they are for', () => {
    for (const role of ['dependents', 'status', 'lists', 'adopt'])
      expect(reduced(entry(`fairlead/${role}/u1`))).toMatchObject([{ manager: `fairlead/${role}/u1`, fieldsV1: fields }])
  })

  it('is of others their names, and whether they hold the replicas', () => {
    const [scaler, editor] = reduced(
      entry('kube-controller-manager'),
      entry('kubectl', { fieldsV1: { 'f:spec': { 'f:paused': {} } } }),
    ) as [ManagedFieldsEntry, ManagedFieldsEntry]
    expect(scaler.fieldsV1).toEqual({ 'f:spec': { 'f:replicas': {} } })
    expect(editor).not.toHaveProperty('fieldsV1')
    expect(editor.manager).toBe('kubectl')
  })

  it('does not include the time, which makes equal entries different', () => {
    expect(reduced(entry('fairlead/dependents/u1'), entry('kubectl'))?.every((each) => !('time' in each))).toBe(true)
  })

  it('is the order of the entries, since they are taken off by their place', () => {
    expect(reduced(entry('b'), entry('a'))?.map(({ manager }) => manager)).toEqual(['b', 'a'])
  })

  it('is nothing where the server sends none', () => {
    expect(reduceManagedFields({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } }).metadata).toEqual({ name: 'p' })
  })

  it('is of a dependent that is a custom resource also what others hold, but for its status', () => {
    const custom = {
      ...object(entry('other'), entry('controller', { subresource: 'status' })),
      apiVersion: 'example.com/v1',
      kind: 'Widget',
    }
    const [other, status] = reduceDependentsFields(custom).metadata.managedFields as [ManagedFieldsEntry, ManagedFieldsEntry]
    expect(other.fieldsV1).toEqual(fields)
    expect(status.fieldsV1).not.toHaveProperty(['f:spec', 'f:paused'])
  })
})

describe('our Apply entry', () => {
  it('is neither an Update of the same name nor that of a subresource', () => {
    const name = 'fairlead/dependents/u1'
    expect(applyEntry(object(entry(name)), name)).toBeUndefined()
    expect(applyEntry(object(entry(name, { operation: 'Apply', subresource: 'status' })), name)).toBeUndefined()
    expect(applyEntry(object(entry(name, { operation: 'Apply' })), name)).toBeDefined()
    expect(applyEntry(object(entry(name, { operation: 'Apply' })), 'fairlead/dependents/u2')).toBeUndefined()
  })
})
