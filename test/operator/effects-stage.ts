/**
 * One primary, a ConfigMap, on a sandbox in this process, with the caches that an operator has: for what a playbook asks of the shell.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { hash } from 'node:crypto'
import { primaryUidLabel } from '../../src/api/names.ts'
import { type GroupVersionKind, type KubernetesObject, objectKey } from '../../src/api/object.ts'
import { createCache } from '../../src/cache/cache.ts'
import type { Informer } from '../../src/cache/informer.ts'
import { createClient, type Resource } from '../../src/kube/client.ts'
import { resourcePath } from '../../src/kube/paths.ts'
import { dependentsCache } from '../../src/operator/dependent-caches.ts'
import { silentLogger } from '../../src/operator/log.ts'
import { Lookups } from '../../src/operator/lookups.ts'
import { Memory } from '../../src/operator/memory.ts'
import { ObjectEvents } from '../../src/operator/object-events.ts'
import type { PassContext } from '../../src/operator/pass-context.ts'
import { noNames } from '../../src/reconcile/sharing.ts'
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import { connectToSandbox } from '../../src/testing/simulation/connection.ts'
import { inventoryInMemory } from './inventory-in-memory.ts'

const everything = { verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'], subresources: [] as string[], namespaced: true }
export const configMap: Resource = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', ...everything }
export const secret: Resource = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', ...everything }
export const pod: Resource = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', ...everything }
export const claim: Resource = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  ...everything,
}
export const job: Resource = { group: 'batch', version: 'v1', kind: 'Job', plural: 'jobs', ...everything }
export const statefulSet: Resource = {
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  ...everything,
  subresources: ['scale'],
}
export const deployment: Resource = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  ...everything,
  subresources: ['scale'],
}
const resources = [configMap, secret, pod, claim, job, statefulSet, deployment]

const labelled = ({ metadata }: KubernetesObject): string | undefined => metadata.labels?.[primaryUidLabel]

export async function effectsStage() {
  const sandbox = createSandbox({})
  const connection = connectToSandbox(sandbox)
  const writes: string[] = []
  const authentication = { headers: { authorization: `Bearer ${sandbox.token}` }, tls: {} }
  const client = createClient(
    { server: 'http://sandbox', namespace: 'default', source: 'the test', current: () => authentication, rejected() {} },
    {
      userAgent: 'fairlead/test',
      connect: () => connection.connect(),
      onRequest: ({ verb, resource, code }) => {
        if (!['list', 'watch'].includes(verb)) writes.push(`${verb} ${resource} ${code}`)
      },
    },
  )
  const resourceOf = (kind: GroupVersionKind): Resource | undefined =>
    resources.find(({ group, kind: name }) => group === kind.group && name === kind.kind)
  const cache = createCache({ client, resolve: (kind) => Promise.resolve(resourceOf(kind)) })
  const woken: string[] = []
  const events = new ObjectEvents()
  const wake = (uid: string): void => void woken.push(uid)
  const primaries = cache.informer(configMap, { index: ({ metadata }) => metadata.uid })
  const dependents = new Map<string, Informer>()
  const dependentsOf = (kind: GroupVersionKind): Informer => {
    const known = dependents.get(kind.kind)
    if (known) return known
    const started = dependentsCache(cache, kind)
    dependents.set(kind.kind, started)
    return started
  }
  cache.onChange((change, informer) => {
    events.tell(change)
    const { before, after } = change
    if ([...dependents.values()].includes(informer))
      for (const uid of new Set([before, after].map((object) => object && labelled(object)))) if (uid !== undefined) wake(uid)
  })
  const newContext = (): PassContext =>
    ({
      client,
      resource: configMap,
      primaries,
      dependentsOf,
      dependentCaches: () => dependents.values(),
      startedCaches: () => dependents.values(),
      resourceOf,
      resolve: (kind: GroupVersionKind) => Promise.resolve(resourceOf(kind)),
      servedVersion: (kind: GroupVersionKind) => kind,
      inventory: inventoryInMemory(),
      namespaces: [],
      lookups: new Lookups({ cache, resourceOf, servedVersion: (kind) => kind, wake }),
      memory: new Memory(),
      names: noNames,
      now: Date.now,
      sha256: (text: string) => hash('sha256', text, 'hex'),
      log: silentLogger,
    }) as unknown as PassContext

  async function ask(method: string, path: string, body?: object, contentType = 'application/json') {
    const headers = { authorization: `Bearer ${sandbox.token}`, 'content-type': contentType }
    const answer = await sandbox.fetch(path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    return { status: answer.status, body: (await answer.json()) as KubernetesObject & { message?: string } }
  }
  async function eventually<T>(look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
    const end = performance.now() + 20_000
    for (;;) {
      const seen = await look()
      if (seen !== undefined && seen !== false) return seen
      if (performance.now() > end) throw new Error('it has not come to that within 20 s')
      await sleep(5)
    }
  }
  /** Made by the administrator; resolves when no cache is without it. */
  async function create(resource: Resource, object: object): Promise<KubernetesObject> {
    const whole = { ...object, metadata: { namespace: 'default', ...(object as KubernetesObject).metadata } }
    const { status, body } = await ask('POST', resourcePath(resource, { namespace: 'default' }), whole)
    if (status !== 201) throw new Error(`${status} ${body.message}`)
    return body
  }
  const get = async (resource: Resource, name: string): Promise<KubernetesObject | undefined> => {
    const { status, body } = await ask('GET', resourcePath(resource, { namespace: 'default', name }))
    return status === 200 ? body : undefined
  }
  const list = async (resource: Resource): Promise<KubernetesObject[]> => {
    const { body } = await ask('GET', resourcePath(resource, { namespace: 'default' }))
    return body['items'] as KubernetesObject[]
  }
  const remove = async (resource: Resource, name: string): Promise<void> => {
    await ask('DELETE', resourcePath(resource, { namespace: 'default', name }), { propagationPolicy: 'Background' })
  }
  const merge = async (resource: Resource, name: string, patch: object): Promise<KubernetesObject> =>
    (await ask('PATCH', resourcePath(resource, { namespace: 'default', name }), patch, 'application/merge-patch+json')).body
  /** Server-side apply under this field manager. */
  const apply = async (resource: Resource, object: { metadata: object }, manager: string): Promise<KubernetesObject> => {
    const { name } = object.metadata as { name: string }
    const body = { apiVersion: resource.group ? `${resource.group}/${resource.version}` : resource.version, kind: resource.kind, ...object }
    const path = `${resourcePath(resource, { namespace: 'default', name })}?fieldManager=${encodeURIComponent(manager)}&force=true`
    const answer = await ask('PATCH', path, body, 'application/apply-patch+yaml')
    if (answer.status > 201) throw new Error(`${answer.status} ${answer.body.message}`)
    return answer.body
  }
  /** A primary, as the cache has it. */
  async function primary(name: string, annotations: Record<string, string> = {}): Promise<KubernetesObject> {
    const { metadata } = await create(configMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations } })
    return await eventually(() => {
      const cached = primaries.get(objectKey({ namespace: 'default', name }))
      return cached?.metadata.uid === metadata.uid && cached
    })
  }
  dependentsOf(secret)
  await eventually(() => primaries.state === 'synced' && dependentsOf(secret).state === 'synced')
  return {
    sandbox,
    client,
    cache,
    context: newContext(),
    newContext,
    primaries,
    dependentsOf,
    create,
    get,
    list,
    remove,
    merge,
    apply,
    primary,
    eventually,
    /** As requests have it. */
    watch: events.watch,
    /** Requests for single objects since the last call. */
    requests: () => writes.splice(0),
    /** UIDs of primaries that were woken since the last call. */
    woken: () => [...new Set(woken.splice(0))],
    wake,
    async [Symbol.asyncDispose]() {
      await cache.stop()
      await client.close()
      await sandbox.close()
    },
  }
}
