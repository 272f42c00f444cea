/** Whether a pod may be where a taint keeps others away. (component-helpers, scheduling/corev1/helpers.go) */
import type { Taint } from './nodes.ts'
import type { Toleration } from './pods.ts'

export const tolerates = (tolerations: readonly Toleration[] | undefined, taint: Taint): boolean =>
  (tolerations ?? []).some(({ key, operator = 'Equal', value = '', effect }) => {
    if (effect && effect !== taint.effect) return false
    if (key && key !== taint.key) return false
    return operator === 'Exists' || (Boolean(key) && value === (taint.value ?? ''))
  })
