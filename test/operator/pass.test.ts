import { describe, expect, it } from 'vitest'
import type { Inputs } from '../../src/reconcile/program.ts'
import { settled } from '../api/fake-clock.ts'
import { refusal } from './fake-cluster.ts'
import { inventoryInMemory } from './inventory-in-memory.ts'
import { app, config, configMap, deployment, documentOf, service, stage } from './stage.ts'

const aMinute = 60_000

const availableStatus = {
  observedGeneration: 1,
  replicas: 1,
  updatedReplicas: 1,
  readyReplicas: 1,
  availableReplicas: 1,
  conditions: [{ type: 'Available', status: 'True' }],
}

describe('a pass', () => {
  it('creates what is missing, with proof of authorship, and tells it in status, log and metrics', async () => {
    const { cluster, pass, conditions, logged, counts } = await stage()
    expect(await pass()).toEqual({ kind: 'done' })
    const made = cluster.get('configmaps', 'c')
    const uid = cluster.get('apps.app.company.com', 'shop')?.metadata.uid
    expect(made).toMatchObject({
      data: { a: '1' },
      metadata: {
        labels: { 'fairlead.dev/primary-uid': uid },
        ownerReferences: [{ kind: 'App', name: 'shop', uid, controller: true, blockOwnerDeletion: true }],
        managedFields: [{ manager: `fairlead/dependents/${uid}`, operation: 'Apply' }],
      },
    })
    expect(conditions()).toEqual({ Ready: 'True Ready: 1 dependent is ready', Reconciling: 'False Ready', Stalled: 'False Ready' })
    expect(logged('info')).toEqual(['created ConfigMap/c (spec)'])
    expect(counts['created spec']).toBe(1)
  })

  it('sends nothing when nothing changed, also in another process', async () => {
    const first = await stage()
    await first.passes()
    await first.stop()
    const second = await first.restart()
    expect(await second.pass()).toEqual({ kind: 'done' })
    expect(second.cluster.requests()).toEqual([])
  })

  it('of what the last clean one read ends before rendering', async () => {
    const { cluster, pass, passes, program } = await stage()
    await passes()
    const { renders } = program
    expect(await pass()).toEqual({ kind: 'done' })
    expect(program.renders).toBe(renders)
    cluster.edit(configMap, 'c', ({ metadata }) => void (metadata.labels = { ...metadata.labels, theirs: 'x' }))
    await pass()
    expect(program.renders).toBe(renders + 1)
    cluster.edit(app, 'shop', ({ metadata }) => void (metadata.labels = { theirs: 'x' }))
    await pass()
    expect(program.renders).toBe(renders + 2)
    expect(cluster.requests()).toEqual([])
  })

  it('renders nothing anew for an event of what no template reads, and tells in the status what it says', async () => {
    const web = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 1 } }
    const { cluster, pass, passes, program, conditions } = await stage({ kinds: [deployment, configMap], render: () => [web, config('c')] })
    const status = (to: object) => cluster.edit(deployment, 'web', (object) => Object.assign(object, { status: to }))
    await passes()
    // Whoever writes for the first time has an entry in the managed fields from then on.
    status({ observedGeneration: 1 })
    await passes()
    const { renders } = program
    cluster.edit(app, 'shop', ({ metadata }) => void (metadata.annotations = { touched: 'x' }))
    await pass()
    status({ observedGeneration: 1, replicas: 1 })
    await pass()
    expect(cluster.requests()).toEqual([])
    expect(conditions()['Ready']).toBe('False DependentsNotReady: not ready: Deployment/web')

    status(availableStatus)
    await pass()
    expect(conditions()['Ready']).toBe('True Ready: 2 dependents are ready')
    expect(cluster.requests()).toEqual(['apply apps.app.company.com/status shop'])
    program.assess = ({ primary: { metadata } }) => ({
      kind: 'status',
      status: { url: String(metadata.annotations?.['url']) },
      readNow: false,
    })
    cluster.edit(app, 'shop', ({ metadata }) => void (metadata.annotations = { url: 'http://shop' }))
    await pass()
    expect(cluster.get('apps.app.company.com', 'shop')?.['status']).toMatchObject({ url: 'http://shop' })
    expect(program.renders).toBe(renders)
  })

  it.each<[string, (read: Inputs) => unknown, (at: Awaited<ReturnType<typeof stage>>['cluster'], to: string) => void]>([
    [
      'an annotation',
      ({ primary }) => primary.metadata.annotations?.['size'],
      (cluster, to) => cluster.edit(app, 'shop', ({ metadata }) => void (metadata.annotations = { size: to })),
    ],
    [
      'a label',
      ({ primary }) => primary.metadata.labels?.['size'],
      (cluster, to) => cluster.edit(app, 'shop', ({ metadata }) => void (metadata.labels = { size: to })),
    ],
    [
      'the status',
      ({ primary }) => (primary['status'] as { size?: string } | undefined)?.size,
      (cluster, to) => cluster.edit(app, 'shop', (object) => Object.assign(object['status'] as object, { size: to })),
    ],
    [
      'the status of a dependent',
      ({ resources }) => (resources.find(({ kind }) => kind === 'Deployment')?.['status'] as { size?: string } | undefined)?.size,
      (cluster, to) => cluster.edit(deployment, 'web', (object) => Object.assign(object, { status: { size: to } })),
    ],
  ])('renders anew what %s goes into, however often that changes', async (_what, read, change) => {
    const web = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 1 } }
    const { cluster, pass, passes } = await stage({
      kinds: [deployment, configMap],
      render: (inputs) => [web, config('c', { size: String(read(inputs) ?? 'none') })],
    })
    await passes()
    for (const to of ['1', '2', '1']) {
      change(cluster, to)
      await pass()
      expect(cluster.get('configmaps', 'c')?.['data']).toEqual({ size: to })
    }
  })

  it('puts right a change that comes together with one that does not count', async () => {
    const { cluster, pass, passes } = await stage()
    await passes()
    cluster.edit(app, 'shop', ({ metadata }) => void (metadata.annotations = { touched: 'x' }))
    await pass()
    cluster.edit(configMap, 'c', (object) => Object.assign(object, { data: { a: 'edited' }, status: { any: 'thing' } }))
    await pass()
    expect(cluster.get('configmaps', 'c')?.['data']).toEqual({ a: '1' })
  })

  it('takes nothing for judged that changed between its look and its plan', async () => {
    const inventory = inventoryInMemory()
    const { cluster, pass, passes, program } = await stage({ inventory })
    await passes()
    const label = (text: string) =>
      cluster.edit(configMap, 'c', ({ metadata }) => void (metadata.labels = { ...metadata.labels, theirs: text }))
    label('one')
    inventory.record = async () => {
      label('two')
      await settled()
    }
    await pass()
    inventory.record = () => Promise.resolve()
    const { renders } = program
    label('one')
    await pass()
    expect(program.renders).toBe(renders + 1)
  })

  it('with the time as an input renders again a minute later, and sends nothing if the result is the same', async () => {
    const { cluster, pass, passes, program } = await stage()
    program.render = () => ({ kind: 'rendered', documents: [documentOf(config('c'))], readNow: true })
    await passes()
    const { renders } = program
    expect(await pass()).toEqual({ kind: 'done', resyncAfter: aMinute })
    expect(program.renders).toBe(renders + 1)
    expect(cluster.requests()).toEqual([])
  })

  it('is asked for again after the reconcile period, or after a minute if the time is an input and the period is longer', async () => {
    const { pass, passes } = await stage({ watch: { reconcilePeriod: 5 * aMinute } })
    await passes()
    expect(await pass()).toEqual({ kind: 'done', resyncAfter: 5 * aMinute })
    const other = await stage({
      watch: { reconcilePeriod: 5 * aMinute },
      render: () => ({ kind: 'rendered', documents: [documentOf(config('c'))], readNow: true }),
    })
    expect(await other.pass()).toEqual({ kind: 'done', resyncAfter: aMinute })
  })

  it('is asked for again after a minute while a dependent that wakes nobody is not ready', async () => {
    const unready = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 1 } }
    const { cluster, pass, conditions } = await stage({
      kinds: [deployment],
      render: () => [unready],
      watch: { watchDependentResources: false },
    })
    expect(await pass()).toEqual({ kind: 'done', resyncAfter: aMinute })
    cluster.edit(deployment, 'web', (object) => Object.assign(object, { status: availableStatus }))
    expect(await pass()).toEqual({ kind: 'done' })
    expect(conditions()['Ready']).toMatch(/^True/)
  })

  it('with deletes that were skipped is not clean: it does not record its generation', async () => {
    const { cluster, pass, passes, program } = await stage()
    await passes()
    program.render = () => []
    cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 2 } }))
    await pass()
    expect(cluster.get('apps.app.company.com', 'shop')?.['status']).toMatchObject({ observedGeneration: 1 })
  })

  it('does nothing for a primary that is being deleted, or gone', async () => {
    const { cluster, pass } = await stage({ watch: { reconcilePeriod: aMinute } })
    cluster.edit(app, 'shop', ({ metadata }) => void (metadata.deletionTimestamp = '2026-01-01T00:00:00Z'))
    expect(await pass()).toEqual({ kind: 'done' })
    cluster.remove(app, 'shop')
    expect(await pass()).toEqual({ kind: 'done' })
    expect(cluster.requests()).toEqual([])
  })

  it('does not miss an event of a dependent that comes while the status is being written', async () => {
    const { cluster, pass, passes, program } = await stage()
    await passes()
    program.assess = () => ({ kind: 'status', status: { url: 'http://shop' }, readNow: false })
    cluster.edit(app, 'shop', ({ metadata }) => void (metadata.annotations = { touched: 'x' }))
    let edited = false
    cluster.before = async ({ resource }) => {
      if (!resource.endsWith('/status') || edited) return
      edited = true
      cluster.edit(configMap, 'c', (object) => Object.assign(object, { data: { a: 'edited' } }))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await pass()).toEqual({ kind: 'done' })
    expect(edited).toBe(true)
    await pass()
    expect(cluster.get('configmaps', 'c')?.['data']).toEqual({ a: '1' })
  })

  it.each([
    ['the status', undefined],
    ['the annotation that holds the status', 'annotation'],
  ])('does not miss an event of the primary that comes while %s is being written', async (_what, where) => {
    const { cluster, pass, passes, program } = await stage({
      ...(where ? { definition: undefined } : {}),
      render: ({ primary }) => [config('c', { size: String((primary['spec'] as { size: number }).size) })],
    })
    await passes()
    program.assess = () => ({ kind: 'status', status: { url: 'http://shop' }, readNow: false })
    cluster.edit(app, 'shop', ({ metadata }) => void (metadata.annotations = { ...metadata.annotations, touched: 'x' }))
    let edited = false
    cluster.before = async ({ resource, verb }) => {
      if (!resource.startsWith('apps.app') || verb === 'get' || edited) return
      edited = true
      cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 5 } }))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await pass()).toMatchObject({ kind: 'retry' })
    expect(edited).toBe(true)
    await passes()
    expect(cluster.get('configmaps', 'c')?.['data']).toEqual({ size: '5' })
  })

  it('says what a render failed of, in status and log, and touches nothing', async () => {
    const { cluster, pass, passes, program, conditions, logged } = await stage()
    await passes()
    logged('warn')
    program.render = () => ({
      kind: 'problems',
      problems: [{ code: 'TEMPLATE_FAILED', message: 'no', at: { file: 'a.yaml.eta', line: 3 } }],
    })
    cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 2 } }))
    cluster.requests()
    expect(await pass()).toMatchObject({ kind: 'failed', problem: { code: 'TEMPLATE_FAILED' } })
    expect(cluster.requests()).toEqual(['apply apps.app.company.com/status shop'])
    expect(conditions()['Stalled']).toBe('True RenderFailed: a.yaml.eta:3: no (TEMPLATE_FAILED)')
    expect(logged('warn')).toEqual(['a.yaml.eta:3: no (TEMPLATE_FAILED)'])
    expect(cluster.get('apps.app.company.com', 'shop')?.['status']).toMatchObject({ observedGeneration: 1 })
  })

  it('refuses documents where the operator does not look before anything is written', async () => {
    const { cluster, pass, conditions } = await stage({
      namespaces: ['eu'],
      render: () => [config('c'), { ...config('far'), metadata: { name: 'far', namespace: 'us' } }],
    })
    expect(await pass()).toMatchObject({ kind: 'failed', problem: { code: 'DOCUMENT_OUT_OF_SCOPE' } })
    expect(cluster.requests()).toEqual(['apply apps.app.company.com/status shop'])
    expect(conditions()['Stalled']).toContain('ConfigMap/far asks for namespace us')
  })
})

