/**
 * Webhooks and admission policies: stored and checked; the sandbox calls none of them.
 *
 * (pkg/apis/admissionregistration/validation; apiserver, util/webhook/validation.go)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour } from '../../registry/resource.ts'
import { type FieldError, duplicate, invalidValue, notSupported, required } from '../../status/field-error.ts'
import { ageRule, column, columnsOf, formatLabelSelector, nameRule } from '../columns.ts'
import { isDns1035Label, isDns1123Subdomain, isPortNumber } from '../names.ts'
import { checkSelector } from './checks.ts'
import { strategyOf } from './strategy.ts'
import { checkText, type Fields, fieldsOf, forItems, isSet, listOf, numberOf, textOf, textsOf } from './values.ts'

const group = 'admissionregistration.k8s.io'
const specOf = (object: KubernetesObject): Fields => fieldsOf(object['spec'])
const reviewVersions = ['v1', 'v1beta1']
const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const sideEffects = ['None', 'NoneOnDryRun']

const checkOptional = (path: string, value: unknown, allowed: readonly string[]): FieldError[] =>
  !isSet(value) || allowed.includes(textOf(value)) ? [] : [notSupported(path, value, allowed)]

/** Three segments at least. (apimachinery, IsFullyQualifiedName) */
function checkHookName(path: string, name: string): FieldError[] {
  if (!name) return [required(path)]
  const problems = isDns1123Subdomain(name)
  if (problems.length > 0) return [invalidValue(path, name, problems.join(','))]
  return name.split('.').length < 3 ? [invalidValue(path, name, 'should be a domain with at least three segments separated by dots')] : []
}

function validateHooks(object: KubernetesObject, mutating: boolean): FieldError[] {
  const names = new Set<string>()
  return forItems(object['webhooks'], 'webhooks', (hook, path) => {
    const name = textOf(hook['name'])
    const errors = [...checkHook(hook, path, mutating), ...checkReviewVersions(textsOf(hook['admissionReviewVersions']), path)]
    if (name && names.has(name)) errors.push(duplicate(`${path}.name`, name))
    names.add(name)
    return errors
  })
}

function checkHook(hook: Fields, path: string, mutating: boolean): FieldError[] {
  const errors = [
    ...checkHookName(`${path}.name`, textOf(hook['name'])),
    ...forItems(hook['rules'], `${path}.rules`, checkOperationRule),
    ...checkOptional(`${path}.failurePolicy`, hook['failurePolicy'], ['Fail', 'Ignore']),
    ...checkOptional(`${path}.matchPolicy`, hook['matchPolicy'], ['Equivalent', 'Exact']),
  ]
  if (!isSet(hook['sideEffects'])) errors.push(required(`${path}.sideEffects`, `must specify one of ${sideEffects.join(', ')}`))
  errors.push(...checkOptional(`${path}.sideEffects`, hook['sideEffects'], sideEffects))
  const timeout = hook['timeoutSeconds']
  if (isSet(timeout) && (numberOf(timeout) > 30 || numberOf(timeout) < 1))
    errors.push(invalidValue(`${path}.timeoutSeconds`, timeout, 'the timeout value must be between 1 and 30 seconds'))
  for (const part of ['namespaceSelector', 'objectSelector']) errors.push(...checkSelector(`${path}.${part}`, hook[part]))
  if (mutating) errors.push(...checkOptional(`${path}.reinvocationPolicy`, hook['reinvocationPolicy'], ['IfNeeded', 'Never']))
  return [...errors, ...checkClient(fieldsOf(hook['clientConfig']), `${path}.clientConfig`)]
}

function checkReviewVersions(versions: readonly string[], hookPath: string): FieldError[] {
  const path = `${hookPath}.admissionReviewVersions`
  if (versions.length === 0) return [required(path, `must specify one of ${reviewVersions.join(', ')}`)]
  const errors = versions.flatMap((version, index) =>
    versions.indexOf(version) < index
      ? [invalidValue(`${path}[${index}]`, version, 'duplicate version')]
      : checkText(`${path}[${index}]`, version, isDns1035Label),
  )
  if (!versions.some((version) => reviewVersions.includes(version)))
    errors.push(invalidValue(path, versions, `must include at least one of ${reviewVersions.join(', ')}`))
  return errors
}

