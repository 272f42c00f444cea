import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const shops = (cluster: Cluster) => collection(cluster, 'leaving.example.com/v1', 'shops')
const configMap = (cluster: Cluster, name: string) => `${collection(cluster, 'v1', 'configmaps')}/${name}`

interface Live {
  metadata: {
    uid: string
    deletionTimestamp?: string
    finalizers?: string[]
    ownerReferences?: object[]
    labels?: object
    annotations?: object
    managedFields?: { manager: string }[]
  }
}

async function createShop(cluster: Cluster, annotations: object = {}, name = 'shop'): Promise<string> {
  await installDefinition(cluster, `${project}/charts/shop/crds/shop.yaml`)
  const body = { apiVersion: 'leaving.example.com/v1', kind: 'Shop', metadata: { name, annotations }, spec: {} }
  await create(cluster, shops(cluster), body)
  await untilCondition(cluster, `${shops(cluster)}/${name}`, { status: 'True' })
  return `${shops(cluster)}/${name}`
}

/** Somebody's finalizer: the object does not go before it is taken off. */
const hold = async (cluster: Cluster, name: string, finalizers: string[] | null = ['example.com/hold']) =>
  await change(cluster, configMap(cluster, name), { metadata: { finalizers } })
/** The garbage collector learns of a new kind within 30 s. */
const untilGone = async (cluster: Cluster, path: string) =>
  await cluster.eventually(async () => !(await exists(cluster, path)), { describe: `${path} is gone`, interval: 20, timeout: 60_000 })
const policy = async (cluster: Cluster, shop: string, value: string | null) =>
  await change(cluster, shop, { metadata: { annotations: { 'fairlead.dev/deletion-policy': value } } })

/** All that the operator needs, with these verbs for ConfigMaps. */
const rulesWith = (verbs: string[]) => [
  { apiGroups: ['leaving.example.com'], resources: ['shops'], verbs: ['get', 'list', 'watch', 'patch'] },
  { apiGroups: ['leaving.example.com'], resources: ['shops/status'], verbs: ['patch'] },
  { apiGroups: ['leaving.example.com'], resources: ['shops/finalizers'], verbs: ['update'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'patch'] },
  { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['configmaps'], verbs },
]

