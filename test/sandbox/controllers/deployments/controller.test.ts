import { describe, expect, it } from 'vitest'
import { deployments } from '../../../../src/sandbox/controllers/deployments/controller.ts'
import type { Deployment } from '../../../../src/sandbox/controllers/deployments/deployment.ts'
import { kubelets, outcomeAnnotation } from '../../../../src/sandbox/controllers/kubelet.ts'
import { type ReplicaSet, replicaSets } from '../../../../src/sandbox/controllers/replica-sets.ts'
import { scheduler } from '../../../../src/sandbox/controllers/scheduler.ts'
import { change, deployment, namespace, podTemplate, withNodes } from '../objects.ts'
import { type MemoryWorld, type Running, running } from '../memory-world.ts'

const storage = 'apps/deployments'
const sets = (world: MemoryWorld): ReplicaSet[] => world.list('apps/replicasets') as ReplicaSet[]
const get = (world: MemoryWorld, name = 'web'): Deployment => world.get(storage, namespace, name) as Deployment

async function started(spec: Partial<Deployment['spec']> = {}): Promise<Running> {
  const run = running([deployments(), replicaSets(), scheduler(), kubelets()])
  withNodes(run.world)
  run.world.create(storage, deployment('web', { replicas: 3, ...spec }))
  await run.idle()
  return run
}

describe('a new Deployment', () => {
  it('has a replica set of its template and as many ready pods as asked for', async () => {
    const { world, failures } = await started()
    expect(failures).toEqual([])
    const [replicaSet] = sets(world)
    const hash = replicaSet?.metadata.labels?.['pod-template-hash']
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5,10}$/)
    expect(replicaSet).toMatchObject({
      metadata: {
        name: `web-${hash}`,
        labels: { app: 'web', 'pod-template-hash': hash },
        annotations: {
          'deployment.kubernetes.io/desired-replicas': '3',
          'deployment.kubernetes.io/max-replicas': '4',
          'deployment.kubernetes.io/revision': '1',
        },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', controller: true, blockOwnerDeletion: true }],
      },
      spec: { replicas: 3, selector: { matchLabels: { app: 'web', 'pod-template-hash': hash } } },
      status: {
        replicas: 3,
        fullyLabeledReplicas: 3,
        readyReplicas: 3,
        availableReplicas: 3,
        terminatingReplicas: 0,
        observedGeneration: 1,
      },
    })
    expect(get(world).metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' })
    const { conditions, ...counts } = get(world).status ?? {}
    expect(counts).toEqual({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      terminatingReplicas: 0,
    })
    const time = '2026-01-01T00:00:00Z'
    expect(conditions).toEqual([
      {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
        lastUpdateTime: time,
        lastTransitionTime: time,
      },
      {
        type: 'Progressing',
        status: 'True',
        reason: 'NewReplicaSetAvailable',
        message: `ReplicaSet "web-${hash}" has successfully progressed.`,
        lastUpdateTime: time,
        lastTransitionTime: time,
      },
    ])
    expect(world.list('/pods').map(({ metadata }) => metadata['generateName'])).toEqual([`web-${hash}-`, `web-${hash}-`, `web-${hash}-`])
  })

  it('fails its progress when its deadline has passed', async () => {
    const { world } = await started({
      template: podTemplate({ app: 'web' }, 'web:1', { annotations: { [outcomeAnnotation]: 'never-ready' } }),
    })
    const [name] = sets(world).map(({ metadata }) => metadata.name)
    const progressing = () => get(world).status?.conditions?.find(({ type }) => type === 'Progressing')
    expect(progressing()).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated', message: `ReplicaSet "${name}" is progressing.` })
    world.advance(600_000)
    expect(progressing()).toMatchObject({ status: 'True' })
    world.advance(1_000)
    expect(progressing()).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `ReplicaSet "${name}" has timed out progressing.`,
    })
    expect(world.waits).toBe(0)
  })

  it('that is paused makes nothing', async () => {
    const { world } = await started({ paused: true })
    expect(sets(world)).toEqual([])
    expect(get(world).status).toMatchObject({
      observedGeneration: 1,
      terminatingReplicas: 0,
      conditions: [
        { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' },
        { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable' },
      ],
    })
  })
})

