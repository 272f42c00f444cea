import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import type { DesiredObject } from '../../src/reconcile/desired.ts'
import {
  covers,
  entriesFor,
  formatInventory,
  type InventoryEntry,
  merged,
  mergedInventories,
  parseInventory,
} from '../../src/reconcile/inventory.ts'

const primary: KubernetesObject = { apiVersion: 'app.company.com/v1', kind: 'App', metadata: { name: 'shop', namespace: 'eu', uid: 'u1' } }
const entry = (kind: string, ...namespaces: string[]): InventoryEntry => ({ kind: { group: '', version: 'v1', kind }, namespaces })
const desired = (kind: string, namespace: string | undefined, isOwned: boolean): DesiredObject =>
  ({
    kind: { group: '', version: 'v1', kind },
    body: { apiVersion: 'v1', kind, metadata: { name: 'n', namespace, ...(isOwned ? { ownerReferences: [{ uid: 'u1' }] } : {}) } },
  }) as unknown as DesiredObject

describe('an inventory', () => {
  it('is the same after it was written and read', () => {
    const inventory = { 'App.app.company.com': [entry('ConfigMap', 'a', 'b'), entry('Namespace', '*'), entry('Service')] }
    const text = formatInventory(inventory)
    expect(text).toBe('{"App.app.company.com":["v1 ConfigMap in a,b","v1 Namespace in *","v1 Service"]}')
    expect(parseInventory(text)).toEqual(inventory)
  })

  it.each(['', 'null', '[]', '"App"', '{"App":"v1 Service"}', '{"App":["Service"]}', '{"App":[null]}'])('is not read from %s', (text) => {
    expect(parseInventory(text)).toBeUndefined()
  })

  it('has each kind once, and no single namespace beside all of them', () => {
    expect(
      merged([entry('Service'), entry('ConfigMap', 'b'), entry('ConfigMap', 'a'), entry('Service', '*'), entry('Service', 'a')]),
    ).toEqual([entry('ConfigMap', 'a', 'b'), entry('Service', '*')])
    expect(mergedInventories({ A: [entry('Service')] }, { B: [entry('Service')], A: [entry('Secret')] })).toEqual({
      A: [entry('Secret'), entry('Service')],
      B: [entry('Service')],
    })
  })

  it('covers what it has, also a namespace by all of them, and nothing of another kind or place', () => {
    const recorded = [entry('ConfigMap', 'a'), entry('Secret', '*')]
    expect(covers(recorded, [entry('ConfigMap'), entry('ConfigMap', 'a'), entry('Secret', 'b')])).toBe(true)
    expect(covers(recorded, [entry('ConfigMap', 'b')])).toBe(false)
    expect(covers(recorded, [entry('Service')])).toBe(false)
  })

  it('tells where dependents are that no owner reference holds: single namespaces only where the operator is limited to some', () => {
    const objects = [desired('Service', 'eu', true), desired('ConfigMap', 'us', false), desired('Namespace', undefined, false)]
    expect(entriesFor(objects, primary, [])).toEqual([entry('ConfigMap', '*'), entry('Namespace', '*'), entry('Service')])
    expect(entriesFor(objects, primary, ['eu', 'us'])).toEqual([entry('ConfigMap', 'us'), entry('Namespace', '*'), entry('Service')])
  })
})
