import { describe, expect, it } from 'vitest'
import { daemonSets } from '../../../src/sandbox/controllers/daemon-sets.ts'
import { kubelets } from '../../../src/sandbox/controllers/kubelet.ts'
import { simulatedNode } from '../../../src/sandbox/controllers/nodes.ts'
import { podGarbage } from '../../../src/sandbox/controllers/pod-garbage.ts'
import type { Pod } from '../../../src/sandbox/controllers/pods.ts'
import { scheduler } from '../../../src/sandbox/controllers/scheduler.ts'
import { change, namespace, podTemplate, withNodes } from './objects.ts'
import { type Running, running } from './memory-world.ts'

const storage = 'apps/daemonsets'
const nodes = ({ world }: Running) =>
  (world.list('/pods') as Pod[]).map(({ spec }) => spec.nodeName).sort((a, b) => String(a).localeCompare(String(b)))
const status = ({ world }: Running) => world.get(storage, namespace, 'agent')?.['status']

async function started(spec: object = {}): Promise<Running> {
  const run = running([daemonSets(), scheduler(), kubelets(), podGarbage()])
  withNodes(run.world)
  run.world.create(storage, {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', namespace, annotations: { 'deprecated.daemonset.template.generation': '1' } },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: podTemplate({ app: 'agent' }),
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      ...spec,
    },
  })
  await run.idle()
  expect(run.failures).toEqual([])
  return run
}

describe('a DaemonSet', () => {
  it('has a pod on every node, bound to it by affinity', async () => {
    const run = await started()
    expect(nodes(run)).toEqual(['node-1', 'node-2'])
    expect(status(run)).toEqual({
      currentNumberScheduled: 2,
      numberMisscheduled: 0,
      desiredNumberScheduled: 2,
      numberReady: 2,
      observedGeneration: 1,
      updatedNumberScheduled: 2,
      numberAvailable: 2,
    })
    const [revision] = run.world.list('apps/controllerrevisions')
    const labels = {
      app: 'agent',
      'pod-template-generation': '1',
      'controller-revision-hash': revision?.metadata.labels?.['controller-revision-hash'],
    }
    expect(run.world.list('/pods')[0]?.metadata.labels).toEqual(labels)
  })

  it('follows nodes that come and go', async () => {
    const run = await started()
    run.world.create('/nodes', simulatedNode('node-3', run.world.now()))
    await run.idle()
    expect(nodes(run)).toEqual(['node-1', 'node-2', 'node-3'])
    run.world.delete('/nodes', '', 'node-1')
    await run.idle()
    run.world.advance(40_000)
    expect(nodes(run)).toEqual(['node-2', 'node-3'])
  })

  it('runs on the nodes that its template fits', async () => {
    const run = await started({ template: podTemplate({ app: 'agent' }) })
    const { spec } = podTemplate({ app: 'agent' })
    change(run.world, storage, 'agent', {
      template: { metadata: { labels: { app: 'agent' } }, spec: { ...spec, nodeSelector: { 'kubernetes.io/hostname': 'node-2' } } },
    })
    await run.idle()
    expect(nodes(run)).toEqual(['node-2'])
    expect(status(run)).toMatchObject({ desiredNumberScheduled: 1, numberAvailable: 1, numberMisscheduled: 0 })
  })

  it('is updated one pod at a time', async () => {
    const run = await started()
    let least = 2
    run.world.subscribe(
      () => void (least = Math.min(least, run.world.list('/pods').filter(({ metadata }) => !metadata.deletionTimestamp).length)),
    )
    change(run.world, storage, 'agent', { template: podTemplate({ app: 'agent' }, 'agent:2') })
    await run.idle()
    expect(least).toBe(1)
    expect((run.world.list('/pods') as Pod[]).map(({ spec }) => spec.containers[0]?.image)).toEqual(['agent:2', 'agent:2'])
    expect(status(run)).toMatchObject({ updatedNumberScheduled: 2, observedGeneration: 2 })
  })

  it('that is updated on deletion leaves its pods alone', async () => {
    const run = await started({ updateStrategy: { type: 'OnDelete' } })
    change(run.world, storage, 'agent', { template: podTemplate({ app: 'agent' }, 'agent:2') })
    await run.idle()
    expect(status(run)).toMatchObject({ numberAvailable: 2, observedGeneration: 2 })
    expect(status(run)).not.toHaveProperty('updatedNumberScheduled')
  })
})
