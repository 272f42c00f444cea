import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { primaryUidLabel } from '../../src/api/names.ts'
import type { Clock } from '../../src/api/clock.ts'
import type { KubernetesObject } from '../../src/api/object.ts'
import { createCache } from '../../src/cache/cache.ts'
import type { Definition, ProjectCrd } from '../../src/definition/definition.ts'
import type { Resource } from '../../src/kube/client.ts'
import { systemClock } from '../../src/kube/deadline.ts'
import { noEffects } from '../../src/operator/effects.ts'
import { silentEvents } from '../../src/operator/events.ts'
import { ApiDirectory } from '../../src/operator/api-directory.ts'
import { Operator } from '../../src/operator/operator.ts'
import { exponentialBackoff } from '../../src/queue/backoff.ts'
import { WorkQueue } from '../../src/queue/work-queue.ts'
import { cachedParser } from '../../src/reconcile/match.ts'
import { noNames } from '../../src/reconcile/sharing.ts'
import { Contests } from '../../src/operator/contests.ts'
import { FakeClock } from '../api/fake-clock.ts'
import { inventoryInMemory } from './inventory-in-memory.ts'
import { emptyDiscovery, FakeCluster, refusal } from './fake-cluster.ts'
import {
  app,
  appDefinition,
  config,
  configMap,
  FakeProgram,
  type Line,
  logTo,
  metricsTo,
  resources,
  service,
  sha256,
  watchOf,
} from './stage.ts'

const job: Resource = { ...app, kind: 'Batch', plural: 'batches' }
const definitions: Resource = {
  ...app,
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}

const projectCrd: ProjectCrd = {
  position: { file: 'charts/app/crds/app.yaml' },
  manifest: appDefinition() as unknown as ProjectCrd['manifest'],
  plural: 'apps',
  namespaced: true,
  hasStatus: true,
  schema: {} as ProjectCrd['schema'],
}

/** A whole operator of Apps and Batches, running until the test ends. */
function run({
  cluster = new FakeCluster([...resources, job, definitions]),
  apps = new FakeProgram([configMap], () => [config('c')]),
  backoff = 5,
  clock = systemClock as Clock,
} = {}) {
  const lines: Line[] = []
  const counts: Record<string, number> = {}
  const log = logTo(lines)
  const directory = new ApiDirectory(cluster, emptyDiscovery)
  const cache = createCache({ client: cluster, resolve: (kind) => directory.resolve(kind), clock })
  const queue = new WorkQueue({ clock: systemClock, backoff: exponentialBackoff({ jitter: () => backoff }) })
  const metrics = metricsTo(counts)
  const batches = new FakeProgram([configMap], () => [config('b')])
  const definition: Definition = { hash: 'r1', watches: [watchOf(apps, { crd: projectCrd }), watchOf(batches, { kind: job })] }
  const operator = new Operator({
    definition,
    client: cluster,
    directory,
    cache,
    queue,
    workers: 2,
    clock: systemClock,
    log,
    metrics,
    shared: {
      revision: 'r1',
      namespaces: [],
      client: cluster,
      resourceOf: (kind) => directory.resourceOf(kind),
      resolve: (kind) => directory.resolve(kind),
      refresh: (kind) => directory.refresh(kind),
      servedVersion: (kind) => directory.servedVersion(kind),
      inventory: inventoryInMemory(),
      findServers: () => Promise.resolve({}),
      serversFound: () => undefined,
      capabilities: () => directory.capabilities,
      events: silentEvents,
      effects: noEffects,
      othersWait: () => false,
      parseFields: cachedParser(),
      names: noNames,
      contests: new Contests(),
      tellsStatus: () => false,
      feedbackOf: () => undefined,
      sha256,
      now: Date.now,
      log,
      metrics,
    },
  })
  const stopping = new AbortController()
  const running = operator.run(stopping.signal)
  const stop = () => {
    stopping.abort()
    return running
  }
  onTestFinished(stop)
  return {
    cluster,
    operator,
    apps,
    counts,
    stop,
    logged: (level: string) => lines.filter((line) => line.level === level).map(({ message }) => message),
  }
}

