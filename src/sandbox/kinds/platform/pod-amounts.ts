/**
 * What a pod asks for altogether: its containers together, or one init container with the sidecars before it, whichever is more.
 *
 * (component-helpers, resource/helpers.go; the same sum in plugin limitranger)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import { addQuantities, compareQuantities, type Quantity } from '../../../api/quantity.ts'
import { quantityOf } from './claims.ts'
import { entriesOf, type Fields, fieldsOf, listOf } from './values.ts'

export type Amounts = ReadonlyMap<string, Quantity>
export type AmountKind = 'requests' | 'limits'

export const amountsOf = (value: unknown): Map<string, Quantity> =>
  new Map(entriesOf(value).map(([name, amount]) => [name, quantityOf(amount)]))

export const containerAmounts = (container: Fields, kind: AmountKind): Map<string, Quantity> =>
  amountsOf(fieldsOf(container['resources'])[kind])

export const containersOf = (pod: KubernetesObject, list: 'containers' | 'initContainers'): readonly Fields[] =>
  listOf(fieldsOf(pod['spec'])[list]).map(fieldsOf)

function add(to: Map<string, Quantity>, amounts: Amounts): void {
  for (const [name, amount] of amounts) {
    const present = to.get(name)
    to.set(name, present ? addQuantities(present, amount) : amount)
  }
}

function raise(to: Map<string, Quantity>, amounts: Amounts): void {
  for (const [name, amount] of amounts) {
    const present = to.get(name)
    if (!present || compareQuantities(amount, present) > 0) to.set(name, amount)
  }
}

export function podAmounts(pod: KubernetesObject, kind: AmountKind): Amounts {
  const total = new Map<string, Quantity>()
  for (const container of containersOf(pod, 'containers')) add(total, containerAmounts(container, kind))
  const sidecars = new Map<string, Quantity>()
  const initial = new Map<string, Quantity>()
  for (const container of containersOf(pod, 'initContainers')) {
    const own = containerAmounts(container, kind)
    if (container['restartPolicy'] === 'Always') {
      add(total, own)
      add(sidecars, own)
      raise(initial, sidecars)
    } else {
      add(own, sidecars)
      raise(initial, own)
    }
  }
  raise(total, initial)
  for (const [name, amount] of amountsOf(fieldsOf(fieldsOf(fieldsOf(pod['spec'])['resources'])[kind])))
    if (name === 'cpu' || name === 'memory') total.set(name, amount)
  return total
}