export function checkOperationRule(rule: Fields, path: string): FieldError[] {
  const wanted = textsOf(rule['operations'])
  const errors: FieldError[] = wanted.length === 0 ? [required(`${path}.operations`)] : []
  if (wanted.length > 1 && wanted.includes('*'))
    errors.push(invalidValue(`${path}.operations`, wanted, "if '*' is present, must not specify other operations"))
  for (const [index, operation] of wanted.entries())
    if (!operations.includes(operation)) errors.push(notSupported(`${path}.operations[${index}]`, operation, operations))
  const groups = textsOf(rule['apiGroups'])
  const versions = textsOf(rule['apiVersions'])
  if (groups.length === 0) errors.push(required(`${path}.apiGroups`))
  if (groups.length > 1 && groups.includes('*'))
    errors.push(invalidValue(`${path}.apiGroups`, groups, "if '*' is present, must not specify other API groups"))
  if (versions.length === 0) errors.push(required(`${path}.apiVersions`))
  if (versions.length > 1 && versions.includes('*'))
    errors.push(invalidValue(`${path}.apiVersions`, versions, "if '*' is present, must not specify other API versions"))
  for (const [index, version] of versions.entries()) if (!version) errors.push(required(`${path}.apiVersions[${index}]`))
  errors.push(...checkResources(textsOf(rule['resources']), `${path}.resources`))
  return [...errors, ...checkOptional(`${path}.scope`, rule['scope'], ['*', 'Cluster', 'Namespaced'])]
}

function checkResources(resources: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = resources.length === 0 ? [required(path)] : []
  const allSubresourcesOf = new Set<string>()
  const ofAllResources = new Set<string>()
  // The last resource without a subresource decides, as upstream.
  let plain = false
  for (const [index, text] of resources.entries()) {
    const at = `${path}[${index}]`
    if (!text) {
      errors.push(required(at))
      continue
    }
    const slash = text.indexOf('/')
    if (slash < 0) {
      plain = text !== '*'
      continue
    }
    const [resource, subresource] = [text.slice(0, slash), text.slice(slash + 1)]
    if (allSubresourcesOf.has(resource)) errors.push(invalidValue(at, text, `if '${resource}/*' is present, must not specify ${text}`))
    if (ofAllResources.has(subresource)) errors.push(invalidValue(at, text, `if '*/${subresource}' is present, must not specify ${text}`))
    if (subresource === '*') allSubresourcesOf.add(resource)
    if (resource === '*') ofAllResources.add(subresource)
  }
  if (resources.length > 1 && resources.includes('*/*'))
    errors.push(invalidValue(path, resources, "if '*/*' is present, must not specify other resources"))
  if (resources.includes('*') && plain)
    errors.push(invalidValue(path, resources, "if '*' is present, must not specify other resources without subresources"))
  return errors
}

function checkClient({ url, service }: Fields, path: string): FieldError[] {
  if (isSet(url) === isSet(service)) return [required(path, 'exactly one of url or service is required')]
  return isSet(url) ? checkUrl(textOf(url), `${path}.url`) : checkService(fieldsOf(service), `${path}.service`)
}

function checkUrl(text: string, path: string): FieldError[] {
  const form = '; desired format: https://host[/path]'
  const [, scheme = '', user, host = '', query = '', fragment = ''] =
    /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/s.exec(text) ?? []
  const errors: FieldError[] = []
  if (scheme.toLowerCase() !== 'https')
    errors.push(invalidValue(path, scheme.toLowerCase(), `'https' is the only allowed URL scheme${form}`))
  if (!host) errors.push(invalidValue(path, host, `host must be specified${form}`))
  if (user !== undefined) errors.push(invalidValue(path, user, 'user information is not permitted in the URL'))
  if (fragment) errors.push(invalidValue(path, fragment, 'fragments are not permitted in the URL'))
  if (query) errors.push(invalidValue(path, query, 'query parameters are not permitted in the URL'))
  return errors
}

