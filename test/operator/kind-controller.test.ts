import { describe, expect, it } from 'vitest'
import { approvePruneAnnotation, primaryUidLabel } from '../../src/api/names.ts'
import type { KubernetesObject } from '../../src/api/object.ts'
import type { Resource } from '../../src/kube/client.ts'
import { FakeCluster } from './fake-cluster.ts'
import { app, config, configMap, deployment, FakeProgram, resources, service, stage } from './stage.ts'

const uidOf = (cluster: Awaited<ReturnType<typeof stage>>['cluster'], name: string) =>
  cluster.get('apps.app.company.com', name)?.metadata.uid as string
const add = (cluster: Awaited<ReturnType<typeof stage>>['cluster'], name: string, labels: Record<string, string> = {}) =>
  cluster.edit(app, name, (object) => Object.assign(object, { metadata: { ...object.metadata, labels }, spec: { size: 1 } }))
const approve = ({ metadata }: KubernetesObject) =>
  void (metadata.annotations = { ...metadata.annotations, [approvePruneAnnotation]: 'all' })
const web = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { type: 'ClusterIP' } }

describe('routing', () => {
  const routed = () => {
    const [gold, any] = [
      new FakeProgram([configMap, service], () => [config('gold'), web]),
      new FakeProgram([configMap], () => [config('any')]),
    ]
    return stage({ watches: (of) => [of(gold, { selector: { matchLabels: { tier: 'gold' } } }), of(any)] })
  }

  it('gives a primary to the first watch whose selector it matches', async () => {
    const { cluster, pass, woken } = await routed()
    add(cluster, 'rich', { tier: 'gold' })
    await pass('rich')
    await pass('shop')
    expect(woken()).toContain('eu/rich')
    expect(cluster.get('configmaps', 'gold')?.metadata.labels?.[primaryUidLabel]).toBe(uidOf(cluster, 'rich'))
    expect(cluster.get('configmaps', 'any')?.metadata.labels?.[primaryUidLabel]).toBe(uidOf(cluster, 'shop'))
  })

  it('leaves a primary to an earlier watch of another version of the kind, which has a controller of its own', async () => {
    const [gold, any] = [new FakeProgram([service], () => [web]), new FakeProgram([configMap], () => [config('any')])]
    const other = { ...app, version: 'v1' }
    const { cluster, controller, pass, woken } = await stage({
      watches: (of) => [of(gold, { kind: other, selector: { matchLabels: { tier: 'gold' } } }), of(any)],
    })
    add(cluster, 'rich', { tier: 'gold' })
    expect(await pass('rich')).toEqual({ kind: 'done' })
    expect(controller.dependentChanged(uidOf(cluster, 'rich'))).toBe(false)
    expect(woken()).toEqual([])
    expect(cluster.requests()).toEqual([])
    await pass('shop')
    expect(cluster.get('configmaps', 'any')?.metadata.labels?.[primaryUidLabel]).toBe(uidOf(cluster, 'shop'))
    expect(controller.dependentChanged(uidOf(cluster, 'shop'))).toBe(true)
  })

  it('deletes, once that is approved, what a watch of another version made for a primary that moved from there', async () => {
    const before = await stage({ kinds: [service], render: () => [web] })
    await before.passes()
    const [gold, any] = [new FakeProgram([service], () => [web]), new FakeProgram([configMap], () => [config('any')])]
    const { cluster, pass } = await stage({
      cluster: before.cluster,
      watches: (of) => [of(gold, { kind: { ...app, version: 'v1' }, selector: { matchLabels: { tier: 'gold' } } }), of(any)],
    })
    await pass()
    expect(cluster.get('configmaps', 'any')).toBeDefined()
    expect(cluster.get('services', 'web')).toBeDefined()
    cluster.edit(app, 'shop', approve)
    await pass()
    expect(cluster.get('services', 'web')).toBeUndefined()
  })

  it('leaves a primary that no watch selects as it is, and does not wake it', async () => {
    const program = new FakeProgram([configMap], () => [config('c')])
    const { cluster, pass, woken } = await stage({ watches: (of) => [of(program, { selector: { matchLabels: { tier: 'gold' } } })] })
    add(cluster, 'poor')
    expect(await pass('poor')).toEqual({ kind: 'done' })
    expect(woken()).toEqual([])
    expect(cluster.requests()).toEqual([])
  })

  it('lets the watch that a primary moves to delete, once that is approved, what the other one made, also of kinds that it does not render', async () => {
    const { cluster, pass } = await routed()
    add(cluster, 'rich', { tier: 'gold' })
    await pass('rich')
    add(cluster, 'rich')
    await pass('rich')
    expect(cluster.get('configmaps', 'any')).toBeDefined()
    expect(cluster.get('configmaps', 'gold')).toBeDefined()
    cluster.edit(app, 'rich', approve)
    await pass('rich')
    expect([cluster.get('configmaps', 'gold'), cluster.get('services', 'web')]).toEqual([undefined, undefined])
  })
})

