/** Simulated nodes: large machines that are always ready. Pods that are bound to them start at once. */
import type { KubernetesObject } from '../../api/object.ts'
import type { Condition } from './conditions.ts'
import { timestamp } from './controller.ts'

export interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute'
}

export interface Node extends KubernetesObject {
  spec?: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[] }
  status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
    readonly allocatable?: Readonly<Record<string, string>>
    readonly conditions?: readonly Condition[]
    readonly [field: string]: unknown
  }
}

const conditions: readonly (readonly [type: string, status: 'True' | 'False', reason: string, message: string])[] = [
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['NetworkUnavailable', 'False', 'RouteCreated', 'RouteController created a route'],
]

const resources = { cpu: '1k', memory: '1Ti', pods: '1M' }
const kubeletVersion = 'v1.36.3'

/** A node with its status. @param now Milliseconds since the epoch */
export function simulatedNode(name: string, now: number): Node {
  const time = timestamp(now)
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name }, annotations: { 'node.alpha.kubernetes.io/ttl': '0' } },
    spec: {},
    status: {
      addresses: [{ address: '127.0.0.1', type: 'InternalIP' }],
      allocatable: resources,
      capacity: resources,
      conditions: conditions.map(([type, status, reason, message]) => ({
        lastHeartbeatTime: time,
        lastTransitionTime: time,
        message,
        reason,
        status,
        type,
      })),
      daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
      nodeInfo: {
        architecture: 'amd64',
        bootID: '',
        containerRuntimeVersion: 'simulated',
        kernelVersion: '',
        kubeProxyVersion: kubeletVersion,
        kubeletVersion,
        machineID: '',
        operatingSystem: 'linux',
        osImage: '',
        systemUUID: '',
      },
      phase: 'Running',
    },
  }
}

export const nodeAddress = (node: Node): string => node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '127.0.0.1'