const eventually = (assertion: () => void) => vi.waitFor(assertion, { timeout: 5_000, interval: 5 })
const add = (cluster: FakeCluster, kind: Resource, name: string) =>
  cluster.edit(kind, name, (object) => Object.assign(object, { spec: { size: 1 } }))
const cluster = () => new FakeCluster([...resources, job, definitions])

describe('an operator', () => {
  it('makes what primaries want, and heals it', async () => {
    const { cluster: server } = run()
    add(server, app, 'shop')
    await eventually(() => expect(server.get('configmaps', 'c')?.['data']).toEqual({ a: '1' }))
    server.edit(configMap, 'c', (object) => Object.assign(object, { data: { a: 'edited' } }))
    await eventually(() => expect(server.get('configmaps', 'c')?.['data']).toEqual({ a: '1' }))
    server.remove(configMap, 'c')
    await eventually(() => expect(server.get('configmaps', 'c')).toBeDefined())
  })

  it('wakes the primary that a dependent’s label leaves, and the one that it comes to', async () => {
    const apps = new FakeProgram([configMap], ({ primary }) => [config(`of-${primary.metadata.name}`)])
    const { cluster: server } = run({ apps })
    add(server, app, 'shop')
    add(server, app, 'other')
    const label = (name: string) => server.get('configmaps', name)?.metadata.labels?.[primaryUidLabel]
    const uid = (name: string) => server.get('apps.app.company.com', name)?.metadata.uid
    await eventually(() => expect([label('of-shop'), label('of-other')]).toEqual([uid('shop'), uid('other')]))
    server.edit(configMap, 'of-shop', ({ metadata }) => Object.assign(metadata, { labels: { [primaryUidLabel]: uid('other') } }))
    await eventually(() => expect(label('of-shop')).toBe(uid('shop')))
  })

  it('starts on a kind when its definition appears, says which file to apply, and does not hold up the others', async () => {
    const server = cluster()
    server.unserved.add('apps.app.company.com')
    const { operator, logged } = run({ cluster: server })
    add(server, job, 'nightly')
    await eventually(() => expect(server.get('configmaps', 'b')).toBeDefined())
    await eventually(() => expect(logged('error')).toHaveLength(1))
    expect(logged('error')[0]).toContain('kubectl apply -f charts/app/crds/app.yaml')
    expect(operator.notReady()).toEqual(['the cluster does not serve app.company.com/v1alpha1 App'])
    add(server, app, 'shop')
    server.unserved.clear()
    await eventually(() => expect(server.get('configmaps', 'c')).toBeDefined())
    expect(operator.notReady()).toEqual([])
    expect(logged('error')).toHaveLength(1)
  })

  it('tells nothing of a kind that is served a moment later, as one is whose definition has just been installed', async () => {
    const server = cluster()
    server.unserved.add('apps.app.company.com')
    const { operator, logged } = run({ cluster: server })
    await eventually(() => expect(operator.notReady()).toEqual(['the cluster does not serve app.company.com/v1alpha1 App']))
    server.unserved.clear()
    add(server, app, 'shop')
    await eventually(() => expect(server.get('configmaps', 'c')).toBeDefined())
    expect(operator.notReady()).toEqual([])
    expect(logged('error')).toEqual([])
  })

  it('does not take a server that does not answer for one without the definition', async () => {
    const server = cluster()
    let down = true
    server.before = ({ request }) => {
      if (down && request.path.endsWith('/v1alpha1')) throw refusal({ class: 'network', code: 0, reason: 'ConnectionRefused' })
    }
    const { logged, operator } = run({ cluster: server })
    await eventually(() => expect(logged('error')[0]).toContain('cannot be looked for'))
    expect(operator.notReady()[0]).toContain('ConnectionRefused')
    down = false
    add(server, app, 'shop')
    await eventually(() => expect(server.get('configmaps', 'c')).toBeDefined())
    expect(logged('error').join()).not.toContain('does not serve')
  })

  it('that may not read the definition believes the project’s file', async () => {
    const server = cluster()
    server.before = ({ resource, name }) => {
      if (resource === 'customresourcedefinitions.apiextensions.k8s.io')
        throw refusal({ class: 'forbidden', code: 403, reason: `Forbidden ${name}` })
    }
    const { logged } = run({ cluster: server })
    add(server, app, 'shop')
    await eventually(() => expect(server.get('apps.app.company.com', 'shop')?.['status']).toMatchObject({ observedGeneration: 1 }))
    expect(logged('warn').filter((line) => line.includes("the project's file is believed instead"))).toHaveLength(2)
  })

  it('reads the definition again until it can', async () => {
    const server = cluster()
    let failures = 1
    server.before = ({ resource }) => {
      if (resource === 'customresourcedefinitions.apiextensions.k8s.io' && failures-- > 0)
        throw refusal({ class: 'unavailable', code: 503 })
    }
    run({ cluster: server })
    add(server, app, 'shop')
    add(server, job, 'nightly')
    await eventually(() => expect([server.get('configmaps', 'c'), server.get('configmaps', 'b')]).not.toContain(undefined))
  })

  it('warns where the definition in the cluster is not the project’s, and takes the room for status from the cluster', async () => {
    const server = cluster()
    const live = appDefinition({ type: 'object', properties: { url: { type: 'string' } } })
    server.edit(definitions, 'apps.app.company.com', (object) => Object.assign(object, { spec: live['spec'] }), { namespace: '' })
    const { logged } = run({ cluster: server })
    add(server, app, 'shop')
    await eventually(() => expect(server.get('apps.app.company.com', 'shop')?.metadata.annotations).toHaveProperty(['fairlead.dev/status']))
    expect(logged('warn').join('\n')).toContain('(CRD_DIFFERS)')
    expect(logged('warn').join('\n')).toContain('(CRD_STATUS)')
  })

  it('logs a fault in a pass and tries it again, while other primaries go on', async () => {
    const apps = new FakeProgram([configMap], ({ primary }: { primary: KubernetesObject }) => {
      if (primary.metadata.name === 'bad' && apps.renders < 5) throw new TypeError('a bug')
      return [config(primary.metadata.name)]
    })
    const { cluster: server, logged } = run({ apps })
    add(server, app, 'bad')
    add(server, app, 'good')
    await eventually(() => expect(server.get('configmaps', 'good')).toBeDefined())
    await eventually(() => expect(server.get('configmaps', 'bad')).toBeDefined())
    expect(logged('error')).toContain('a pass ended in a fault of the operator')
  })

  it('says why a cache cannot be read once, though it is asked for again and again', async () => {
    const server = cluster()
    server.forbidden.add('services')
    const clock = new FakeClock()
    const { logged } = run({ cluster: server, clock, apps: new FakeProgram([configMap, service], () => [config('c')]) })
    add(server, app, 'shop')
    await eventually(() => expect(server.get('configmaps', 'c')).toBeDefined())
    let lists = 0
    server.before = ({ verb, resource }) => {
      if (verb === 'list' && resource === 'services') lists++
    }
    await clock.advance(180_000)
    expect(lists).toBeGreaterThan(15)
    expect(logged('warn').filter((line) => line.startsWith('Service is '))).toHaveLength(1)
    server.forbidden.clear()
    await clock.advance(60_000)
    expect(logged('info')).toContain('Service is synced')
  })

  it('ends the passes that run before it stops, and begins none after', async () => {
    const server = cluster()
    const gate = Promise.withResolvers<void>()
    let reached = false
    server.before = async ({ verb, resource }) => {
      if (verb !== 'apply' || resource !== 'configmaps') return
      reached = true
      await gate.promise
    }
    const { stop } = run({ cluster: server })
    add(server, app, 'shop')
    await eventually(() => expect(reached).toBe(true))
    let stopped = false
    const ended = stop().then(() => (stopped = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(stopped).toBe(false)
    gate.resolve()
    await ended
    expect(server.get('configmaps', 'c')).toBeDefined()
    add(server, app, 'late')
    await new Promise((resolve) => setImmediate(resolve))
    expect(server.get('apps.app.company.com', 'late')?.['status']).toBeUndefined()
  })
})
