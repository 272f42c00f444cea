/** Amounts that containers and pods ask for, and the claims that they use. (core/validation, validateResourceRequirements) */
import { compareQuantities, formatQuantity } from '../../../../api/quantity.ts'
import { duplicate, notFoundValue } from '../../../status/field-error.ts'
import { isQualifiedName, nameIsDnsSubdomain } from '../../names.ts'
import {
  type Errors,
  dnsLabel,
  each,
  forbidden,
  invalidValue,
  isNegative,
  isWhole,
  negativeMessage,
  notSupported,
  quantity,
  quantityText,
  required,
} from '../checks.ts'
import { printedAs } from '../internal-types.ts'
import type { PodResourceClaim, PodSpec, ResourceClaim, ResourceRequirements } from '../shapes.ts'

type NameCheck = (errors: Errors, path: string, name: string) => void

const standardResources = new Set([
  ...['cpu', 'memory', 'ephemeral-storage', 'storage'].flatMap((name) => [name, `requests.${name}`]),
  ...['limits.cpu', 'limits.memory', 'limits.ephemeral-storage', 'pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets'],
  ...['configmaps', 'persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers'],
])
/** Those that are counted. */
const integerResources = new Set([
  ...['pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims'],
  ...['services.nodeports', 'services.loadbalancers'],
])
const containerResourceNames = new Set(['cpu', 'memory', 'ephemeral-storage'])

const isHugePages = (name: string): boolean => name.startsWith('hugepages-')
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')
const isExtended = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && isQualifiedName(`requests.${name}`).length === 0
const allowsOvercommit = (name: string): boolean => isNative(name) && !isHugePages(name)

function resourceName(errors: Errors, path: string, name: string): boolean {
  const messages = isQualifiedName(name)
  each(errors, path, name, messages)
  if (messages.length > 0) return false
  if (name.includes('/') || standardResources.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')) return true
  errors.push(invalidValue(path, name, 'must be a standard resource type or fully qualified'))
  return false
}

export const containerResourceName: NameCheck = (errors, path, name) => {
  resourceName(errors, path, name)
  if (!name.includes('/')) {
    if (!containerResourceNames.has(name) && !isHugePages(name))
      errors.push(invalidValue(path, name, 'must be a standard resource for containers'))
  } else if (!isNative(name) && !isExtended(name)) errors.push(invalidValue(path, name, "doesn't follow extended resource name standard"))
}

const podResourceName: NameCheck = (errors, path, name) => {
  if (resourceName(errors, path, name) && name !== 'cpu' && name !== 'memory' && !isHugePages(name))
    errors.push(notSupported(path, name, ['cpu', 'hugepages-', 'memory']))
}

function amount(errors: Errors, path: string, name: string, value: string): void {
  if (isNegative(value)) errors.push(invalidValue(path, quantityText(value), negativeMessage))
  const counted = integerResources.has(name) || isExtended(name)
  // Thousandths are what the server looks at.
  if (counted && !isWhole(value)) errors.push(invalidValue(path, quantityText(value), 'must be an integer'))
}

function hugePages(errors: Errors, path: string, name: string, value: string): void {
  const size = quantity(name.slice('hugepages-'.length)).nano
  if (size > 0n && quantity(value).nano % size === 0n && quantity(value).nano > 0n) return
  errors.push(invalidValue(path, quantityText(value), `${quantityText(value)} is not positive integer multiple of ${name}`))
}

const entries = (texts: Readonly<Record<string, string>> | undefined): [string, string][] =>
  Object.entries(texts ?? {}).sort(([first], [second]) => (first < second ? -1 : 1))

export function validateResources(
  errors: Errors,
  path: string,
  { limits, requests, claims }: ResourceRequirements,
  podClaims: ReadonlySet<string>,
  nameCheck: NameCheck = containerResourceName,
): void {
  let [compute, huge] = [false, false]
  const note = (name: string): void => {
    compute ||= name === 'cpu' || name === 'memory'
    huge ||= isHugePages(name)
  }
  for (const [name, value] of entries(limits)) {
    const at = `${path}.limits[${name}]`
    nameCheck(errors, at, name)
    amount(errors, at, name, value)
    if (isHugePages(name)) hugePages(errors, at, name, value)
    note(name)
  }
  for (const [name, value] of entries(requests)) {
    const at = `${path}.requests[${name}]`
    nameCheck(errors, at, name)
    amount(errors, at, name, value)
    const limit = limits?.[name]
    if (limit !== undefined) {
      const difference = compareQuantities(quantity(value), quantity(limit))
      const bound = `${name} limit of ${quantityText(limit)}`
      if (difference !== 0 && !allowsOvercommit(name))
        errors.push(invalidValue(`${path}.requests`, quantityText(value), `must be equal to ${bound}`))
      else if (difference > 0) errors.push(invalidValue(`${path}.requests`, quantityText(value), `must be less than or equal to ${bound}`))
    } else if (!allowsOvercommit(name)) errors.push(required(`${path}.limits`, 'Limit must be set for non overcommitable resources'))
    if (isHugePages(name)) hugePages(errors, at, name, value)
    note(name)
  }
  if (huge && !compute) errors.push(forbidden(path, 'HugePages require cpu or memory'))
  if (claims) validateClaims(errors, `${path}.claims`, claims, podClaims)
}

function validateClaims(errors: Errors, path: string, claims: readonly ResourceClaim[], podClaims: ReadonlySet<string>): void {
  const used = new Set<string>()
  claims.forEach(({ name = '', request = '' }, index) => {
    const at = `${path}[${index}]`
    if (name === '') {
      errors.push(required(at))
      return
    }
    if (used.has(name)) errors.push(duplicate(at, name))
    else {
      if (request) dnsLabel(errors, `${at}.request`, request)
      const key = request ? `${name}/${request}` : name
      if (used.has(key)) errors.push(duplicate(at, key))
      else if (!request) for (const other of used) if (other.startsWith(`${name}/`)) errors.push(duplicate(at, name))
      used.add(key)
    }
    if (podClaims.has(name)) return
    const known = podClaims.size === 0 ? ' which is empty' : `: ${[...podClaims].sort().join(', ')}`
    const error = notFoundValue(at, name)
    errors.push({ ...error, message: `${error.message}: must be one of the names in pod.spec.resourceClaims${known}` })
  })
}

/** The claims of a pod. Answers with nothing; their names are those that containers may use. */
export function validatePodClaims(errors: Errors, path: string, claims: readonly PodResourceClaim[]): void {
  const names = new Set<string>()
  claims.forEach((claim, index) => {
    const at = `${path}[${index}]`
    const { name = '', resourceClaimName, resourceClaimTemplateName } = claim
    if (name === '') errors.push(required(`${at}.name`))
    else if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
    else dnsLabel(errors, `${at}.name`, name)
    names.add(name)
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined)
      errors.push(
        invalidValue(
          at,
          printedAs('PodResourceClaim', claim),
          'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
        ),
      )
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined)
      errors.push(
        invalidValue(at, printedAs('PodResourceClaim', claim), 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'),
      )
    for (const field of ['resourceClaimName', 'resourceClaimTemplateName'] as const) {
      const value = claim[field]
      if (value !== undefined) each(errors, `${at}.${field}`, value, nameIsDnsSubdomain(value, false))
    }
  })
}

