import { describe, expect, it } from 'vitest'
import type { KubernetesObject, ObjectMeta } from '../../src/api/object.ts'
import { type AdoptionPolicy, claim } from '../../src/reconcile/adoption.ts'

const primary: KubernetesObject = { apiVersion: 'v1', kind: 'App', metadata: { name: 'shop', namespace: 'eu', uid: 'u-1' } }
const object = (metadata: Partial<ObjectMeta> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', namespace: 'eu', ...metadata },
})
const decide = (metadata: Partial<ObjectMeta>, policy: AdoptionPolicy, of = primary): string => {
  const decided = claim('it was there before', object(metadata), of, policy)
  return decided.kind === 'foreign' ? decided.message : decided.kind
}
const adopt = (address: string) => ({ 'fairlead.dev/adopt': address })

describe('an object that was there before', () => {
  it('is adopted as the watch says', () => {
    expect(decide({}, 'never')).toBe('it was there before')
    expect(decide({ labels: adopt('shop') }, 'never')).toBe('it was there before')
    expect(decide({}, 'always')).toBe('adoptable')
    expect(decide({ labels: adopt('shop') }, 'ifLabelled')).toBe('adoptable')
    expect(decide({ annotations: adopt('shop') }, 'ifLabelled')).toBe('adoptable')
  })
  it.each([
    ['names nobody', {}],
    ['names another primary', { labels: adopt('other') }],
    ['names one of another namespace', { annotations: adopt('us/shop') }],
  ])('and %s, is not, and the message tells how', (_, metadata) => {
    expect(decide(metadata, 'ifLabelled')).toBe('it was there before; the label or annotation fairlead.dev/adopt: shop hands it over')
  })
  it('in another namespace, has to name that of the primary too', () => {
    expect(decide({ namespace: 'us', labels: adopt('shop') }, 'ifLabelled')).toMatch(/fairlead.dev\/adopt: eu\/shop hands it over$/)
    expect(decide({ namespace: 'us', annotations: adopt('eu/shop') }, 'ifLabelled')).toBe('adoptable')
  })
  it('names a primary without a namespace by its name', () => {
    const { namespace: _, ...metadata } = primary.metadata
    expect(decide({ labels: adopt('shop') }, 'ifLabelled', { ...primary, metadata })).toBe('adoptable')
  })
  it.each<[string, Partial<ObjectMeta>]>([
    ['a controller', { ownerReferences: [{ apiVersion: 'v1', kind: 'App', name: 'x', uid: 'u-2', controller: true }] }],
    ['the label of another primary', { labels: { 'fairlead.dev/primary-uid': 'u-2' } }],
    [
      'the managed fields of another primary, though it lost the label',
      { managedFields: [{ manager: 'fairlead/dependents/u-2', operation: 'Apply', apiVersion: 'v1' }] },
    ],
  ])('is not adopted if it has %s', (_, metadata) => {
    expect(decide(metadata, 'always')).toBe('it was there before')
  })
  it('is not adopted while it is being deleted', () => {
    expect(decide({ deletionTimestamp: '2026-01-01T00:00:00Z' }, 'always')).toBe('it was there before, and is being deleted')
  })
  it('may have owners that are no controllers', () => {
    expect(decide({ ownerReferences: [{ apiVersion: 'v1', kind: 'App', name: 'x', uid: 'u-2' }] }, 'always')).toBe('adoptable')
  })
})