describe('a custom resource with deletionPolicy foreground', () => {
  test('loses what depends on something first, and what that is when the first is gone', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/shop/crds/shop.yaml`)
    const process = await operator({ watches })
    const shop = await createShop(cluster)
    await untilQuiet(cluster, process, shop)
    await hold(cluster, 'shop-web')

    await remove(cluster, shop)

    expect(await untilCondition(cluster, shop, { status: 'False', message: /deletion/ })).toMatchObject({
      reason: 'Waiting',
      message: `waits for the deletion of ConfigMap/shop-web in namespace ${cluster.namespace}`,
    })
    expect((await read<Live>(cluster, configMap(cluster, 'shop-web'))).metadata.deletionTimestamp).toBeDefined()
    expect((await read<Live>(cluster, configMap(cluster, 'shop-db'))).metadata.deletionTimestamp).toBeUndefined()

    await hold(cluster, 'shop-web', null)
    await untilGone(cluster, shop)
    expect([await exists(cluster, configMap(cluster, 'shop-web')), await exists(cluster, configMap(cluster, 'shop-db'))]).toEqual([
      false,
      false,
    ])
  })

  test('that is held up says by what and how to go on, and goes on when it is told to', { timeout: 120_000 }, async ({
    cluster,
    operator,
  }) => {
    await installDefinition(cluster, `${project}/charts/shop/crds/shop.yaml`)
    await operator({ watches })
    const shop = await createShop(cluster)
    await hold(cluster, 'shop-web')
    await remove(cluster, shop)

    expect((await untilCondition(cluster, shop, { type: 'Stalled', status: 'True' })).message).toBe(
      `ConfigMap/shop-web in namespace ${cluster.namespace} is not gone in time: finalizers example.com/hold hold it; ` +
        'the annotation fairlead.dev/deletion-policy: background on Shop/shop lets the deletion go on without waiting',
    )
    expect((await read<Live>(cluster, configMap(cluster, 'shop-db'))).metadata.deletionTimestamp).toBeUndefined()

    await policy(cluster, shop, 'background')
    await untilGone(cluster, shop)
    await untilGone(cluster, configMap(cluster, 'shop-db'))
    await hold(cluster, 'shop-web', null)
  })

  test('that the server refuses keeps the custom resource, which says why, until it is allowed', { timeout: 120_000 }, async ({
    cluster,
    operator,
  }) => {
    await installDefinition(cluster, `${project}/charts/shop/crds/shop.yaml`)
    const account = async (verbs: string[]) => await cluster.kubeconfigFor({ name: 'operator', rules: rulesWith(verbs) })
    const kubeconfig = await account(['get', 'list', 'watch', 'create', 'patch'])
    await operator({ watches, kubeconfig })
    const shop = await createShop(cluster)

    await remove(cluster, shop)

    const refused = await untilCondition(cluster, shop, { status: 'False', message: /may not delete/ })
    expect(refused.message).toMatch(/^ConfigMap\/shop-web: DELETE configmaps "shop-web" .*403 Forbidden/)
    expect(await untilCondition(cluster, shop, { type: 'Stalled', status: 'True' })).toMatchObject({
      reason: 'DeletionStuck',
      message: expect.stringMatching(
        /; the deletion goes on as soon as that is allowed, or without it: the annotation fairlead\.dev\/keep: "true" on ConfigMap\/shop-web lets it stay, and fairlead\.dev\/deletion-policy: orphan on Shop\/shop lets everything stay that is left$/,
      ) as string,
    })
    expect((await read<Live>(cluster, shop)).metadata.finalizers).toEqual(['fairlead.dev/dependents'])
    expect((await read<Live>(cluster, configMap(cluster, 'shop-web'))).metadata.deletionTimestamp).toBeUndefined()

    await account(['*'])
    await cluster.eventually(async () => !(await exists(cluster, shop)), { describe: 'the Shop is gone', timeout: 70_000 })
    expect([await exists(cluster, configMap(cluster, 'shop-web')), await exists(cluster, configMap(cluster, 'shop-db'))]).toEqual([
      false,
      false,
    ])
  })

  test('that the server refuses goes on without what is kept instead, and ends without what is left', { timeout: 120_000 }, async ({
    cluster,
    operator,
  }) => {
    await installDefinition(cluster, `${project}/charts/shop/crds/shop.yaml`)
    const verbs = ['get', 'list', 'watch', 'create', 'patch']
    const process = await operator({ watches, kubeconfig: await cluster.kubeconfigFor({ name: 'operator', rules: rulesWith(verbs) }) })
    const shop = await createShop(cluster)
    await remove(cluster, shop)
    await untilCondition(cluster, shop, { type: 'Stalled', status: 'True', message: /keep: "true" on ConfigMap\/shop-web/ })

    await change(cluster, configMap(cluster, 'shop-web'), { metadata: { annotations: { 'fairlead.dev/keep': 'true' } } })
    await process.line(/^released ConfigMap\/shop-web/)
    await untilCondition(cluster, shop, { type: 'Stalled', status: 'True', message: /keep: "true" on ConfigMap\/shop-db/ })
    await policy(cluster, shop, 'orphan')

    await untilGone(cluster, shop)
    for (const name of ['shop-sign', 'shop-web', 'shop-db']) {
      const { labels, deletionTimestamp } = (await read<Live>(cluster, configMap(cluster, name))).metadata
      expect([labels, deletionTimestamp], name).toEqual([undefined, undefined])
    }
  })

  test('needs its finalizer only as long as it is wanted', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/shop/crds/shop.yaml`)
    await operator({ watches })
    const shop = await createShop(cluster)
    const finalizers = async () => (await read<Live>(cluster, shop)).metadata.finalizers ?? []
    expect(await finalizers()).toEqual(['fairlead.dev/dependents'])

    await policy(cluster, shop, 'background')
    await cluster.eventually(async () => (await finalizers()).length === 0, { describe: 'the finalizer is dropped', interval: 20 })
    await policy(cluster, shop, null)
    await cluster.eventually(async () => (await finalizers()).length === 1, { describe: 'the finalizer is back', interval: 20 })
    await remove(cluster, shop)
    await untilGone(cluster, shop)
  })
})

