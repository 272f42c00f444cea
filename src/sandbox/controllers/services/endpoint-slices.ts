/** Endpoint slices: the addresses behind a service, at most a hundred in one object. (pkg/controller/endpointslice) */
import type { KubernetesObject } from '../../../api/object.ts'
import { type Controller, timestamp, type World } from '../controller.ts'
import { equalJson } from '../../../api/equal.ts'
import { ControllerIndex, controllerReference, keyOfController, splitKey } from '../ownership.ts'
import { remove } from '../remove.ts'
import { type Backend, Backends, hasSelector, isHeadless, type ResolvedPort, type Service, targetOf } from './backends.ts'

const storage = 'discovery.k8s.io/endpointslices'
const managedBy = 'endpointslice.kubernetes.io/managed-by'
const manager = 'endpointslice-controller.k8s.io'
const serviceName = 'kubernetes.io/service-name'
const headlessLabel = 'service.kubernetes.io/headless'
const changedAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time'
const sliceSize = 100

interface EndpointSlice extends KubernetesObject {
  addressType: string
  endpoints?: readonly object[] | null
  ports?: readonly object[] | null
}

interface Content {
  readonly endpoints: readonly object[] | null
  readonly ports: readonly ResolvedPort[] | null
}

export function endpointSlices(): Controller {
  const backends = new Backends()
  const slices = new ControllerIndex()
  return {
    name: 'endpointslice',
    watches: ['/services', '/pods', storage],
    keys(change) {
      if (change.storage !== storage) return backends.observe(change)
      slices.observe(change)
      return change.type === 'ADDED' ? [] : keyOfController(change.object, '', 'Service')
    },
    reconcile(key, world) {
      const service = world.get('/services', ...splitKey(key)) as Service | undefined
      if (!service || service.metadata.deletionTimestamp !== undefined || !hasSelector(service)) return undefined
      const present = (slices.managedBy(service.metadata.uid) as EndpointSlice[]).filter(
        ({ metadata }) => metadata.labels?.[managedBy] === manager,
      )
      for (const family of service.spec.ipFamilies ?? ['IPv4']) {
        // The simulated pods have IPv4 addresses only.
        const members = family === 'IPv4' ? backends.of(service) : []
        write(
          world,
          service,
          family,
          present.filter(({ addressType }) => addressType === family),
          contentOf(members),
        )
      }
      return undefined
    },
  }
}

/** The slices that are there take the contents in their order; what is left of either is created or deleted. */
function write(world: World, service: Service, family: string, present: readonly EndpointSlice[], contents: readonly Content[]): void {
  const labels = {
    ...service.metadata.labels,
    ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
    [managedBy]: manager,
    [serviceName]: service.metadata.name,
  }
  const annotations = { [changedAnnotation]: timestamp(world.now()) }
  contents.forEach((content, at) => {
    const slice = present[at]
    if (!slice) world.create(storage, newSlice(service, family, labels, annotations, content))
    else if (!holds(slice, content) || !equalJson(slice.metadata.labels, labels)) {
      world.update(storage, {
        ...slice,
        metadata: { ...slice.metadata, labels, annotations: { ...slice.metadata.annotations, ...annotations } },
        ...content,
      })
    }
  })
  for (const slice of present.slice(contents.length)) remove(world, storage, slice)
}

const holds = (slice: EndpointSlice, { endpoints, ports }: Content): boolean =>
  equalJson(slice.endpoints ?? [], endpoints ?? []) && equalJson(slice.ports ?? [], ports ?? [])

function newSlice(
  service: Service,
  addressType: string,
  labels: Record<string, string>,
  annotations: Record<string, string>,
  content: Content,
): KubernetesObject {
  const { name, namespace = '' } = service.metadata
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: '', generateName: `${name}-`, namespace, labels, annotations, ownerReferences: [controllerReference(service)] },
    addressType,
    ...content,
  }
}

/** At least one content, empty if nothing stands behind the service. */
function contentOf(backends: readonly Backend[]): Content[] {
  const groups = new Map<string, Backend[]>()
  for (const backend of backends) {
    const key = JSON.stringify(backend.ports)
    groups.set(key, [...(groups.get(key) ?? []), backend])
  }
  const contents = [...groups.values()].flatMap((members) => {
    const count = Math.ceil(members.length / sliceSize)
    const [first] = members
    const ports = first && first.ports.length > 0 ? first.ports : null
    return Array.from({ length: count }, (_, at) => ({
      endpoints: members.slice(at * sliceSize, (at + 1) * sliceSize).map(endpointOf),
      ports,
    }))
  })
  return contents.length > 0 ? contents : [{ endpoints: null, ports: null }]
}

const endpointOf = ({ address, ready, serving, terminating, hostname, pod }: Backend): object => ({
  addresses: [address],
  conditions: { ready, serving, terminating },
  ...(hostname ? { hostname } : {}),
  ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
  targetRef: targetOf(pod),
})