describe('a document of the primary’s own kind', () => {
  const child = (name: string) => ({ apiVersion: 'app.company.com/v1alpha1', kind: 'App', metadata: { name }, spec: { size: 7 } })

  it('is a dependent like any other', async () => {
    const { cluster, passes, woken } = await stage({
      kinds: [app],
      render: ({ primary }) => (primary.metadata.name === 'shop' ? [child('small')] : [config('c')]),
    })
    await passes()
    const small = cluster.there('apps.app.company.com', 'small')
    expect(small.metadata.ownerReferences).toMatchObject([{ name: 'shop', controller: true }])
    woken()
    cluster.edit(app, 'small', (object) => Object.assign(object, { spec: { size: 8 } }))
    await passes()
    expect(cluster.there('apps.app.company.com', 'small')['spec']).toEqual({ size: 7 })
  })

  it('that has the primary’s name does not write over it', async () => {
    const { cluster, pass, conditions } = await stage({ kinds: [app], render: () => [child('shop')] })
    expect(await pass()).toMatchObject({ kind: 'failed' })
    expect(cluster.there('apps.app.company.com', 'shop')['spec']).toEqual({ size: 1 })
    expect(cluster.there('apps.app.company.com', 'shop').metadata.ownerReferences).toBeUndefined()
    expect(conditions()['Stalled']).toMatch(/^True Conflict: App\/shop: not touched/)
  })
})

