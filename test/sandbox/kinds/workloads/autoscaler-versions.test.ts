import { describe, expect, it } from 'vitest'
import { autoscalerToV1 } from '../../../../src/sandbox/kinds/workloads/autoscaler-versions.ts'

describe('an autoscaler as version 1 shows it', () => {
  it('has a status where the metrics of version 2 were never measured', () => {
    const shown = autoscalerToV1({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'a', namespace: 'default' },
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'a' }, maxReplicas: 1 },
      status: { desiredReplicas: 1, currentMetrics: null },
    })
    expect(shown).toMatchObject({ apiVersion: 'autoscaling/v1', status: { currentReplicas: 0, desiredReplicas: 1 } })
  })

  it('is shown without a spec, too, for validation to refuse it', () => {
    const shown = autoscalerToV1({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'a' } })
    expect(shown['spec']).toEqual({})
  })
})
