import { describe, expect, it } from 'vitest'
import { disruptionBudgets } from '../../../src/sandbox/controllers/disruption-budgets.ts'
import { namespace } from './objects.ts'
import { type Running, running } from './memory-world.ts'

async function budgeted(spec: object, pods: number, ready: number): Promise<Running> {
  const run = running([disruptionBudgets()])
  const set = run.world.create('apps/replicasets', {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web', namespace },
    spec: { replicas: pods },
  })
  for (let number = 0; number < pods; number++) {
    run.world.create('/pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `web-${number}`,
        namespace,
        labels: { app: 'web' },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: set.metadata.uid ?? '', controller: true }],
      },
      spec: { containers: [] },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: number < ready ? 'True' : 'False' }] },
    })
  }
  run.world.create('policy/poddisruptionbudgets', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', namespace },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  })
  await run.idle()
  return run
}

describe('a disruption budget', () => {
  it.each([
    [{ minAvailable: 1 }, 3, 3, { desiredHealthy: 1, disruptionsAllowed: 2 }],
    [{ minAvailable: 3 }, 3, 3, { desiredHealthy: 3, disruptionsAllowed: 0 }],
    [{ minAvailable: '50%' }, 3, 3, { desiredHealthy: 2, disruptionsAllowed: 1 }],
    [{ maxUnavailable: 1 }, 3, 2, { desiredHealthy: 2, disruptionsAllowed: 0 }],
    [{ maxUnavailable: '34%' }, 3, 3, { desiredHealthy: 1, disruptionsAllowed: 2 }],
    [{ maxUnavailable: 5 }, 3, 3, { desiredHealthy: 0, disruptionsAllowed: 3 }],
  ])('of %j over %i pods, %i of them ready, allows %j', async (spec, pods, ready, expected) => {
    const { world } = await budgeted(spec, pods, ready)
    const allowed = expected.disruptionsAllowed > 0
    expect(world.get('policy/poddisruptionbudgets', namespace, 'web')?.['status']).toEqual({
      ...expected,
      conditions: [
        {
          type: 'DisruptionAllowed',
          status: allowed ? 'True' : 'False',
          reason: allowed ? 'SufficientPods' : 'InsufficientPods',
          message: '',
          observedGeneration: 1,
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
      currentHealthy: ready,
      expectedPods: pods,
      observedGeneration: 1,
    })
  })
})
