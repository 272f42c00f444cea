/** Service accounts are in the core group, people in that of their rights. (pkg/apis/rbac/v1/defaults.go) */
import type { Rules } from './fields.ts'

export const rbacRules: Rules = {
  'io.k8s.api.rbac.v1.Subject'(subject) {
    const { kind } = subject
    if (kind === 'User' || kind === 'Group') subject['apiGroup'] ||= 'rbac.authorization.k8s.io'
  },
}
