/** One kind of primaries, `App`, on a server in memory: a program that the test gives, and passes one at a time. */
import { createHash } from 'node:crypto'
import type { GroupVersionKind, KubernetesObject } from '../../src/api/object.ts'
import { createCache } from '../../src/cache/cache.ts'
import type { Watch } from '../../src/definition/definition.ts'
import type { Resource } from '../../src/kube/client.ts'
import { primaryUidLabel } from '../../src/api/names.ts'
import { noEffects } from '../../src/operator/effects.ts'
import { silentEvents } from '../../src/operator/events.ts'
import type { KnownKinds } from '../../src/operator/inventory-store.ts'
import { KindController, type SharedContext } from '../../src/operator/kind-controller.ts'
import type { Logger } from '../../src/operator/log.ts'
import type { Metrics } from '../../src/operator/metrics.ts'
import { StatusWriter } from '../../src/operator/status-writer.ts'
import { defaultPrunePolicy } from '../../src/reconcile/holds.ts'
import { cachedParser } from '../../src/reconcile/match.ts'
import { noNames } from '../../src/reconcile/sharing.ts'
import { Contests } from '../../src/operator/contests.ts'
import {
  type Answer,
  type IncidentalPart,
  incidentalParts,
  type Inputs,
  type Program,
  type RenderedDocument,
  type StatusAnswer,
} from '../../src/reconcile/program.ts'
import { statusProfile } from '../../src/reconcile/status-profile.ts'
import { FakeClock, settled } from '../api/fake-clock.ts'
import { FakeCluster } from './fake-cluster.ts'
import { inventoryInMemory } from './inventory-in-memory.ts'

const everything = { verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'], subresources: ['status'], namespaced: true }
export const app: Resource = { group: 'app.company.com', version: 'v1alpha1', kind: 'App', plural: 'apps', ...everything }
export const configMap: Resource = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', ...everything }
export const service: Resource = { group: '', version: 'v1', kind: 'Service', plural: 'services', ...everything }
export const deployment: Resource = { group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', ...everything }
export const job: Resource = { group: 'batch', version: 'v1', kind: 'Job', plural: 'jobs', ...everything }
export const resources = [app, configMap, service, deployment, job]

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

export const config = (name: string, data: Record<string, string> = { a: '1' }) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
})

export const documentOf = (object: object): RenderedDocument => ({
  object: structuredClone(object) as KubernetesObject,
  position: { file: 'charts/app/templates/a.yaml.eta', line: 1 },
  positionOf: () => ({ file: 'charts/app/templates/a.yaml.eta', line: 7 }),
})

/** The CRD of App, with all the room that a status needs. */
export const appDefinition = (status: object = fullStatus): KubernetesObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'apps.app.company.com' },
  spec: {
    versions: [{ name: 'v1alpha1', subresources: { status: {} }, schema: { openAPIV3Schema: { type: 'object', properties: { status } } } }],
  },
})
const text = { type: 'string' }
export const fullStatus = {
  type: 'object',
  properties: {
    observedGeneration: { type: 'integer' },
    observedRevision: text,
    url: text,
    conditions: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
      items: {
        type: 'object',
        required: ['type', 'status'],
        properties: {
          type: text,
          status: text,
          reason: text,
          message: text,
          lastTransitionTime: text,
          observedGeneration: { type: 'integer' },
        },
      },
    },
  },
}

/** The inputs, which note what is read of them. */
function told(inputs: Inputs, read: Set<IncidentalPart>): Inputs {
  const noting = <T extends object>(of: T, parts: Partial<Record<keyof T, IncidentalPart>>): T =>
    new Proxy(of, {
      get(target, name) {
        const part = parts[name as keyof T]
        if (part) read.add(part)
        return target[name as keyof T]
      },
      ownKeys(target) {
        for (const part of Object.values(parts)) read.add(part as IncidentalPart)
        return Reflect.ownKeys(target)
      },
    })
  const metadata = noting(
    { ...inputs.primary.metadata },
    { annotations: 'annotations', resourceVersion: 'version', managedFields: 'version' },
  )
  const primary = noting<KubernetesObject>({ ...inputs.primary, metadata }, { status: 'status' })
  return noting({ ...inputs, primary }, { resources: 'resources' })
}

