import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { freezeShared } from '../../src/cache/freeze.ts'
import { createPool } from '../../src/cache/pool.ts'

const deployment = (number: number, strategy: object): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: `web-${number}`,
    uid: `uid-${number}`,
    ownerReferences: [{ apiVersion: 'v1', kind: 'App', name: 'shop', uid: 'owner' }],
  },
  spec: { strategy, replicas: 1 },
})
const ofSpec = (object: KubernetesObject, name: string): unknown => (object['spec'] as Record<string, unknown>)[name]

describe('objects that are kept', () => {
  it('share the parts that are equal, owner references among them', () => {
    const pool = createPool()
    const rolling = () => ({ type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } })
    const [one, other] = [1, 2].map((number) => freezeShared(deployment(number, rolling()), pool)) as [KubernetesObject, KubernetesObject]
    expect(ofSpec(one, 'strategy')).toBe(ofSpec(other, 'strategy'))
    expect(one.metadata.ownerReferences).toBe(other.metadata.ownerReferences)
    expect(one.metadata).not.toBe(other.metadata)
    expect(other).toEqual(deployment(2, rolling()))
  })

  it('share nothing that differs, in a type alone or in where a text ends', () => {
    const pool = createPool()
    const pairs: [object, object][] = [
      [{ a: 1 }, { a: '1' }],
      [{ a: null }, { a: 'null' }],
      [{ a: 'x', b: 'y' }, { a: 'x1,2:b"y' }],
      [{ a: {} }, { a: [] }],
      [{ 0: 'x' }, ['x']],
      [{ a: ['x', 'y'] }, { a: ['x"y'] }],
      [{ a: true }, { a: 'true' }],
    ]
    for (const [one, other] of pairs) {
      const kept = [one, other].map((part) => ofSpec(freezeShared(deployment(1, structuredClone(part)), pool), 'strategy'))
      expect(kept).toEqual([one, other])
    }
  })

  it('are frozen also where they have more levels than a call stack has room for', () => {
    let deep: Record<string, object> = {}
    const bottom = deep
    for (let level = 0; level < 50_000; level++) deep = { a: deep }
    freezeShared(deployment(1, deep), createPool())
    expect(Object.isFrozen(deep)).toBe(true)
    expect(Object.isFrozen(bottom)).toBe(true)
  })

  it('are frozen at every depth', () => {
    const object = freezeShared(deployment(1, { rollingUpdate: { maxSurge: 1 } }), createPool())
    expect(Object.isFrozen(object)).toBe(true)
    expect(Object.isFrozen(ofSpec(object, 'strategy'))).toBe(true)
    expect(Object.isFrozen((ofSpec(object, 'strategy') as { rollingUpdate: object }).rollingUpdate)).toBe(true)
  })
})
