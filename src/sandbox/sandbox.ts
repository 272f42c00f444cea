/**
 * A Kubernetes API server in this process, for tests and for development.
 *
 *   request ─▶ server/ ─▶ registry/ (verbs) ─▶ storage/ ─▶ watches, controllers/
 *                           │ apply/, patch/, schema/, defaults/, kinds/, definitions/
 *
 * It is reached by HTTP only: through a socket, or through `fetch` without one. Several sandboxes in one process know nothing of each other.
 */
import type { Hono } from 'hono'
import type { Milliseconds } from '../api/clock.ts'
import { createAuthenticator, impersonation, type SandboxUser } from './authorization/authentication.ts'
import { actAs, type AuthorizationMode, checkAllowed, createAuthorizer } from './authorization/authorization.ts'
import { bootstrapRoles } from './authorization/bootstrap.ts'
import { checkEscalation } from './authorization/escalation.ts'
import { reviewAnswers } from './authorization/reviews.ts'
import { SandboxClock } from './clock.ts'
import { builtInControllers } from './controllers/built-in.ts'
import type { Controller } from './controllers/controller.ts'
import { simulatedNode } from './controllers/nodes.ts'
import { type RunningControllers, runControllers } from './controllers/runner.ts'
import { definitionStorage } from './definitions/definition.ts'
import { definitionKinds } from './definitions/kind/behaviour.ts'
import { definitionController } from './definitions/kind/controller.ts'
import { servedResources } from './definitions/resources.ts'
import { kubeconfig } from './kubeconfig.ts'
import { builtInResources } from './kinds/built-in.ts'
import { admitByLimits, mutateByLimits } from './kinds/platform/admission.ts'
import { platformKinds } from './kinds/platform/kinds.ts'
import { workloadKinds } from './kinds/workloads/workloads.ts'
import { createProtobufDecoder } from './protobuf/decode.ts'
import { ResourceDirectory } from './registry/directory.ts'
import type { KindBehaviour } from './registry/resource.ts'
import type { RegistryContext } from './registry/scope.ts'
import type { Certificate } from './server/certificate.ts'
import { createApp } from './server/app.ts'
import { createDocuments } from './server/documents.ts'
import { type Listener, type ListenOptions, listen } from './server/listener.ts'
import { createOpenApiAnswers } from './server/openapi.ts'
import { createOwnership } from './server/ownership.ts'
import { Representations } from './server/representation.ts'
import { handleResource } from './server/resource-handler.ts'
import { unauthorized } from './status/api-error.ts'
import { Storage } from './storage/storage.ts'
import { createTypes } from './schema/types.ts'
import { resourcesTable } from './tables/resources.ts'
import { typesTable } from './tables/types.ts'
import { createWorld } from './world.ts'

export type { SandboxUser } from './authorization/authentication.ts'

export interface SandboxOptions {
  /** Default: one administrator, whose token is `sandbox-administrator`. */
  readonly users?: readonly SandboxUser[]
  /** `rbac`: by roles and bindings, with those that every cluster begins with. `open`: every known user may do everything. Default: `open`. */
  readonly authorization?: AuthorizationMode
  /** Names of the simulated nodes. Default: `node-1` and `node-2`. */
  readonly nodes?: readonly string[]
  /** `false`: no controller runs. Default: all do. */
  readonly controllers?: boolean
  /** How many changes of each resource watches can go back. Default: 10,000. */
  readonly history?: number
  /** For HTTPS: what `listen` answers with and `kube-root-ca.crt` tells. Default: `listen` makes one, which nobody is told of inside. */
  readonly certificate?: Certificate
  /** Makes names, UIDs and all else that is random repeatable. */
  readonly seed?: number
  /** Milliseconds since the epoch. Default: the machine's. */
  readonly now?: () => Milliseconds
}

export interface Sandbox {
  /** Answers a request without a socket. */
  fetch(request: Request): Promise<Response>
  /** Starts to listen on a socket. */
  listen(options?: ListenOptions): Promise<Listener>
  /** Time in the sandbox, which can be advanced. */
  readonly clock: SandboxClock
  readonly controllers: Pick<RunningControllers, 'idle' | 'switch' | 'isOn' | 'settle'>
  /** The token of the first user. */
  readonly token: string
  /** The text of a kubeconfig for a listener; `user`: a username, by default the first user. */
  kubeconfig(listener: Pick<Listener, 'url' | 'ca'>, options?: { readonly user?: string; readonly namespace?: string }): string
  /** Ends everything: sockets, watches, timers. */
  close(): Promise<void>
}

