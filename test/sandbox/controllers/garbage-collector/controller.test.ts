import { describe, expect, it } from 'vitest'
import type { KubernetesObject, OwnerReference } from '../../../../src/api/object.ts'
import { garbageCollector } from '../../../../src/sandbox/controllers/garbage-collector/controller.ts'
import { type MemoryWorld, type Running, running } from '../memory-world.ts'

const storage = '/configmaps'

function create(
  world: MemoryWorld,
  name: string,
  owners: readonly OwnerReference[] = [],
  namespace = 'shop',
  finalizers?: string[],
): KubernetesObject {
  return world.create(storage, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, ...(owners.length > 0 ? { ownerReferences: [...owners] } : {}), ...(finalizers ? { finalizers } : {}) },
  })
}

const reference = (owner: KubernetesObject, more: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid ?? '',
  ...more,
})

const names = (world: MemoryWorld): string[] => world.list(storage).map(({ metadata }) => metadata.name)
const collecting = (): Running => running([garbageCollector()])

describe('an owner that is deleted in the background', () => {
  it('takes its dependents and theirs with it', async () => {
    const run = collecting()
    const owner = create(run.world, 'owner')
    const child = create(run.world, 'child', [reference(owner)])
    create(run.world, 'grandchild', [reference(child)])
    create(run.world, 'stranger')
    await run.idle()
    run.world.delete(storage, 'shop', 'owner', { propagationPolicy: 'Background' })
    await run.idle()
    expect(names(run.world)).toEqual(['stranger'])
    expect(run.failures).toEqual([])
  })

  it('leaves a dependent that has another owner, which forgets it', async () => {
    const run = collecting()
    const [first, second] = [create(run.world, 'first'), create(run.world, 'second')]
    create(run.world, 'child', [reference(first), reference(second)])
    await run.idle()
    run.world.delete(storage, 'shop', 'first')
    await run.idle()
    expect(run.world.get(storage, 'shop', 'child')?.metadata.ownerReferences).toEqual([reference(second)])
  })

  it('does not take what was orphaned before', async () => {
    const run = collecting()
    const owner = create(run.world, 'owner')
    const child = create(run.world, 'child', [reference(owner)])
    const { ownerReferences: _owners, ...metadata } = child.metadata
    run.world.update(storage, { ...child, metadata })
    run.world.delete(storage, 'shop', 'owner')
    await run.idle()
    expect(names(run.world)).toEqual(['child'])
  })
})

