import { describe, expect, it } from 'vitest'
import {
  finishAfterAnnotation,
  kubelets,
  outcomeAnnotation,
  readyAfterAnnotation,
  stopAfterAnnotation,
} from '../../../src/sandbox/controllers/kubelet.ts'
import { simulatedNode } from '../../../src/sandbox/controllers/nodes.ts'
import type { Pod } from '../../../src/sandbox/controllers/pods.ts'
import { namespace, withNodes } from './objects.ts'
import { type Running, running } from './memory-world.ts'

const condition = (pod: Pod, type: string) => pod.status?.conditions?.find((one) => one.type === type)
const get = ({ world }: Running): Pod => world.get('/pods', namespace, 'a') as Pod
const state = (run: Running) => (get(run).status?.['containerStatuses'] as { state: unknown }[] | undefined)?.[0]?.state

async function bound(annotations: Record<string, string> = {}, spec: object = {}, metadata: object = {}): Promise<Running> {
  const run = running([kubelets()])
  withNodes(run.world, 1)
  run.world.create('/pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', namespace, annotations, ...metadata },
    spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'web:1' }], ...spec },
    status: { phase: 'Pending', qosClass: 'BestEffort' },
  })
  await run.idle()
  return run
}

describe('a pod on a node', () => {
  it('runs and is ready, with an address of its own', async () => {
    const run = await bound(
      {},
      {
        initContainers: [
          { name: 'first', image: 'init:1' },
          { name: 'side', image: 'side:1', restartPolicy: 'Always' },
        ],
      },
    )
    const { status } = get(run)
    expect(status).toMatchObject({
      phase: 'Running',
      qosClass: 'BestEffort',
      hostIP: '127.0.0.1',
      podIP: '10.244.0.2',
      startTime: '2026-01-01T00:00:00Z',
    })
    expect(status?.conditions?.map(({ type, status: value }) => `${type}=${value}`)).toEqual([
      'Initialized=True',
      'Ready=True',
      'ContainersReady=True',
    ])
    expect(status?.['initContainerStatuses']).toMatchObject([
      { name: 'first', state: { terminated: { exitCode: 0 } } },
      { name: 'side', state: { running: {} } },
    ])
  })

  it('of the network of its node has the address of the node', async () => {
    expect(get(await bound({}, { hostNetwork: true })).status?.podIP).toBe('127.0.0.1')
  })

  it('that is not there yet waits for it', async () => {
    const run = await bound({}, { nodeName: 'node-2' })
    expect(get(run).status?.phase).toBe('Pending')
    run.world.create('/nodes', simulatedNode('node-2', run.world.now()))
    await run.idle()
    expect(get(run).status?.phase).toBe('Running')
  })

  it('becomes ready when it is told to', async () => {
    const run = await bound({ [readyAfterAnnotation]: '5s' })
    expect(get(run).status?.phase).toBe('Running')
    expect(condition(get(run), 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [main]',
    })
    run.world.advance(4_999)
    expect(condition(get(run), 'Ready')?.status).toBe('False')
    run.world.advance(1)
    expect(condition(get(run), 'Ready')).toMatchObject({ status: 'True', lastTransitionTime: '2026-01-01T00:00:05Z' })
    expect(condition(get(run), 'Initialized')?.lastTransitionTime).toBe('2026-01-01T00:00:00Z')
  })

  it.each([
    ['succeed', 'Succeeded', { terminated: expect.objectContaining({ exitCode: 0, reason: 'Completed' }) }],
    ['fail', 'Failed', { terminated: expect.objectContaining({ exitCode: 1, reason: 'Error' }) }],
    ['never-ready', 'Running', { running: { startedAt: '2026-01-01T00:00:00Z' } }],
    ['crash-loop', 'Running', { waiting: expect.objectContaining({ reason: 'CrashLoopBackOff' }) }],
    ['image-pull-error', 'Pending', { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "web:1"' } }],
    ['never-starts', 'Pending', undefined],
    ['something else', 'Running', { running: { startedAt: '2026-01-01T00:00:00Z' } }],
  ])('with the outcome %s is %s, and stays so', async (outcome, phase, container) => {
    const run = await bound({ [outcomeAnnotation]: outcome })
    run.world.advance(3_600_000)
    await run.idle()
    expect(get(run).status?.phase).toBe(phase)
    expect(state(run)).toEqual(container)
    expect(run.world.waits).toBe(0)
    expect(run.failures).toEqual([])
  })

  it('ends when it is told to', async () => {
    const run = await bound({ [outcomeAnnotation]: 'succeed', [finishAfterAnnotation]: '1m' })
    run.world.advance(59_999)
    expect(get(run).status?.phase).toBe('Running')
    run.world.advance(1)
    expect(get(run).status?.phase).toBe('Succeeded')
  })

  it('goes at once when it is deleted, or after a while', async () => {
    const run = await bound()
    run.world.delete('/pods', namespace, 'a')
    await run.idle()
    expect(get(run)).toBeUndefined()

    const slow = await bound({ [stopAfterAnnotation]: '2s' })
    slow.world.delete('/pods', namespace, 'a')
    await slow.idle()
    expect(get(slow).metadata.deletionTimestamp).toBeDefined()
    slow.world.advance(2_000)
    expect(get(slow)).toBeUndefined()
  })

  it('that a finalizer holds is ended once and left alone', async () => {
    const run = await bound({}, {}, { finalizers: ['example.com/hold'] })
    run.world.delete('/pods', namespace, 'a')
    await run.idle()
    expect(get(run).metadata['deletionGracePeriodSeconds']).toBe(0)
    expect(run.world.waits).toBe(0)
  })
})

it('an address is free again when its pod has gone', async () => {
  const run = await bound()
  const first = get(run).status?.podIP
  run.world.delete('/pods', namespace, 'a')
  await run.idle()
  const taken = new Set<string | undefined>()
  for (let count = 0; count < 3; count++) {
    run.world.create('/pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `b${count}`, namespace },
      spec: { nodeName: 'node-1', containers: [{ name: 'main' }] },
    })
  }
  await run.idle()
  for (const pod of run.world.list('/pods') as Pod[]) taken.add(pod.status?.podIP)
  expect(taken.size).toBe(3)
  expect(taken).not.toContain(first)
})
