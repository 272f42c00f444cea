import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { type IncidentalPart, incidentalParts } from '../../src/reconcile/program.ts'
import { isSameDependent, isSamePrimary } from '../../src/reconcile/unchanged.ts'

/** The object with another value at a path; undefined takes it away. */
function changed(object: KubernetesObject, path: readonly string[], value?: unknown): KubernetesObject {
  const copy = structuredClone(object)
  const holder = path.slice(0, -1).reduce<Record<string, unknown>>((at, step) => at[step] as Record<string, unknown>, copy)
  if (value === undefined) delete holder[path.at(-1) as string]
  else holder[path.at(-1) as string] = value
  return copy
}

describe('another version of a primary', () => {
  const primary: KubernetesObject = {
    apiVersion: 'example.com/v1',
    kind: 'App',
    metadata: {
      name: 'shop',
      namespace: 'eu',
      uid: 'u1',
      resourceVersion: '1',
      generation: 1,
      labels: { team: 'a' },
      annotations: { note: 'x', 'fairlead.dev/reconcile': '1' },
      finalizers: ['fairlead.dev/dependents'],
      managedFields: [{ manager: 'kubectl', operation: 'Update', apiVersion: 'example.com/v1' }],
    },
    spec: { size: 1, hosts: ['a', 'b'] },
    status: { conditions: [] },
    data: { a: '1' },
  }

  const annotations = ['metadata', 'annotations']

  it.each<[IncidentalPart, path: readonly string[], value?: unknown]>([
    ['version', ['metadata', 'resourceVersion'], '2'],
    ['version', ['metadata', 'managedFields'], [{ manager: 'other', operation: 'Apply' }]],
    ['version', ['metadata', 'managedFields']],
    ['annotations', [...annotations, 'more'], 'y'],
    ['annotations', [...annotations, 'note'], 'y'],
    ['annotations', [...annotations, 'note']],
    ['status', ['status'], { conditions: [{ type: 'Theirs' }] }],
    ['status', ['status']],
  ])('is the same to a render that has not read what differs, and only to such: %s at %s', (part, path, value) => {
    const after = changed(primary, path, value)
    expect(isSamePrimary(primary, after, incidentalParts)).toBe(true)
    expect(isSamePrimary(after, primary, incidentalParts)).toBe(true)
    const others = incidentalParts.filter((each) => each !== part)
    expect(isSamePrimary(primary, after, others)).toBe(false)
    expect(isSamePrimary(after, primary, others)).toBe(false)
  })

  it.each<[path: readonly string[], value?: unknown]>([
    [['metadata', 'generation'], 2],
    [['metadata', 'labels', 'team'], 'b'],
    [
      ['metadata', 'finalizers'],
      ['fairlead.dev/dependents', 'example.com/theirs'],
    ],
    [['metadata', 'deletionTimestamp'], '2026-01-01T00:00:00Z'],
    [['metadata', 'ownerReferences'], [{ uid: 'u0' }]],
    [['metadata', 'uid'], 'u2'],
    [[...annotations, 'fairlead.dev/reconcile'], '2'],
    [[...annotations, 'fairlead.dev/reconcile']],
    [[...annotations, 'fairlead.dev/deletion-policy'], 'orphan'],
    [['spec', 'size'], 2],
    [['spec', 'size']],
    [
      ['spec', 'hosts'],
      ['b', 'a'],
    ],
    [['data', 'a'], '2'],
  ])('is another one whatever was read: %s', (path, value) => {
    const after = changed(primary, path, value)
    expect(isSamePrimary(primary, after, incidentalParts)).toBe(false)
    expect(isSamePrimary(after, primary, incidentalParts)).toBe(false)
  })
})

describe('another version of a dependent', () => {
  const manager = 'fairlead/dependents/u1'
  const dependent: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      uid: 'd1',
      resourceVersion: '1',
      generation: 1,
      labels: { a: '1' },
      annotations: { 'fairlead.dev/applied': 'v1:x' },
      managedFields: [
        { manager, operation: 'Apply', apiVersion: 'apps/v1', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
        { manager: 'kube-controller-manager', operation: 'Update', apiVersion: 'apps/v1', subresource: 'status' },
      ],
    },
    spec: { replicas: 1 },
    status: { replicas: 1 },
  }

  it('is the same whatever its status says, and whoever writes that', () => {
    const after = changed(changed(dependent, ['metadata', 'resourceVersion'], '2'), ['status'], { replicas: 2, conditions: [] })
    expect(isSameDependent(dependent, after, manager)).toBe(true)
    expect(isSameDependent(dependent, changed(after, ['status']), manager)).toBe(true)
    const entry = { manager: 'kubectl-patch', operation: 'Update', apiVersion: 'apps/v1', subresource: 'status' }
    expect(isSameDependent(dependent, changed(after, ['metadata', 'managedFields', '2'], entry), manager)).toBe(true)
  })

  it.each<[path: readonly string[], value?: unknown]>([
    [['spec', 'replicas'], 2],
    [['spec', 'paused'], true],
    [['metadata', 'labels', 'a'], '2'],
    [['metadata', 'annotations', 'theirs'], 'x'],
    [['metadata', 'managedFields', '0', 'fieldsV1'], { 'f:spec': {} }],
    [['metadata', 'managedFields', '2'], { manager: 'tuner', operation: 'Update', apiVersion: 'apps/v1' }],
    [['metadata', 'deletionTimestamp'], '2026-01-01T00:00:00Z'],
    [['metadata', 'uid'], 'd2'],
  ])('is another one: %s', (path, value) => {
    expect(isSameDependent(dependent, changed(dependent, path, value), manager)).toBe(false)
  })

  it('whose status was rendered is another one when its status is', () => {
    const rendered = changed(dependent, ['metadata', 'managedFields', '0', 'fieldsV1', 'f:status'], { 'f:replicas': {} })
    expect(isSameDependent(rendered, changed(rendered, ['status', 'replicas'], 2), manager)).toBe(false)
  })
})
