/**
 * What quotas refuse. The use is counted from the objects that are there, so it is never behind.
 *
 * (apiserver, admission/plugin/resourcequota/controller.go)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import { addQuantities, compareQuantities, formatQuantity, type Quantity } from '../../../api/quantity.ts'
import type { Resource, WriteContext } from '../../registry/resource.ts'
import { forbiddenError } from '../../status/api-error.ts'
import { type Amounts, amountsOf, containerAmounts, containersOf } from './pod-amounts.ts'
import { isInScope, usageOf } from './quota-usage.ts'
import { fieldsOf, isSet, textOf } from './values.ts'

const zero: Quantity = { nano: 0n, format: 'decimal' }
/** What every container has to state where a quota counts it. */
const stated: ReadonlySet<string> = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'])
/** Kinds whose updates count: their use can grow. Pods only when they begin or cease to have a deadline. */
const growing: ReadonlySet<string> = new Set(['/services', '/persistentvolumeclaims'])
const uncounted: ReadonlySet<string> = new Set(['/events', '/bindings'])

/** Refuses an object that would take more than a quota of its namespace allows. Throws ApiError (403). */
export function admitQuota(
  resource: Pick<Resource, 'group' | 'resource' | 'storage' | 'namespaced'>,
  object: KubernetesObject,
  old: KubernetesObject | undefined,
  context: WriteContext,
): void {
  const { storage } = resource
  if (!resource.namespaced || uncounted.has(storage) || !isCounted(storage, object, old)) return
  const namespace = object.metadata.namespace ?? ''
  const refuse = (why: string) => forbiddenError(resource, object.metadata.name, why)
  const usage = usageOf(storage, object)
  for (const quota of context.objects.list('/resourcequotas', namespace)) {
    const { name } = quota.metadata
    const hard = amountsOf(fieldsOf(quota['status'])['hard'])
    const counted = [...hard.keys()].filter((each) => isCountedName(storage, each, usage))
    if (counted.length === 0 || !isInScope(quota, storage, object)) continue
    if (storage === '/pods') {
      const missing = unstated(object, counted)
      if (missing) throw refuse(`failed quota: ${name}: must specify ${missing}`)
    }
    const before = old && isInScope(quota, storage, old) ? usageOf(storage, old) : undefined
    const asked = new Map<string, Quantity>()
    for (const each of counted) {
      const more = increase(usage.get(each), before?.get(each))
      if (more.nano > 0n) asked.set(each, more)
    }
    if (asked.size === 0) continue
    const used = usedBy(quota, storage, namespace, [...asked.keys()], context)
    const exceeded = [...asked.keys()]
      .filter((each) => compareQuantities(addQuantities(used.get(each) ?? zero, asked.get(each) ?? zero), hard.get(each) ?? zero) > 0)
      .sort()
    if (exceeded.length === 0) continue
    const list = (amounts: Amounts): string => exceeded.map((each) => `${each}=${formatQuantity(amounts.get(each) ?? zero)}`).join(',')
    throw refuse(`exceeded quota: ${name}, requested: ${list(asked)}, used: ${list(used)}, limited: ${list(hard)}`)
  }
}

function isCounted(storage: string, object: KubernetesObject, old: KubernetesObject | undefined): boolean {
  if (!old || growing.has(storage)) return true
  const ends = (pod: KubernetesObject): boolean => isSet(fieldsOf(pod['spec'])['activeDeadlineSeconds'])
  return storage === '/pods' && ends(object) !== ends(old)
}

/** Pods are about all that containers can ask for, even where this one does not. */
const isCountedName = (storage: string, name: string, usage: Amounts): boolean =>
  usage.has(name) ||
  (storage === '/pods' &&
    (stated.has(name) || /^((requests|limits)\.)?(ephemeral-storage|hugepages-.*)$/.test(name) || /^requests\.[^/]+\/.+$/.test(name)))

function unstated(pod: KubernetesObject, counted: readonly string[]): string {
  if (isSet(fieldsOf(pod['spec'])['resources'])) return ''
  const missing = new Map<string, Set<string>>()
  for (const container of [...containersOf(pod, 'containers'), ...containersOf(pod, 'initContainers')]) {
    const requests = containerAmounts(container, 'requests')
    const limits = containerAmounts(container, 'limits')
    for (const name of counted) {
      const states = name.startsWith('limits.') ? limits.has(name.slice(7)) : requests.has(name.replace(/^requests\./, ''))
      if (!stated.has(name) || states) continue
      missing.set(name, (missing.get(name) ?? new Set()).add(textOf(container['name'])))
    }
  }
  return [...missing]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, containers]) => `${name} for: ${[...containers].sort().join(',')}`)
    .join('; ')
}

const increase = (next: Quantity | undefined, last: Quantity | undefined): Quantity => {
  const nano = (next?.nano ?? 0n) - (last?.nano ?? 0n)
  return { nano: nano > 0n ? nano : 0n, format: next?.format ?? 'decimal' }
}

function usedBy(quota: KubernetesObject, storage: string, namespace: string, names: readonly string[], context: WriteContext): Amounts {
  const used = new Map(names.map((name) => [name, zero]))
  for (const object of context.objects.list(storage, namespace)) {
    if (!isInScope(quota, storage, object)) continue
    const usage = usageOf(storage, object)
    for (const name of names) {
      const amount = usage.get(name)
      const sum = used.get(name) ?? zero
      if (amount) used.set(name, sum.nano === 0n ? amount : addQuantities(sum, amount))
    }
  }
  return used
}