/** A program made of what the test answers. It says of documents what they do not depend on. */
export class FakeProgram implements Program {
  readonly kinds: readonly GroupVersionKind[]
  /** What `next` answers: documents, or an answer whole. */
  render: (inputs: Inputs) => readonly object[] | Answer
  assess: (inputs: Inputs) => StatusAnswer = () => ({ kind: 'status', status: {}, readNow: false })
  renders = 0

  constructor(kinds: readonly GroupVersionKind[], render: FakeProgram['render']) {
    this.kinds = kinds
    this.render = render
  }

  next(inputs: Inputs): Answer {
    this.renders++
    const read = new Set<IncidentalPart>()
    const answer = this.render(told(inputs, read))
    if ('kind' in answer) return answer
    const unread = incidentalParts.filter((part) => !read.has(part))
    return { kind: 'rendered', documents: answer.map(documentOf), readNow: false, unread }
  }

  status(inputs: Inputs): StatusAnswer {
    return this.assess(inputs)
  }
}

export const watchOf = (program: Program, options: Partial<Watch> = {}): Watch => ({
  kind: app,
  position: { file: 'watches.yaml', line: 1 },
  program,
  chartPath: 'charts/app',
  selector: undefined,
  namespaceSelector: undefined,
  reconcilePeriod: undefined,
  watchDependentResources: true,
  maxConcurrentReconciles: undefined,
  fieldPolicy: 'force',
  prune: defaultPrunePolicy,
  crd: undefined,
  adoption: 'never',
  deletionPolicy: 'background',
  waitForDeletion: 600_000,
  conditions: undefined,
  ...options,
})

export interface Line {
  level: string
  message: string
}

export function logTo(lines: Line[]): Logger {
  const write = (level: string) => (_fields: object, message: string) => void lines.push({ level, message })
  const logger: Logger = {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => logger,
  }
  return logger
}

export function metricsTo(counts: Record<string, number>): Metrics {
  const count = (name: string) => void (counts[name] = (counts[name] ?? 0) + 1)
  return {
    passed: (_kind, { outcome }) => count(outcome),
    rendered: () => count('rendered'),
    wrote: (_kind, { verb, cause }) => count(`${verb} ${cause}`),
    eventTold: () => {},
    requested: () => {},
    audited: () => count('audits'),
    unmarked: (kind) => count(`unmarked ${kind}`),
    fightBegan: () => count('fights'),
    stepped: () => [],
    forget: () => {},
    text: () => Promise.resolve(''),
    contentType: '',
  }
}

export interface StageOptions {
  render?: FakeProgram['render']
  kinds?: readonly GroupVersionKind[]
  definition?: KubernetesObject | undefined
  watch?: Partial<Watch>
  /** Several watches of App instead of one. */
  watches?: (of: typeof watchOf) => readonly Watch[]
  revision?: string
  cluster?: FakeCluster
  inventory?: KnownKinds
  namespaces?: readonly string[]
  /** Caches of other kinds than this plural one may still be starting; default: none is. */
  waitsFor?: string
}

