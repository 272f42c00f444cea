/**
 * Collisions: what only one Service in the cluster can have, such as a node port.
 *
 * A Service of a new name asks for it while the one of the former name still has it, and the server refuses that as long as both are wanted.
 * (core/v1 ServiceSpec)
 */
import type { KubernetesObject } from '../api/object.ts'

interface ServiceSpec {
  ports?: readonly { nodePort?: number }[]
  clusterIP?: string
  clusterIPs?: readonly string[]
  healthCheckNodePort?: number
}

/** Whether the object has something that is wanted for another one, and that both cannot have. */
export const isInTheWay = (object: KubernetesObject, wanted: KubernetesObject): boolean => !taken(object).isDisjointFrom(taken(wanted))

function taken({ apiVersion, kind, spec }: KubernetesObject & { spec?: unknown }): Set<string | number> {
  if (apiVersion !== 'v1' || kind !== 'Service') return new Set()
  const { ports = [], clusterIP, clusterIPs = [], healthCheckNodePort } = (spec ?? {}) as ServiceSpec
  const all = [...ports.map(({ nodePort }) => nodePort), clusterIP, ...clusterIPs, healthCheckNodePort]
  return new Set(
    all.filter((each) => each !== undefined && each !== null && each !== 0 && each !== '' && each !== 'None') as (string | number)[],
  )
}
