import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../../../src/api/object.ts'
import { kubelets, outcomeAnnotation } from '../../../../src/sandbox/controllers/kubelet.ts'
import { scheduler } from '../../../../src/sandbox/controllers/scheduler.ts'
import { statefulSets } from '../../../../src/sandbox/controllers/stateful-sets/controller.ts'
import type { StatefulSet } from '../../../../src/sandbox/controllers/stateful-sets/identity.ts'
import { change, namespace, podTemplate, withNodes } from '../objects.ts'
import { type MemoryWorld, type Running, running } from '../memory-world.ts'

const storage = 'apps/statefulsets'
const pods = (world: MemoryWorld): string[] =>
  world
    .list('/pods')
    .map(({ metadata }) => metadata.name)
    .sort((a, b) => a.localeCompare(b))
const status = (world: MemoryWorld) => (world.get(storage, namespace, 'db') as StatefulSet).status
const revisionsOf = (world: MemoryWorld): Record<string, string | undefined> =>
  Object.fromEntries(world.list('/pods').map(({ metadata }) => [metadata.name, metadata.labels?.['controller-revision-hash']]))

async function started(spec: Partial<StatefulSet['spec']> = {}): Promise<Running> {
  const run = running([statefulSets(), scheduler(), kubelets()])
  withNodes(run.world)
  run.world.create(storage, {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace },
    spec: {
      replicas: 3,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: podTemplate({ app: 'db' }),
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      ...spec,
    },
  })
  await run.idle()
  expect(run.failures).toEqual([])
  return run
}

const claims = [
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', labels: { x: 'y' } },
    spec: { storageClassName: '', volumeName: 'bound' },
  },
]

describe('a StatefulSet', () => {
  it('has pods with numbers, names and a revision', async () => {
    const { world } = await started()
    expect(pods(world)).toEqual(['db-0', 'db-1', 'db-2'])
    const revision = world.list('apps/controllerrevisions')[0]?.metadata.name
    expect(world.get('/pods', namespace, 'db-1')).toMatchObject({
      metadata: {
        labels: {
          app: 'db',
          'statefulset.kubernetes.io/pod-name': 'db-1',
          'apps.kubernetes.io/pod-index': '1',
          'controller-revision-hash': revision,
        },
        ownerReferences: [{ kind: 'StatefulSet', name: 'db', controller: true }],
      },
      spec: { hostname: 'db-1', subdomain: 'db' },
    })
    expect(status(world)).toEqual({
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      currentRevision: revision,
      updateRevision: revision,
      collisionCount: 0,
    })
  })

  it('waits for each pod before it makes the next', async () => {
    const { world } = await started({
      template: podTemplate({ app: 'db' }, 'db:1', { annotations: { [outcomeAnnotation]: 'never-ready' } }),
    })
    expect(pods(world)).toEqual(['db-0'])
  })

  it('in parallel waits for nothing', async () => {
    const template = podTemplate({ app: 'db' }, 'db:1', { annotations: { [outcomeAnnotation]: 'never-ready' } })
    const { world } = await started({ podManagementPolicy: 'Parallel', template })
    expect(pods(world)).toEqual(['db-0', 'db-1', 'db-2'])
  })

  it('ends the highest number first', async () => {
    const run = await started()
    const gone: string[] = []
    run.world.subscribe(
      ({ storage: where, type, object }) => void (where === '/pods' && type === 'DELETED' && gone.push(object.metadata.name)),
    )
    change(run.world, storage, 'db', { replicas: 1 })
    await run.idle()
    expect(gone).toEqual(['db-2', 'db-1'])
    expect(status(run.world)).toMatchObject({ replicas: 1, availableReplicas: 1, observedGeneration: 2 })
  })

  it('is updated from the highest number down, one after the other', async () => {
    const run = await started()
    const gone: string[] = []
    run.world.subscribe(
      ({ storage: where, type, object }) => void (where === '/pods' && type === 'DELETED' && gone.push(object.metadata.name)),
    )
    change(run.world, storage, 'db', { template: podTemplate({ app: 'db' }, 'db:2') })
    await run.idle()
    expect(gone).toEqual(['db-2', 'db-1', 'db-0'])
    expect(status(run.world)?.currentRevision).toBe(status(run.world)?.updateRevision)
    expect(run.world.list('apps/controllerrevisions').map((revision) => revision['revision'])).toEqual([1, 2])
  })

  it('is updated down to the partition, and a lost pod below it comes back as it was', async () => {
    const run = await started({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } })
    const before = status(run.world)?.currentRevision
    change(run.world, storage, 'db', { template: podTemplate({ app: 'db' }, 'db:2') })
    await run.idle()
    const after = status(run.world)?.updateRevision
    run.world.delete('/pods', namespace, 'db-0')
    await run.idle()
    expect(revisionsOf(run.world)).toEqual({ 'db-0': before, 'db-1': before, 'db-2': after })
    expect(status(run.world)).toMatchObject({ currentReplicas: 2, updatedReplicas: 1, currentRevision: before })
  })

  it('that goes back to an earlier template numbers its revision anew', async () => {
    const run = await started()
    const first = (run.world.get(storage, namespace, 'db') as StatefulSet).spec.template
    change(run.world, storage, 'db', { template: podTemplate({ app: 'db' }, 'db:2') })
    await run.idle()
    change(run.world, storage, 'db', { template: first })
    await run.idle()
    expect(run.world.list('apps/controllerrevisions').map((revision) => revision['revision'])).toEqual([3, 2])
  })

  it('makes the claims of its pods, and leaves them', async () => {
    const run = await started({ replicas: 2, volumeClaimTemplates: claims })
    const made = (): KubernetesObject[] => run.world.list('/persistentvolumeclaims')
    expect(made().map(({ metadata }) => [metadata.name, metadata.labels, metadata.ownerReferences])).toEqual([
      ['data-db-0', { x: 'y', app: 'db' }, undefined],
      ['data-db-1', { x: 'y', app: 'db' }, undefined],
    ])
    expect(run.world.get('/pods', namespace, 'db-1')).toMatchObject({
      spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } }] },
    })
    change(run.world, storage, 'db', { replicas: 1 })
    await run.idle()
    expect(made()).toHaveLength(2)
  })

  it('gives claims to who ends, if they are to go with it', async () => {
    const run = await started({
      replicas: 2,
      volumeClaimTemplates: claims,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
    })
    const uid = run.world.get('/pods', namespace, 'db-1')?.metadata.uid
    const owners = (name: string) => run.world.get('/persistentvolumeclaims', namespace, name)?.metadata.ownerReferences
    expect(owners('data-db-0')).toMatchObject([{ kind: 'StatefulSet', name: 'db', controller: true }])
    change(run.world, storage, 'db', { replicas: 1 })
    await run.idle()
    expect(owners('data-db-1')).toEqual([{ apiVersion: 'v1', kind: 'Pod', name: 'db-1', uid }])
  })

  it('makes a pod again that has failed', async () => {
    const run = await started({ replicas: 1 })
    const pod = run.world.get('/pods', namespace, 'db-0') as KubernetesObject
    run.world.updateStatus('/pods', { ...pod, status: { ...(pod['status'] as object), phase: 'Failed' } })
    await run.idle()
    expect(run.world.get('/pods', namespace, 'db-0')?.metadata.uid).not.toBe(pod.metadata.uid)
    expect(status(run.world)).toMatchObject({ availableReplicas: 1 })
  })
})