describe('a write that fails', () => {
  const failing = async (details: Parameters<typeof refusal>[0]) => {
    const set = await stage({ render: () => [config('c'), config('d')] })
    set.cluster.before = ({ name, verb }) => {
      if (name === 'c' && verb === 'apply') throw refusal(details)
    }
    return set
  }

  it('does not stop its siblings', async () => {
    const { cluster, pass } = await failing({ class: 'forbidden', code: 403, reason: 'Forbidden' })
    await pass()
    expect(cluster.get('configmaps', 'd')).toBeDefined()
  })

  it('for a passing cause is tried again, after the time that the server asks for', async () => {
    const { pass, conditions } = await failing({ class: 'tooManyRequests', code: 429, reason: 'TooManyRequests', retryAfter: 7_000 })
    expect(await pass()).toMatchObject({ kind: 'retry', after: 7_000, error: { class: 'tooManyRequests' } })
    expect(conditions()['Reconciling']).toMatch(/^True WriteRetried/)
    expect(conditions()['Stalled']).toMatch(/^False/)
  })

  it('for a cause outside is shown as failed, with the line of the template, and tried again after five minutes', async () => {
    const { pass, conditions, logged } = await failing({
      class: 'invalid',
      code: 422,
      reason: 'Invalid',
      fields: [{ path: 'data.a', reason: 'FieldValueInvalid' }],
    })
    expect(await pass()).toMatchObject({ kind: 'failed', retryAfter: 5 * aMinute })
    expect(conditions()['Stalled']).toMatch(/^True ApplyFailed: ConfigMap\/c: .*data\.a.*\(charts\/app\/templates\/a\.yaml\.eta:7\)$/)
    expect(logged('warn')).toHaveLength(1)
  })

  it('since its namespace is not there is waited for with back-off', async () => {
    const { pass, conditions } = await failing({ class: 'namespaceMissing', code: 404, reason: 'NotFound' })
    expect(await pass()).toMatchObject({ kind: 'retry' })
    expect(conditions()['Reconciling']).toMatch(/^True WriteRetried/)
  })

  it('is logged when it is new, and not again in each pass', async () => {
    const { pass, cluster, logged } = await failing({ class: 'forbidden', code: 403, reason: 'Forbidden' })
    await pass()
    expect(logged('warn')).toHaveLength(1)
    await pass()
    await pass()
    expect(logged('warn')).toEqual([])
    cluster.before = ({ name, verb }) => {
      if (name === 'c' && verb === 'apply') throw refusal({ class: 'quotaExceeded', code: 403, reason: 'Forbidden', quota: 'q' })
    }
    await pass()
    expect(logged('warn')).toHaveLength(1)
    cluster.before = undefined
    await pass()
    cluster.remove(configMap, 'c')
    cluster.before = ({ name, verb }) => {
      if (name === 'c' && verb === 'apply') throw refusal({ class: 'quotaExceeded', code: 403, reason: 'Forbidden', quota: 'q' })
    }
    await pass()
    expect(logged('warn')).toHaveLength(1)
  })
})

