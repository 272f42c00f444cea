/** A rolling update is described only where there is one. (pkg/apis/apps/v1/defaults.go) */
import type { Rules } from './fields.ts'

export const appsRules: Rules = {
  'io.k8s.api.apps.v1.DeploymentStrategy'(strategy) {
    if ((strategy['type'] ?? 'RollingUpdate') === 'RollingUpdate') strategy['rollingUpdate'] ??= {}
  },
  'io.k8s.api.apps.v1.DaemonSetUpdateStrategy'(strategy) {
    if ((strategy['type'] ?? 'RollingUpdate') === 'RollingUpdate') strategy['rollingUpdate'] ??= {}
  },
  // A StatefulSet that names the type itself has no partition.
  'io.k8s.api.apps.v1.StatefulSetUpdateStrategy'(strategy) {
    if (strategy['type'] === undefined) strategy['rollingUpdate'] ??= {}
  },
}
