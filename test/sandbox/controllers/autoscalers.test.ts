import { describe, expect, it } from 'vitest'
import { autoscalers } from '../../../src/sandbox/controllers/autoscalers.ts'
import type { Condition } from '../../../src/sandbox/controllers/conditions.ts'
import type { Deployment } from '../../../src/sandbox/controllers/deployments/deployment.ts'
import { change, deployment, namespace } from './objects.ts'
import { type Running, running } from './memory-world.ts'

const conditions = ({ world }: Running): string[] => {
  const found = world.get('autoscaling/horizontalpodautoscalers', namespace, 'web')?.['status'] as { conditions?: Condition[] } | undefined
  return (found?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`)
}
const size = ({ world }: Running) => (world.get('apps/deployments', namespace, 'web') as Deployment).spec.replicas

async function scaled(replicas: number | undefined): Promise<Running> {
  const run = running([autoscalers()])
  run.world.create('autoscaling/horizontalpodautoscalers', {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace },
    spec: {
      minReplicas: 2,
      maxReplicas: 4,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      metrics: [{ type: 'Resource', resource: { name: 'cpu' } }],
    },
  })
  if (replicas !== undefined) run.world.create('apps/deployments', deployment('web', { replicas }))
  await run.idle()
  return run
}

describe('an autoscaler', () => {
  it.each([
    [1, 2],
    [3, 3],
    [9, 4],
  ])('makes %i replicas %i', async (before, after) => {
    const run = await scaled(before)
    expect(size(run)).toBe(after)
    expect(conditions(run)).toEqual(['AbleToScale=True SucceededGetScale', 'ScalingActive=False FailedGetResourceMetric'])
  })

  it('leaves a target alone that was switched off', async () => {
    const run = await scaled(3)
    change(run.world, 'apps/deployments', 'web', { replicas: 0 })
    await run.idle()
    expect(size(run)).toBe(0)
    expect(conditions(run)).toContain('ScalingActive=False ScalingDisabled')
  })

  it('says that its target is not there, and takes it up when it comes', async () => {
    const run = await scaled(undefined)
    expect(conditions(run)).toEqual(['AbleToScale=False FailedGetScale'])
    run.world.create('apps/deployments', deployment('web', { replicas: 1 }))
    await run.idle()
    expect(size(run)).toBe(2)
  })
})