describe('a status that cannot be written', () => {
  it('turns any end of the pass into a try again', async () => {
    const { cluster, pass, program } = await stage()
    cluster.before = ({ resource }) => {
      if (resource.endsWith('/status')) throw refusal({ class: 'unavailable', code: 503, retryAfter: 3_000 })
    }
    expect(await pass()).toMatchObject({ kind: 'retry', after: 3_000 })
    program.render = () => ({ kind: 'problems', problems: [{ code: 'TEMPLATE_FAILED', message: 'no' }] })
    cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 2 } }))
    expect(await pass()).toMatchObject({ kind: 'retry' })
  })

  it('for a reason that a person has to mend is told once', async () => {
    const { cluster, pass, logged } = await stage()
    cluster.before = ({ resource }) => {
      if (resource.endsWith('/status')) throw refusal({ class: 'forbidden', code: 403, reason: 'Forbidden' })
    }
    await pass()
    await pass()
    expect(logged('warn')).toEqual([expect.stringContaining('the status was not written')])
  })

  it('since the primary changed in between is not worth a warning', async () => {
    const { cluster, pass, logged } = await stage()
    cluster.before = ({ resource }) => {
      if (resource.endsWith('/status')) throw refusal({ class: 'conflict', code: 409 })
    }
    expect(await pass()).toMatchObject({ kind: 'retry' })
    expect(logged('warn')).toEqual([])
  })

  it('since the primary is gone ends the pass', async () => {
    const { cluster, pass } = await stage()
    cluster.holdEvents()
    cluster.remove(app, 'shop')
    expect(await pass()).toEqual({ kind: 'done' })
  })
})