/** Amounts of the whole pod, which its containers share. */
export function validatePodResources(errors: Errors, path: string, spec: PodSpec, podClaims: ReadonlySet<string>): void {
  const { resources } = spec
  if (!resources) return
  const at = `${path}.resources`
  if (spec.os?.name === 'windows') {
    errors.push(forbidden(at, 'may not be set for a windows pod'))
    return
  }
  if (resources.claims) errors.push(forbidden(`${at}.claims`, 'claims may not be set for Resources at pod-level'))
  validateResources(errors, at, resources, podClaims, podResourceName)
  const sum = (kind: 'limits' | 'requests', name: string): bigint =>
    (spec.containers ?? []).reduce((total, { resources: own }) => total + quantity(own?.[kind]?.[name]).nano, 0n)
  const named = (kind: 'limits' | 'requests'): string[] =>
    [...new Set((spec.containers ?? []).flatMap(({ resources: own }) => Object.keys(own?.[kind] ?? {})))].sort()
  for (const name of named('requests')) {
    const whole = resources.requests?.[name]
    const total = { nano: sum('requests', name), format: quantity(whole).format }
    if (whole === undefined || compareQuantities(total, quantity(whole)) <= 0) continue
    const problem = `must be greater than or equal to aggregate container requests of ${formatted(spec, name, total.nano)}`
    errors.push(invalidValue(`${at}.requests[${name}]`, quantityText(whole), problem))
  }
  spec.containers?.forEach(({ resources: own }, index) => {
    for (const [name, limit] of entries(own?.limits)) {
      const whole = resources.limits?.[name]
      if (whole === undefined || compareQuantities(quantity(limit), quantity(whole)) <= 0) continue
      const problem = `must be less than or equal to pod limits of ${quantityText(whole)}`
      errors.push(invalidValue(`${at}.containers[${index}][${name}].limits`, quantityText(limit), problem))
    }
  })
}

/** A sum is written in the form of its first summand. */
function formatted(spec: PodSpec, name: string, nano: bigint): string {
  const first = spec.containers?.map(({ resources }) => resources?.requests?.[name]).find((value) => value !== undefined)
  return formatQuantity({ nano, format: quantity(first).format })
}
