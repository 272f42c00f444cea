import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { KubernetesObject, ManagedFieldsEntry } from '../../src/api/object.ts'
import { type DesiredObject, desiredObjects } from '../../src/reconcile/desired.ts'
import { reduceManagedFields } from '../../src/reconcile/ingest.ts'
import { yieldReplicas } from '../../src/reconcile/yield.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const manager = 'fairlead/dependents/u1'
const primary: KubernetesObject = {
  apiVersion: 'app.company.com/v1alpha1',
  kind: 'App',
  metadata: { name: 'shop', namespace: 'eu', uid: 'u1' },
}

const deployment = (replicas?: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { ...(replicas === undefined ? {} : { replicas }), selector: {} },
})
const autoscaler = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 9 },
}
const holding = (name: string, operation: 'Apply' | 'Update', subresource?: string): ManagedFieldsEntry => ({
  manager: name,
  operation,
  apiVersion: 'apps/v1',
  fieldsV1: { 'f:spec': { 'f:replicas': {} } },
  ...(subresource ? { subresource } : {}),
})

/** The replicas that are sent for the Deployment, given the rendered documents and what is live. */
function sent(documents: object[], live?: { replicas: number; managedFields: ManagedFieldsEntry[] }): unknown {
  const rendered = documents.map((object) => ({
    object: object as KubernetesObject,
    position: { file: 't' },
    positionOf: () => ({ file: 't' }),
  }))
  const { objects } = desiredObjects(primary, rendered, { scopeOf: () => 'Namespaced', sha256 })
  const observed =
    live && reduceManagedFields({ ...deployment(live.replicas), metadata: { name: 'web', managedFields: live.managedFields } })
  const { desired } = yieldReplicas(objects, ({ kind }) => (kind.kind === 'Deployment' ? observed : undefined), manager, sha256)
  const [first] = desired as [DesiredObject]
  return (first.body['spec'] as { replicas?: unknown }).replicas
}

describe('replicas', () => {
  it('are the template’s without an autoscaler', () => {
    expect(sent([deployment(3)], { replicas: 5, managedFields: [holding('kubectl', 'Update', 'scale')] })).toBe(3)
  })

  it('are the template’s for an object that is not there yet', () => {
    expect(sent([deployment(3), autoscaler])).toBe(3)
    expect(sent([deployment(), autoscaler])).toBeUndefined()
  })

  it('stay at the live value while we are their only holder, also when the template leaves them out', () => {
    expect(sent([deployment(), autoscaler], { replicas: 5, managedFields: [holding(manager, 'Apply')] })).toBe(5)
    expect(sent([deployment(2), autoscaler], { replicas: 5, managedFields: [holding(manager, 'Apply')] })).toBe(5)
  })

  it('are left out once the autoscaler holds them', () => {
    expect(
      sent([deployment(2), autoscaler], {
        replicas: 7,
        managedFields: [holding(manager, 'Apply'), holding('kube-controller-manager', 'Update', 'scale')],
      }),
    ).toBeUndefined()
  })

  it('are not taken up when nobody asks for them', () => {
    expect(sent([deployment(), autoscaler], { replicas: 1, managedFields: [] })).toBeUndefined()
  })

  it('are yielded to a ScaledObject too, which targets a Deployment unless it says otherwise', () => {
    const scaled = (scaleTargetRef: object) => ({
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: { name: 'web' },
      spec: { scaleTargetRef },
    })
    const live = { replicas: 5, managedFields: [holding(manager, 'Apply')] }
    expect(sent([deployment(2), scaled({ name: 'web' })], live)).toBe(5)
    expect(sent([deployment(2), scaled({ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web' })], live)).toBe(2)
  })

  it('are not yielded to an autoscaler without a target, or of another group', () => {
    const live = { replicas: 5, managedFields: [holding(manager, 'Apply')] }
    expect(sent([deployment(2), { ...autoscaler, spec: {} }], live)).toBe(2)
    expect(sent([deployment(2), { ...autoscaler, apiVersion: 'autoscaling.example.com/v1' }], live)).toBe(2)
  })

  it('are the template’s again when the autoscaler is gone, also while its entry is still there', () => {
    expect(sent([deployment(2)], { replicas: 7, managedFields: [holding('kube-controller-manager', 'Update', 'scale')] })).toBe(2)
  })

  it('are not yielded to an autoscaler of another object', () => {
    const other = {
      ...autoscaler,
      spec: { ...autoscaler.spec, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'other' } },
    }
    expect(sent([deployment(2), other], { replicas: 5, managedFields: [holding(manager, 'Apply')] })).toBe(2)
  })

  it('change the hash with the value that is sent', () => {
    const rendered = [deployment(2), autoscaler].map((object) => ({
      object: object as KubernetesObject,
      position: { file: 't' },
      positionOf: () => ({ file: 't' }),
    }))
    const { objects } = desiredObjects(primary, rendered, { scopeOf: () => 'Namespaced', sha256 })
    const live = { ...deployment(5), metadata: { name: 'web', managedFields: [holding(manager, 'Apply')] } } as KubernetesObject
    const [yielded] = yieldReplicas(objects, () => live, manager, sha256).desired
    expect(yielded?.applied).not.toBe(objects[0]?.applied)
    expect(yielded?.body.metadata.annotations?.['fairlead.dev/applied']).toBe(yielded?.applied)
  })

  it.each([
    ['yield', {}, 7],
    ['force', {}, 2],
    ['fail', {}, 2],
    ['yield', { deletionTimestamp: '2026-01-01T00:00:00Z' }, 2],
    ['yield', { namespace: 'us' }, 2],
  ] as const)('of an object with the policy %s are those of somebody else’s autoscaler, with %o: %i', (fieldPolicy, metadata, replicas) => {
    const object = deployment(2) as KubernetesObject
    const rendered = [{ object, position: { file: 't' }, positionOf: () => ({ file: 't' }) }]
    const { objects } = desiredObjects(primary, rendered, { scopeOf: () => 'Namespaced', sha256, fieldPolicy })
    const live = { ...deployment(7), metadata: { name: 'web', managedFields: [holding(manager, 'Apply')] } } as KubernetesObject
    const other = { ...autoscaler, metadata: { name: 'theirs', namespace: 'eu', ...metadata } } as KubernetesObject
    const { desired, yielded } = yieldReplicas(objects, () => live, manager, sha256, { others: [other] })
    expect(desired[0]?.body['spec']).toMatchObject({ replicas })
    expect(yielded.map(({ to }) => to)).toEqual(replicas === 7 ? ['HorizontalPodAutoscaler/theirs'] : [])
  })
})