describe('what cannot be known', () => {
  it('is waited for: a template that reads it is not evaluated, until it can be', async () => {
    const first = await stage({ kinds: [configMap, service] })
    await first.stop()
    first.cluster.forbidden.add('services')
    const { cluster, clock, pass, conditions, woken } = await first.restart({
      render: ({ unknown }) => ('Service' in unknown ? { kind: 'unknown', reads: ['Service'] } : [config('c')]),
    })
    expect(await pass()).toEqual({ kind: 'wait', for: ['Service'] })
    expect(cluster.get('configmaps', 'c')).toBeUndefined()
    expect(conditions()['Reconciling']).toMatch(/^True Waiting: waits for Service: /)
    cluster.forbidden.delete('services')
    await clock.advance(aMinute)
    expect(woken()).toEqual(['eu/shop'])
    await pass()
    expect(cluster.get('configmaps', 'c')).toBeDefined()
  })

  it('leaves an object of such a kind alone and says so, while others go on', async () => {
    const first = await stage({ kinds: [configMap, service], render: () => [config('c')] })
    await first.passes()
    first.cluster.forbidden.add('services')
    const { cluster, pass, conditions, logged } = await first.restart({
      revision: 'r2',
      render: () => [config('c', { a: '2' }), { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: {} }],
    })
    expect(await pass()).toMatchObject({ kind: 'wait' })
    expect(cluster.get('configmaps', 'c')?.['data']).toEqual({ a: '2' })
    expect(cluster.get('services', 'web')).toBeUndefined()
    expect(conditions()['Reconciling']).toMatch(/^True Waiting: waits for Service\/web: /)
    await pass()
    expect(logged('warn')).toHaveLength(1)
  })

  it('stays so while its cache asks again: what was clean stays clean, and nobody is woken', async () => {
    const first = await stage({ kinds: [configMap, service] })
    await first.stop()
    first.cluster.forbidden.add('services')
    const { cluster, clock, pass, passes, program, woken } = await first.restart()
    await passes()
    woken()
    const { renders } = program
    const whileAsking: unknown[] = []
    cluster.before = async ({ verb }) => {
      if (verb === 'list') whileAsking.push(await pass())
    }
    for (let look = 0; look < 5; look++) {
      await clock.advance(12_000)
      expect(await pass()).toEqual({ kind: 'done' })
    }
    expect(whileAsking.length).toBeGreaterThanOrEqual(5)
    for (const outcome of whileAsking) expect(outcome).toEqual({ kind: 'done' })
    expect(woken()).toEqual([])
    expect(program.renders).toBe(renders)
  })
})

