import { describe, expect, it } from 'vitest'
import { autoscalerFromV1, autoscalerToV1 } from '../../../../src/sandbox/kinds/workloads/autoscaler-versions.ts'

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

  it('is what version 2 was when it comes back', () => {
    const object = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'a' },
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'a' },
        maxReplicas: 1,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }],
      },
      status: { desiredReplicas: 0, currentMetrics: null },
    }
    expect(autoscalerFromV1(autoscalerToV1(object))).toEqual(object)
  })
})
