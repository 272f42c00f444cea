/** Resource quotas as objects; what they refuse is in quota-admission.ts. (pkg/apis/core/validation) */
import type { KubernetesObject } from '../../../api/object.ts'
import { compareQuantities } from '../../../api/quantity.ts'
import type { KindBehaviour } from '../../registry/resource.ts'
import { fieldIsImmutable } from '../../registry/object-meta.ts'
import { type FieldError, invalidValue, required } from '../../status/field-error.ts'
import { ageRule, column, columnsOf, nameRule } from '../columns.ts'
import { printed } from './checks.ts'
import { quantityOf } from './claims.ts'
import { checkQuotaResourceName, isStandardQuotaResource, isWholeResource } from './resource-names.ts'
import { strategyOf } from './strategy.ts'
import { entriesOf, type Fields, fieldsOf, forItems, listOf, textOf, textsOf } from './values.ts'

const computeResources: ReadonlySet<string> = new Set([
  'pods',
  'cpu',
  'memory',
  'limits.cpu',
  'limits.memory',
  'requests.cpu',
  'requests.memory',
])
/** Scope → whether it makes sense for a resource. */
const scopes: Readonly<Record<string, (resource: string) => boolean>> = {
  Terminating: (resource) => computeResources.has(resource),
  NotTerminating: (resource) => computeResources.has(resource),
  BestEffort: (resource) => resource === 'pods',
  NotBestEffort: (resource) => computeResources.has(resource),
  PriorityClass: (resource) => computeResources.has(resource),
  CrossNamespacePodAffinity: (resource) => computeResources.has(resource),
  VolumeAttributesClass: (resource) => resource === 'persistentvolumeclaims' || resource === 'requests.storage',
}
const existenceScopes = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity']
const conflicting = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
]

const specOf = (quota: KubernetesObject): Fields => fieldsOf(quota['spec'])

function checkAmounts(amounts: unknown, path: string): FieldError[] {
  return entriesOf(amounts).flatMap(([name, value]) => {
    const at = `${path}[${name}]`
    const errors = checkQuotaResourceName(at, name)
    if (compareQuantities(quantityOf(value), quantityOf(0)) < 0) errors.push(invalidValue(at, value, 'must be greater than or equal to 0'))
    if (isWholeResource(name) && quantityOf(value).nano % 1_000_000_000n !== 0n) errors.push(invalidValue(at, value, 'must be an integer'))
    return errors
  })
}

function checkSpec(quota: KubernetesObject): FieldError[] {
  const spec = specOf(quota)
  const counted = Object.keys(fieldsOf(spec['hard'])).filter(isStandardQuotaResource)
  const errors = checkAmounts(spec['hard'], 'spec.hard')
  const wanted = textsOf(spec['scopes'])
  for (const scope of wanted) {
    if (!Object.hasOwn(scopes, scope)) errors.push(invalidValue('spec.scopes', wanted, 'unsupported scope'))
    else
      for (const resource of counted)
        if (!scopes[scope]?.(resource)) errors.push(invalidValue('spec.scopes', wanted, 'unsupported scope applied to resource'))
  }
  errors.push(...conflicts('spec.scopes', new Set(wanted), wanted))
  return [...errors, ...checkScopeSelector(spec, counted)]
}

const conflicts = (path: string, found: ReadonlySet<string>, printed: unknown): FieldError[] =>
  conflicting.filter((pair) => pair.every((scope) => found.has(scope))).map(() => invalidValue(path, printed, 'conflicting scopes'))

function checkScopeSelector(spec: Fields, counted: readonly string[]): FieldError[] {
  const selector = fieldsOf(spec['scopeSelector'])
  const path = 'spec.scopeSelector.matchExpressions'
  const found = new Set<string>()
  const errors = forItems(selector['matchExpressions'], path, (requirement) => {
    const [scope, operator] = [textOf(requirement['scopeName']), textOf(requirement['operator'])]
    const values = listOf(requirement['values'])
    const problems: FieldError[] = []
    found.add(scope)
    if (!Object.hasOwn(scopes, scope)) problems.push(invalidValue(`${path}.scopeName`, scope, 'unsupported scope'))
    else
      for (const resource of counted)
        if (!scopes[scope]?.(resource))
          problems.push(invalidValue(path, printed(printedSelector(selector)), 'unsupported scope applied to resource'))
    if (existenceScopes.includes(scope) && operator !== 'Exists') {
      const all =
        'ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort'
      const message = `must be 'Exists' when scope is any of ${all} or ResourceQuotaScopeCrossNamespacePodAffinity`
      problems.push(invalidValue(`${path}.operator`, operator, message))
    }
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0)
        problems.push(required(`${path}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"))
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0)
        problems.push(
          invalidValue(`${path}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"),
        )
    } else problems.push(invalidValue(`${path}.operator`, operator, 'not a valid selector operator'))
    return problems
  })
  return [...errors, ...conflicts(path, found, spec['scopes'] ?? null)]
}

const printedSelector = (selector: Fields) => ({
  MatchExpressions: listOf(selector['matchExpressions'])
    .map(fieldsOf)
    .map(({ scopeName, operator, values }) => ({ ScopeName: textOf(scopeName), Operator: textOf(operator), Values: values ?? null })),
})

function usageText(quota: KubernetesObject, limits: boolean): string {
  const { hard, used } = fieldsOf(quota['status'])
  return Object.keys(fieldsOf(hard))
    .filter((name) => name.startsWith('limits.') === limits)
    .sort()
    .map((name) => `${name}: ${textOf(fieldsOf(used)[name]) || '0'}/${textOf(fieldsOf(hard)[name])}`)
    .join(', ')
}

export const quotaKinds: Readonly<Record<string, KindBehaviour>> = {
  '/resourcequotas': {
    strategy: strategyOf({
      hasStatus: true,
      returnsDeleted: true,
      validate: checkSpec,
      update: ['metadata change', 'object', 'change'],
      validateChange(quota, old) {
        const [next, last] = [new Set(textsOf(specOf(quota)['scopes'])), new Set(textsOf(specOf(old)['scopes']))]
        return next.symmetricDifference(last).size === 0 ? [] : [invalidValue('spec.scopes', specOf(quota)['scopes'], fieldIsImmutable)]
      },
      validateStatus: (quota) => {
        const { hard, used } = fieldsOf(quota['status'])
        return [...checkAmounts(hard, 'status.hard'), ...checkAmounts(used, 'status.used')]
      },
    }),
    columns: columnsOf(
      nameRule,
      [column('Request'), (quota) => usageText(quota, false)],
      [column('Limit'), (quota) => usageText(quota, true)],
      ageRule,
    ),
  },
}
