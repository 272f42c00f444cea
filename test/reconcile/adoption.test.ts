import { describe, expect, it } from 'vitest'
import type { KubernetesObject, ObjectMeta } from '../../src/api/object.ts'
import { type AdoptionPolicy, claim } from '../../src/reconcile/adoption.ts'
import { type Names, noNames } from '../../src/reconcile/sharing.ts'

const primary: KubernetesObject = { apiVersion: 'v1', kind: 'App', metadata: { name: 'shop', namespace: 'eu', uid: 'u-1' } }
const object = (metadata: Partial<ObjectMeta> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', namespace: 'eu', ...metadata },
})
/** The primaries of all watches: `u-1` and `u-2`. */
const complete: Names = { ...noNames, primaryOf: (uid) => (uid === 'u-1' || uid === 'u-2' ? primary : undefined), isComplete: () => true }
const decide = (metadata: Partial<ObjectMeta>, policy: AdoptionPolicy, of = primary, names = complete): string => {
  const decided = claim('it was there before', object(metadata), of, policy, names)
  return decided.kind === 'foreign' ? decided.message : decided.kind
}
const adopt = (address: string) => ({ 'fairlead.dev/adopt': address })

describe('an object that was there before', () => {
  it('is adopted as the watch says', () => {
    const never =
      'it was there before; where the watch says adoption: ifLabelled, the label or annotation fairlead.dev/adopt: shop hands it over'
    expect(decide({}, 'never')).toBe(never)
    expect(decide({ labels: adopt('shop') }, 'never')).toBe(never)
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
    ['the label of another primary', { labels: { 'fairlead.dev/primary-uid': 'u-2', ...adopt('shop') } }],
    [
      'the managed fields of another primary, though it lost the label',
      { managedFields: [{ manager: 'fairlead/dependents/u-2', operation: 'Apply', apiVersion: 'v1' }] },
    ],
  ])('is not adopted if it has %s', (_, metadata) => {
    expect(decide(metadata, 'always')).toBe('it was there before')
  })
  it('is not adopted, nor anybody’s own, if the primary is it or comes of it', () => {
    const child = (uid: string, of: string): KubernetesObject => ({
      ...primary,
      metadata: {
        ...primary.metadata,
        uid,
        labels: { 'fairlead.dev/primary-uid': of },
        managedFields: [{ manager: `fairlead/dependents/${of}`, operation: 'Apply', apiVersion: 'v1' }],
      },
    })
    const names = { ...complete, primaryOf: (uid: string) => (uid === 'u-2' ? child('u-2', 'u-1') : undefined) }
    expect(decide({ uid: 'u-1' }, 'always')).toBe('it is the custom resource that renders it')
    expect(claim(undefined, object({ uid: 'u-1' }), primary, 'never', complete)).toMatchObject({ kind: 'foreign' })
    expect(decide({ uid: 'u-1' }, 'always', child('u-3', 'u-2'), names)).toBe('App eu/shop comes of it')
    expect(decide({ uid: 'u-4' }, 'always', child('u-3', 'u-2'), names)).toBe('adoptable')
  })
  it('is not adopted while it is being deleted', () => {
    expect(decide({ deletionTimestamp: '2026-01-01T00:00:00Z' }, 'always')).toBe('it was there before, and is being deleted')
  })
  it('may have owners that are no controllers', () => {
    expect(decide({ ownerReferences: [{ apiVersion: 'v1', kind: 'App', name: 'x', uid: 'u-2' }] }, 'always')).toBe('adoptable')
  })
})

describe('an object of a primary that is not there', () => {
  const entries = ['fairlead/dependents/u-9', 'fairlead/lists/u-9']
  const managedFields = entries.map((manager) => ({ manager, operation: 'Apply', apiVersion: 'v1' }) as const)
  const label = { 'fairlead.dev/primary-uid': 'u-9' }
  const handsOver = 'the label or annotation fairlead.dev/adopt: shop hands it over'

  it.each<[string, Partial<ObjectMeta>]>([
    ['has lost the label', { managedFields }],
    ['has nothing but the label, as from a backup', { labels: label }],
    ['names the primary that it is for', { labels: label, managedFields, annotations: adopt('shop') }],
  ])('is adopted always if it %s', (_, metadata) => {
    expect(decide(metadata, 'always')).toBe('adoptable')
    expect(decide(metadata, 'always', primary, { ...complete, isComplete: () => false })).toMatch(/as far as .* can be read now$/)
    expect(decide(metadata, 'never')).toBe(`it was there before; where the watch says adoption: ifLabelled, ${handsOver}`)
  })
  it('may be another operator’s, and so has to be handed over', () => {
    for (const policy of ['always', 'ifLabelled'] as const) {
      expect(decide({ labels: label, managedFields }, policy)).toBe(`it was there before; ${handsOver}`)
      expect(decide({ labels: { ...label, ...adopt('shop') }, managedFields }, policy)).toBe('adoptable')
    }
  })
  it('is left alone while an owner reference names that one', () => {
    const owner = { apiVersion: 'v1', kind: 'App', name: 'x', uid: 'u-9' }
    expect(decide({ labels: { ...label, ...adopt('shop') }, ownerReferences: [owner] }, 'always')).toBe('it was there before')
  })
})
