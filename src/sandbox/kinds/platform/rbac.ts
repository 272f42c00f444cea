/**
 * Roles and their bindings. (pkg/apis/rbac/validation; pkg/registry/rbac)
 *
 * Whether the user may grant what a role grants is for the authorizer to say.
 */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour } from '../../registry/resource.ts'
import { type FieldError, invalidValue, notSupported, required } from '../../status/field-error.ts'
import { ageRule, column, type ColumnRule, columnsOf, nameRule } from '../columns.ts'
import { isPathSegment, nameIsDnsSubdomain } from '../names.ts'
import { checkSelector, printed } from './checks.ts'
import { type KindRules, strategyOf } from './strategy.ts'
import { checkText, type Fields, fieldsOf, forItems, isSet, listOf, sameValue, textOf } from './values.ts'

const group = 'rbac.authorization.k8s.io'
const accountName = (name: string) => nameIsDnsSubdomain(name, false)
const segment = (name: string) => isPathSegment(name, false)

function checkRules(rules: unknown, namespaced: boolean): FieldError[] {
  return forItems(rules, 'rules', (rule, path) => {
    const errors: FieldError[] = []
    const urls = listOf(rule['nonResourceURLs'])
    const isEmpty = (name: string): boolean => listOf(rule[name]).length === 0
    if (isEmpty('verbs')) errors.push(required(`${path}.verbs`, 'verbs must contain at least one value'))
    if (urls.length > 0) {
      const at = `${path}.nonResourceURLs`
      if (namespaced) errors.push(invalidValue(at, urls, 'namespaced rules cannot apply to non-resource URLs'))
      if (!isEmpty('apiGroups') || !isEmpty('resources') || !isEmpty('resourceNames'))
        errors.push(invalidValue(at, urls, 'rules cannot apply to both regular resources and non-resource URLs'))
      return errors
    }
    if (isEmpty('apiGroups')) errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'))
    if (isEmpty('resources')) errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'))
    return errors
  })
}

function checkAggregation(rule: unknown): FieldError[] {
  if (!isSet(rule)) return []
  const path = 'aggregationRule.clusterRoleSelectors'
  const selectors = listOf(fieldsOf(rule)['clusterRoleSelectors'])
  if (selectors.length === 0) return [required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil')]
  return selectors.flatMap((selector, index) => {
    const errors = checkSelector(`${path}[${index}]`, selector)
    return errors.length > 0 ? [...errors, invalidValue(`${path}[${index}]`, null, 'invalid label selector.')] : []
  })
}

function checkBinding(binding: KubernetesObject, namespaced: boolean): FieldError[] {
  const reference = fieldsOf(binding['roleRef'])
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  const [apiGroup, kind, name] = [textOf(reference['apiGroup']), textOf(reference['kind']), textOf(reference['name'])]
  const errors: FieldError[] = []
  if (apiGroup !== group) errors.push(notSupported('roleRef.apiGroup', apiGroup, [group]))
  if (!kinds.includes(kind)) errors.push(notSupported('roleRef.kind', kind, kinds))
  errors.push(...(name ? checkText('roleRef.name', name, segment) : [required('roleRef.name')]))
  return [...errors, ...forItems(binding['subjects'], 'subjects', (subject, path) => checkSubject(subject, path, namespaced))]
}

function checkSubject(subject: Fields, path: string, namespaced: boolean): FieldError[] {
  const [kind, name, apiGroup] = [textOf(subject['kind']), textOf(subject['name']), textOf(subject['apiGroup'])]
  const errors: FieldError[] = name ? [] : [required(`${path}.name`)]
  switch (kind) {
    case 'ServiceAccount':
      if (name) errors.push(...checkText(`${path}.name`, name, accountName))
      if (apiGroup) errors.push(notSupported(`${path}.apiGroup`, apiGroup, ['']))
      if (!namespaced && !textOf(subject['namespace'])) errors.push(required(`${path}.namespace`))
      return errors
    case 'User':
    case 'Group':
      if (apiGroup !== group) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [group]))
      return errors
    default:
      return [...errors, notSupported(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group'])]
  }
}

const printedReference = (reference: Fields) => ({
  APIGroup: textOf(reference['apiGroup']),
  Kind: textOf(reference['kind']),
  Name: textOf(reference['name']),
})

const common: Partial<KindRules> = { createOnUpdate: true, validateName: isPathSegment }

const role = (namespaced: boolean): KindBehaviour => ({
  strategy: strategyOf({
    ...common,
    namespaced,
    update: ['metadata', 'object', 'metadata change'],
    validate: (object) => [...checkRules(object['rules'], namespaced), ...(namespaced ? [] : checkAggregation(object['aggregationRule']))],
  }),
})

const subjects = (name: string, kind: string): ColumnRule => [
  column(name, 'string', 'wide'),
  (binding) =>
    listOf(binding['subjects'])
      .map(fieldsOf)
      .filter((subject) => subject['kind'] === kind)
      .map((subject) =>
        kind === 'ServiceAccount' ? `${textOf(subject['namespace'])}/${textOf(subject['name'])}` : textOf(subject['name']),
      )
      .join(', '),
]

const binding = (namespaced: boolean): KindBehaviour => ({
  strategy: strategyOf({
    ...common,
    namespaced,
    update: ['metadata', 'object', 'metadata change', 'change'],
    validate: (object) => checkBinding(object, namespaced),
    validateChange: (object, old) =>
      sameValue(object['roleRef'], old['roleRef'])
        ? []
        : [invalidValue('roleRef', printed(printedReference(fieldsOf(object['roleRef']))), 'cannot change roleRef')],
  }),
  columns: columnsOf(
    nameRule,
    [column('Role'), (object) => `${textOf(fieldsOf(object['roleRef'])['kind'])}/${textOf(fieldsOf(object['roleRef'])['name'])}`],
    ageRule,
    subjects('Users', 'User'),
    subjects('Groups', 'Group'),
    subjects('ServiceAccounts', 'ServiceAccount'),
  ),
})

export const rbacKinds: Readonly<Record<string, KindBehaviour>> = {
  [`${group}/roles`]: role(true),
  [`${group}/clusterroles`]: role(false),
  [`${group}/rolebindings`]: binding(true),
  [`${group}/clusterrolebindings`]: binding(false),
}