describe('what the cluster offers', () => {
  it('is an input of those that read it: its change wakes them, and no others', async () => {
    const asked: string[] = []
    const { cluster, controller, pass, passes, program, woken } = await stage({
      render: ({ primary }) => {
        const readCapabilities = primary.metadata.name === 'shop'
        if (readCapabilities) asked.push(primary.metadata.name)
        return { kind: 'rendered', documents: [documentOf(config(`of-${primary.metadata.name}`))], readNow: false, readCapabilities }
      },
    })
    cluster.edit(app, 'other', (object) => Object.assign(object, { spec: { size: 1 } }))
    await passes()
    for (let count = 0; count < 3; count++) await pass('other')
    expect(controller.readsCapabilities).toBe(true)
    const { renders } = program
    woken()
    controller.capabilitiesChanged()
    expect(woken()).toEqual(['eu/shop'])
    expect(await pass()).toEqual({ kind: 'done' })
    expect(await pass('other')).toEqual({ kind: 'done' })
    expect(program.renders).toBe(renders + 1)
  })
})

describe('a cache that only takes its time', () => {
  const slowly = async (spec: object | undefined) => {
    const first = await stage({ kinds: [configMap, service] })
    await first.passes()
    await first.stop()
    if (spec) first.cluster.edit(app, 'shop', (object) => Object.assign(object, { spec, metadata: { ...object.metadata, generation: 2 } }))
    const released = Promise.withResolvers<void>()
    first.cluster.before = async ({ verb, resource }) => {
      if (verb === 'list' && resource === 'services') await released.promise
    }
    const starting = first.restart({ waitsFor: 'apps.app.company.com' })
    return { ...(await starting), released }
  }

  it('is waited for without a word where nothing has changed since the last clean pass', async () => {
    const { cluster, clock, pass, program, released } = await slowly(undefined)
    expect(await pass()).toEqual({ kind: 'wait', for: ['v1 Service'] })
    await clock.advance(10_000)
    cluster.requests()
    expect(await pass()).toEqual({ kind: 'wait', for: ['v1 Service'] })
    expect([cluster.requests(), program.renders]).toEqual([[], 0])
    released.resolve()
    expect(await pass()).toEqual({ kind: 'done' })
  })

  it('holds up no other kind of a primary that changed, once it takes long', async () => {
    const { cluster, clock, pass, program, released } = await slowly({ size: 2 })
    expect(await pass()).toEqual({ kind: 'wait', for: ['v1 Service'] })
    expect(program.renders).toBe(0)
    await clock.advance(10_000)
    await pass()
    expect(program.renders).toBe(1)
    expect(cluster.get('configmaps', 'c')).toBeDefined()
    released.resolve()
  })
})

describe('the status of a dependent', () => {
  it('is no reason for the first pass to write twice while others wait: the next pass tells it', async () => {
    const { cluster, pass, others } = await stage()
    others.wait = true
    expect(await pass()).toEqual({ kind: 'done', resyncAfter: 0 })
    expect(cluster.requests()).toEqual(['apply configmaps c'])
    expect(await pass()).toEqual({ kind: 'done' })
    expect(cluster.requests()).toEqual(['apply apps.app.company.com/status shop'])
  })

  it('is told at every second pass at the latest, however long others wait', async () => {
    const { cluster, pass, others, program } = await stage()
    others.wait = true
    const told: boolean[] = []
    for (let round = 0; round < 4; round++) {
      program.render = () => [config('c', { round: String(round) })]
      cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: round + 10 } }))
      cluster.requests()
      await pass()
      told.push(cluster.requests().includes('apply apps.app.company.com/status shop'))
    }
    expect(told).toEqual([false, true, false, true])
  })
})
