/**
 * What of a resource quota is used, counted anew after every change in its namespace.
 *
 * Scopes are looked at for pods: BestEffort, NotBestEffort, Terminating, NotTerminating. (pkg/controller/resourcequota; pkg/quota/v1/evaluator)
 */
import type { KubernetesObject } from '../../api/object.ts'
import { addQuantities, formatQuantity, parseQuantity, type Quantity } from '../../api/quantity.ts'
import type { Controller, World } from './controller.ts'
import { splitKey } from './ownership.ts'
import { type Container, isFinished, type Pod } from './pods.ts'
import { writeStatus } from './status-writer.ts'

const storage = '/resourcequotas'

interface ResourceQuota extends KubernetesObject {
  spec: { hard?: Readonly<Record<string, string>>; scopes?: readonly string[] }
  status?: { readonly hard?: object; readonly used?: object }
}

export function resourceQuotas(): Controller {
  const byNamespace = new Map<string, Set<string>>()
  return {
    name: 'resourcequota',
    watches: ['*'],
    keys({ storage: where, type, object }) {
      const { namespace, name } = object.metadata
      if (namespace === undefined) return []
      if (where === storage) {
        const known = byNamespace.get(namespace) ?? new Set()
        byNamespace.set(namespace, known)
        if (type === 'DELETED') known.delete(`${namespace}/${name}`)
        else known.add(`${namespace}/${name}`)
      }
      return byNamespace.get(namespace) ?? []
    },
    reconcile(key, world) {
      const quota = world.get(storage, ...splitKey(key)) as ResourceQuota | undefined
      if (!quota) return undefined
      const { hard = {} } = quota.spec
      const used = Object.fromEntries(Object.keys(hard).map((name) => [name, usedOf(world, quota, name)]))
      writeStatus(world, storage, quota, { hard, used })
      return undefined
    },
  }
}

/** Plain counts under an old name. */
const counted: Readonly<Record<string, string>> = {
  configmaps: '/configmaps',
  persistentvolumeclaims: '/persistentvolumeclaims',
  replicationcontrollers: '/replicationcontrollers',
  resourcequotas: '/resourcequotas',
  secrets: '/secrets',
  services: '/services',
}

function usedOf(world: World, quota: ResourceQuota, name: string): string {
  const { namespace = '' } = quota.metadata
  const objects = (where: string): KubernetesObject[] => [...world.list(where, namespace)]
  if (name.startsWith('count/')) return String(objects(storageOf(name.slice('count/'.length))).length)
  const where = Object.hasOwn(counted, name) ? counted[name] : undefined
  if (where !== undefined) return String(objects(where).length)
  if (name === 'services.nodeports' || name === 'services.loadbalancers') return String(servicePorts(objects('/services'), name))
  if (name === 'requests.storage') return storageRequests(objects('/persistentvolumeclaims'))
  const pods = (objects('/pods') as Pod[]).filter((pod) => !isFinished(pod) && inScopes(pod, quota.spec.scopes))
  if (name === 'pods') return String(pods.length)
  const [kind, resource] = name.startsWith('limits.')
    ? (['limits', name.slice(7)] as const)
    : (['requests', name.replace(/^requests\./, '')] as const)
  return sum(pods.map((pod) => podAmount(pod, kind, resource)))
}

/** `deployments.apps` → `apps/deployments`. */
function storageOf(name: string): string {
  const dot = name.indexOf('.')
  return dot < 0 ? `/${name}` : `${name.slice(dot + 1)}/${name.slice(0, dot)}`
}

function servicePorts(services: readonly KubernetesObject[], name: string): number {
  let total = 0
  for (const service of services) {
    const { type, ports = [] } = service['spec'] as { type?: string; ports?: readonly { nodePort?: number }[] }
    if (name === 'services.loadbalancers') total += type === 'LoadBalancer' ? 1 : 0
    else if (type === 'NodePort' || type === 'LoadBalancer') total += ports.filter(({ nodePort }) => nodePort).length
  }
  return total
}

const storageRequests = (claims: readonly KubernetesObject[]): string =>
  sum(claims.map((claim) => (claim['spec'] as { resources?: { requests?: Record<string, string> } }).resources?.requests?.['storage']))

function podAmount({ spec }: Pod, kind: 'requests' | 'limits', resource: string): string {
  const asked = ({ resources }: Container): string | undefined => resources?.[kind]?.[resource]
  const together = sum(spec.containers.map(asked))
  const largest = (spec.initContainers ?? [])
    .map(asked)
    .reduce<string>((most, amount) => (nano(amount) > nano(most) ? (amount ?? '0') : most), '0')
  return nano(largest) > nano(together) ? largest : together
}

const nano = (text: string | undefined): bigint => parseQuantity(text ?? '0')?.nano ?? 0n

function sum(amounts: readonly (string | undefined)[]): string {
  let total: Quantity | undefined
  for (const amount of amounts) {
    const quantity = amount === undefined ? undefined : parseQuantity(amount)
    if (quantity && quantity.nano !== 0n) total = total ? addQuantities(total, quantity) : quantity
  }
  return total ? formatQuantity(total) : '0'
}

function inScopes(pod: Pod, scopes: readonly string[] | undefined): boolean {
  const asks = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].some(
    ({ resources }) => Object.keys(resources?.requests ?? {}).length > 0 || Object.keys(resources?.limits ?? {}).length > 0,
  )
  const ends = pod.spec['activeDeadlineSeconds'] !== undefined
  const holds: Readonly<Record<string, boolean>> = { BestEffort: !asks, NotBestEffort: asks, Terminating: ends, NotTerminating: !ends }
  return (scopes ?? []).every((scope) => !Object.hasOwn(holds, scope) || holds[scope])
}