describe('a custom resource that is deleted with --cascade=orphan', () => {
  test('leaves all of its dependents, whatever its policy, and whether or not the operator looks at once', async ({
    cluster,
    operator,
  }) => {
    const names = ['shop-sign', 'shop-web', 'shop-db']
    const lives = async () => await Promise.all(names.map(async (name) => (await read<Live>(cluster, configMap(cluster, name))).metadata))
    const removeAlone = async () => await cluster.request('DELETE', shop, { body: { propagationPolicy: 'Orphan' } })
    await installDefinition(cluster, `${project}/charts/shop/crds/shop.yaml`)
    const first = await operator({ watches })
    const shop = await createShop(cluster)
    await untilQuiet(cluster, first, shop)

    await removeAlone()
    await untilGone(cluster, shop)
    for (const { ownerReferences, labels, deletionTimestamp } of await lives())
      expect([ownerReferences ?? [], labels ?? {}, deletionTimestamp]).toEqual([[], {}, undefined])

    for (const name of names) await remove(cluster, configMap(cluster, name))
    await createShop(cluster)
    await untilQuiet(cluster, first, shop)
    await first.stop()
    await removeAlone()
    await cluster.eventually(async () => (await lives()).every(({ ownerReferences = [] }) => ownerReferences.length === 0), {
      describe: 'the garbage collector has let go of them',
    })
    const second = await operator({ watches })
    await untilGone(cluster, shop)
    await second.line(/^released ConfigMap\/shop-db/)
    for (const { labels, deletionTimestamp } of await lives()) expect([labels ?? {}, deletionTimestamp]).toEqual([{}, undefined])
  })
})