describe('waking', () => {
  it('goes from a dependent to its primary, and to no other', async () => {
    const { cluster, pass, passes, woken } = await stage()
    add(cluster, 'other')
    await passes()
    woken()
    cluster.edit(configMap, 'c', (object) => Object.assign(object, { data: { a: '2' } }))
    await pass('nobody')
    expect(woken()).toEqual(['eu/shop'])
  })

  it('tells both primaries when a label moves from one to another', async () => {
    const { cluster, pass, passes, woken } = await stage()
    add(cluster, 'other')
    await passes()
    woken()
    cluster.edit(configMap, 'c', ({ metadata }) => void (metadata.labels = { [primaryUidLabel]: uidOf(cluster, 'other') }))
    await pass('nobody')
    expect(woken().sort()).toEqual(['eu/other', 'eu/shop'])
  })

  it('tells the primary when a dependent loses the label', async () => {
    const { cluster, pass, passes, woken } = await stage()
    await passes()
    woken()
    cluster.edit(configMap, 'c', ({ metadata }) => void delete metadata.labels)
    await pass('nobody')
    expect(woken()).toEqual(['eu/shop'])
  })

  it('does not come from dependents where the watch does not ask for it', async () => {
    const { cluster, pass, passes, woken } = await stage({ watch: { watchDependentResources: false } })
    await passes()
    woken()
    cluster.remove(configMap, 'c')
    await pass('nobody')
    expect(woken()).toEqual([])
  })

  it('comes from a cache that can be read again, and not from caches of other kinds', async () => {
    const first = await stage({ kinds: [configMap, service] })
    await first.stop()
    first.cluster.forbidden.add('services')
    const { cluster, clock, cache, pass, woken } = await first.restart()
    cache.informer(deployment)
    await pass('nobody')
    expect(woken()).toEqual([])
    cluster.forbidden.delete('services')
    await clock.advance(60_000)
    expect(woken()).toEqual(['eu/shop'])
  })
})

describe('what is remembered', () => {
  it('is forgotten with the primary: another one of the name is looked at afresh', async () => {
    const { cluster, pass, passes, program } = await stage()
    await passes()
    cluster.remove(app, 'shop')
    cluster.remove(configMap, 'c')
    add(cluster, 'shop')
    const { renders } = program
    await pass()
    expect(program.renders).toBe(renders + 1)
    expect(cluster.get('configmaps', 'c')?.metadata.labels?.[primaryUidLabel]).toBe(uidOf(cluster, 'shop'))
  })
})

describe('a kind that is found only while rendering', () => {
  it('is watched from then on: the pass waits for its first list, which wakes it', async () => {
    const { cluster, pass, woken } = await stage({ kinds: [], render: () => [web] })
    expect(await pass()).toEqual({ kind: 'wait', for: ['v1 Service'] })
    expect(woken()).toEqual(['eu/shop'])
    expect(await pass()).toEqual({ kind: 'done' })
    expect(cluster.get('services', 'web')).toBeDefined()
  })
})

describe('a kind that a chart knows in two versions', () => {
  const [v1, v2] = ['v1', 'v2'].map((version) => ({
    ...deployment,
    group: 'autoscaling',
    version,
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
  })) as [Resource, Resource]
  const autoscaler = (version: string) => ({
    apiVersion: `autoscaling/${version}`,
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec: { maxReplicas: 3 },
  })

  it('has each object once, and deletes it once', async () => {
    const { pass, passes, program, logged, cluster } = await stage({
      cluster: new FakeCluster([...resources, v1, v2]),
      kinds: [v1, v2, configMap],
      render: () => [autoscaler('v2'), config('c')],
    })
    await passes()
    let seen = 0
    program.render = (inputs) => {
      seen = inputs.resources.filter(({ kind }) => kind === 'HorizontalPodAutoscaler').length
      return [config('c')]
    }
    logged('info')
    cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 2 } }))
    await pass()
    expect(seen).toBe(1)
    expect(logged('info')).toEqual(['deleted HorizontalPodAutoscaler/web (spec)'])
  })

  it('moves from one to the other with one write', async () => {
    const { passes, program, cluster } = await stage({
      cluster: new FakeCluster([...resources, v1, v2]),
      kinds: [v1, v2],
      render: () => [autoscaler('v1')],
    })
    await passes()
    const before = cluster.get('horizontalpodautoscalers.autoscaling', 'web')?.metadata
    program.render = () => [autoscaler('v2')]
    cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 2 } }))
    await passes()
    const after = cluster.get('horizontalpodautoscalers.autoscaling', 'web')?.metadata
    expect(after?.uid).toBe(before?.uid)
    expect(after?.managedFields).toMatchObject([{ apiVersion: 'autoscaling/v2' }])
  })
})

