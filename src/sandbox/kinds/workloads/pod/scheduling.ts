/** Where a pod may run: affinity, tolerations, how pods are spread. (core/validation, validateAffinity and others) */
import { duplicate } from '../../../status/field-error.ts'
import { isDns1123Label, isLabelValue, isQualifiedName, nameIsDnsSubdomain } from '../../names.ts'
import { type Errors, each, forbidden, invalidValue, notSupported, positive, qualifiedName, required, supported } from '../checks.ts'
import { validateSelector } from '../selectors.ts'
import type {
  Affinity,
  LabelSelector,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  SelectorRequirement,
  Toleration,
  TopologySpreadConstraint,
} from '../shapes.ts'

export function validateAffinity(errors: Errors, path: string, affinity: Affinity | undefined): void {
  if (affinity?.nodeAffinity) {
    const at = `${path}.nodeAffinity`
    const { requiredDuringSchedulingIgnoredDuringExecution: hard, preferredDuringSchedulingIgnoredDuringExecution: soft = [] } =
      affinity.nodeAffinity
    if (hard) {
      const terms = `${at}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`
      if (!hard.nodeSelectorTerms?.length) errors.push(required(terms, 'must have at least one node selector term'))
      hard.nodeSelectorTerms?.forEach((term, index) => nodeTerm(errors, `${terms}[${index}]`, term, true))
    }
    soft.forEach(({ weight = 0, preference = {} }, index) => {
      const term = `${at}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`
      weightIn(errors, term, weight)
      nodeTerm(errors, `${term}.preference`, preference, false)
    })
  }
  if (affinity?.podAffinity) podAffinity(errors, `${path}.podAffinity`, affinity.podAffinity)
  if (affinity?.podAntiAffinity) podAffinity(errors, `${path}.podAntiAffinity`, affinity.podAntiAffinity)
}

function weightIn(errors: Errors, path: string, weight: number): void {
  if (weight <= 0 || weight > 100) errors.push(invalidValue(`${path}.weight`, weight, 'must be in the range 1-100'))
}

/** `strict`: values have to be label values. */
function nodeTerm(errors: Errors, path: string, { matchExpressions = [], matchFields = [] }: NodeSelectorTerm, strict: boolean): void {
  matchExpressions.forEach((requirement, index) => nodeRequirement(errors, `${path}.matchExpressions[${index}]`, requirement, strict))
  matchFields.forEach((requirement, index) => nodeField(errors, `${path}.matchFields[${index}]`, requirement))
}

function nodeRequirement(
  errors: Errors,
  path: string,
  { key = '', operator = '', values = [] }: SelectorRequirement,
  strict: boolean,
): void {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
      break
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) errors.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
      break
    case 'Gt':
    case 'Lt':
      if (values.length !== 1) errors.push(required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"))
      break
    default:
      errors.push(invalidValue(`${path}.operator`, operator, 'not a valid selector operator'))
  }
  qualifiedName(errors, `${path}.key`, key)
  if (strict) values.forEach((value, index) => each(errors, `${path}.values[${index}]`, value, isLabelValue(value)))
}