/** The server passes name and namespace in each other's place, so that the messages name the wrong one. */
function checkService(service: Fields, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!textOf(service['namespace'])) errors.push(required(`${path}.name`))
  if (!textOf(service['name'])) errors.push(required(`${path}.namespace`))
  const port = numberOf(service['port'])
  for (const message of isPortNumber(port)) errors.push(invalidValue(`${path}.port`, port, `port is not valid: ${message}`))
  const text = textOf(service['path'])
  if (text === '' || text === '/') return errors
  const problem = (message: string): void => void errors.push(invalidValue(`${path}.path`, text, message))
  if (text === '//') {
    problem('segment[0] may not be empty')
    return errors
  }
  if (!text.startsWith('/')) problem("must start with a '/'")
  for (const [index, step] of text.slice(1).replace(/\/$/, '').split('/').entries()) {
    if (!step) problem(`segment[${index}] may not be empty`)
    else for (const message of isDns1123Subdomain(step)) problem(`segment[${index}]: ${message}`)
  }
  return errors
}

const configuration = (mutating: boolean): KindBehaviour => ({
  strategy: strategyOf({
    namespaced: false,
    generation: 'spec and empty',
    anyFinalizers: true,
    unconditionalUpdate: false,
    validate: (object) => validateHooks(object, mutating),
    update: ['metadata', 'object'],
  }),
  columns: columnsOf(nameRule, [column('Webhooks', 'integer'), ({ webhooks }) => listOf(webhooks).length], ageRule),
})

function kindText(object: KubernetesObject): string {
  const parameter = specOf(object)['paramKind']
  return isSet(parameter) ? `${textOf(fieldsOf(parameter)['apiVersion'])}/${textOf(fieldsOf(parameter)['kind'])}` : '<unset>'
}

function referenceText(object: KubernetesObject): string {
  const { name, namespace, selector } = fieldsOf(specOf(object)['paramRef'])
  if (textOf(name)) return `${textOf(namespace) || '*'}/${textOf(name)}`
  return isSet(selector) ? formatLabelSelector(selector) : '<unset>'
}

const policy = (part: string, title: string): KindBehaviour => ({
  strategy: strategyOf({
    namespaced: false,
    generation: 'spec',
    anyFinalizers: true,
    unconditionalUpdate: false,
    hasStatus: part === 'validations',
  }),
  columns: columnsOf(
    nameRule,
    [column(title, 'integer'), (object) => listOf(specOf(object)[part]).length],
    [column('ParamKind'), kindText],
    ageRule,
  ),
})

const policyBinding: KindBehaviour = {
  strategy: strategyOf({
    namespaced: false,
    generation: 'spec',
    anyFinalizers: true,
    unconditionalUpdate: false,
    validate: (object) => (textOf(specOf(object)['policyName']) ? [] : [required('spec.policyName')]),
    update: ['metadata', 'object'],
  }),
  columns: columnsOf(
    nameRule,
    [column('PolicyName'), (object) => textOf(specOf(object)['policyName'])],
    [column('ParamRef'), referenceText],
    ageRule,
  ),
}

export const admissionKinds: Readonly<Record<string, KindBehaviour>> = {
  [`${group}/mutatingwebhookconfigurations`]: configuration(true),
  [`${group}/validatingwebhookconfigurations`]: configuration(false),
  [`${group}/validatingadmissionpolicies`]: policy('validations', 'Validations'),
  [`${group}/mutatingadmissionpolicies`]: policy('mutations', 'Mutations'),
  [`${group}/validatingadmissionpolicybindings`]: policyBinding,
  [`${group}/mutatingadmissionpolicybindings`]: policyBinding,
}
