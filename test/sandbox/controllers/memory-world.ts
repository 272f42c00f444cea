/**
 * A world for tests of controllers: objects in maps, the rules of metadata that controllers rely on, and a clock that the test moves.
 *
 * There are no defaults and no validation: tests give complete objects.
 */
import type { JsonObject, KubernetesObject, ObjectMeta } from '../../../src/api/object.ts'
import { type Change, type Controller, type DeleteOptions, timestamp, type World } from '../../../src/sandbox/controllers/controller.ts'
import { equalJson } from '../../../src/api/equal.ts'
import { type RunningControllers, runControllers } from '../../../src/sandbox/controllers/runner.ts'
import { alreadyExists, modified, notFound } from '../../../src/sandbox/status/api-error.ts'

const kinds: readonly (readonly [apiVersion: string, kind: string, resource: string, namespaced?: boolean])[] = [
  ['v1', 'Namespace', 'namespaces', false],
  ['v1', 'Node', 'nodes', false],
  ['v1', 'PersistentVolume', 'persistentvolumes', false],
  ['v1', 'Pod', 'pods'],
  ['v1', 'ReplicationController', 'replicationcontrollers'],
  ['v1', 'ConfigMap', 'configmaps'],
  ['v1', 'Secret', 'secrets'],
  ['v1', 'Service', 'services'],
  ['v1', 'ServiceAccount', 'serviceaccounts'],
  ['v1', 'Endpoints', 'endpoints'],
  ['v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'],
  ['v1', 'ResourceQuota', 'resourcequotas'],
  ['apps/v1', 'Deployment', 'deployments'],
  ['apps/v1', 'ReplicaSet', 'replicasets'],
  ['apps/v1', 'StatefulSet', 'statefulsets'],
  ['apps/v1', 'DaemonSet', 'daemonsets'],
  ['apps/v1', 'ControllerRevision', 'controllerrevisions'],
  ['batch/v1', 'Job', 'jobs'],
  ['batch/v1', 'CronJob', 'cronjobs'],
  ['policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'],
  ['autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'],
  ['discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices'],
  ['storage.k8s.io/v1', 'StorageClass', 'storageclasses', false],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', false],
]

const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '')
const storageName = (apiVersion: string, resource: string): string => `${groupOf(apiVersion)}/${resource}`

export class MemoryWorld implements World {
  readonly #objects = new Map<string, Map<string, KubernetesObject>>()
  readonly #listeners = new Set<(change: Change) => void>()
  #now = Date.parse('2026-01-01T00:00:00Z')
  #revision = 0
  #uids = 0
  #waits: { due: number; callback: () => void }[] = []
  /** Called before every create; may throw. */
  onCreate: (storage: string, object: KubernetesObject) => void = () => {}

