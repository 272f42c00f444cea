import { describe, expect, it } from 'vitest'
import type { KubernetesObject, ManagedFieldsEntry } from '../../src/api/object.ts'
import { parseFieldsV1 } from '../../src/fields/serialize.ts'
import { inOwnVersion, otherVersions } from '../../src/reconcile/served-versions.ts'

const entry = (manager: string, apiVersion: string, field: string): ManagedFieldsEntry => ({
  manager,
  operation: 'Update',
  apiVersion,
  fieldsV1: { 'f:spec': { [`f:${field}`]: {} } },
})
const lane = (managedFields: ManagedFieldsEntry[]): KubernetesObject => ({
  apiVersion: 'lanes.example.com/v3',
  kind: 'Lane',
  metadata: { name: 'main', managedFields },
})

describe('managed fields in a version that is not there any more', () => {
  it('become those of the object’s own version; other versions stay', () => {
    const object = lane([entry('one', 'lanes.example.com/v1', 'a'), entry('two', 'lanes.example.com/v2', 'b')])
    expect(otherVersions(object)).toEqual(['lanes.example.com/v1', 'lanes.example.com/v2'])
    expect(inOwnVersion(object, ['lanes.example.com/v1'], parseFieldsV1)).toEqual([
      entry('one', 'lanes.example.com/v3', 'a'),
      entry('two', 'lanes.example.com/v2', 'b'),
    ])
  })

  it('are one entry with what the manager has in the own version already', () => {
    const object = lane([entry('one', 'lanes.example.com/v1', 'a'), entry('one', 'lanes.example.com/v3', 'b')])
    expect(inOwnVersion(object, ['lanes.example.com/v1'], parseFieldsV1)).toEqual([
      { ...entry('one', 'lanes.example.com/v3', 'a'), fieldsV1: { 'f:spec': { 'f:a': {}, 'f:b': {} } } },
    ])
  })
})
