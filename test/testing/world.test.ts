import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { differences, worldOf } from '../../src/testing/world.ts'

const uid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

/** A ConfigMap, and the custom resource that owns it, as of a run in which UIDs begin at a number. */
function run(first: number, data: Record<string, string> = { colour: 'red' }): KubernetesObject[] {
  const primary: KubernetesObject = {
    apiVersion: 'example.com/v1',
    kind: 'Shop',
    metadata: { name: 'shop', namespace: 'a', uid: uid(first), resourceVersion: String(first), generation: first },
    status: {
      observedGeneration: first,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: `2026-01-01T00:00:0${first}Z` }],
    },
  }
  const dependent: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'shop',
      namespace: 'a',
      uid: uid(first + 1),
      ownerReferences: [{ apiVersion: 'example.com/v1', kind: 'Shop', name: 'shop', uid: uid(first) }],
    },
    data,
  }
  return [primary, dependent]
}

describe('two worlds', () => {
  it('are the same where they differ in UIDs, versions and times only', () => {
    expect(differences(worldOf(run(1)), worldOf(run(5)))).toEqual([])
  })

  it('differ where an object is missing, too much, or has another value', () => {
    const [, one] = run(1) as [KubernetesObject, KubernetesObject]
    const other = { ...one, metadata: { ...one.metadata, name: 'other', uid: uid(9) } }
    expect(differences(worldOf([...run(1), other]), worldOf(run(1)))).toEqual(['ConfigMap a/other should not be there'])
    expect(differences(worldOf(run(1)), worldOf([...run(1), other]))).toEqual(['ConfigMap a/other is missing'])
    expect(differences(worldOf(run(1, { colour: 'blue' })), worldOf(run(1)))).toEqual(['ConfigMap a/shop data.colour: "blue", not "red"'])
  })

  it('differ where a reference is to what is gone', () => {
    const [primary, dependent] = run(1) as [KubernetesObject, KubernetesObject]
    const again = { ...primary, metadata: { ...primary.metadata, uid: uid(8) } }
    expect(differences(worldOf([again, dependent]), worldOf(run(1))).join()).toContain('<uid of what is gone>')
  })

  it('differ where a status tells of an earlier generation', () => {
    const [primary, dependent] = run(1) as [KubernetesObject, KubernetesObject]
    const later = { ...primary, metadata: { ...primary.metadata, generation: 2 } }
    expect(differences(worldOf([later, dependent]), worldOf(run(1)))).toEqual([
      'Shop.example.com a/shop status.observedGeneration: "<earlier>", not "<current>"',
    ])
  })
})
