/** Endpoints: the addresses behind a service in one object. (pkg/controller/endpoint) */
import type { KubernetesObject } from '../../../api/object.ts'
import { type Controller, timestamp, type World } from '../controller.ts'
import { equalJson } from '../../../api/equal.ts'
import { splitKey } from '../ownership.ts'
import { remove } from '../remove.ts'
import { type Backend, Backends, hasSelector, isHeadless, type ResolvedPort, type Service, targetOf } from './backends.ts'

const storage = '/endpoints'
const managedBy = 'endpoints.kubernetes.io/managed-by'
const headlessLabel = 'service.kubernetes.io/headless'
const changedAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time'
/** More addresses than this are left out. */
const mostAddresses = 1000

export function endpoints(): Controller {
  const backends = new Backends()
  return {
    name: 'endpoint',
    watches: ['/services', '/pods', storage],
    keys(change) {
      if (change.storage !== storage) return backends.observe(change)
      return change.type === 'ADDED' ? [] : [`${change.object.metadata.namespace ?? ''}/${change.object.metadata.name}`]
    },
    reconcile(key, world) {
      const [namespace, name] = splitKey(key)
      const service = world.get('/services', namespace, name) as Service | undefined
      const present = world.get(storage, namespace, name)
      if (!service) {
        if (present?.metadata.labels?.[managedBy]) remove(world, storage, present)
      } else if (hasSelector(service)) write(world, service, present, subsetsOf(backends.of(service)))
      return undefined
    },
  }
}

interface Subset {
  readonly addresses?: readonly object[]
  readonly notReadyAddresses?: readonly object[]
  readonly ports?: readonly object[]
}

function write(world: World, service: Service, present: KubernetesObject | undefined, subsets: readonly Subset[]): void {
  const labels = {
    ...service.metadata.labels,
    [managedBy]: 'endpoint-controller',
    ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
  }
  const body = subsets.length > 0 ? { subsets } : {}
  if (!present) {
    const annotations = { [changedAnnotation]: timestamp(world.now()) }
    const { name, namespace = '' } = service.metadata
    world.create(storage, { apiVersion: 'v1', kind: 'Endpoints', metadata: { name, namespace, labels, annotations }, ...body })
    return
  }
  if (equalJson(present['subsets'] ?? [], subsets) && equalJson(present.metadata.labels, labels)) return
  const { subsets: _subsets, ...rest } = present
  const annotations = { ...present.metadata.annotations, [changedAnnotation]: timestamp(world.now()) }
  world.update(storage, { ...rest, metadata: { ...present.metadata, labels, annotations }, ...body } as KubernetesObject)
}

/** One subset for each set of ports; addresses in the order of their text. */
function subsetsOf(backends: readonly Backend[]): Subset[] {
  const groups = new Map<string, { ports: readonly ResolvedPort[]; members: Backend[] }>()
  const counted = backends.filter(({ terminating, pod }) => !terminating && pod.status?.podIP).slice(0, mostAddresses)
  for (const backend of counted) {
    const key = JSON.stringify(backend.ports)
    const group = groups.get(key) ?? { ports: backend.ports, members: [] }
    groups.set(key, group)
    group.members.push(backend)
  }
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { ports, members }]) => {
      const sorted = members.toSorted((a, b) => (a.address < b.address ? -1 : 1))
      const ready = sorted.filter((backend) => backend.ready).map(addressOf)
      const unready = sorted.filter((backend) => !backend.ready).map(addressOf)
      return {
        ...(ready.length > 0 ? { addresses: ready } : {}),
        ...(unready.length > 0 ? { notReadyAddresses: unready } : {}),
        ...(ports.length > 0 ? { ports: ports.map(({ name, ...port }) => (name ? { name, ...port } : port)) } : {}),
      }
    })
}

const addressOf = ({ address, hostname, pod }: Backend): object => ({
  ip: address,
  ...(hostname ? { hostname } : {}),
  nodeName: pod.spec.nodeName,
  targetRef: targetOf(pod),
})