describe('an owner that is deleted in the foreground', () => {
  it('waits for the dependents that block it', async () => {
    const run = collecting()
    const owner = create(run.world, 'owner')
    create(run.world, 'held', [reference(owner, { blockOwnerDeletion: true })], 'shop', ['example.com/held'])
    await run.idle()
    run.world.delete(storage, 'shop', 'owner', { propagationPolicy: 'Foreground' })
    await run.idle()
    expect(run.world.get(storage, 'shop', 'owner')?.metadata.finalizers).toEqual(['foregroundDeletion'])
    const held = run.world.get(storage, 'shop', 'held') as KubernetesObject
    expect(held.metadata.deletionTimestamp).toBeDefined()
    run.world.update(storage, { ...held, metadata: { ...held.metadata, finalizers: [] } })
    await run.idle()
    expect(names(run.world)).toEqual([])
  })

  it('does not wait for dependents that do not block it, but they go too', async () => {
    const run = collecting()
    const owner = create(run.world, 'owner')
    create(run.world, 'held', [reference(owner)], 'shop', ['example.com/held'])
    create(run.world, 'free', [reference(owner)])
    await run.idle()
    run.world.delete(storage, 'shop', 'owner', { propagationPolicy: 'Foreground' })
    await run.idle()
    expect(names(run.world)).toEqual(['held'])
    expect(run.world.get(storage, 'shop', 'held')?.metadata.deletionTimestamp).toBeDefined()
  })

  it('ends the deepest first', async () => {
    const run = collecting()
    const gone: string[] = []
    const owner = create(run.world, 'owner')
    const child = create(run.world, 'child', [reference(owner, { blockOwnerDeletion: true })])
    create(run.world, 'grandchild', [reference(child, { blockOwnerDeletion: true })])
    await run.idle()
    run.world.subscribe(({ type, object }) => void (type === 'DELETED' && gone.push(object.metadata.name)))
    run.world.delete(storage, 'shop', 'owner', { propagationPolicy: 'Foreground' })
    await run.idle()
    expect(gone).toEqual(['grandchild', 'child', 'owner'])
  })

  it('ends although two objects own each other', async () => {
    const run = collecting()
    const first = create(run.world, 'first')
    const second = create(run.world, 'second', [reference(first, { blockOwnerDeletion: true })])
    run.world.update(storage, {
      ...first,
      metadata: { ...first.metadata, ownerReferences: [reference(second, { blockOwnerDeletion: true })] },
    })
    await run.idle()
    run.world.delete(storage, 'shop', 'first', { propagationPolicy: 'Foreground' })
    await run.idle()
    expect(names(run.world)).toEqual([])
  })

  it('is forgotten by a dependent that has another owner', async () => {
    const run = collecting()
    const [first, second] = [create(run.world, 'first'), create(run.world, 'second')]
    create(run.world, 'child', [reference(first, { blockOwnerDeletion: true }), reference(second)])
    await run.idle()
    run.world.delete(storage, 'shop', 'first', { propagationPolicy: 'Foreground' })
    await run.idle()
    expect(names(run.world)).toEqual(['second', 'child'])
    expect(run.world.get(storage, 'shop', 'child')?.metadata.ownerReferences).toEqual([reference(second)])
  })
})

describe('an owner that is deleted and orphans', () => {
  it('goes when its dependents have forgotten it', async () => {
    const run = collecting()
    const owner = create(run.world, 'owner')
    create(run.world, 'child', [reference(owner)])
    await run.idle()
    run.world.delete(storage, 'shop', 'owner', { propagationPolicy: 'Orphan' })
    await run.idle()
    expect(names(run.world)).toEqual(['child'])
    expect(run.world.get(storage, 'shop', 'child')?.metadata.ownerReferences).toBeUndefined()
  })
})

describe('a dependent', () => {
  it('of an owner that never was goes', async () => {
    const run = collecting()
    create(run.world, 'child', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'nobody' }])
    await run.idle()
    expect(names(run.world)).toEqual([])
  })

  it('of an owner with the same name and another UID goes', async () => {
    const run = collecting()
    const owner = create(run.world, 'owner')
    create(run.world, 'child', [reference(owner, { uid: 'another' })])
    await run.idle()
    expect(names(run.world)).toEqual(['owner'])
  })

  it('of an owner in another namespace goes', async () => {
    const run = collecting()
    const owner = create(run.world, 'owner', [], 'elsewhere')
    create(run.world, 'child', [reference(owner)])
    await run.idle()
    expect(names(run.world)).toEqual(['owner'])
  })

  it('of an owner at cluster scope goes with it', async () => {
    const run = collecting()
    const node = run.world.create('/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } })
    create(run.world, 'child', [reference(node)])
    await run.idle()
    expect(names(run.world)).toEqual(['child'])
    run.world.delete('/nodes', '', 'node-1')
    await run.idle()
    expect(names(run.world)).toEqual([])
  })

  it('of an owner of unknown kind stays', async () => {
    const run = collecting()
    create(run.world, 'child', [{ apiVersion: 'example.com/v1', kind: 'Unknown', name: 'owner', uid: 'nobody' }])
    await run.idle()
    run.world.advance(3_600_000)
    expect(names(run.world)).toEqual(['child'])
  })

  it('at cluster scope of a namespaced owner stays', async () => {
    const run = collecting()
    const owner = create(run.world, 'owner')
    run.world.create('/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1', ownerReferences: [reference(owner)] } })
    run.world.delete(storage, 'shop', 'owner')
    await run.idle()
    expect(run.world.list('/nodes')).toHaveLength(1)
  })
})
