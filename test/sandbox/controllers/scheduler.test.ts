import { describe, expect, it } from 'vitest'
import { scheduler } from '../../../src/sandbox/controllers/scheduler.ts'
import type { Pod } from '../../../src/sandbox/controllers/pods.ts'
import { simulatedNode } from '../../../src/sandbox/controllers/nodes.ts'
import { namespace } from './objects.ts'
import { MemoryWorld, type Running, running } from './memory-world.ts'

const nodeOf = ({ world }: Running, name = 'a'): string | undefined => (world.get('/pods', namespace, name) as Pod).spec.nodeName
const refusal = ({ world }: Running, name = 'a'): string | undefined =>
  (world.get('/pods', namespace, name) as Pod).status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message
const unhelpful = 'no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.'

function start(first: object = {}, second: object = {}): Running {
  const world = new MemoryWorld()
  for (const [name, more] of [
    ['node-1', first],
    ['node-2', second],
  ] as const) {
    const { metadata, status, ...node } = simulatedNode(name, world.now())
    const { labels, allocatable, ...rest } = more as { labels?: object; allocatable?: object }
    world.create('/nodes', {
      ...node,
      ...rest,
      metadata: { ...metadata, labels: { ...metadata.labels, ...labels } },
      status: { ...status, allocatable: { ...status?.allocatable, ...allocatable } },
    })
  }
  return running([scheduler()], world)
}

async function place(run: Running, name: string, spec: object = {}): Promise<void> {
  run.world.create('/pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: { containers: [{ name: 'main' }], ...spec },
    status: { phase: 'Pending' },
  })
  await run.idle()
}

const asking = (requests: object): object => ({ containers: [{ name: 'main', resources: { requests } }] })

describe('the scheduler', () => {
  it('spreads pods over the nodes', async () => {
    const run = start()
    for (const name of ['a', 'b', 'c', 'd']) await place(run, name)
    expect(['a', 'b', 'c', 'd'].map((name) => nodeOf(run, name))).toEqual(['node-1', 'node-2', 'node-1', 'node-2'])
  })

  it('follows node selectors and required affinity', async () => {
    const run = start({}, { labels: { disk: 'fast' } })
    await place(run, 'a', { nodeSelector: { disk: 'fast' } })
    expect(nodeOf(run)).toBe('node-2')
    const required = { nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'DoesNotExist' }] }] }
    await place(run, 'b', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } })
    expect(nodeOf(run, 'b')).toBe('node-1')
  })

  it('says why no node fits, and binds when one does', async () => {
    const run = start()
    await place(run, 'a', { nodeSelector: { disk: 'fast' } })
    expect(nodeOf(run)).toBeUndefined()
    expect(refusal(run)).toBe(`0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. ${unhelpful}`)
    const node = run.world.get('/nodes', '', 'node-1')
    if (node) run.world.update('/nodes', { ...node, metadata: { ...node.metadata, labels: { disk: 'fast' } } })
    await run.idle()
    expect(nodeOf(run)).toBe('node-1')
  })

  it('keeps pods off nodes that are cordoned or tainted, unless they tolerate it', async () => {
    const run = start({ spec: { unschedulable: true } }, { spec: { taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] } })
    await place(run, 'a')
    expect(refusal(run)).toBe(`0/2 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. ${unhelpful}`)
    await place(run, 'b', { tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'db' }] })
    expect(nodeOf(run, 'b')).toBe('node-2')
  })

  it('counts what is asked for, and frees it with the pod', async () => {
    const run = start({ allocatable: { cpu: '1' } }, { spec: { unschedulable: true } })
    await place(run, 'a', asking({ cpu: '600m' }))
    await place(run, 'b', asking({ cpu: '600m', memory: '2Ti' }))
    expect(refusal(run, 'b')).toBe(
      `0/2 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 node(s) were unschedulable. ${unhelpful}`,
    )
    await place(run, 'c', asking({ cpu: '500m' }))
    expect(nodeOf(run, 'c')).toBeUndefined()
    run.world.delete('/pods', namespace, 'a', { gracePeriodSeconds: 0 })
    await run.idle()
    expect(nodeOf(run, 'c')).toBe('node-1')
  })

  it('waits for claims, and leaves to others what is theirs', async () => {
    const run = start()
    await place(run, 'a', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'none' } }] })
    expect(refusal(run)).toBe('0/2 nodes are available: persistentvolumeclaim "none" not found. not found')
    await place(run, 'b', { schedulerName: 'other' })
    await place(run, 'c', { schedulingGates: [{ name: 'example.com/gate' }] })
    expect([nodeOf(run, 'b'), refusal(run, 'b'), nodeOf(run, 'c')]).toEqual([undefined, undefined, undefined])
  })
})
