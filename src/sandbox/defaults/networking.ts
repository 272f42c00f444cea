/** Which traffic a policy is about. (pkg/apis/networking/v1/defaults.go) */
import { isEmpty, type Rules } from './fields.ts'

export const networkingRules: Rules = {
  'io.k8s.api.networking.v1.NetworkPolicySpec'(spec) {
    if (isEmpty(spec['policyTypes'])) spec['policyTypes'] = isEmpty(spec['egress']) ? ['Ingress'] : ['Ingress', 'Egress']
  },
}
