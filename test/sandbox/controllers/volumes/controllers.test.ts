import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../../../src/api/object.ts'
import { volumeBinder } from '../../../../src/sandbox/controllers/volumes/binder.ts'
import { volumeProtection } from '../../../../src/sandbox/controllers/volumes/protection.ts'
import { type Claim, defaultStorageClass, type Volume } from '../../../../src/sandbox/controllers/volumes/volume.ts'
import { namespace } from '../objects.ts'
import { type Running, running } from '../memory-world.ts'

const start = (): Running => running([volumeBinder(), volumeProtection()])
const claimOf = ({ world }: Running): Claim => world.get('/persistentvolumeclaims', namespace, 'data') as Claim
const volumeOf = ({ world }: Running, name: string): Volume => world.get('/persistentvolumes', '', name) as Volume
const phaseOf = (object: Claim | Volume | undefined): string | undefined => object?.status?.phase

function claim(run: Running, spec: object = {}): void {
  run.world.create('/persistentvolumeclaims', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace, finalizers: ['kubernetes.io/pvc-protection'] },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: 'manual',
      volumeMode: 'Filesystem',
      ...spec,
    },
    status: { phase: 'Pending' },
  })
}

function volume(run: Running, name: string, spec: object = {}): void {
  run.world.create('/persistentvolumes', {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, finalizers: ['kubernetes.io/pv-protection'] },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '5Gi' },
      storageClassName: 'manual',
      persistentVolumeReclaimPolicy: 'Retain',
      volumeMode: 'Filesystem',
      ...spec,
    },
  })
}

function storageClass(run: Running, more: object = {}): void {
  run.world.create('storage.k8s.io/storageclasses', { ...defaultStorageClass(), metadata: { name: 'manual' }, ...more })
}

function user(run: Running, nodeName?: string): KubernetesObject {
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }]
  const spec = { containers: [{ name: 'main' }], volumes, ...(nodeName ? { nodeName } : {}) }
  return run.world.create('/pods', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'user', namespace }, spec })
}

describe('a claim', () => {
  it('gets the smallest volume that fits', async () => {
    const run = start()
    volume(run, 'large')
    volume(run, 'small', { capacity: { storage: '2Gi' } })
    volume(run, 'tiny', { capacity: { storage: '1Mi' } })
    volume(run, 'other', { capacity: { storage: '1Gi' }, storageClassName: 'other' })
    volume(run, 'shared', { capacity: { storage: '1Gi' }, accessModes: ['ReadOnlyMany'] })
    claim(run)
    await run.idle()
    expect(claimOf(run)).toMatchObject({
      metadata: { annotations: { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' } },
      spec: { volumeName: 'small' },
      status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' } },
    })
    expect(volumeOf(run, 'small')).toMatchObject({
      spec: { claimRef: { kind: 'PersistentVolumeClaim', namespace, name: 'data', uid: claimOf(run).metadata.uid } },
      status: { phase: 'Bound' },
    })
    expect(phaseOf(volumeOf(run, 'large'))).toBe('Available')
  })

  it('waits for a volume', async () => {
    const run = start()
    claim(run)
    await run.idle()
    expect(phaseOf(claimOf(run))).toBe('Pending')
    volume(run, 'late')
    await run.idle()
    expect(claimOf(run).spec.volumeName).toBe('late')
  })

  it("gets a new volume of the sandbox's own provisioner", async () => {
    const run = start()
    storageClass(run)
    claim(run)
    await run.idle()
    const name = `pvc-${claimOf(run).metadata.uid}`
    expect(claimOf(run)).toMatchObject({ spec: { volumeName: name }, status: { phase: 'Bound', capacity: { storage: '1Gi' } } })
    expect(volumeOf(run, name).spec.persistentVolumeReclaimPolicy).toBe('Delete')
  })

  it('of another provisioner waits for it', async () => {
    const run = start()
    storageClass(run, { provisioner: 'example.com/none' })
    claim(run)
    await run.idle()
    expect(phaseOf(claimOf(run))).toBe('Pending')
    expect(claimOf(run).metadata.annotations).toEqual({
      'volume.beta.kubernetes.io/storage-provisioner': 'example.com/none',
      'volume.kubernetes.io/storage-provisioner': 'example.com/none',
    })
  })

  it('of a class that waits for a consumer gets its volume when a pod has a node', async () => {
    const run = start()
    storageClass(run, { volumeBindingMode: 'WaitForFirstConsumer' })
    claim(run)
    await run.idle()
    expect(phaseOf(claimOf(run))).toBe('Pending')
    user(run, 'node-1')
    await run.idle()
    expect(claimOf(run)).toMatchObject({
      metadata: { annotations: { 'volume.kubernetes.io/selected-node': 'node-1' } },
      status: { phase: 'Bound' },
    })
  })

  it('does not go while a pod uses it', async () => {
    const run = start()
    claim(run)
    user(run)
    await run.idle()
    run.world.delete('/persistentvolumeclaims', namespace, 'data')
    await run.idle()
    expect(claimOf(run).metadata.deletionTimestamp).toBeDefined()
    run.world.delete('/pods', namespace, 'user')
    await run.idle()
    expect(claimOf(run)).toBeUndefined()
  })
})

describe('a volume whose claim has gone', () => {
  it.each([
    ['Retain', 'Released'],
    ['Delete', undefined],
  ])('with the policy %s is %s', async (persistentVolumeReclaimPolicy, phase) => {
    const run = start()
    volume(run, 'one', { persistentVolumeReclaimPolicy })
    claim(run)
    await run.idle()
    run.world.delete('/persistentvolumeclaims', namespace, 'data')
    await run.idle()
    expect(phaseOf(volumeOf(run, 'one'))).toBe(phase)
    expect(run.failures).toEqual([])
  })
})
