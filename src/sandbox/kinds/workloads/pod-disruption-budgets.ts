/** PodDisruptionBudgets. (registry/policy/poddisruptionbudget/strategy.go; policy/validation) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour, Strategy } from '../../registry/resource.ts'
import { type FieldError, invalidValue } from '../../status/field-error.ts'
import { type Errors, intOrPercent, nonNegative, notMoreThan100Percent, supported } from './checks.ts'
import { age, columns, count } from './columns.ts'
import { printedAs } from './internal-types.ts'
import { validateSelector } from './selectors.ts'
import type { PodDisruptionBudget } from './shapes.ts'

const validateBudget = (object: KubernetesObject): FieldError[] => {
  const { spec = {} } = object as PodDisruptionBudget
  const errors: Errors = []
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
    errors.push(invalidValue('spec', printedAs('PodDisruptionBudgetSpec', spec), 'minAvailable and maxUnavailable cannot be both set'))
  }
  for (const field of ['minAvailable', 'maxUnavailable'] as const) {
    if (spec[field] === undefined) continue
    intOrPercent(errors, `spec.${field}`, spec[field])
    notMoreThan100Percent(errors, `spec.${field}`, spec[field])
  }
  validateSelector(errors, 'spec.selector', spec.selector)
  supported(errors, 'spec.unhealthyPodEvictionPolicy', spec.unhealthyPodEvictionPolicy, ['AlwaysAllow', 'IfHealthyBudget'])
  return errors
}

const strategy: Strategy = {
  generation: 'spec',
  unconditionalUpdate: false,
  createOnUpdate: false,
  hasStatus: true,
  validate: validateBudget,
  validateStatus(object) {
    const { status = {} } = object as PodDisruptionBudget
    const errors: Errors = []
    for (const field of ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const)
      nonNegative(errors, `status.${field}`, status[field])
    return errors
  },
}

export const podDisruptionBudgets: KindBehaviour = {
  strategy,
  columns: columns<PodDisruptionBudget>(
    [['Name', 'string', 'name'], ['Min Available'], ['Max Unavailable'], ['Allowed Disruptions', 'integer'], ['Age']],
    ({ metadata, spec = {}, status = {} }, now) => [
      metadata.name,
      String(spec.minAvailable ?? 'N/A'),
      String(spec.maxUnavailable ?? 'N/A'),
      count(status.disruptionsAllowed),
      age(metadata.creationTimestamp, now),
    ],
  ),
}
