import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { JsonObject, KubernetesObject, ManagedFieldsEntry } from '../../src/api/object.ts'
import { desiredObjects } from '../../src/reconcile/desired.ts'
import type { FieldPolicy } from '../../src/reconcile/field-policy.ts'
import { handOver, yieldedConditions } from '../../src/reconcile/hand-over.ts'
import { reduceManagedFields } from '../../src/reconcile/ingest.ts'
import { cachedParser } from '../../src/reconcile/match.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const manager = 'fairlead/dependents/u1'
const primary: KubernetesObject = {
  apiVersion: 'app.company.com/v1alpha1',
  kind: 'App',
  metadata: { name: 'shop', namespace: 'eu', uid: 'u1' },
}
const deployment = (annotations?: Record<string, string>) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: { tier: 'gold' }, ...(annotations && { annotations }) },
  spec: { replicas: 3, paused: false },
})

const desiredOf = (fieldPolicy: FieldPolicy | undefined, annotations?: Record<string, string>) =>
  desiredObjects(
    primary,
    [
      {
        object: deployment(annotations) as KubernetesObject,
        position: { file: 't' },
        positionOf: () => ({ file: 't', line: 4 }),
      },
    ],
    { scopeOf: () => 'Namespaced', sha256, ...(fieldPolicy && { fieldPolicy }) },
  )

const entry = (name: string, fieldsV1: JsonObject, operation: 'Apply' | 'Update' = 'Apply', subresource?: string): ManagedFieldsEntry => ({
  manager: name,
  operation,
  apiVersion: 'apps/v1',
  fieldsV1,
  ...(subresource ? { subresource } : {}),
})
const replicas = { 'f:spec': { 'f:replicas': {} } }

/** What is sent of the Deployment whose live object has these entries, as a cache keeps them. */
function sent(entries: ManagedFieldsEntry[], policy: FieldPolicy | undefined = 'yield', annotations?: Record<string, string>) {
  const live = reduceManagedFields({ ...deployment(), metadata: { name: 'web', uid: 'd1', managedFields: entries } } as KubernetesObject)
  const { objects } = desiredOf(policy, annotations)
  const { desired, yielded } = handOver(objects, { observedOf: () => live, manager, parse: cachedParser(), sha256 })
  return { body: desired[0]?.body as KubernetesObject, yielded, rendered: objects[0], desired: desired[0] }
}

describe('under yield', () => {
  it('a field is left out that another applier’s entry holds, and the hash is that of what is sent', () => {
    const { body, yielded, rendered, desired } = sent([entry(manager, replicas), entry('tuner', replicas)])
    expect(body['spec']).toEqual({ paused: false })
    expect(yielded).toEqual([{ object: 'Deployment/web', field: 'spec.replicas', to: 'tuner' }])
    expect(desired?.applied).not.toBe(rendered?.applied)
    expect(body.metadata.annotations?.['fairlead.dev/applied']).toBe(desired?.applied)
  })

  it('all is sent where nobody else applies', () => {
    const { rendered, desired, yielded } = sent([entry(manager, replicas)])
    expect(desired).toBe(rendered)
    expect(yielded).toEqual([])
    expect(yieldedConditions(yielded)).toEqual([])
  })

  it.each([
    ['an update, which nobody stands behind', entry('kubectl-edit', replicas, 'Update')],
    ['an apply of a subresource', entry('tuner', replicas, 'Apply', 'status')],
    ['another role of this program', entry('fairlead/lists/u1', replicas)],
    ['another primary', entry('fairlead/dependents/u2', replicas)],
  ])('nothing is left to %s', (_title, other) => {
    expect(sent([entry(manager, replicas), other]).yielded).toEqual([])
  })

  it('what makes the object ours is never left out', () => {
    const everything = {
      'f:metadata': {
        'f:labels': { 'f:fairlead.dev/primary-uid': {}, 'f:tier': {} },
        'f:annotations': { 'f:fairlead.dev/applied': {} },
        'f:ownerReferences': { 'k:{"uid":"u1"}': { '.': {}, 'f:controller': {}, 'f:uid': {} } },
      },
    }
    const { body, yielded } = sent([entry('copy', everything)])
    expect(yielded.map(({ field }) => field)).toEqual(['metadata.labels.tier'])
    expect(body.metadata.labels).toEqual({ 'fairlead.dev/primary-uid': 'u1' })
    expect(body.metadata.ownerReferences?.[0]).toMatchObject({ controller: true })
    expect(body.metadata.annotations?.['fairlead.dev/applied']).toMatch(/^v1:/)
  })

  it('the condition names object, field and manager', () => {
    expect(yieldedConditions(sent([entry('tuner', replicas)]).yielded)).toEqual([
      { type: 'FieldsYielded', status: 'True', reason: 'HeldByAnother', message: 'left to others: Deployment/web spec.replicas (tuner)' },
    ])
  })
})

describe('the policy of an object', () => {
  it.each(['force', 'fail'] as const)('%s leaves nothing out', (policy) => {
    expect(sent([entry('tuner', replicas)], policy).yielded).toEqual([])
  })

  it('is its annotation’s before its watch’s', () => {
    const tuner = [entry('tuner', replicas)]
    expect(sent(tuner, 'force', { 'fairlead.dev/field-policy': 'yield' }).yielded).toHaveLength(1)
    expect(sent(tuner, 'yield', { 'fairlead.dev/field-policy': 'force' }).yielded).toEqual([])
  })

  it('that does not exist is a problem with its place', () => {
    const { objects, problems } = desiredOf('force', { 'fairlead.dev/field-policy': 'polite' })
    expect(objects).toEqual([])
    expect(problems).toEqual([
      {
        code: 'DOCUMENT_INVALID',
        message: 'Deployment/web: the annotation fairlead.dev/field-policy names no field policy',
        at: { file: 't', line: 4 },
        remedy: 'it is one of: force, yield, fail',
      },
    ])
  })
})
