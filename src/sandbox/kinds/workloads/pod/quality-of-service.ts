/** How well a pod's share of its node is kept: by what its containers ask for and may use. (core/helper/qos, ComputePodQOS) */
import { compareQuantities, type Quantity } from '../../../../api/quantity.ts'
import { isPositive, quantity } from '../checks.ts'
import type { PodSpec, ResourceRequirements, Texts } from '../shapes.ts'

export type QualityOfService = 'Guaranteed' | 'Burstable' | 'BestEffort'

const compute = ['cpu', 'memory'] as const

export function qualityOfService({ containers, initContainers = [], resources }: PodSpec): QualityOfService {
  const asking: ResourceRequirements[] =
    Object.keys(resources?.requests ?? {}).length + Object.keys(resources?.limits ?? {}).length > 0 && resources
      ? [resources]
      : [...(containers ?? []), ...initContainers].map(({ resources: own = {} }) => own)
  const requests = total(asking.map(({ requests: own }) => own))
  const limits = total(asking.map(({ limits: own }) => own))
  if (requests.size === 0 && limits.size === 0) return 'BestEffort'
  const bounded = asking.every(({ limits: own }) => compute.every((name) => own?.[name] !== undefined && isPositive(own[name])))
  const equal = [...requests].every(([name, amount]) => {
    const limit = limits.get(name)
    return limit !== undefined && compareQuantities(limit, amount) === 0
  })
  return bounded && equal && requests.size === limits.size ? 'Guaranteed' : 'Burstable'
}

function total(lists: readonly (Texts | undefined)[]): Map<string, Quantity> {
  const sum = new Map<string, Quantity>()
  for (const list of lists)
    for (const name of compute) {
      const text = list?.[name]
      if (text === undefined || !isPositive(text)) continue
      const amount = quantity(text)
      sum.set(name, { nano: amount.nano + (sum.get(name)?.nano ?? 0n), format: amount.format })
    }
  return sum
}