function nodeField(errors: Errors, path: string, { key = '', operator = '', values = [] }: SelectorRequirement): void {
  if (operator !== 'In' && operator !== 'NotIn') errors.push(invalidValue(`${path}.operator`, operator, 'not a valid selector operator'))
  else if (values.length !== 1)
    errors.push(required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"))
  if (key !== 'metadata.name') errors.push(invalidValue(`${path}.key`, key, 'not a valid field selector key'))
  else values.forEach((value, index) => each(errors, `${path}.values[${index}]`, value, nameIsDnsSubdomain(value, false)))
}

function podAffinity(errors: Errors, path: string, affinity: PodAffinity): void {
  const { requiredDuringSchedulingIgnoredDuringExecution: hard = [], preferredDuringSchedulingIgnoredDuringExecution: soft = [] } = affinity
  hard.forEach((term, index) => podTerm(errors, `${path}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`, term))
  soft.forEach(({ weight = 0, podAffinityTerm = {} }, index) => {
    const at = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`
    weightIn(errors, at, weight)
    podTerm(errors, `${at}.podAffinityTerm`, podAffinityTerm)
  })
}

function podTerm(errors: Errors, path: string, term: PodAffinityTerm): void {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey = '' } = term
  validateSelector(errors, `${path}.labelSelector`, labelSelector)
  validateSelector(errors, `${path}.namespaceSelector`, namespaceSelector)
  for (const namespace of namespaces) each(errors, `${path}.namespace`, namespace, isDns1123Label(namespace))
  labelKeys(errors, path, term.matchLabelKeys ?? [], term.mismatchLabelKeys ?? [], labelSelector)
  if (topologyKey === '') errors.push(required(`${path}.topologyKey`, 'can not be empty'))
  qualifiedName(errors, `${path}.topologyKey`, topologyKey)
}

function labelKeys(
  errors: Errors,
  path: string,
  match: readonly string[],
  mismatch: readonly string[],
  selector: LabelSelector | undefined,
): void {
  for (const [field, keys] of [['matchLabelKeys', match] as const, ['mismatchLabelKeys', mismatch] as const]) {
    if (keys.length === 0) continue
    if (!selector) errors.push(forbidden(`${path}.${field}`, 'must not be specified when labelSelector is not set'))
    else keys.forEach((key, index) => each(errors, `${path}.${field}[${index}]`, key, isQualifiedName(key)))
  }
  if (selector) {
    const taken = new Set(Object.keys(selector.matchLabels ?? {}))
    for (const { key = '' } of selector.matchExpressions ?? []) {
      const index = match.lastIndexOf(key)
      if (index >= 0 && taken.has(key))
        errors.push(invalidValue(`${path}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector'))
      taken.add(key)
    }
  }
  match.forEach((key, index) => {
    if (mismatch.includes(key))
      errors.push(invalidValue(`${path}.matchLabelKeys[${index}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys'))
  })
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

export function validateTolerations(errors: Errors, path: string, tolerations: readonly Toleration[]): void {
  tolerations.forEach((toleration, index) => {
    const at = `${path}[${index}]`
    const { key = '', operator = '', value = '', effect = '', tolerationSeconds } = toleration
    if (key !== '') each(errors, `${at}.key`, key, isQualifiedName(key))
    else if (operator !== 'Exists') {
      const problem = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
      errors.push(invalidValue(`${at}.operator`, operator, problem))
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute')
      errors.push(invalidValue(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    if (operator === 'Equal' || operator === '') {
      const messages = isLabelValue(value)
      if (messages.length > 0) errors.push(invalidValue(`${at}.operator`, value, messages.join(';')))
    } else if (operator === 'Exists') {
      if (value !== '') errors.push(invalidValue(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"))
    } else {
      const compares = operator === 'Lt' || operator === 'Gt'
      errors.push(notSupported(`${at}.operator`, operator, compares ? ['Equal', 'Exists', 'Lt', 'Gt'] : ['Equal', 'Exists']))
    }
    if (effect !== '' && !effects.includes(effect)) errors.push(notSupported(`${at}.effect`, effect, effects))
  })
}

const actions = ['DoNotSchedule', 'ScheduleAnyway']
const nodePolicies = ['Honor', 'Ignore']

export function validateTopologySpread(errors: Errors, path: string, constraints: readonly TopologySpreadConstraint[]): void {
  constraints.forEach((constraint, index) => {
    const at = `${path}[${index}]`
    const { maxSkew, topologyKey = '', whenUnsatisfiable = '', minDomains, labelSelector } = constraint
    positive(errors, `${at}.maxSkew`, maxSkew)
    if (topologyKey === '') errors.push(required(`${at}.topologyKey`, 'can not be empty'))
    if (!actions.includes(whenUnsatisfiable)) errors.push(notSupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable, actions))
    const again = constraints
      .slice(index + 1)
      .some((other) => (other.topologyKey ?? '') === topologyKey && (other.whenUnsatisfiable ?? '') === whenUnsatisfiable)
    if (again) errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`))
    if (minDomains !== undefined) {
      positive(errors, `${at}.minDomains`, minDomains)
      if (whenUnsatisfiable !== 'DoNotSchedule') {
        const problem = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`
        errors.push(invalidValue(`${at}.minDomains`, minDomains, problem))
      }
    }
    supported(errors, `${at}.nodeAffinityPolicy`, constraint.nodeAffinityPolicy, nodePolicies)
    supported(errors, `${at}.nodeTaintsPolicy`, constraint.nodeTaintsPolicy, nodePolicies)
    labelKeys(errors, at, constraint.matchLabelKeys ?? [], [], labelSelector)
    validateSelector(errors, `${at}.labelSelector`, labelSelector)
  })
}
