/**
 * A Kubernetes API server in this process, for tests and for development.
 *
 *   request ─▶ server/ ─▶ registry/ (verbs) ─▶ storage/ ─▶ watches, controllers/
 *                           │ apply/, patch/, schema/, defaults/, kinds/, definitions/
 *
 * It is reached by HTTP only: through a socket, or through `fetch` without one. Several sandboxes in one process know nothing of each other.
 */
import { randomUUID } from 'node:crypto'
import type { Hono } from 'hono'
import { createAuthenticator, type SandboxUser } from './authorization/authentication.ts'
import { checkAllowed, createAuthorizer, requestAttributes } from './authorization/authorization.ts'
import { checkEscalation } from './authorization/escalation.ts'
import { createImpersonation, wantedUser } from './authorization/impersonation.ts'
import { reviewAnswers } from './authorization/reviews.ts'
import { bootstrap } from './bootstrap.ts'
import { SandboxClock } from './clock.ts'
import { builtInControllers } from './controllers/built-in.ts'
import type { Controller } from './controllers/controller.ts'
import type { Pod } from './controllers/pods.ts'
import { type RunningControllers, runControllers } from './controllers/runner.ts'
import { definitionStorage } from './definitions/definition.ts'
import { definitionKinds } from './definitions/kind/behaviour.ts'
import { definitionController } from './definitions/kind/controller.ts'
import { isSameStorage, servedResources, servesTheSame } from './definitions/resources.ts'
import { Interceptor } from './faults/intercept.ts'
import type { RequestHook } from './faults/hooks.ts'
import type { Faults } from './faults/table.ts'
import { PastStorage } from './faults/past-storage.ts'
import { kubeconfig } from './kubeconfig.ts'
import { builtInResources } from './kinds/built-in.ts'
import { admitByLimits, mutateByLimits } from './kinds/platform/admission.ts'
import { platformKinds } from './kinds/platform/kinds.ts'
import { workloadKinds } from './kinds/workloads/workloads.ts'
import { createPods, type Pods } from './programs/pods.ts'
import { PodScripts } from './programs/scripts.ts'
import { createProtobufDecoder } from './protobuf/decode.ts'
import { ResourceDirectory } from './registry/directory.ts'
import type { KindBehaviour } from './registry/resource.ts'
import type { RegistryContext } from './registry/scope.ts'
import { checkOptions, type SandboxOptions } from './options.ts'
import { seeded } from './random.ts'
import { createApp } from './server/app.ts'
import { createAuditor } from './server/audit.ts'
import { createDocuments } from './server/documents.ts'
import type { Listener, ListenOptions } from './server/listener.ts'
import { createOpenApiAnswers } from './server/openapi.ts'
import { createOwnership } from './server/ownership.ts'
import { Representations } from './server/representation.ts'
import { handleResource } from './server/resource-handler.ts'
import type { ResourceHandler } from './server/resource-request.ts'
import { unauthorized } from './status/api-error.ts'
import { checkState, restoreState, saveState, type SavedState } from './state/state.ts'
import { StateError } from './state/state-error.ts'
import { Storage } from './storage/storage.ts'
import { createTypes } from './schema/types.ts'
import { resourcesTable } from './tables/resources.ts'
import { typesTable } from './tables/types.ts'
import { createWorld } from './world.ts'

export type { SandboxOptions } from './options.ts'

export interface Sandbox extends AsyncDisposable {
  /**
   * Answers a request without a socket, with the arguments of the global `fetch`; the host of the URL means nothing, and a path is enough.
   * Rejects only where a fault or a hook breaks the connection, and once the sandbox is closed.
   */
  fetch(input: Request | URL | string, init?: RequestInit): Promise<Response>
  /** Starts to listen on a socket. */
  listen(options?: ListenOptions): Promise<Listener>
  /** Time in the sandbox, which can be advanced. */
  readonly clock: SandboxClock
  readonly controllers: Pick<RunningControllers, 'idle' | 'switch' | 'isOn' | 'settle'>
  /** What programs in pods print and how they end, as a test says. */
  readonly pods: Pods
  /** What goes wrong, on purpose. */
  readonly faults: Faults
  /** Calls a hook around each request; the answer takes it away. */
  onRequest(hook: RequestHook): () => void
  /** All that is stored, to begin another sandbox with. */
  save(): SavedState
  /** The token of the first user. */
  readonly token: string
  /** The text of a kubeconfig for a listener; `user`: a username, by default the first user. */
  kubeconfig(listener: Pick<Listener, 'url' | 'ca'>, options?: { readonly user?: string; readonly namespace?: string }): string
  /** Ends everything: sockets, watches, timers. */
  close(): Promise<void>
}

