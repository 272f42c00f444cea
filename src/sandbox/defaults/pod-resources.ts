/**
 * What a pod as a whole asks for, where its limit is given and the rest follows from its containers.
 *
 * (pkg/apis/core/v1/defaults.go, defaultHugePagePodLimits and defaultPodRequests; component-helpers, resource/helpers.go)
 */
import { addQuantities, compareQuantities, formatQuantity, parseQuantity, type Quantity } from '../../api/quantity.ts'
import { type Fields, fieldsIn, isEmpty, isFields, listIn } from './fields.ts'

type Amounts = Map<string, Quantity>

const isHugePage = (name: string): boolean => name.startsWith('hugepages-')
const isOfPods = (name: string): boolean => name === 'cpu' || name === 'memory' || isHugePage(name)

/** Those of the containers have been filled in. */
export function podResources(spec: Fields): void {
  const { resources } = spec
  if (!isFields(resources)) return
  if (isEmpty(resources['limits']) && isEmpty(resources['requests'])) return
  const asked = fieldsIn(resources, 'requests')
  const limits = { ...fieldsIn(resources, 'limits') }
  for (const [name, amount] of aggregate(spec, 'limits')) {
    if (isHugePage(name) && !Object.hasOwn(asked, name)) limits[name] ??= formatQuantity(amount)
  }
  if (!isEmpty(limits)) resources['limits'] = limits
  if (isEmpty(limits)) return
  const requests = { ...asked }
  // Huge pages are never shared, so that their limit is what is asked for.
  for (const [name, amount] of aggregate(spec, 'requests')) {
    if (isOfPods(name) && !isHugePage(name)) requests[name] ??= formatQuantity(amount)
  }
  for (const [name, limit] of Object.entries(limits)) if (isOfPods(name)) requests[name] ??= limit
  if (!isEmpty(requests)) resources['requests'] = requests
}

/** All containers that run at once, or the start of them if that takes more. */
function aggregate(spec: Fields, kind: 'limits' | 'requests'): Amounts {
  let running: Amounts = new Map()
  for (const container of listIn(spec, 'containers')) running = sum(running, amountsOf(container, kind))
  let beside: Amounts = new Map()
  let starting: Amounts = new Map()
  for (const container of listIn(spec, 'initContainers')) {
    const amounts = amountsOf(container, kind)
    const stays = container['restartPolicy'] === 'Always'
    if (stays) running = sum(running, amounts)
    const now = sum(amounts, beside)
    if (stays) beside = now
    starting = most(starting, now)
  }
  return most(running, starting)
}

const amountsOf = (container: Fields, kind: 'limits' | 'requests'): Amounts =>
  new Map(
    Object.entries(fieldsIn(fieldsIn(container, 'resources'), kind)).flatMap(([name, text]) => {
      const amount = typeof text === 'string' ? parseQuantity(text) : undefined
      return amount ? [[name, amount] as const] : []
    }),
  )

const combined = (left: Amounts, right: Amounts, combine: (first: Quantity, second: Quantity) => Quantity): Amounts => {
  const result = new Map(left)
  for (const [name, amount] of right) {
    const present = result.get(name)
    result.set(name, present ? combine(present, amount) : amount)
  }
  return result
}

const sum = (left: Amounts, right: Amounts): Amounts => combined(left, right, addQuantities)
const most = (left: Amounts, right: Amounts): Amounts =>
  combined(left, right, (first, second) => (compareQuantities(first, second) < 0 ? second : first))
