/** The oldest version has one metric of its own. (pkg/apis/autoscaling/v1/conversion.go) */
import { fieldsIn, type Rules } from './fields.ts'

/** Percent of the processors that a pod asks for. */
const cpuUtilization = 80

/** The other metrics, as text. */
const metricsAnnotation = 'autoscaling.alpha.kubernetes.io/metrics'

export const autoscalingRules: Rules = {
  'io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler'(autoscaler) {
    const annotations = fieldsIn(fieldsIn(autoscaler, 'metadata'), 'annotations')
    if (!Object.hasOwn(annotations, metricsAnnotation)) fieldsIn(autoscaler, 'spec')['targetCPUUtilizationPercentage'] ??= cpuUtilization
  },
}