  readonly subscribe = (listener: (change: Change) => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly schedule = (delay: number, callback: () => void): (() => void) => {
    const wait = { due: this.#now + delay, callback }
    this.#waits.push(wait)
    return () => void (this.#waits = this.#waits.filter((other) => other !== wait))
  }

  /** What waits for time to pass. */
  get waits(): number {
    return this.#waits.length
  }

  advance(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (;;) {
      const [next] = this.#waits.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)
      if (!next) break
      this.#now = Math.max(this.#now, next.due)
      this.#waits = this.#waits.filter((wait) => wait !== next)
      next.callback()
    }
    this.#now = end
  }

  get(storage: string, namespace: string, name: string): KubernetesObject | undefined {
    return this.#objects.get(storage)?.get(`${namespace}/${name}`)
  }

  list(storage: string, namespace?: string): KubernetesObject[] {
    return [...(this.#objects.get(storage)?.values() ?? [])].filter(
      ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
    )
  }

  create(storage: string, object: KubernetesObject): KubernetesObject {
    this.onCreate(storage, object)
    const uid = `uid-${++this.#uids}`
    const generateName = object.metadata['generateName']
    const name = object.metadata.name || `${String(generateName)}${this.#uids.toString(36).padStart(5, '0')}`
    if (this.get(storage, object.metadata.namespace ?? '', name)) throw alreadyExists(resourceOf(storage), { metadata: { name } })
    const metadata: ObjectMeta = { ...object.metadata, name, uid, generation: 1, creationTimestamp: timestamp(this.#now) }
    return this.#put(storage, { ...object, metadata })
  }

  update(storage: string, object: KubernetesObject): KubernetesObject {
    const old = this.#current(storage, object)
    const { status: _status, ...rest } = object
    const next = { ...rest, ...('status' in old ? { status: old['status'] } : {}) } as KubernetesObject
    const { metadata: _old, ...oldBody } = old
    const { metadata: _next, ...body } = next
    const generation = (old.metadata.generation ?? 1) + (equalJson({ ...oldBody, status: 0 }, { ...body, status: 0 }) ? 0 : 1)
    const metadata: ObjectMeta = { ...next.metadata, generation }
    const written = { ...next, metadata }
    const { deletionTimestamp, finalizers = [] } = metadata
    if (deletionTimestamp !== undefined && finalizers.length === 0 && !metadata['deletionGracePeriodSeconds'])
      return this.#remove(storage, written)
    return this.#put(storage, written)
  }

  updateStatus(storage: string, object: KubernetesObject): KubernetesObject {
    const old = this.#current(storage, object)
    const { annotations } = object.metadata
    return this.#put(storage, { ...old, metadata: { ...old.metadata, ...(annotations ? { annotations } : {}) }, status: object['status'] })
  }

  writeSubresource(storage: string, namespace: string, name: string, subresource: string, body: JsonObject): void {
    const old = this.get(storage, namespace, name)
    if (!old) throw notFound(resourceOf(storage), name)
    const spec = old['spec'] as JsonObject
    if (subresource === 'binding') {
      const conditions = [{ type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: timestamp(this.#now) }]
      const nodeName = (body['target'] as JsonObject)['name']
      this.#put(storage, { ...old, spec: { ...spec, nodeName }, status: { ...(old['status'] as object), conditions } })
    } else if (subresource === 'finalize') {
      const finalized = { ...old, spec: body['spec'] }
      const left = ((body['spec'] as JsonObject | undefined)?.['finalizers'] ?? []) as readonly string[]
      if (old.metadata.deletionTimestamp !== undefined && left.length === 0 && !old.metadata.finalizers?.length)
        this.#remove(storage, finalized)
      else this.#put(storage, finalized)
    } else throw new RangeError(`no subresource ${subresource}`)
  }

  delete(storage: string, namespace: string, name: string, { uid, gracePeriodSeconds, propagationPolicy }: DeleteOptions = {}): void {
    const object = this.get(storage, namespace, name)
    if (!object || (uid !== undefined && uid !== object.metadata.uid)) throw notFound(resourceOf(storage), name)
    const finalizers = new Set(object.metadata.finalizers)
    if (propagationPolicy === 'Foreground') finalizers.add('foregroundDeletion')
    if (propagationPolicy === 'Orphan') finalizers.add('orphan')
    const spec = object['spec'] as { nodeName?: string; finalizers?: string[] } | undefined
    const grace = gracePeriodSeconds ?? (storage === '/pods' && spec?.nodeName ? 30 : 0)
    const holds = finalizers.size > 0 || grace > 0 || (storage === '/namespaces' && (spec?.finalizers ?? []).length > 0)
    if (!holds) return void this.#remove(storage, object)
    const { finalizers: _finalizers, ...metadata } = object.metadata
    const deletionTimestamp = metadata.deletionTimestamp ?? timestamp(this.#now + grace * 1000)
    this.#put(storage, {
      ...object,
      metadata: {
        ...metadata,
        deletionTimestamp,
        deletionGracePeriodSeconds: grace,
        ...(finalizers.size > 0 ? { finalizers: [...finalizers] } : {}),
      },
      ...(storage === '/namespaces' ? { status: { ...(object['status'] as object), phase: 'Terminating' } } : {}),
    })
  }

  storageOf(apiVersion: string, kind: string): { storage: string; namespaced: boolean } | undefined {
    const found = kinds.find(([version, name]) => groupOf(version) === groupOf(apiVersion) && name === kind)
    return found && { storage: storageName(found[0], found[2]), namespaced: found[3] ?? true }
  }

  storages(): { storage: string; namespaced: boolean }[] {
    return kinds.map(([apiVersion, , resource, namespaced = true]) => ({ storage: storageName(apiVersion, resource), namespaced }))
  }

  now(): number {
    return this.#now
  }

  random(): number {
    return 0.5
  }

  #current(storage: string, { metadata }: KubernetesObject): KubernetesObject {
    const old = this.get(storage, metadata.namespace ?? '', metadata.name)
    if (!old) throw notFound(resourceOf(storage), metadata.name)
    if (old.metadata.resourceVersion !== metadata.resourceVersion) throw modified(resourceOf(storage), metadata.name)
    return old
  }

  #put(storage: string, object: KubernetesObject): KubernetesObject {
    const shelf = this.#objects.get(storage) ?? new Map<string, KubernetesObject>()
    this.#objects.set(storage, shelf)
    const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
    const previous = shelf.get(key)
    if (previous && equalJson(previous, object)) return previous
    const stored = freeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } })
    shelf.set(key, stored)
    this.#tell({ storage, type: previous ? 'MODIFIED' : 'ADDED', object: stored, previous })
    return stored
  }

  #remove(storage: string, object: KubernetesObject): KubernetesObject {
    const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
    const previous = this.#objects.get(storage)?.get(key)
    this.#objects.get(storage)?.delete(key)
    this.#tell({ storage, type: 'DELETED', object: freeze(object), previous })
    return object
  }

  #tell(change: Change): void {
    for (const listener of [...this.#listeners]) listener(change)
  }
}

const resourceOf = (storage: string): { group: string; resource: string } => {
  const [group = '', resource = ''] = storage.split('/')
  return { group, resource }
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) freeze(member)
  return Object.freeze(value)
}

export interface Running extends RunningControllers {
  readonly world: MemoryWorld
  readonly failures: { controller: string; key: string; error: unknown }[]
}

/** Controllers at work on a world. Their failures are kept for the test to look at. */
export function running(controllers: readonly Controller[], world = new MemoryWorld()): Running {
  const failures: Running['failures'] = []
  const runner = runControllers(controllers, world, {
    subscribe: world.subscribe,
    schedule: world.schedule,
    failed: (controller, key, error) => void failures.push({ controller, key, error }),
  })
  return Object.defineProperties(runner, { world: { value: world }, failures: { value: failures } }) as Running
}