const administrator: SandboxUser = {
  token: 'sandbox-administrator',
  username: 'admin',
  groups: ['system:masters', 'system:authenticated'],
}

const namespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system']

export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const { users = [administrator], nodes = ['node-1', 'node-2'], history = 10_000 } = options
  const random = options.seed === undefined ? Math.random : seeded(options.seed)
  const clock = new SandboxClock(options.now ?? Date.now)
  // Versions of an earlier sandbox are older than any of this one: whoever comes back with one is told that it has expired.
  const storage = new Storage({ revision: Math.max(1, clock.now() - Date.UTC(2020, 0, 1)) * 1000, history })
  const authenticator = createAuthenticator(users, storage, () => clock.now())
  const authorize = createAuthorizer(options.authorization ?? 'open', storage)
  const answers = reviewAnswers({ authorize, authenticate: (token) => authenticator.byToken(token), objects: storage })
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
  const world = createWorld(context)
  for (const name of namespaces) world.create('/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  for (const name of nodes) {
    const node = simulatedNode(name, clock.now())
    world.updateStatus('/nodes', { ...world.create('/nodes', node), status: node.status })
  }
  if (options.authorization === 'rbac') for (const { storage: of, object } of bootstrapRoles()) world.create(of, object)
  const running = runControllers(options.controllers === false ? [] : controllers(options.certificate?.ca), world, {
    subscribe: (listener) => storage.subscribe(listener),
    schedule: (delay, callback) => clock.after(delay, callback),
  })

  const types = createTypes(typesTable)
  const handler = {
    context,
    clock,
    representations: new Representations(() => clock.now()),
    types,
    protobuf: createProtobufDecoder(types),
  }
  const listeners = new Set<Listener>()
  const app: Hono = createApp({
    authenticate(header) {
      const user = authenticator.byHeader(header('authorization'))
      if (!user) throw unauthorized()
      const other = impersonation(header)
      return other ? actAs(authorize, user, other) : user
    },
    authorize(user, info, path, method) {
      checkAllowed(authorize, info ? { ...info, user } : { user, verb: method.toLowerCase(), path })
    },
    document: createDocuments({
      resources,
      kubernetes: resourcesTable.kubernetes,
      serverAddress: '127.0.0.1:6443',
      openapi: createOpenApiAnswers(resources, () => clock.now()),
    }),
    resource: (exchange, info) => handleResource(handler, exchange, info),
  })
  const fetch = async (request: Request): Promise<Response> => await app.fetch(request)

  return {
    fetch,
    async listen(listenOptions = {}) {
      const listener = await listen((request, environment) => app.fetch(request, environment), {
        tls: options.certificate,
        ...listenOptions,
      })
      listeners.add(listener)
      return listener
    },
    clock,
    controllers: running,
    token: users[0]?.token ?? '',
    kubeconfig({ url, ca }, { user, namespace } = {}) {
      const found = user === undefined ? users[0] : users.find(({ username }) => username === user)
      if (!found) throw new RangeError(`there is no user ${user}; there are ${users.map(({ username }) => username).join(', ')}`)
      return kubeconfig({ server: url, ca, token: found.token, user: found.username, namespace })
    },
    async close() {
      running.stop()
      clock.stop()
      await Promise.all([...listeners].map((listener) => listener.close()))
    },
  }
}

const behaviours = (): Record<string, KindBehaviour> => ({ ...platformKinds, ...workloadKinds, ...definitionKinds })

const controllers = (authority = ''): Controller[] => [definitionController, ...builtInControllers({ authority })]

/** Keeps the list of resources as the definitions say. */
function serveDefinitions(storage: Storage, resources: ResourceDirectory): void {
  storage.subscribe(({ type, object, previous }) => {
    const before = previous ? servedResources(previous) : []
    for (const { storage: served } of before) resources.remove(served)
    if (type === 'DELETED') return
    for (const resource of servedResources(object)) resources.add(resource)
  }, definitionStorage)
}

function uuid(random: () => number): string {
  let text = ''
  for (let at = 0; at < 32; at++) {
    if (at === 8 || at === 12 || at === 16 || at === 20) text += '-'
    text += at === 12 ? '4' : (at === 16 ? 8 + Math.floor(random() * 4) : Math.floor(random() * 16)).toString(16)
  }
  return text
}

/** A small generator of random numbers that begins where it is told to. (mulberry32) */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
