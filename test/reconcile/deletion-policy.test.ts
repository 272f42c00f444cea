import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { deletionPolicyOf, deletionTimeLeft, lastWave, wasOrphaned } from '../../src/reconcile/deletion-policy.ts'

const object = (apiVersion: string, kind: string, name: string, after?: string): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'eu', ...(after === undefined ? {} : { annotations: { 'fairlead.dev/depends-on': after } }) },
})
const config = (name: string, after?: string) => object('v1', 'ConfigMap', name, after)

/** The names in the order in which they go, where each wave is gone before the next. */
function order(objects: readonly KubernetesObject[]): string[][] {
  const waves: string[][] = []
  for (let left = objects; left.length > 0; ) {
    const wave = lastWave(left)
    expect(wave).not.toEqual([])
    waves.push(wave.map(({ metadata }) => metadata.name))
    left = left.filter((each) => !wave.includes(each))
  }
  return waves
}

describe('the order of a deletion', () => {
  it('is the reverse of the order of creation', () => {
    const objects = [config('db'), config('web', 'ConfigMap/migration'), config('migration', 'ConfigMap/db'), config('other')]
    expect(order(objects)).toEqual([['web'], ['migration'], ['db', 'other']])
    const webhook = object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'webhook')
    expect(order([object('v1', 'Namespace', 'namespace'), config('c'), webhook])).toEqual([['webhook'], ['c'], ['namespace']])
  })

  it('comes to an end whatever the annotations on live objects have become', () => {
    expect(
      order([config('a', 'ConfigMap/b'), config('b', 'ConfigMap/a'), config('c', 'gone/x, , nonsense')])
        .flat()
        .sort(),
    ).toEqual(['a', 'b', 'c'])
    expect(order([object('v1', 'Namespace', 'n', 'ConfigMap/c'), config('c')])).toEqual([['n'], ['c']])
  })
})

describe('the policy', () => {
  const primary = (policy?: string): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Shop',
    metadata: { name: 'shop', ...(policy === undefined ? {} : { annotations: { 'fairlead.dev/deletion-policy': policy } }) },
  })

  it('is the watch’s, unless the primary’s annotation says another one', () => {
    expect(deletionPolicyOf(primary(), 'foreground')).toBe('foreground')
    expect(deletionPolicyOf(primary('orphan'), 'foreground')).toBe('orphan')
  })

  it('is not known where the annotation cannot be read', () => {
    expect(deletionPolicyOf(primary('delete-everything'), 'orphan')).toBeUndefined()
  })

  it('counts the time of an object from its own deletion', () => {
    const going = (deletionTimestamp?: string) => ({
      ...config('c'),
      metadata: { name: 'c', ...(deletionTimestamp && { deletionTimestamp }) },
    })
    const now = Date.parse('2026-01-01T00:01:00Z')
    expect(deletionTimeLeft(going('2026-01-01T00:00:30Z'), 60_000, now)).toBe(30_000)
    expect(deletionTimeLeft(going('2026-01-01T00:00:00Z'), 30_000, now)).toBe(-30_000)
    expect(deletionTimeLeft(going(), 30_000, now)).toBe(30_000)
    expect(deletionTimeLeft(going('2026-01-01T00:00:00Z'), 0, now)).toBe(Infinity)
  })
})

describe('a deletion without the dependents that nobody saw', () => {
  const shop: KubernetesObject = { apiVersion: 'v1', kind: 'Shop', metadata: { name: 'shop', namespace: 'eu', uid: 'u-1' } }
  const owners = [{ apiVersion: 'v1', kind: 'Shop', name: 'shop', uid: 'u-1' }]
  const dependent = (annotations: Record<string, string>, ownerReferences?: typeof owners): KubernetesObject => ({
    ...config('c'),
    metadata: { name: 'c', namespace: 'eu', annotations, ...(ownerReferences && { ownerReferences }) },
  })
  const applied = { 'fairlead.dev/applied': 'v1:1' }
  const orphaned = dependent(applied)

  it('is told by owner references that are gone from all that were applied with one', () => {
    expect(wasOrphaned([orphaned, orphaned], shop)).toBe(true)
    expect(wasOrphaned([orphaned, dependent(applied, owners)], shop)).toBe(false)
    expect(wasOrphaned([dependent({ ...applied, 'fairlead.dev/keep': 'true' })], shop)).toBe(true)
  })

  it('is not told by what was applied without one, nor by what the operator has untied, nor by nothing', () => {
    const elsewhere = dependent({ ...applied, 'fairlead.dev/primary': 'Shop/eu/shop' })
    for (const objects of [[], [elsewhere], [dependent({})]]) expect(wasOrphaned(objects, shop)).toBe(false)
  })
})
