/**
 * What objects use of what quotas count, and which objects a quota is about.
 *
 * (pkg/quota/v1/evaluator/core; apiserver, quota/v1/generic)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import type { Quantity } from '../../../api/quantity.ts'
import { className, quantityOf } from './claims.ts'
import { type Amounts, podAmounts } from './pod-amounts.ts'
import { entriesOf, type Fields, fieldsOf, isSet, listOf, numberOf, textOf, textsOf } from './values.ts'

const one: Quantity = { nano: 1_000_000_000n, format: 'decimal' }
const times = (count: number): Quantity => ({ nano: BigInt(count) * 1_000_000_000n, format: 'decimal' })

/** Storage → the older name of its count. */
const aliases: Readonly<Record<string, string>> = {
  '/configmaps': 'configmaps',
  '/resourcequotas': 'resourcequotas',
  '/replicationcontrollers': 'replicationcontrollers',
  '/secrets': 'secrets',
  '/services': 'services',
  '/persistentvolumeclaims': 'persistentvolumeclaims',
}

/** `/pods` → `count/pods`, `apps/deployments` → `count/deployments.apps`. */
function countName(storage: string): string {
  const slash = storage.indexOf('/')
  return slash === 0 ? `count${storage}` : `count/${storage.slice(slash + 1)}.${storage.slice(0, slash)}`
}

/** Resource name → amount. */
export function usageOf(storage: string, object: KubernetesObject): Amounts {
  const usage = new Map<string, Quantity>([[countName(storage), one]])
  const alias = Object.hasOwn(aliases, storage) ? aliases[storage] : undefined
  if (alias !== undefined) usage.set(alias, one)
  switch (storage) {
    case '/services':
      addServiceUsage(usage, fieldsOf(object['spec']))
      break
    case '/persistentvolumeclaims':
      addClaimUsage(usage, object)
      break
    case '/pods':
      addPodUsage(usage, object)
      break
    default:
  }
  return usage
}

function addServiceUsage(usage: Map<string, Quantity>, spec: Fields): void {
  const ports = listOf(spec['ports']).map(fieldsOf)
  const balanced = spec['type'] === 'LoadBalancer'
  const asked = ports.filter((port) => numberOf(port['nodePort']) !== 0).length
  const nodePorts = balanced && spec['allocateLoadBalancerNodePorts'] === false ? asked : ports.length
  usage.set('services.loadbalancers', times(balanced ? 1 : 0))
  usage.set('services.nodeports', times(balanced || spec['type'] === 'NodePort' ? nodePorts : 0))
}

function addClaimUsage(usage: Map<string, Quantity>, claim: KubernetesObject): void {
  const storage = fieldsOf(fieldsOf(fieldsOf(claim['spec'])['resources'])['requests'])['storage']
  const prefix = className(claim) ? `${className(claim)}.storageclass.storage.k8s.io/` : undefined
  if (prefix !== undefined) usage.set(`${prefix}persistentvolumeclaims`, one)
  if (!isSet(storage)) return
  const allocated = fieldsOf(fieldsOf(claim['status'])['allocatedResources'])['storage']
  const [wanted, granted] = [quantityOf(storage), quantityOf(allocated)]
  const amount = granted.nano > wanted.nano ? granted : wanted
  usage.set('requests.storage', amount)
  if (prefix !== undefined) usage.set(`${prefix}requests.storage`, amount)
}

const isExtended = (name: string): boolean => name.includes('/') && !name.includes('kubernetes.io/')

function addPodUsage(usage: Map<string, Quantity>, pod: KubernetesObject): void {
  const phase = fieldsOf(pod['status'])['phase']
  if (phase === 'Failed' || phase === 'Succeeded') return
  usage.set('pods', one)
  for (const [name, amount] of podAmounts(pod, 'requests')) {
    if (isExtended(name)) usage.set(`requests.${name}`, amount)
    else {
      usage.set(name, amount)
      usage.set(`requests.${name}`, amount)
    }
  }
  for (const [name, amount] of podAmounts(pod, 'limits')) if (!isExtended(name)) usage.set(`limits.${name}`, amount)
}

/** Whether the object is one of those that the quota's scopes are about. Only pods and claims have scopes. */
export const isInScope = (quota: KubernetesObject, storage: string, object: KubernetesObject): boolean => {
  const { scopes, scopeSelector } = fieldsOf(quota['spec'])
  const requirements = [
    ...textsOf(scopes).map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...listOf(fieldsOf(scopeSelector)['matchExpressions']).map(fieldsOf),
  ]
  return requirements.every((requirement) => matchesScope(requirement, storage, object))
}

function matchesScope(requirement: Fields, storage: string, object: KubernetesObject): boolean {
  const spec = fieldsOf(object['spec'])
  const scope = textOf(requirement['scopeName'])
  if (storage === '/persistentvolumeclaims' && scope === 'VolumeAttributesClass')
    return matchesText(requirement, textOf(spec['volumeAttributesClassName']))
  if (storage !== '/pods') return false
  switch (scope) {
    case 'Terminating':
      return isSet(spec['activeDeadlineSeconds'])
    case 'NotTerminating':
      return !isSet(spec['activeDeadlineSeconds'])
    case 'BestEffort':
      return isBestEffort(object)
    case 'NotBestEffort':
      return !isBestEffort(object)
    case 'PriorityClass':
      return matchesText(requirement, textOf(spec['priorityClassName']))
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(spec)
    default:
      return false
  }
}

function matchesText(requirement: Fields, value: string): boolean {
  const values = textsOf(requirement['values'])
  switch (requirement['operator']) {
    case 'In':
      return value !== '' && values.includes(value)
    case 'NotIn':
      return value === '' || !values.includes(value)
    case 'DoesNotExist':
      return value === ''
    default:
      return value !== ''
  }
}

function isBestEffort(pod: KubernetesObject): boolean {
  const spec = fieldsOf(pod['spec'])
  const asks = (container: unknown): boolean => {
    const resources = fieldsOf(fieldsOf(container)['resources'])
    return ['requests', 'limits'].some((kind) =>
      entriesOf(resources[kind]).some(([name, amount]) => (name === 'cpu' || name === 'memory') && quantityOf(amount).nano > 0n),
    )
  }
  return ![...listOf(spec['containers']), ...listOf(spec['initContainers']), { resources: spec['resources'] }].some(asks)
}

function crossesNamespaces(spec: Fields): boolean {
  const affinity = fieldsOf(spec['affinity'])
  const terms = ['podAffinity', 'podAntiAffinity'].flatMap((kind) => {
    const rules = fieldsOf(affinity[kind])
    return [
      ...listOf(rules['requiredDuringSchedulingIgnoredDuringExecution']).map(fieldsOf),
      ...listOf(rules['preferredDuringSchedulingIgnoredDuringExecution']).map((term) => fieldsOf(fieldsOf(term)['podAffinityTerm'])),
    ]
  })
  return terms.some((term) => listOf(term['namespaces']).length > 0 || isSet(term['namespaceSelector']))
}