describe('a custom resource with a policy that cannot be read', () => {
  test('says so, and loses nothing when it is deleted until it is put right', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/shop/crds/shop.yaml`)
    const process = await operator({ watches })
    const shop = await createShop(cluster, { 'fairlead.dev/deletion-policy': 'background' })
    const unread =
      'the annotation fairlead.dev/deletion-policy is none of background, foreground, orphan; did you mean orphan? until then nothing is deleted with the custom resource (ANNOTATION_INVALID)'
    const stalled = async () =>
      await untilCondition(cluster, shop, { type: 'Stalled', status: 'True', message: /deletion-policy is none of/ })

    await policy(cluster, shop, 'Orphan')
    expect(await stalled()).toMatchObject({ reason: 'InvalidAnnotation', message: unread })
    expect((await read<Live>(cluster, shop)).metadata.finalizers).toEqual(['fairlead.dev/dependents'])
    await untilQuiet(cluster, process, shop)
    await remove(cluster, shop)
    expect(await stalled()).toMatchObject({ reason: 'InvalidAnnotation', message: unread })
    for (const name of ['shop-sign', 'shop-web', 'shop-db'])
      expect((await read<Live>(cluster, configMap(cluster, name))).metadata.deletionTimestamp).toBeUndefined()

    await policy(cluster, shop, 'orphan')
    await untilGone(cluster, shop)
    for (const name of ['shop-sign', 'shop-web', 'shop-db']) expect(await exists(cluster, configMap(cluster, name))).toBe(true)
  })
})

describe('a policy that is asked for', () => {
  const ways = [
    { name: 'cannot-be-rendered', broken: { spec: { sold: true } }, status: 'False', outcome: 'failed' },
    { name: 'renders-nothing', broken: { spec: { empty: true } }, status: 'False', outcome: 'done' },
    { name: 'is-suspended', broken: { metadata: { annotations: { 'fairlead.dev/suspend': 'true' } } }, status: 'Unknown', outcome: 'wait' },
  ] as const

  test('is in force also where the custom resource cannot be rendered, renders nothing or is suspended', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/shop/crds/shop.yaml`)
    const process = await operator({ watches })
    const finalizers = async (shop: string) => (await read<Live>(cluster, shop)).metadata.finalizers ?? []
    const until = async (shop: string, wanted: string[]) =>
      await cluster.eventually(async () => (await finalizers(shop)).join() === wanted.join(), { describe: `finalizers of ${shop}` })
    for (const { name, broken, status, outcome } of ways) {
      const shop = await createShop(cluster, { 'fairlead.dev/deletion-policy': 'background' }, name)
      await change(cluster, shop, broken)
      await untilCondition(cluster, shop, { status })
      expect(await finalizers(shop), name).toEqual([])

      await policy(cluster, shop, 'orphan')
      await until(shop, ['fairlead.dev/dependents'])
      await untilQuiet(cluster, process, shop, outcome)
      await remove(cluster, shop)
      await untilGone(cluster, shop)

      for (const object of ['sign', 'web', 'db']) {
        const { metadata } = await read<Live>(cluster, configMap(cluster, `${name}-${object}`))
        expect([metadata.deletionTimestamp, metadata.ownerReferences, metadata.labels], `${name}-${object}`).toEqual(
          Array(3).fill(undefined),
        )
      }
    }
  })

  test('that cannot be read keeps what there is also where the custom resource cannot be rendered', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/shop/crds/shop.yaml`)
    await operator({ watches })
    const shop = await createShop(cluster, { 'fairlead.dev/deletion-policy': 'background' })
    await change(cluster, shop, { spec: { sold: true }, metadata: { annotations: { 'fairlead.dev/deletion-policy': 'Orphan' } } })
    await cluster.eventually(async () => (await read<Live>(cluster, shop)).metadata.finalizers?.length === 1, {
      describe: 'the finalizer is set',
    })

    await remove(cluster, shop)

    await untilCondition(cluster, shop, { type: 'Stalled', status: 'True', message: /until then nothing is deleted/ })
    expect((await read<Live>(cluster, configMap(cluster, 'shop-db'))).metadata.deletionTimestamp).toBeUndefined()
    await policy(cluster, shop, 'orphan')
    await untilGone(cluster, shop)
    expect(await exists(cluster, configMap(cluster, 'shop-db'))).toBe(true)
  })
})

describe('what a custom resource with deletionPolicy foreground no longer renders', () => {
  test('goes in the same order, also over a restart, and what is held up says by what', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/shop/crds/shop.yaml`)
    const first = await operator({ watches })
    const shop = await createShop(cluster)
    await hold(cluster, 'shop-web')
    const deleted = async (name: string) => (await read<Live>(cluster, configMap(cluster, name))).metadata.deletionTimestamp !== undefined

    await change(cluster, shop, { spec: { closed: true } })
    expect(await untilCondition(cluster, shop, { status: 'False', message: /deletion/ })).toMatchObject({
      reason: 'Waiting',
      message: `waits for the deletion of ConfigMap/shop-web in namespace ${cluster.namespace}`,
    })
    expect((await untilCondition(cluster, shop, { type: 'Stalled', status: 'True' })).message).toBe(
      `ConfigMap/shop-web in namespace ${cluster.namespace} is not gone in time: finalizers example.com/hold hold it; ` +
        'the annotation fairlead.dev/deletion-policy: background on Shop/shop lets the deletion go on without waiting',
    )
    expect([await deleted('shop-web'), await deleted('shop-db')]).toEqual([true, false])
    await first.stop('SIGKILL')

    const second = await operator({ watches })
    await untilQuiet(cluster, second, shop)
    expect(await deleted('shop-db')).toBe(false)
    await hold(cluster, 'shop-web', null)
    await untilCondition(cluster, shop, { status: 'True' })
    // On a real server the garbage collector ends what is deleted in the foreground.
    await untilGone(cluster, configMap(cluster, 'shop-db'))
    expect(await Promise.all(['web', 'db', 'sign'].map((name) => exists(cluster, configMap(cluster, `shop-${name}`))))).toEqual([
      false,
      false,
      true,
    ])
    await untilQuiet(cluster, second, shop)
  })
})

describe('a custom resource with deletionPolicy orphan', () => {
  test('leaves its objects as they are, without a trace of the operator', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/shop/crds/shop.yaml`)
    await operator({ watches })
    const shop = await createShop(cluster, { 'fairlead.dev/deletion-policy': 'orphan' })
    const before = await read<Live>(cluster, configMap(cluster, 'shop-db'))

    await remove(cluster, shop)
    await untilGone(cluster, shop)

    const { metadata } = await read<Live>(cluster, configMap(cluster, 'shop-db'))
    expect(metadata.uid).toBe(before.metadata.uid)
    expect([metadata.deletionTimestamp, metadata.ownerReferences, metadata.labels, metadata.annotations]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    expect(JSON.stringify(metadata.managedFields ?? [])).not.toContain('fairlead/')
    expect(await exists(cluster, configMap(cluster, 'shop-web'))).toBe(true)
  })
})
