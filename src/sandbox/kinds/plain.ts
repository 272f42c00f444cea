/**
 * Built-in kinds that are stored as they are sent, without rules of their own: what a write may do to them.
 *
 * (pkg/registry: each kind's strategy.go, AllowUnconditionalUpdate, AllowCreateOnUpdate and the use of Generation)
 */
import type { KindBehaviour, Strategy } from '../registry/resource.ts'

type Trait = 'generation' | 'overwrites' | 'creates' | 'returns'

const traits: Readonly<Record<string, readonly Trait[]>> = {
  '/configmaps': ['overwrites'],
  '/endpoints': ['overwrites', 'creates'],
  '/events': ['overwrites', 'creates'],
  '/limitranges': ['overwrites', 'creates'],
  '/namespaces': ['overwrites', 'returns'],
  '/nodes': ['overwrites'],
  '/persistentvolumeclaims': ['overwrites', 'returns'],
  '/persistentvolumes': ['overwrites', 'returns'],
  '/pods': ['overwrites', 'generation', 'returns'],
  '/podtemplates': ['overwrites', 'generation', 'returns'],
  '/replicationcontrollers': ['overwrites', 'generation'],
  '/resourcequotas': ['overwrites', 'returns'],
  '/secrets': ['overwrites'],
  '/serviceaccounts': ['overwrites', 'returns'],
  '/services': ['overwrites', 'creates', 'returns'],
  'apps/controllerrevisions': ['overwrites'],
  'apps/daemonsets': ['overwrites', 'generation'],
  'apps/deployments': ['overwrites', 'generation'],
  'apps/replicasets': ['overwrites', 'generation'],
  'apps/statefulsets': ['overwrites', 'generation'],
  'autoscaling/horizontalpodautoscalers': ['overwrites'],
  'batch/cronjobs': ['overwrites', 'generation'],
  'batch/jobs': ['overwrites', 'generation'],
  'certificates.k8s.io/certificatesigningrequests': ['overwrites'],
  'networking.k8s.io/ingressclasses': ['overwrites', 'generation'],
  'networking.k8s.io/ingresses': ['overwrites', 'generation'],
  'networking.k8s.io/ipaddresses': ['overwrites'],
  'networking.k8s.io/networkpolicies': ['overwrites', 'generation'],
  'networking.k8s.io/servicecidrs': ['overwrites'],
  'policy/poddisruptionbudgets': ['generation'],
  'rbac.authorization.k8s.io/clusterrolebindings': ['overwrites', 'creates'],
  'rbac.authorization.k8s.io/clusterroles': ['overwrites', 'creates'],
  'rbac.authorization.k8s.io/rolebindings': ['overwrites', 'creates'],
  'rbac.authorization.k8s.io/roles': ['overwrites', 'creates'],
  'storage.k8s.io/csidrivers': ['generation', 'returns'],
  'storage.k8s.io/csinodes': ['returns'],
  'storage.k8s.io/storageclasses': ['overwrites', 'returns'],
  'storage.k8s.io/volumeattachments': ['returns'],
  'storage.k8s.io/volumeattributesclasses': ['overwrites', 'returns'],
  'admissionregistration.k8s.io/mutatingadmissionpolicies': ['generation'],
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings': ['generation'],
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': ['generation'],
  'admissionregistration.k8s.io/validatingadmissionpolicies': ['generation'],
  'admissionregistration.k8s.io/validatingadmissionpolicybindings': ['generation'],
  'admissionregistration.k8s.io/validatingwebhookconfigurations': ['generation'],
  'scheduling.k8s.io/priorityclasses': ['overwrites', 'generation'],
  'coordination.k8s.io/leases': ['creates'],
  'node.k8s.io/runtimeclasses': ['creates'],
  'discovery.k8s.io/endpointslices': ['overwrites', 'generation'],
  'resource.k8s.io/deviceclasses': ['overwrites', 'generation', 'returns'],
  'resource.k8s.io/resourceclaims': ['overwrites', 'returns'],
  'resource.k8s.io/resourceclaimtemplates': ['overwrites', 'returns'],
  'resource.k8s.io/resourceslices': ['overwrites', 'generation', 'returns'],
  'flowcontrol.apiserver.k8s.io/flowschemas': ['overwrites', 'generation'],
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': ['overwrites', 'generation'],
}

/** @param storage group/resource */
export function plainBehaviour(storage: string, hasStatus: boolean): KindBehaviour {
  const own = Object.hasOwn(traits, storage) ? (traits[storage] ?? []) : []
  const strategy: Strategy = {
    generation: own.includes('generation') ? 'spec' : 'none',
    unconditionalUpdate: own.includes('overwrites'),
    createOnUpdate: own.includes('creates'),
    hasStatus,
    ...(own.includes('returns') && { returnsDeleted: true }),
  }
  return { strategy }
}
