/** The default operator over a server in memory: lists from what it is given, watches that say nothing, applies that are remembered. */
import { hash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { GroupVersionKind, JsonObject, KubernetesObject } from '../../src/api/object.ts'
import { createCache, type Cache } from '../../src/cache/cache.ts'
import type { Informer } from '../../src/cache/informer.ts'
import { loadDefinition } from '../../src/definition/load.ts'
import type { ApiClient, ApiRequest, Resource } from '../../src/kube/client.ts'
import { noEffects } from '../../src/operator/effects.ts'
import { silentEvents } from '../../src/operator/events.ts'
import { dependentsCache } from '../../src/operator/dependent-caches.ts'
import type { Logger } from '../../src/operator/log.ts'
import { Lookups } from '../../src/operator/lookups.ts'
import { Memory } from '../../src/operator/memory.ts'
import { createMetrics } from '../../src/operator/metrics.ts'
import type { PassContext } from '../../src/operator/pass-context.ts'
import { PruneCount } from '../../src/operator/prune-count.ts'
import { StatusWriter } from '../../src/operator/status-writer.ts'
import { type DesiredObject, desiredObjects } from '../../src/reconcile/desired.ts'
import { reduceManagedFields } from '../../src/reconcile/ingest.ts'
import { defaultPrunePolicy } from '../../src/reconcile/holds.ts'
import { cachedParser } from '../../src/reconcile/match.ts'
import { noNames } from '../../src/reconcile/sharing.ts'
import { Contests } from '../../src/operator/contests.ts'
import type { Capabilities, Inputs, Program } from '../../src/reconcile/program.ts'
import { statusProfile } from '../../src/reconcile/status-profile.ts'
import { appKind, liveApp, liveDependent } from './live-objects.ts'
import { inventoryInMemory } from '../../test/operator/inventory-in-memory.ts'

export const sha256 = (text: string): string => hash('sha256', text, 'hex')

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** Loads the default operator anew: no render of it has been cached. */
export function defaultWatch() {
  const { definition, problems } = loadDefinition({ watchesFile: `${repository}watches.yaml`, environment: {}, sha256 })
  const watch = definition?.watches[0]
  if (!watch) throw new Error(`the default operator does not load: ${JSON.stringify(problems)}`)
  return watch
}

const verbs = ['get', 'list', 'watch', 'create', 'patch', 'delete']
const resource = (group: string, version: string, kind: string, plural: string): Resource => ({
  group,
  version,
  kind,
  plural,
  namespaced: true,
  verbs,
  subresources: ['status'],
})
const resources = [
  resource('app.company.com', 'v1alpha1', 'App', 'apps'),
  resource('', 'v1', 'ConfigMap', 'configmaps'),
  resource('', 'v1', 'Service', 'services'),
  resource('', 'v1', 'ServiceAccount', 'serviceaccounts'),
  resource('apps', 'v1', 'Deployment', 'deployments'),
  resource('networking.k8s.io', 'v1', 'Ingress', 'ingresses'),
  resource('autoscaling', 'v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'),
]
export const resourceOf = ({ group, kind }: GroupVersionKind): Resource | undefined =>
  resources.find((each) => each.group === group && each.kind === kind)

const capabilities: Capabilities = { kubeVersion: { version: 'v1.36.0', major: '1', minor: '36' }, apiVersions: [] }

export const inputsOf = (primary: KubernetesObject, resources: readonly KubernetesObject[] = []): Inputs => ({
  primary,
  resources,
  unknown: {},
  capabilities,
  now: 0,
})

/** The bodies that the default operator wants for an App. */
export function desiredOf(primary: KubernetesObject, program: Program): readonly DesiredObject[] {
  const answer = program.next(inputsOf(primary))
  if (answer.kind !== 'rendered') throw new Error(`App does not render: ${JSON.stringify(answer)}`)
  return desiredObjects(primary, answer.documents, { scopeOf: () => 'Namespaced', sha256 }).objects
}

/** A list's items as they come over the wire, made page by page so that the script itself holds nothing. */
export type Listing = (kind: string, number: number) => KubernetesObject | undefined

/** A server that answers lists with what `item` makes of the numbers up to `count`, and takes in every status that is applied. */
export class ScriptedServer implements ApiClient {
  readonly #count: number
  readonly #item: Listing
  status: JsonObject | undefined

  constructor(count: number, item: Listing) {
    this.#count = count
    this.#item = item
  }

  async request<T>({ method, path, body, query }: ApiRequest): Promise<T> {
    if (method === 'PATCH' && path.endsWith('/status')) {
      const sent = body as KubernetesObject & { status: JsonObject }
      this.status = sent.status
      return { ...sent, metadata: { ...sent.metadata, uid: liveApp(0).metadata.uid, resourceVersion: '999999999' } } as T
    }
    if (method !== 'GET') throw new Error(`nothing was to be sent: ${method} ${path}`)
    const plural = path.split('/').at(-1)
    const kind = resources.find((each) => each.plural === plural)?.kind ?? ''
    const from = Number(query?.['continue'] ?? 0)
    const to = Math.min(this.#count, from + Number(query?.['limit'] ?? this.#count))
    const items: KubernetesObject[] = []
    for (let number = from; number < to; number++) {
      const item = this.#item(kind, number)
      if (item) items.push(JSON.parse(JSON.stringify(item)) as KubernetesObject)
    }
    return { metadata: { resourceVersion: '900000000', ...(to < this.#count && { continue: String(to) }) }, items } as T
  }

  async *watch({ signal }: { signal?: AbortSignal }): AsyncGenerator<never> {
    await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }))
    yield* []
  }

  async close(): Promise<void> {}
}

/** Fills a cache, as a start of the operator over so many Apps does. */
export async function filledCache(
  server: ScriptedServer,
  program: Program,
): Promise<{ cache: Cache; primaries: Informer; dependents: Map<string, Informer> }> {
  const cache = createCache({ client: server, resolve: async (kind) => resourceOf(kind) })
  const primaries = cache.informer(appKind, { ingest: reduceManagedFields, index: (object) => object.metadata.uid })
  const dependents = new Map(program.kinds.map((kind) => [kind.kind, dependentsCache(cache, kind)]))
  await Promise.all([primaries, ...dependents.values()].map(async (informer) => await cache.whenSettled(informer)))
  return { cache, primaries, dependents }
}

/** Everything that belongs to one App, as the server holds it. */
export function liveFamily(number: number, program: Program): Map<string, KubernetesObject> {
  const primary = liveApp(number)
  const family = new Map([['App', primary]])
  for (const [index, { body }] of desiredOf(primary, program).entries()) family.set(body.kind, liveDependent(body, index + 2, number))
  return family
}

const silent = (): void => {}

/** The context of passes over this cache. */
export function passContext(server: ScriptedServer, program: Program, primaries: Informer, dependents: Map<string, Informer>): PassContext {
  const log: Logger = {
    trace: silent,
    debug: silent,
    info: silent,
    warn: (_fields: unknown, text?: string) => console.error(text),
    error: silent,
  } as unknown as Logger
  const { crd, kind } = defaultWatch()
  const profile = statusProfile(crd?.manifest as unknown as KubernetesObject, kind.version)
  return {
    program,
    watch: 1,
    watchOf: () => undefined,
    revision: 'bench',
    namespaces: [],
    resource: resourceOf(appKind) as Resource,
    client: server,
    primaries,
    dependentsOf: ({ kind: name }) => dependents.get(name) as Informer,
    dependentCaches: () => dependents.values(),
    awaitKinds: () => undefined,
    startedCaches: () => dependents.values(),
    resourceOf,
    resolve: async (kind) => resourceOf(kind),
    refresh: async () => {},
    servedVersion: (kind) => kind,
    inventory: inventoryInMemory(),
    findServers: () => Promise.resolve({}),
    serversFound: () => undefined,
    capabilities: () => capabilities,
    statusWriter: new StatusWriter({ client: server, resource: resourceOf(appKind) as Resource, profile, now: Date.now }),
    memory: new Memory(),
    lookups: new Lookups({
      cache: createCache({ client: server, resolve: async (each) => resourceOf(each) }),
      resourceOf,
      servedVersion: (kind) => kind,
      wake: silent,
    }),
    prune: defaultPrunePolicy,
    pruned: new PruneCount({ store: { prunedBy: () => [], recordPruned: () => Promise.resolve() }, revision: '', watch: '', sha256 }),
    othersWait: () => false,
    adoption: 'never',
    deletionPolicy: 'background',
    waitForDeletion: 600_000,
    wokenByDependents: true,
    conditionStyle: undefined,
    fieldPolicy: 'force',
    parseFields: cachedParser(),
    names: noNames,
    contests: new Contests(),
    tellsStatus: () => false,
    feedbackOf: () => undefined,
    sha256,
    now: Date.now,
    log,
    reconcilePeriod: undefined,
    metrics: createMetrics({ version: 'bench', kinds: [], informers: () => [], queue: () => ({ depth: 0, oldest: 0 }) }),
    events: silentEvents,
    effects: noEffects,
    unwatched: [],
    followsAnnotations: false,
    formerFinalizer: undefined,
    name: 'App',
  }
}
