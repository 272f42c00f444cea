import { cases } from '../case.ts'

const scaler = (behavior: object): object => ({
  metadata: { name: 'a' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' }, maxReplicas: 3, behavior },
})

export default cases({
  'scaling rules without policies': [
    ['POST autoscaling/v2/horizontalpodautoscalers?dryRun=All', scaler({ scaleUp: { policies: [] } })],
    ['POST autoscaling/v2/horizontalpodautoscalers?dryRun=All', scaler({ scaleDown: { policies: [] } })],
    ['POST autoscaling/v2/horizontalpodautoscalers?dryRun=All', scaler({ scaleUp: { policies: null }, scaleDown: {} })],
  ],
})
