/**
 * Which container of a pod is meant, and what has become of it.
 *
 * (registry/core/pod/strategy.go, LogLocation, streamLocation; kubelet_pods.go, validateContainerLogStatus)
 */
import type { Container, Pod } from '../controllers/pods.ts'
import { badRequest } from '../status/api-error.ts'
import { quoted } from '../status/go-text.ts'

export interface Terminated {
  readonly exitCode: number
  readonly message?: string
  readonly reason?: string
  readonly startedAt?: string
  readonly finishedAt?: string
}

export interface ContainerState {
  readonly running?: { readonly startedAt?: string }
  readonly terminated?: Terminated
  readonly waiting?: { readonly reason?: string; readonly message?: string }
}

export interface ContainerStatus {
  readonly name: string
  readonly image: string
  readonly imageID: string
  readonly ready: boolean
  readonly started?: boolean
  readonly restartCount: number
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

/** The container with that name, or the only one. Throws ApiError (400). */
export function containerOf(pod: Pod, name: string): Container {
  const { containers, initContainers = [] } = pod.spec
  const ephemeral = (pod.spec['ephemeralContainers'] ?? []) as readonly Container[]
  const all = [...initContainers, ...containers, ...ephemeral]
  if (name !== '') {
    const found = all.find((each) => each.name === name)
    if (!found) throw badRequest(`container ${name} is not valid for pod ${pod.metadata.name}`)
    return found
  }
  const [only, ...others] = containers
  if (only && others.length === 0) return only
  const names = all.map((each) => each.name).join(' ')
  throw badRequest(`a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names}]`)
}

/** Undefined while nothing is known of the container. */
export function statusOf({ status }: Pod, { name }: Container): ContainerStatus | undefined {
  const lists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses']
  return lists.flatMap((list) => (status?.[list] ?? []) as readonly ContainerStatus[]).find((each) => each.name === name)
}

/** The run whose log is asked for: when it began, and when it ended if it has. Throws ApiError (400) where there is none. */
export function runOf(pod: Pod, container: Container, previous: boolean): { readonly startedAt: string; readonly finishedAt?: string } {
  const status = statusOf(pod, container)
  const [what, where] = [quoted(container.name), quoted(pod.metadata.name)]
  const last = status?.lastState?.terminated
  if (previous && !last) throw badRequest(`previous terminated container ${what} in pod ${where} not found`)
  const run = previous ? last : (status?.state?.running ?? status?.state?.terminated ?? last)
  if (!run) {
    const reason = status?.state?.waiting?.reason ?? 'ContainerCreating'
    throw badRequest(`container ${what} in pod ${where} is waiting to start: ${waits[reason] ?? reason}`)
  }
  const { startedAt = '', finishedAt } = run as Terminated
  return { startedAt, ...(finishedAt !== undefined && { finishedAt }) }
}

const waits: Readonly<Record<string, string>> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
}
