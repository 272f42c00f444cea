/** Rules of scaling are complete as soon as there are any. (pkg/apis/autoscaling/v2/defaults.go) */
import type { DefaultsTable } from '../tables/defaults.ts'
import { copyOf, fieldsIn, isFields, type Rules } from './fields.ts'

const behaviorType = 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior'

/** Percent of the processors that a pod asks for. */
const cpuUtilization = 80

/** In the oldest version the other metrics are annotations. */
const metricsAnnotation = 'autoscaling.alpha.kubernetes.io/metrics'

export const autoscalingRules = (table: DefaultsTable): Rules => ({
  [behaviorType](behavior) {
    for (const [direction, complete] of Object.entries(table.types[behaviorType] ?? {})) {
      const filled = copyOf(complete)
      if (isFields(filled)) behavior[direction] = { ...filled, ...fieldsIn(behavior, direction) }
    }
  },
  'io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler'(autoscaler) {
    const annotations = fieldsIn(fieldsIn(autoscaler, 'metadata'), 'annotations')
    if (!Object.hasOwn(annotations, metricsAnnotation)) fieldsIn(autoscaler, 'spec')['targetCPUUtilizationPercentage'] ??= cpuUtilization
  },
})