describe('a Deployment whose template changes', () => {
  const template = podTemplate({ app: 'web' }, 'web:2')

  it('moves to a new replica set, and keeps the old one for its history', async () => {
    const run = await started()
    change(run.world, storage, 'web', { template })
    await run.idle()
    expect(run.failures).toEqual([])
    expect(sets(run.world).map(({ spec, status }) => [spec.replicas, status?.replicas])).toEqual([
      [0, 0],
      [3, 3],
    ])
    expect(get(run.world).metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '2' })
    expect(get(run.world).status).toMatchObject({ replicas: 3, updatedReplicas: 3, availableReplicas: 3, observedGeneration: 2 })
    expect(run.world.list('/pods').map(({ spec }) => (spec as { containers: { image: string }[] }).containers[0]?.image)).toEqual([
      'web:2',
      'web:2',
      'web:2',
    ])
  })

  it('never has fewer available or more pods than it may', async () => {
    const run = await started({ replicas: 8, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: 1 } } })
    const counts = { least: 8, most: 8 }
    run.world.subscribe(() => {
      const alive = sets(run.world).reduce((sum, { spec }) => sum + (spec.replicas ?? 0), 0)
      const available = sets(run.world).reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0)
      counts.least = Math.min(counts.least, available)
      counts.most = Math.max(counts.most, alive)
    })
    change(run.world, storage, 'web', { template })
    await run.idle()
    expect(get(run.world).status).toMatchObject({ replicas: 8, updatedReplicas: 8, availableReplicas: 8 })
    expect(counts).toEqual({ least: 7, most: 10 })
  })

  it('stops where the new pods do not become ready', async () => {
    const run = await started({ replicas: 4 })
    const broken = podTemplate({ app: 'web' }, 'web:2', { annotations: { [outcomeAnnotation]: 'never-ready' } })
    change(run.world, storage, 'web', { template: broken })
    await run.idle()
    expect(sets(run.world).map(({ spec, status }) => [spec.replicas, status?.availableReplicas ?? 0])).toEqual([
      [3, 3],
      [2, 0],
    ])
    expect(get(run.world).status).toMatchObject({ replicas: 5, updatedReplicas: 2, availableReplicas: 3, unavailableReplicas: 2 })
  })

  it('goes back to the replica set that has the template, with a new revision', async () => {
    const run = await started()
    const first = get(run.world).spec.template
    change(run.world, storage, 'web', { template })
    await run.idle()
    change(run.world, storage, 'web', { template: first })
    await run.idle()
    expect(sets(run.world)).toHaveLength(2)
    expect(sets(run.world)[0]?.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    })
    expect(get(run.world).metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3')
  })

  it('keeps as many old replica sets as it is told', async () => {
    const run = await started({ revisionHistoryLimit: 1 })
    for (const image of ['web:2', 'web:3', 'web:4']) {
      change(run.world, storage, 'web', { template: podTemplate({ app: 'web' }, image) })
      await run.idle()
    }
    expect(sets(run.world).map(({ metadata }) => metadata.annotations?.['deployment.kubernetes.io/revision'])).toEqual(['3', '4'])
  })

  it('with the strategy Recreate ends all old pods before it makes new ones', async () => {
    const run = await started({ strategy: { type: 'Recreate' } })
    const images = new Set<string>()
    run.world.subscribe(() => {
      const present = run.world.list('/pods').map(({ spec }) => (spec as { containers: { image: string }[] }).containers[0]?.image)
      images.add([...new Set(present)].toSorted((a, b) => String(a).localeCompare(String(b))).join(' and '))
    })
    change(run.world, storage, 'web', { template })
    await run.idle()
    expect([...images]).toEqual(['web:1', '', 'web:2'])
    expect(get(run.world).status).toMatchObject({ replicas: 3, updatedReplicas: 3, availableReplicas: 3 })
  })
})

describe('the size of a Deployment', () => {
  it('follows up and down', async () => {
    const run = await started()
    change(run.world, storage, 'web', { replicas: 5 })
    await run.idle()
    expect(run.world.list('/pods')).toHaveLength(5)
    change(run.world, storage, 'web', { replicas: 0 })
    await run.idle()
    expect(run.world.list('/pods')).toEqual([])
    expect(sets(run.world)[0]?.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/desired-replicas': '0',
      'deployment.kubernetes.io/max-replicas': '0',
    })
    expect(get(run.world).status).toMatchObject({ observedGeneration: 3, terminatingReplicas: 0 })
  })

  it('is shared by the replica sets of a rollout that stands still', async () => {
    const run = await started({ replicas: 10, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } })
    const broken = podTemplate({ app: 'web' }, 'web:2', { annotations: { [outcomeAnnotation]: 'never-ready' } })
    change(run.world, storage, 'web', { template: broken })
    await run.idle()
    expect(sets(run.world).map(({ spec }) => spec.replicas)).toEqual([8, 5])
    change(run.world, storage, 'web', { replicas: 15 })
    await run.idle()
    expect(sets(run.world).map(({ spec }) => spec.replicas)).toEqual([11, 7])
  })
})

it('a replica set that another owner has taken the name of makes the next try use another name', async () => {
  const run = await started()
  const [taken] = sets(run.world)
  const other = running([deployments(), replicaSets(), scheduler(), kubelets()])
  withNodes(other.world)
  const { ownerReferences: _owners, ...metadata } = taken?.metadata ?? { name: '' }
  other.world.create('apps/replicasets', {
    ...(taken as ReplicaSet),
    metadata: { ...metadata, labels: {} },
    spec: { ...(taken as ReplicaSet).spec, replicas: 0, template: podTemplate({ app: 'other' }) },
  })
  other.world.create(storage, deployment('web', { replicas: 3 }))
  await other.idle()
  other.world.advance(1000)
  expect(get(other.world).status).toMatchObject({ collisionCount: 1, availableReplicas: 3 })
  expect(sets(other.world)).toHaveLength(2)
})
