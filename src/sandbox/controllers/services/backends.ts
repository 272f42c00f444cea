/** Which pods stand behind a service, and under which ports. (pkg/controller/endpoint and endpointslice; api/v1/service) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { Change } from '../controller.ts'
import { LabelIndex } from '../label-index.ts'
import { isFinished, isReady, isTerminating, type Pod } from '../pods.ts'

export interface Service extends KubernetesObject {
  spec: {
    type?: string
    selector?: Readonly<Record<string, string>>
    clusterIP?: string
    ipFamilies?: readonly string[]
    ports?: readonly ServicePort[]
    publishNotReadyAddresses?: boolean
  }
}

export interface ServicePort {
  readonly name?: string
  readonly port: number
  readonly protocol?: string
  readonly targetPort?: number | string
  readonly appProtocol?: string
}

export interface ResolvedPort {
  readonly name: string
  readonly port: number
  readonly protocol: string
  readonly appProtocol?: string
}

export interface Backend {
  readonly pod: Pod
  readonly address: string
  /** Set for a pod that has a name of its own within the service. */
  readonly hostname: string | undefined
  readonly ports: readonly ResolvedPort[]
  readonly ready: boolean
  readonly serving: boolean
  readonly terminating: boolean
}

export const hasSelector = ({ spec }: Service): boolean => spec.type !== 'ExternalName' && Object.keys(spec.selector ?? {}).length > 0
export const isHeadless = ({ spec }: Service): boolean => spec.clusterIP === 'None'

/** Pods and services of all namespaces, and which of them belong together. */
export class Backends {
  readonly #pods = new LabelIndex()
  /** Services by the first label that they select. */
  readonly #services = new LabelIndex()

  /** The keys of the services that a change concerns. */
  observe(change: Change): string[] {
    if (change.storage === '/services') {
      this.#services.observe({ ...change, object: byFirstLabel(change.object), previous: change.previous && byFirstLabel(change.previous) })
      return [keyOf(change.object)]
    }
    this.#pods.observe(change)
    const keys = new Set<string>()
    for (const pod of change.previous ? [change.object, change.previous] : [change.object]) {
      const { namespace = '', labels = {} } = pod.metadata
      for (const [key, value] of Object.entries(labels)) {
        for (const service of this.#services.selected(namespace, { matchLabels: { [key]: value } })) keys.add(keyOf(service))
      }
    }
    return [...keys]
  }

  of(service: Service): Backend[] {
    const { selector, publishNotReadyAddresses = false } = service.spec
    const pods = this.#pods.selected(service.metadata.namespace ?? '', { matchLabels: selector ?? {} }) as Pod[]
    const backends: Backend[] = []
    for (const pod of pods) {
      const address = pod.status?.podIP
      if (!address || isFinished(pod)) continue
      const { hostname, subdomain } = pod.spec as { hostname?: string; subdomain?: string }
      const ready = isReady(pod)
      const terminating = isTerminating(pod)
      backends.push({
        pod,
        address,
        hostname: hostname && subdomain === service.metadata.name ? hostname : undefined,
        ports: (service.spec.ports ?? []).flatMap((port) => resolve(port, pod)),
        ready: publishNotReadyAddresses || (ready && !terminating),
        serving: ready,
        terminating,
      })
    }
    return backends
  }
}

const keyOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`

function byFirstLabel(service: KubernetesObject): KubernetesObject {
  const [first] = Object.entries((service as Service).spec.selector ?? {})
  return { ...service, metadata: { ...service.metadata, labels: first ? Object.fromEntries([first]) : {} } }
}

/** A port by number, or by the name that a container of the pod gives it; nothing if no container does. */
function resolve({ name = '', port, protocol = 'TCP', targetPort = port, appProtocol }: ServicePort, pod: Pod): ResolvedPort[] {
  const number = typeof targetPort === 'number' ? targetPort || port : numberOf(targetPort, protocol, pod)
  return number === undefined ? [] : [{ name, port: number, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }]
}

function numberOf(name: string, protocol: string, { spec }: Pod): number | undefined {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  for (const { ports = [] } of [...spec.containers, ...sidecars]) {
    const found = ports.find((port) => port.name === name && (port.protocol ?? 'TCP') === protocol)
    if (found) return found.containerPort
  }
  return undefined
}

export const targetOf = ({ metadata }: Pod): object => ({
  kind: 'Pod',
  name: metadata.name,
  namespace: metadata.namespace,
  uid: metadata.uid,
})
