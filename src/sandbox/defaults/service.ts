/** How a Service is reached decides what else is said of it. (pkg/apis/core/v1/defaults.go, SetDefaults_Service) */
import { fieldsIn, isEmpty, listIn, type Rules } from './fields.ts'

/** Seconds that a client stays with its pod. */
const affinityTimeout = 10_800

export const serviceRules: Rules = {
  'io.k8s.api.core.v1.Service'(service) {
    const spec = fieldsIn(service, 'spec')
    const type = spec['type'] ?? 'ClusterIP'
    if (spec['sessionAffinity'] === 'ClientIP') {
      const { timeoutSeconds } = fieldsIn(fieldsIn(spec, 'sessionAffinityConfig'), 'clientIP')
      if (timeoutSeconds === undefined) spec['sessionAffinityConfig'] = { clientIP: { timeoutSeconds: affinityTimeout } }
    } else if ((spec['sessionAffinity'] ?? 'None') === 'None') delete spec['sessionAffinityConfig']
    const isBalanced = type === 'LoadBalancer'
    const isExternal = isBalanced || type === 'NodePort' || (type === 'ClusterIP' && !isEmpty(spec['externalIPs']))
    if (isExternal) spec['externalTrafficPolicy'] ??= 'Cluster'
    if (isBalanced || type === 'NodePort' || type === 'ClusterIP') spec['internalTrafficPolicy'] ??= 'Cluster'
    if (!isBalanced) return
    spec['allocateLoadBalancerNodePorts'] ??= true
    for (const ingress of listIn(fieldsIn(fieldsIn(service, 'status'), 'loadBalancer'), 'ingress'))
      if (ingress['ip']) ingress['ipMode'] ??= 'VIP'
  },
  'io.k8s.api.core.v1.ServicePort'(port) {
    // 0 and the empty text are what Go has for nothing.
    if (!port['targetPort']) port['targetPort'] = port['port']
  },
}
