import { describe, expect, it } from 'vitest'
import { decodeBase64 } from '../../src/api/base64.ts'
import { primaryUidLabel, recordsAnnotation } from '../../src/api/names.ts'
import type { KubernetesObject } from '../../src/api/object.ts'
import { recordsOf, writeRecords } from '../../src/operator/records-store.ts'
import { orphanOf } from '../../src/reconcile/orphans.ts'
import { isProvablyOf } from '../../src/reconcile/ownership.ts'
import type { ActRecord } from '../../src/reconcile/walk.ts'
import { noRecords } from '../../src/reconcile/walk.ts'
import { configMap, effectsStage, secret } from './effects-stage.ts'

const started: ActRecord = { hash: '0123456789abcdef', state: 'started', at: 1 }
const intent = { acts: { 'steps/add': started } }
const known = (records: object) => ({ kind: 'known', records: { ...noRecords, ...records } })
const contentOf = (object: KubernetesObject | undefined): unknown => {
  const { 'playbook.json': encoded = '' } = (object?.['data'] ?? {}) as Record<string, string>
  return JSON.parse(decodeBase64(encoded) ?? '')
}

describe('the records of a primary', () => {
  it('are known to be empty where the primary names none, and cost nothing', async () => {
    await using stage = await effectsStage()
    const shop = await stage.primary('shop')
    stage.requests()
    expect(recordsOf(shop, stage.context)).toEqual(known({}))
    expect(await writeRecords(shop, {}, stage.context)).toEqual({ kind: 'unchanged' })
    expect(await writeRecords(shop, { acts: { 'steps/add': null } }, stage.context)).toEqual({ kind: 'unchanged' })
    expect(stage.requests()).toEqual([])
  })

  it('are made with the first change, then the primary is annotated; read back at once, and by another process', async () => {
    await using stage = await effectsStage()
    const shop = await stage.primary('shop')
    stage.requests()
    expect(await writeRecords(shop, intent, stage.context)).toMatchObject({ kind: 'written', verb: 'created' })
    expect(recordsOf(shop, stage.context)).toEqual(known(intent))
    expect(stage.requests()).toEqual(['patch secrets 201', 'patch configmaps 200'])
    const kept = await stage.get(secret, 'shop-records')
    expect(contentOf(kept)).toEqual({ of: { kind: 'ConfigMap', key: 'default/shop', uid: shop.metadata.uid }, ...intent })
    expect((await stage.get(configMap, 'shop'))?.metadata.annotations).toEqual({ [recordsAnnotation]: 'shop-records' })
    expect(kept?.metadata.ownerReferences).toMatchObject([{ uid: shop.metadata.uid, controller: true }])

    const restarted = stage.newContext()
    await stage.eventually(() => stage.dependentsOf(secret).get('default/shop-records'))
    expect(recordsOf(shop, restarted)).toEqual(known(intent))
    stage.requests()
    expect(await writeRecords(shop, intent, restarted)).toEqual({ kind: 'unchanged' })
    expect(await writeRecords(shop, { memory: { born: true } }, restarted)).toMatchObject({ kind: 'written', verb: 'updated' })
    expect(stage.requests()).toEqual(['patch secrets 200'])
    expect(recordsOf(shop, restarted)).toEqual(known({ ...intent, memory: { born: true } }))
  })

  it('are never read older than this process has written them, whatever a cache falls back to', async () => {
    await using stage = await effectsStage()
    const shop = await stage.primary('shop')
    await writeRecords(shop, intent, stage.context)
    const cache = stage.context.dependentsOf(secret)
    const old = cache.get('default/shop-records') as KubernetesObject
    await writeRecords(shop, { acts: { 'steps/add': { ...started, state: 'done' } } }, stage.context)
    const fallen = { get: () => old, within: () => ({ state: 'synced' }), wrote: () => {} }
    const behind = { ...stage.context, dependentsOf: () => Object.assign(Object.create(cache) as object, fallen) }
    expect(recordsOf(shop, behind as never)).toEqual(known({ acts: { 'steps/add': { ...started, state: 'done' } } }))
  })

  it('are written by one of two processes that have read the same', async () => {
    await using stage = await effectsStage()
    const shop = await stage.primary('shop')
    await writeRecords(shop, intent, stage.context)
    const version = stage.dependentsOf(secret).get('default/shop-records')?.metadata.resourceVersion
    await stage.eventually(() => stage.dependentsOf(secret).get('default/shop-records')?.metadata.resourceVersion === version)
    // Another process writes, and this one has not seen it: its cache is what it was.
    await stage.merge(secret, 'shop-records', { metadata: { annotations: { other: 'process' } } })
    const behind = { ...stage.context, dependentsOf: () => frozen(stage.context.dependentsOf(secret), version) }
    expect(await writeRecords(shop, { acts: { 'steps/remove': started } }, behind as never)).toEqual({ kind: 'outdated' })
  })

  it('are not made where another process has just made them: what stands there decides', async () => {
    await using stage = await effectsStage()
    const shop = await stage.primary('shop')
    const primaries = { get: () => shop, wrote: () => {} }
    const other = { ...stage.newContext(), primaries, dependentsOf: () => empty(stage.context.dependentsOf(secret)) }
    await writeRecords(shop, intent, stage.context)
    expect(await writeRecords(shop, { acts: { 'steps/add': { ...started, at: 2 } } }, other as never)).toEqual({ kind: 'outdated' })
    expect(contentOf(await stage.get(secret, 'shop-records'))).toMatchObject(intent)
  })

  it('are lost where the primary names some that are not there, until a person begins anew', async () => {
    await using stage = await effectsStage()
    const shop = await stage.primary('shop', { [recordsAnnotation]: 'shop-records' })
    const state = await stage.eventually(() => {
      const found = recordsOf(shop, stage.context)
      return found.kind !== 'unknown' && found
    })
    expect(state).toMatchObject({ kind: 'lost', remedy: expect.stringContaining(`${recordsAnnotation}: new`) })
    expect(await writeRecords(shop, intent, stage.context)).toMatchObject({ kind: 'unknown', object: 'Secret/shop-records' })
    expect(await stage.get(secret, 'shop-records')).toBeUndefined()

    await stage.merge(configMap, 'shop', { metadata: { annotations: { [recordsAnnotation]: 'new' } } })
    const asked = await stage.eventually(() => {
      const cached = stage.primaries.get('default/shop')
      return cached?.metadata.annotations?.[recordsAnnotation] === 'new' && cached
    })
    expect(recordsOf(asked, stage.context)).toEqual(known({}))
    expect(await writeRecords(asked, intent, stage.context)).toMatchObject({ kind: 'written' })
    expect((await stage.get(configMap, 'shop'))?.metadata.annotations).toEqual({ [recordsAnnotation]: 'shop-records' })
  })

  it('are begun anew where a person asks for it, though they are there', async () => {
    await using stage = await effectsStage()
    const shop = await stage.primary('shop')
    await writeRecords(shop, intent, stage.context)
    await stage.merge(configMap, 'shop', { metadata: { annotations: { [recordsAnnotation]: 'new' } } })
    await stage.eventually(() => stage.primaries.get('default/shop')?.metadata.annotations?.[recordsAnnotation] === 'new')
    expect(recordsOf(shop, stage.context)).toEqual(known({}))
    expect(await writeRecords(shop, {}, stage.context)).toMatchObject({ kind: 'written' })
    expect(recordsOf(shop, stage.context)).toEqual(known({}))
    expect((await stage.get(configMap, 'shop'))?.metadata.annotations).toEqual({ [recordsAnnotation]: 'shop-records' })
  })

  it('are taken over from an earlier incarnation that the restored primary names', async () => {
    await using stage = await effectsStage()
    const before = await stage.primary('shop')
    await writeRecords(before, { ...intent, memory: { born: true } }, stage.context)
    const kept = (await stage.get(secret, 'shop-records')) as KubernetesObject
    await stage.remove(configMap, 'shop')
    await stage.eventually(async () => (await stage.get(secret, 'shop-records')) === undefined)
    // A backup brings back what it had, with new UIDs and without an owner, which is not there yet.
    const { ownerReferences: _owner, uid: _uid, resourceVersion: _version, creationTimestamp: _time, ...metadata } = kept.metadata
    await stage.create(secret, { ...kept, metadata: { ...metadata, managedFields: [] } })
    const shop = await stage.primary('shop', { [recordsAnnotation]: 'shop-records' })

    const state = await stage.eventually(() => {
      const found = recordsOf(shop, stage.context)
      return found.kind !== 'unknown' && found
    })
    expect(state).toEqual(known({ ...intent, memory: { born: true } }))
    expect(await writeRecords(shop, {}, stage.context)).toMatchObject({ kind: 'written', verb: 'adopted' })
    const taken = (await stage.get(secret, 'shop-records')) as KubernetesObject
    expect(isProvablyOf(taken, shop, `fairlead/records/${shop.metadata.uid}`)).toBe(true)
    expect(taken.metadata.ownerReferences).toMatchObject([{ uid: shop.metadata.uid }])
    expect(recordsOf(shop, stage.context)).toEqual(known({ ...intent, memory: { born: true } }))
    stage.requests()
    expect(await writeRecords(shop, {}, stage.context)).toEqual({ kind: 'unchanged' })
    expect(stage.requests()).toEqual([])
  })

  it('of an earlier incarnation that the primary does not name are nobody’s to go on with', async () => {
    await using stage = await effectsStage()
    const before = await stage.primary('shop')
    await writeRecords(before, intent, stage.context)
    const kept = (await stage.get(secret, 'shop-records')) as KubernetesObject
    await stage.remove(configMap, 'shop')
    await stage.eventually(async () => (await stage.get(secret, 'shop-records')) === undefined)
    const { ownerReferences: _owner, uid: _uid, resourceVersion: _version, creationTimestamp: _time, ...metadata } = kept.metadata
    await stage.create(secret, { ...kept, metadata: { ...metadata, managedFields: [] } })
    const shop = await stage.primary('shop')
    await stage.eventually(() => stage.dependentsOf(secret).get('default/shop-records'))
    expect(recordsOf(shop, stage.context)).toMatchObject({
      kind: 'lost',
      remedy: expect.stringContaining(`${recordsAnnotation}: shop-records on the custom resource goes on with it`),
    })
  })

  it('that were copied from another primary are never taken over', async () => {
    await using stage = await effectsStage()
    const other = await stage.primary('other')
    await writeRecords(other, intent, stage.context)
    const shop = await stage.primary('shop', { [recordsAnnotation]: 'other-records' })
    const state = await stage.eventually(() => {
      const found = recordsOf(shop, stage.context)
      return found.kind !== 'unknown' && found
    })
    expect(state.kind).toBe('lost')
  })

  it('have another name where a primary of another kind has the first', async () => {
    await using stage = await effectsStage()
    const shop = await stage.primary('shop')
    const owner = await stage.create(secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'shop' } })
    const { uid } = owner.metadata
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Secret', name: 'shop', uid, controller: true }]
    await stage.apply(secret, { metadata: { name: 'shop-records', ownerReferences } }, `fairlead/records/${uid}`)
    expect(await writeRecords(shop, intent, stage.context)).toMatchObject({ kind: 'written' })
    expect(contentOf(await stage.get(secret, 'shop-configmap-records'))).toMatchObject(intent)
    expect(recordsOf(shop, stage.context)).toEqual(known(intent))
  })

  it('are not kept in a Secret that somebody else has made', async () => {
    await using stage = await effectsStage()
    const shop = await stage.primary('shop')
    await stage.create(secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'shop-records' }, data: {} })
    expect(await writeRecords(shop, intent, stage.context)).toMatchObject({ kind: 'conflict', object: 'Secret/shop-records' })
    expect(await stage.get(secret, 'shop-configmap-records')).toBeUndefined()
  })

  it('that cannot be read are lost, and nothing is written over them', async () => {
    await using stage = await effectsStage()
    const shop = await stage.primary('shop')
    await writeRecords(shop, intent, stage.context)
    await stage.merge(secret, 'shop-records', { data: { 'playbook.json': btoa('{') } })
    await stage.eventually(() => recordsOf(shop, stage.context).kind === 'lost')
    expect(await writeRecords(shop, intent, stage.context)).toMatchObject({ kind: 'unknown' })
  })

  it('that do not fit are refused with the step that has most of them', async () => {
    await using stage = await effectsStage()
    const shop = await stage.primary('shop')
    stage.requests()
    const acts = Object.fromEntries(
      Array.from({ length: 10 }, (_, at) => [`steps/dump/${at}`, { ...started, result: 'x'.repeat(100_000) }] as const),
    )
    expect(await writeRecords(shop, { acts: { ...intent.acts, ...acts } }, stage.context)).toEqual({
      kind: 'refused',
      problem: expect.objectContaining({
        code: 'RECORDS_TOO_LARGE',
        message: 'what is recorded takes 978 KiB, and 900 KiB is the most; most of it, 978 KiB, is of steps/dump',
      }),
    })
    expect(stage.requests()).toEqual([])
  })

  it('of a thousand items fit, and survive the way through the server', async () => {
    await using stage = await effectsStage()
    const shop = await stage.primary('shop')
    const acts = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, at) => [`steps/dump/${at}`, { ...started, result: `ü${'x'.repeat(190)}` }] as const),
    )
    expect(await writeRecords(shop, { acts }, stage.context)).toMatchObject({ kind: 'written' })
    expect(recordsOf(shop, stage.newContext())).toEqual(known({ acts }))
  })

  it('are no orphan, and no dependent', async () => {
    await using stage = await effectsStage()
    const shop = await stage.primary('shop')
    await writeRecords(shop, intent, stage.context)
    const kept = (await stage.get(secret, 'shop-records')) as KubernetesObject
    expect(kept.metadata.labels?.[primaryUidLabel]).toBe(shop.metadata.uid)
    expect(orphanOf(kept, { byUid: () => shop, watches: () => true, has: () => true })).toBeUndefined()
    expect(isProvablyOf(kept, shop, `fairlead/dependents/${shop.metadata.uid}`)).toBe(false)
  })
})

/** The cache as it was at a version. */
const frozen = (informer: object, version: string | undefined) => {
  const at = (informer as { get(key: string): KubernetesObject }).get('default/shop-records')
  const object = { ...at, metadata: { ...at.metadata, resourceVersion: version } }
  return Object.assign(Object.create(informer) as object, { get: () => object, within: () => ({ state: 'synced' }), wrote: () => {} })
}
const empty = (informer: object) =>
  Object.assign(Object.create(informer) as object, { get: () => undefined, within: () => ({ state: 'synced' }), wrote: () => {} })