/** An operator's kind, with its caches filled; the primary `shop` in namespace `eu` is there. */
export async function stage(options: StageOptions = {}) {
  const { kinds = [configMap], render = () => [config('c')], revision = 'r1' } = options
  const program = new FakeProgram(kinds, render)
  const cluster = options.cluster ?? new FakeCluster(resources)
  const clock = new FakeClock()
  const lines: Line[] = []
  const counts: Record<string, number> = {}
  const woken: string[] = []
  const others = { wait: false }
  const log = logTo(lines)
  const cache = createCache({ client: cluster, resolve: (kind) => Promise.resolve(cluster.resourceOf(kind)), clock, random: () => 0.5 })
  const now = () => Date.parse('2026-01-01T00:00:00Z') + clock.now()
  const shared: SharedContext = {
    revision,
    client: cluster,
    resourceOf: (kind) => cluster.resourceOf(kind),
    resolve: (kind) => Promise.resolve(cluster.resourceOf(kind)),
    refresh: () => Promise.resolve(),
    servedVersion: (kind) => kind,
    inventory: options.inventory ?? inventoryInMemory(),
    findServers: () => Promise.resolve({}),
    serversFound: () => undefined,
    namespaces: options.namespaces ?? [],
    capabilities: () => ({ kubeVersion: { version: 'v1.36.3', major: '1', minor: '36' }, apiVersions: [] }),
    parseFields: cachedParser(),
    names: noNames,
    contests: new Contests(),
    tellsStatus: () => false,
    feedbackOf: () => undefined,
    sha256,
    now,
    log,
    metrics: metricsTo(counts),
    events: silentEvents,
    effects: noEffects,
    othersWait: () => others.wait,
  }
  const definition = 'definition' in options ? options.definition : appDefinition()
  const profile = statusProfile(definition, 'v1alpha1')
  const controller = new KindController({
    kind: app,
    watches: options.watches?.(watchOf) ?? [watchOf(program, options.watch)],
    resource: app,
    cache,
    shared,
    statusWriter: new StatusWriter({ client: cluster, resource: app, profile, now }),
    enqueue: (key) => woken.push(key.slice(key.lastIndexOf(' ') + 1)),
  })
  cache.onState((informer) => controller.cacheChanged(informer))
  cache.onChange(({ before, after }, informer) => {
    if (informer === controller.primaries) return controller.primaryChanged(before, after)
    for (const uid of new Set([before, after].map((object) => object?.metadata.labels?.[primaryUidLabel])))
      if (uid !== undefined) controller.dependentChanged(uid)
  })
  if (!cluster.get('apps.app.company.com', 'shop')) cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 1 } }))
  for (const informer of cache.informers())
    if (options.waitsFor === undefined || cluster.resourceOf(informer.kind)?.plural === options.waitsFor.split('.')[0])
      await cache.whenSettled(informer)
  await settled()
  woken.length = 0
  cluster.requests()
  /** One pass, after all events before it have come, and everything that it set off. */
  async function pass(name = 'shop') {
    await settled()
    const outcome = await controller.reconcile(`eu/${name}`)
    await settled()
    return outcome
  }
  return {
    cluster,
    program,
    clock,
    cache,
    controller,
    others,
    /** The primaries that were woken since the last call. */
    woken: () => [...new Set(woken.splice(0))],
    counts,
    pass,
    /** Passes until one sends nothing; the last outcome. */
    async passes(limit = 6) {
      for (let count = 0; count < limit; count++) {
        cluster.requests()
        const outcome = await pass()
        if (cluster.requests().length === 0) return outcome
      }
      throw new Error(`no end after ${limit} passes`)
    },
    /** Log lines of a level since the last call. */
    logged: (level: string) => {
      const found = lines.filter((line) => line.level === level).map(({ message }) => message)
      lines.length = 0
      return found
    },
    /** `Ready`: `True Ready: 1 dependent is ready`. */
    conditions: () => {
      const status = (cluster.get('apps.app.company.com', 'shop')?.['status'] ?? {}) as { conditions?: Record<string, string>[] }
      return Object.fromEntries(
        (status.conditions ?? []).map(({ type, status: holds, reason, message }) => [
          type as string,
          `${holds} ${reason}${message ? `: ${message}` : ''}`,
        ]),
      )
    },
    /** Another process on the same server. */
    restart: (again: StageOptions = {}) => stage({ ...options, ...again, cluster }),
    stop: () => cache.stop(),
  }
}