/** Whom a sandbox knows that was told of no users. The token is no other sandbox's, whatever the seed. */
const administrator = (): SandboxUser => ({
  token: randomUUID(),
  username: 'admin',
  groups: ['system:masters', 'system:authenticated'],
})

/**
 * A new cluster, up and running: its API server, its nodes and its controllers, all in this process.
 *
 *     await using sandbox = createSandbox()
 *     const answer = await sandbox.fetch('/api/v1/namespaces', { headers: { authorization: `Bearer ${sandbox.token}` } })
 *     const listener = await sandbox.listen() // for clients that want a URL: sandbox.kubeconfig(listener)
 *
 * @throws TypeError, RangeError for an option or a fault that there is not, or a value that cannot be meant
 * @throws StateError for a saved state that cannot be restored
 */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  checkOptions(options)
  const { users = [administrator()], history = 2_000 } = options
  const state = options.state && checkState(options.state, 'the state')
  const nodes = options.nodes ?? (state ? [] : ['node-1', 'node-2'])
  const random = options.seed === undefined ? Math.random : seeded(options.seed)
  const clock = new SandboxClock(options.now ?? Date.now)
  // Versions of an earlier sandbox are older than any of this one: whoever comes back with one is told that it has expired.
  const storage = new Storage({ revision: Math.max(1, clock.now() - Date.UTC(2020, 0, 1)) * 1000, history })
  const authenticator = createAuthenticator(users, storage, () => clock.now())
  const authorize = createAuthorizer(options.authorization ?? 'open', storage)
  const answers = reviewAnswers({
    authorize,
    mode: options.authorization ?? 'open',
    authenticate: (token, audiences) => authenticator.byToken(token, audiences),
    objects: storage,
  })
  const impersonate = createImpersonation(authorize)
  const resources = new ResourceDirectory(builtInResources({ behaviours: behaviours(), answers }))
  const context: RegistryContext = {
    storage,
    resources,
    ownership: createOwnership(resources),
    now: () => clock.now(),
    random,
    newUid: () => uuid(random),
    mutate: mutateByLimits,
    admit(resource, object, old, write) {
      if (options.authorization === 'rbac') checkEscalation(storage, write.user, resource, object)
      admitByLimits(resource, object, old, write)
    },
  }
  serveDefinitions(storage, resources)
  if (state) {
    clock.advance(Math.max(0, Date.parse(state.time) - clock.now()))
    restoreState(storage, state)
    serveStored(storage, resources)
  }
  const scripts = new PodScripts()
  scripts.add(...(options.pods ?? []))
  const world = createWorld(context)
  bootstrap(world, { nodes, roles: options.authorization === 'rbac', now: clock.now() })
  const running = runControllers(controllers(options, scripts), world, {
    subscribe: (listener) => storage.subscribe(listener),
    schedule: (delay, callback) => clock.after(delay, callback),
  })
  // The first pod finds its service account, as in any cluster that has come up.
  if (!state) running.settle()

  const types = createTypes(typesTable)
  const handler = {
    context,
    clock,
    representations: new Representations(() => clock.now()),
    types,
    protobuf: createProtobufDecoder(types),
    scripts,
  }
  const listeners = new Set<Listener>()
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32)
  const { audit: sink } = options
  const interceptor = new Interceptor({
    clock,
    seed,
    version: () => storage.revision,
    audit: sink && createAuditor({ sink, now: () => clock.now(), newId: () => uuid(random) }),
  })
  interceptor.faults.add(...(options.faults ?? []))
  const app: Hono = createApp({
    authenticate(header, warnings) {
      const user = authenticator.byHeader(header('authorization'), warnings)
      if (!user) throw unauthorized()
      return user
    },
    actAs(user, headers, info, path, method) {
      const wanted = wantedUser(headers)
      return wanted ? impersonate(wanted, requestAttributes(user, info, path, method)) : user
    },
    authorize(user, info, path, method) {
      checkAllowed(authorize, requestAttributes(user, info, path, method))
    },
    document: createDocuments({
      resources,
      kubernetes: resourcesTable.kubernetes,
      serverAddress: '127.0.0.1:6443',
      openapi: createOpenApiAnswers(resources, () => clock.now()),
    }),
    resource: (exchange, info, asOf) => handleResource(asOf === undefined ? handler : handlerAsOf(handler, asOf), exchange, info),
    intercept: (exchange, info, serve) => interceptor.intercept(exchange, info, serve),
  })
  const closing = new AbortController()
  const checkOpen = (): void => {
    if (closing.signal.aborted) throw new Error('the sandbox is closed: nothing answers any more')
  }
  const close = async (): Promise<void> => {
    closing.abort(new Error('the sandbox is closed'))
    running.stop()
    interceptor.stop()
    clock.stop()
    await Promise.all([...listeners].map((listener) => listener.close()))
  }

  return {
    async fetch(input, init) {
      checkOpen()
      const release = clock.hold()
      try {
        return await app.fetch(input instanceof Request && !init ? input : new Request(withHost(input), init))
      } finally {
        release()
      }
    },
    async listen(listenOptions = {}) {
      checkOpen()
      // What needs no socket starts sooner without the modules for one.
      const { listen } = await import('./server/listener.ts')
      const listener = await listen((request, environment) => app.fetch(request, environment), {
        tls: options.certificate,
        ...listenOptions,
      })
      listeners.add(listener)
      return listener
    },
    clock,
    controllers: running,
    pods: createPods(scripts, clock, closing.signal, (namespace, name) => storage.get('/pods', namespace, name) as Pod | undefined),
    faults: interceptor.faults,
    onRequest: (hook) => interceptor.onRequest(hook),
    save: () => saveState(storage, { kubernetes: resourcesTable.kubernetes, time: clock.now() }),
    token: users[0]?.token ?? '',
    kubeconfig({ url, ca }, { user, namespace } = {}) {
      const found = user === undefined ? users[0] : users.find(({ username }) => username === user)
      if (!found) throw new RangeError(`there is no user ${user}; there are ${users.map(({ username }) => username).join(', ')}`)
      return kubeconfig({ server: url, ca, token: found.token, user: found.username, namespace })
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

const behaviours = (): Record<string, KindBehaviour> => ({ ...platformKinds, ...workloadKinds, ...definitionKinds })

/** Definitions are served by the server itself, with or without those that make pods of deployments. */
const controllers = ({ controllers: others, certificate }: SandboxOptions, scripts: PodScripts): Controller[] => [
  definitionController,
  ...(others === false ? [] : builtInControllers({ authority: certificate?.ca ?? '', scripts })),
]

/** Keeps the list of resources as the definitions say. */
function serveDefinitions(storage: Storage, resources: ResourceDirectory): void {
  storage.subscribe(({ type, object, previous }) => {
    if (type === 'MODIFIED' && previous && servesTheSame(previous, object)) return
    const before = previous ? servedResources(previous) : []
    for (const { storage: served } of before) resources.remove(served)
    if (type === 'DELETED') return
    for (const resource of servedResources(object)) resources.add(resource)
    // Another storage takes over: watches end, and whoever comes back has to list. (customresource_handler.go, updateCustomResourceDefinition)
    if (previous && !isSameStorage(previous, object))
      for (const { storage: served } of before) {
        storage.compactOne(served)
        resources.interrupt(served)
      }
  }, definitionStorage)
}

/** Serves what a restored state defines. Throws a StateError for objects that nothing in it defines. */
function serveStored(storage: Storage, resources: ResourceDirectory): void {
  for (const definition of storage.list(definitionStorage)) for (const resource of servedResources(definition)) resources.add(resource)
  for (const name of storage.storages())
    if (!resources.stored(name))
      throw new StateError(
        'the state',
        `holds objects of ${name}, which nothing in it defines`,
        'it has to hold their CustomResourceDefinition as well: write it again with sandbox.save()',
      )
}

const handlerAsOf = (handler: ResourceHandler, version: number): ResourceHandler => ({
  ...handler,
  context: { ...handler.context, storage: new PastStorage(handler.context.storage, version) },
})

/** A path alone has a host that nobody asks for. */
const withHost = (input: Request | URL | string): Request | URL | string =>
  typeof input === 'string' && input.startsWith('/') ? `http://sandbox${input}` : input

function uuid(random: () => number): string {
  let text = ''
  for (let at = 0; at < 32; at++) {
    if (at === 8 || at === 12 || at === 16 || at === 20) text += '-'
    text += at === 12 ? '4' : (at === 16 ? 8 + Math.floor(random() * 4) : Math.floor(random() * 16)).toString(16)
  }
  return text
}