describe('a watch that selects namespaces', () => {
  it('does nothing while their labels cannot be known, and waits for them', async () => {
    const { cluster, pass, woken } = await stage({ watch: { namespaceSelector: { matchLabels: { shop: 'enabled' } } } })
    expect(await pass()).toEqual({ kind: 'wait', for: ['the labels of namespace eu'] })
    expect(cluster.requests()).toEqual([])
    expect(woken()).toEqual([])
  })
})

describe('a primary with instructions', () => {
  const annotate = (cluster: FakeCluster, annotations: Record<string, string>) =>
    cluster.edit(app, 'shop', (object) => Object.assign(object, { metadata: { ...object.metadata, annotations } }))

  it('is looked at again after its own period, and not at all with 0', async () => {
    const { cluster, passes } = await stage({ watch: { reconcilePeriod: 60_000 } })
    expect(await passes()).toEqual({ kind: 'done', resyncAfter: 60_000 })
    annotate(cluster, { 'fairlead.dev/reconcile-period': '5m' })
    expect(await passes()).toEqual({ kind: 'done', resyncAfter: 300_000 })
    annotate(cluster, { 'fairlead.dev/reconcile-period': '0' })
    expect(await passes()).toEqual({ kind: 'done' })
  })

  it('is rendered once for each request, also where nothing else changed', async () => {
    const { cluster, passes, program, logged } = await stage()
    await passes()
    annotate(cluster, { 'fairlead.dev/reconcile': 'one' })
    const before = program.renders
    await passes()
    await passes()
    expect(program.renders).toBeGreaterThan(before)
    expect(logged('info').filter((line) => line === 'a full pass is asked for')).toHaveLength(1)
  })

  it('whose pass throws is told so without what was thrown, is tried again with back-off, and is over it with the next one', async () => {
    const { pass, passes, program, conditions, logged } = await stage()
    const { render } = program
    program.render = () => {
      throw new TypeError('of a password')
    }
    const message = 'the pass ended in a fault of the operator (TypeError), whose log tells where; it is tried again'
    expect(await pass()).toEqual({ kind: 'retry', error: { class: 'fault', message } })
    expect(conditions()).toMatchObject({ Ready: `False OperatorFault: ${message}`, Stalled: `True OperatorFault: ${message}` })
    expect(logged('error')).toEqual(['a pass ended in a fault of the operator'])
    program.render = render
    await passes()
    expect(conditions()['Ready']).toMatch(/^True/)
  })

  it('that is suspended waits, and writes nothing but its status', async () => {
    const { cluster, pass, conditions } = await stage()
    annotate(cluster, { 'fairlead.dev/suspend': 'true' })
    expect(await pass()).toEqual({ kind: 'wait', for: ['resumption'] })
    expect(conditions()['Ready']).toMatch(/^Unknown Suspended/)
    expect(cluster.get('configmaps', 'c')).toBeUndefined()
    cluster.requests()
    await pass()
    expect(cluster.requests()).toEqual([])
  })
})

describe('a primary that no watch selects any more', () => {
  const deleted = (finalizers: string[]) => (object: KubernetesObject) =>
    void Object.assign(object.metadata, { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers })

  it('is let go of when it is deleted, if our finalizer holds it', async () => {
    const { cluster, woken, pass } = await stage({ watch: { selector: { matchLabels: { team: 'a' } } } })
    cluster.edit(app, 'shop', deleted(['fairlead.dev/dependents']))
    expect(await pass()).toEqual({ kind: 'done' })
    expect(woken()).toContain('eu/shop')
    expect(cluster.requests()).toEqual(['get apps.app.company.com shop', 'patch apps.app.company.com shop'])
  })

  it('is left as it is when another finalizer holds it', async () => {
    const { cluster, woken, pass } = await stage({ watch: { selector: { matchLabels: { team: 'a' } } } })
    cluster.edit(app, 'shop', deleted(['example.com/theirs']))
    expect(await pass()).toEqual({ kind: 'done' })
    expect([woken(), cluster.requests()]).toEqual([[], []])
  })
})
