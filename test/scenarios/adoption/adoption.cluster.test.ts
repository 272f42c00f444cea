import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { KubernetesObject } from '../../../src/api/object.ts'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test as base } from '../fixture.ts'
import { untilPasses, untilWatching } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import type { OperatorProcess } from '../operator-process.ts'
import { untilQuiet } from '../quiet.ts'

const folder = fileURLToPath(new URL('operator', import.meta.url))

/** An operator with the definition of Site in place. */
const test = base.extend('sites', async ({ cluster, operator }) => {
  await installDefinition(cluster, `${folder}/charts/site/crds/site.yaml`)
  return async (): Promise<OperatorProcess> => await operator({ watches: `${folder}/watches.yaml` })
})

const sites = (cluster: Cluster) => collection(cluster, 'sites.example.com/v1', 'sites')
const sitePath = (cluster: Cluster) => `${sites(cluster)}/shop`
const configMapPath = (cluster: Cluster) => `${collection(cluster, 'v1', 'configmaps')}/shop`
const deploymentPath = (cluster: Cluster) => `${collection(cluster, 'apps/v1', 'deployments')}/shop`

type Policy = 'always' | 'if-labelled' | 'never'

const createSite = async (cluster: Cluster, adopt: Policy, spec: object, name = 'shop') =>
  await create(cluster, sites(cluster), {
    apiVersion: 'sites.example.com/v1',
    kind: 'Site',
    metadata: { name, labels: { adopt } },
    spec,
  })

const changeSite = async (cluster: Cluster, spec: object) => await change(cluster, sitePath(cluster), { spec })

const untilReady = async (cluster: Cluster) => await untilCondition(cluster, sitePath(cluster), { status: 'True', timeout: 30_000 })

interface ConfigMap extends KubernetesObject {
  data: Record<string, string>
}

const configMap = async (cluster: Cluster): Promise<ConfigMap> => await read<ConfigMap>(cluster, configMapPath(cluster))

async function kubectl(cluster: Cluster, command: string, input?: string): Promise<void> {
  const { exitCode, stderr } = await cluster.kubectl(command.split(' '), input === undefined ? {} : { input })
  if (exitCode !== 0) throw new Error(`kubectl ${command}: ${stderr}`)
}

const manifest = (object: object): string => JSON.stringify(object)
const configMapOf = (data: object, metadata: object = {}) =>
  manifest({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop', ...metadata }, data })

const managersOf = ({ metadata }: KubernetesObject): string[] =>
  (metadata.managedFields ?? []).map(
    ({ manager, operation }) => `${manager.replace(metadata.labels?.['fairlead.dev/primary-uid'] ?? '?', 'UID')} ${operation}`,
  )

describe('a ConfigMap that is there before its Site', () => {
  const made: { how: string; make: (cluster: Cluster) => Promise<void>; from: string }[] = [
    {
      how: 'kubectl create',
      make: async (cluster) => await kubectl(cluster, 'create -f -', configMapOf({ a: '1', old: 'x' }, { labels: { team: 'old' } })),
      from: 'kubectl-create',
    },
    {
      how: 'kubectl apply',
      make: async (cluster) => await kubectl(cluster, 'apply -f -', configMapOf({ a: '0', old: 'x' }, { labels: { team: 'old' } })),
      from: 'kubectl-client-side-apply',
    },
    {
      how: 'kubectl apply --server-side',
      make: async (cluster) =>
        await kubectl(cluster, 'apply --server-side -f -', configMapOf({ a: '1', old: 'x' }, { labels: { team: 'old' } })),
      from: 'kubectl',
    },
    {
      how: 'kubectl apply, and then without any managed fields',
      make: async (cluster) => {
        await kubectl(cluster, 'apply -f -', configMapOf({ a: '1', old: 'x' }, { labels: { team: 'old' } }))
        await change(cluster, configMapPath(cluster), { metadata: { managedFields: [{}] } })
      },
      from: 'before-first-apply',
    },
  ]
  for (const { how, make, from } of made)
    test(`by ${how}, is adopted where the watch says always: what it alone held goes, now and later, and nothing else is held`, async ({
      cluster,
      sites: start,
    }) => {
      await make(cluster)
      const before = await configMap(cluster)
      const operator = await start()
      const mark = cluster.audit.mark()

      const site = await createSite(cluster, 'always', { data: { a: '1', b: '2' } })
      await untilReady(cluster)
      // A create that is refused, two dry runs, the managed fields, and the apply.
      expect(cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: mark })).toMatchObject({
        'patch configmaps': 5,
        'get configmaps': 1,
      })

      const adopted = await configMap(cluster)
      expect(adopted.metadata.uid).toBe(before.metadata.uid)
      expect(adopted.data).toEqual({ a: '1', b: '2' })
      expect(Object.keys(adopted.metadata.labels ?? {})).toEqual(['fairlead.dev/primary-uid'])
      expect(Object.keys(adopted.metadata.annotations ?? {})).toEqual(['fairlead.dev/applied'])
      expect(adopted.metadata.ownerReferences).toMatchObject([{ kind: 'Site', uid: site.metadata?.uid, controller: true }])
      expect(managersOf(adopted)).toEqual(['fairlead/dependents/UID Apply'])
      expect((await operator.line(/^adopted ConfigMap\/shop/)).msg).toMatch(
        new RegExp(`^adopted ConfigMap/shop: from ${from}; .*removed \\(spec\\)$`),
      )
      await untilQuiet(cluster, operator, sitePath(cluster))

      await changeSite(cluster, { data: { a: null } })
      await untilReady(cluster)
      expect((await configMap(cluster)).data).toEqual({ b: '2' })
    })

  test('without any managed fields and made by nobody knows whom, keeps what the Site does not render', async ({
    cluster,
    sites: start,
  }) => {
    await kubectl(cluster, 'create -f -', configMapOf({ a: '1', theirs: 'x' }))
    await change(cluster, configMapPath(cluster), { metadata: { managedFields: [{}] } })
    const operator = await start()

    await createSite(cluster, 'always', { data: { a: '1' } })
    await untilReady(cluster)

    expect((await configMap(cluster)).data).toEqual({ a: '1', theirs: 'x' })
    await changeSite(cluster, { data: { a: null, b: '2' } })
    await untilReady(cluster)
    expect((await configMap(cluster)).data).toEqual({ b: '2', theirs: 'x' })
    await untilQuiet(cluster, operator, sitePath(cluster))
  })

  test('keeps what a person added to it, and what another applier holds', async ({ cluster, sites: start }) => {
    await kubectl(cluster, 'create -f -', configMapOf({ a: '1', old: 'x', shared: 's' }))
    await kubectl(cluster, 'annotate configmap shop note=mine')
    await appliedBySomebody(cluster, { shared: 's' })
    const operator = await start()

    await createSite(cluster, 'always', { data: { a: '1' } })
    await untilReady(cluster)

    const adopted = await configMap(cluster)
    expect(adopted.data).toEqual({ a: '1', shared: 's' })
    expect(adopted.metadata.annotations).toMatchObject({ note: 'mine' })
    expect(managersOf(adopted).toSorted()).toEqual(['fairlead/dependents/UID Apply', 'kubectl-annotate Update', 'somebody Apply'])
    await untilQuiet(cluster, operator, sitePath(cluster))
  })

  const appliedBySomebody = async (cluster: Cluster, data: object) =>
    await cluster.request('PATCH', configMapPath(cluster), {
      query: { fieldManager: 'somebody', force: true },
      contentType: 'application/apply-patch+yaml',
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop' }, data },
    })

  test('under fieldPolicy yield, leaves to another applier what it holds, and nothing to its maker', async ({ cluster, sites: start }) => {
    await kubectl(cluster, 'apply --server-side -f -', configMapOf({ a: '0', b: '0', old: 'x' }))
    await appliedBySomebody(cluster, { b: 'theirs' })
    const operator = await start()

    await createSite(cluster, 'always', { fieldPolicy: 'yield', data: { a: '1', b: '1' } })
    await untilReady(cluster)

    expect((await configMap(cluster)).data).toEqual({ a: '1', b: 'theirs' })
    await untilQuiet(cluster, operator, sitePath(cluster))
  })

  test('under fieldPolicy fail, is adopted from its maker', async ({ cluster, sites: start }) => {
    await kubectl(cluster, 'apply --server-side -f -', configMapOf({ a: '0' }))
    const operator = await start()

    await createSite(cluster, 'always', { fieldPolicy: 'fail', data: { a: '1' } })
    await untilReady(cluster)

    expect((await configMap(cluster)).data).toEqual({ a: '1' })
    await untilQuiet(cluster, operator, sitePath(cluster))
  })

  test('under fieldPolicy fail, stays as it is where another applier holds a field', async ({ cluster, sites: start }) => {
    await kubectl(cluster, 'create -f -', configMapOf({ a: '0' }))
    await appliedBySomebody(cluster, { a: 'theirs' })
    const before = await configMap(cluster)
    await start()

    await createSite(cluster, 'always', { fieldPolicy: 'fail', data: { a: '1' } })

    const { message } = await untilCondition(cluster, sitePath(cluster), { status: 'False', message: /ConfigMap\/shop/ })
    expect(message).toContain('.data.a belongs to "somebody"')
    expect(await configMap(cluster)).toEqual(before)
  })

  test('and cannot lose what the Site does not render, stays as it is, and the Site says so', async ({ cluster, sites: start }) => {
    const immutable = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop' }, immutable: true, data: { a: '1', old: 'x' } }
    await kubectl(cluster, 'create -f -', manifest(immutable))
    const before = await configMap(cluster)
    await start()

    await createSite(cluster, 'always', { data: { a: '1' } })

    const { message } = await untilCondition(cluster, sitePath(cluster), { status: 'False', message: /ConfigMap\/shop/ })
    expect(message).toContain('immutable')
    expect(await configMap(cluster)).toEqual(before)
  })

  test('costs nothing any more once it is adopted, also after a restart', async ({ cluster, sites: start }) => {
    await kubectl(cluster, 'apply -f -', configMapOf({ a: '1', old: 'x' }))
    const first = await start()
    await createSite(cluster, 'always', { data: { a: '1' } })
    await untilReady(cluster)
    await untilQuiet(cluster, first, sitePath(cluster))
    await first.stop()
    const begin = cluster.audit.mark()

    const second = await start()
    await untilWatching(cluster, second, begin)
    await untilPasses(cluster, second, 1)

    const requests = cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: begin })
    expect(Object.keys(requests).filter((request) => !/^(list|watch) | leases$/.test(request))).toEqual([])
    await untilQuiet(cluster, second, sitePath(cluster))
  })

  test('and was handed over when the operator died before it applied, is adopted by the next one', async ({ cluster, sites: start }) => {
    const site = await createSite(cluster, 'always', { data: { a: '1' } })
    await kubectl(cluster, 'create -f -', configMapOf({ a: '1', old: 'x' }, { labels: { team: 'old' } }))
    const [made] = (await configMap(cluster)).metadata.managedFields ?? []
    const ours = { ...made, manager: `fairlead/dependents/${site.metadata?.uid}`, operation: 'Apply' }
    const { status } = await cluster.request('PATCH', configMapPath(cluster), {
      contentType: 'application/json-patch+json',
      body: [{ op: 'replace', path: '/metadata/managedFields', value: [ours] }],
    })
    expect(status).toBe(200)
    const operator = await start()

    await untilReady(cluster)

    const adopted = await configMap(cluster)
    expect(adopted.data).toEqual({ a: '1' })
    expect(Object.keys(adopted.metadata.labels ?? {})).toEqual(['fairlead.dev/primary-uid'])
    expect(managersOf(adopted)).toEqual(['fairlead/dependents/UID Apply'])
    await untilQuiet(cluster, operator, sitePath(cluster))
  })

  test('that carries the label of a primary and lost all else, is adopted too', async ({ cluster, sites: start }) => {
    const site = await createSite(cluster, 'always', { data: { a: '1' } })
    await kubectl(cluster, 'create -f -', configMapOf({ a: '0' }, { labels: { 'fairlead.dev/primary-uid': site.metadata?.uid } }))
    const operator = await start()

    await untilReady(cluster)

    expect((await configMap(cluster)).data).toEqual({ a: '1' })
    await untilQuiet(cluster, operator, sitePath(cluster))
  })

  for (const mark of ['label', 'annotate'] as const)
    test(`is adopted ifLabelled as soon as it names its Site (kubectl ${mark})`, async ({ cluster, sites: start }) => {
      await kubectl(cluster, 'create -f -', configMapOf({ a: '0' }))
      await kubectl(cluster, `${mark} configmap shop fairlead.dev/adopt=another`)
      const before = await configMap(cluster)
      const operator = await start()
      await createSite(cluster, 'if-labelled', { data: { a: '1' } })

      await untilCondition(cluster, sitePath(cluster), {
        status: 'False',
        message:
          /^ConfigMap\/shop: not touched: it was there before, or has lost the marks of this operator; the label or annotation fairlead\.dev\/adopt: shop hands it over$/,
      })
      expect(await configMap(cluster)).toEqual(before)

      await kubectl(cluster, `${mark} --overwrite configmap shop fairlead.dev/adopt=shop`)
      await change(cluster, sitePath(cluster), { metadata: { annotations: { again: 'please' } } })
      await untilReady(cluster)
      expect((await configMap(cluster)).data).toEqual({ a: '1' })
      await untilQuiet(cluster, operator, sitePath(cluster))
    })

  const kept: { title: string; policy: Policy; make: (cluster: Cluster) => Promise<object>; says: string }[] = [
    {
      title: 'where the watch says nothing, though it names its Site',
      policy: 'never',
      make: async () => ({ labels: { 'fairlead.dev/adopt': 'shop' } }),
      says: 'it was there before, or has lost the marks of this operator; where the watch says adoption: ifLabelled, the label or annotation fairlead.dev/adopt: shop hands it over',
    },
    {
      title: 'that another controller owns, whatever the watch says',
      policy: 'always',
      make: async (cluster) => {
        const owner = await create(cluster, collection(cluster, 'v1', 'configmaps'), { metadata: { name: 'owner' } })
        return { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata?.uid, controller: true }] }
      },
      says: 'it is controlled by ConfigMap/owner',
    },
    {
      title: 'that carries the label of another primary, whatever the watch says',
      policy: 'always',
      make: async (cluster) => {
        const other = await createSite(cluster, 'never', { data: { a: '0' } }, 'other')
        return { labels: { 'fairlead.dev/primary-uid': other.metadata?.uid, 'fairlead.dev/adopt': 'shop' } }
      },
      says: '/other, which has not made it',
    },
  ]
  for (const { title, policy, make, says } of kept)
    test(`is left alone ${title}`, async ({ cluster, sites: start }) => {
      const metadata = await make(cluster)
      await create(cluster, collection(cluster, 'v1', 'configmaps'), { data: { a: '0' }, metadata: { ...metadata, name: 'shop' } })
      const before = await configMap(cluster)
      await start()

      await createSite(cluster, policy, { data: { a: '1' } })

      const { message } = await untilCondition(cluster, sitePath(cluster), { status: 'False', message: /not touched/ })
      expect(message).toContain(says)
      expect(await configMap(cluster)).toEqual(before)
    })
})

describe('a ConfigMap whose Site was deleted without it, and made anew', () => {
  const recreateSite = async (cluster: Cluster, adopt: Policy, data: object, meanwhile: string) => {
    await cluster.request('DELETE', sitePath(cluster), {
      body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Orphan' },
    })
    // A garbage collector looks for new kinds every 30 s.
    await cluster.eventually(async () => !(await exists(cluster, sitePath(cluster))), { describe: 'the Site is gone', timeout: 60_000 })
    if (meanwhile) await kubectl(cluster, meanwhile)
    await createSite(cluster, adopt, { data })
  }

  test('is had back as it is, and what the first Site alone held goes: by the annotation, and always once the label is off', {
    timeout: 120_000,
  }, async ({ cluster, sites: start }) => {
    const operator = await start()
    const first = await createSite(cluster, 'never', { data: { a: '1', old: 'x' } })
    await untilReady(cluster)
    const before = await configMap(cluster)

    await recreateSite(cluster, 'never', { a: '2' }, '')
    await untilCondition(cluster, sitePath(cluster), {
      status: 'False',
      message:
        /not touched: it was made for a custom resource that this operator does not know; .*; where the watch says adoption: ifLabelled, the label or annotation fairlead\.dev\/adopt: shop hands it over$/,
    })
    await change(cluster, sitePath(cluster), { metadata: { labels: { adopt: 'if-labelled' } } })
    await untilCondition(cluster, sitePath(cluster), { status: 'False', message: /; the label or annotation .* hands it over$/ })
    await kubectl(cluster, 'annotate configmap shop fairlead.dev/adopt=shop')
    await change(cluster, sitePath(cluster), { metadata: { annotations: { again: 'please' } } })
    await untilReady(cluster)

    const adopted = await configMap(cluster)
    expect(adopted.metadata.uid).toBe(before.metadata.uid)
    expect(adopted.data).toEqual({ a: '2' })
    expect(managersOf(adopted).toSorted()).toEqual(['fairlead/dependents/UID Apply', 'kubectl-annotate Update'])
    expect(JSON.stringify(adopted)).not.toContain(first.metadata?.uid)
    await untilQuiet(cluster, operator, sitePath(cluster))

    await recreateSite(cluster, 'always', { b: '1' }, 'annotate configmap shop fairlead.dev/adopt-')
    await untilCondition(cluster, sitePath(cluster), { status: 'False', message: /; the label or annotation .* hands it over$/ })
    await kubectl(cluster, 'label configmap shop fairlead.dev/primary-uid-')
    await change(cluster, sitePath(cluster), { metadata: { annotations: { again: 'please' } } })
    await untilReady(cluster)

    const again = await configMap(cluster)
    expect([again.metadata.uid, again.data]).toEqual([before.metadata.uid, { b: '1' }])
    expect(managersOf(again)).toEqual(['fairlead/dependents/UID Apply'])
    await untilQuiet(cluster, operator, sitePath(cluster))
  })

  test('is had back where a backup brought it with the label of the first one', async ({ cluster, sites: start }) => {
    const labels = { 'fairlead.dev/primary-uid': '7f6bd1f0-5d1c-4a43-9d2a-6b6c7f0b8f11' }
    await kubectl(cluster, 'create -f -', configMapOf({ a: '0', old: 'x' }, { labels }))
    const operator = await start()

    await createSite(cluster, 'always', { data: { a: '1' } })
    await untilReady(cluster)

    const adopted = await configMap(cluster)
    expect(adopted.data).toEqual({ a: '1' })
    expect(managersOf(adopted)).toEqual(['fairlead/dependents/UID Apply'])
    await untilQuiet(cluster, operator, sitePath(cluster))
  })
})

describe('a Deployment that is there before its Site', () => {
  const deploymentOf = (spec: object = {}, pod: object = {}) =>
    manifest({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'shop', labels: { team: 'old' } },
      spec: {
        selector: { matchLabels: { app: 'shop' } },
        ...spec,
        template: { metadata: { labels: { app: 'shop' } }, spec: { containers: [{ name: 'main', image: 'example.com/web:1' }], ...pod } },
      },
    })
  interface Deployment extends KubernetesObject {
    spec: { replicas: number; template: { metadata: { annotations?: object }; spec: { containers: { name: string }[] } } }
    status: { readyReplicas?: number }
  }
  const deployment = async (cluster: Cluster) => await read<Deployment>(cluster, deploymentPath(cluster))
  const untilRunning = async (cluster: Cluster, replicas: number) =>
    await cluster.eventually(async () => (await deployment(cluster)).status.readyReplicas === replicas, {
      describe: `${replicas} pods run`,
      timeout: 30_000,
    })
  const podUids = async (cluster: Cluster) =>
    (await read<{ items: KubernetesObject[] }>(cluster, collection(cluster, 'v1', 'pods'))).items
      .map(({ metadata }) => String(metadata.uid))
      .toSorted()

  test('and was restarted with kubectl rollout, is adopted without restarting its pods', async ({ cluster, sites: start }) => {
    await kubectl(cluster, 'create -f -', deploymentOf({ replicas: 2 }))
    await kubectl(cluster, 'rollout restart deployment/shop')
    await kubectl(cluster, 'rollout status deployment/shop --timeout=30s')
    await cluster.eventually(async () => (await podUids(cluster)).length === 2, { describe: 'the old pods are gone', timeout: 30_000 })
    const before = { pods: await podUids(cluster), spec: (await deployment(cluster)).spec }
    const operator = await start()

    await createSite(cluster, 'always', { image: 'example.com/web:1', replicas: 2 })
    await untilReady(cluster)

    const adopted = await deployment(cluster)
    expect({ pods: await podUids(cluster), spec: adopted.spec }).toEqual(before)
    expect(Object.keys(adopted.metadata.labels ?? {})).toEqual(['fairlead.dev/primary-uid'])
    await untilQuiet(cluster, operator, sitePath(cluster))
  })

  test('with a number of replicas that the Site leaves open, keeps it', async ({ cluster, sites: start }) => {
    await kubectl(cluster, 'create -f -', deploymentOf({ replicas: 3 }))
    await untilRunning(cluster, 3)
    const before = await podUids(cluster)
    const operator = await start()

    await createSite(cluster, 'always', { image: 'example.com/web:1' })
    await untilReady(cluster)

    expect(await podUids(cluster)).toEqual(before)
    expect((await deployment(cluster)).spec.replicas).toBe(3)
    await untilQuiet(cluster, operator, sitePath(cluster))
  })

  test('which was scaled, keeps its pods where the Site has an autoscaler', async ({ cluster, sites: start }) => {
    await kubectl(cluster, 'create -f -', deploymentOf({ replicas: 3 }))
    await untilRunning(cluster, 3)
    const before = await podUids(cluster)
    const operator = await start()

    await createSite(cluster, 'always', { image: 'example.com/web:1', replicas: 1, autoscaled: true })
    await operator.line(/^adopted Deployment\/shop/)
    await operator.line(/^created HorizontalPodAutoscaler\/shop/)

    expect((await deployment(cluster)).spec.replicas).toBe(3)
    expect(await podUids(cluster)).toEqual(before)
  })

  test('loses a container that its maker alone held', async ({ cluster, sites: start }) => {
    const sidecar = {
      containers: [
        { name: 'old', image: 'example.com/old:1' },
        { name: 'main', image: 'example.com/web:1' },
      ],
    }
    await kubectl(cluster, 'apply -f -', deploymentOf({ replicas: 1 }, sidecar))
    const operator = await start()

    await createSite(cluster, 'always', { image: 'example.com/web:1', replicas: 1 })
    await untilReady(cluster)

    expect((await deployment(cluster)).spec.template.spec.containers.map(({ name }) => name)).toEqual(['main'])
    await untilQuiet(cluster, operator, sitePath(cluster))
  })

  test('that the server does not let the Site have, stays as it is, and the Site says so', async ({ cluster, sites: start }) => {
    // The selector of a Deployment cannot be changed.
    const other = manifest({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'shop' },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'shop', tier: 'web' } },
        template: {
          metadata: { labels: { app: 'shop', tier: 'web' } },
          spec: { containers: [{ name: 'main', image: 'example.com/web:1' }] },
        },
      },
    })
    await kubectl(cluster, 'create -f -', other)
    const managers = async () => managersOf(await deployment(cluster)).filter((manager) => !manager.startsWith('kube-controller-manager'))
    const before = await managers()
    await start()

    await createSite(cluster, 'always', { image: 'example.com/web:1', replicas: 1 })

    await untilCondition(cluster, sitePath(cluster), { status: 'False', message: /Deployment\/shop/ })
    expect(await managers()).toEqual(before)
    expect((await deployment(cluster)).metadata).not.toHaveProperty('ownerReferences')
  })
})

describe('an autoscaler that is there before its Site', () => {
  test('and was made in an older version of its kind, is adopted, and its maker holds nothing any more', async ({
    cluster,
    sites: start,
  }) => {
    const made = {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'shop', labels: { team: 'old' } },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop' },
        minReplicas: 1,
        maxReplicas: 9,
        targetCPUUtilizationPercentage: 33,
      },
    }
    await kubectl(cluster, 'create -f -', manifest(made))
    const path = `${collection(cluster, 'autoscaling/v2', 'horizontalpodautoscalers')}/shop`
    const before = await read<KubernetesObject>(cluster, path)
    const operator = await start()

    await createSite(cluster, 'always', { autoscaled: true })
    await operator.line(/^adopted HorizontalPodAutoscaler\/shop: from kubectl-create; /)

    const { metadata, ...adopted } = await read<KubernetesObject & { spec: object }>(cluster, path)
    expect(metadata.uid).toBe(before.metadata.uid)
    expect(Object.keys(metadata.labels ?? {})).toEqual(['fairlead.dev/primary-uid'])
    expect(adopted.spec).toMatchObject({ minReplicas: 2, maxReplicas: 5 })
    // The autoscaler's own controller writes its status.
    expect(managersOf({ ...adopted, metadata }).filter((manager) => !manager.startsWith('kube-controller-manager'))).toEqual([
      'fairlead/dependents/UID Apply',
    ])
    await untilQuiet(cluster, operator, sitePath(cluster))
  })
})

describe('an adopted ConfigMap', () => {
  const keeping = [
    ['helm.sh/resource-policy', 'keep'],
    ['fairlead.dev/keep', 'true'],
  ] as const
  for (const [annotation, value] of keeping)
    for (const end of ['goes', 'drops it'] as const)
      test(`stays when its Site ${end}, where its maker said by ${annotation} that it is to be kept`, async ({ cluster, sites: start }) => {
        const keep = { [annotation]: value }
        await kubectl(cluster, 'apply -f -', configMapOf({ a: '1', old: 'x' }, { annotations: keep }))
        const before = await configMap(cluster)
        const operator = await start()
        const site = await createSite(cluster, 'always', { data: { a: '1' } })
        await untilReady(cluster)
        const adopted = await configMap(cluster)
        expect(adopted.metadata.ownerReferences).toBeUndefined()
        expect(adopted.data).toEqual({ a: '1' })
        expect(adopted.metadata).toMatchObject({ annotations: keep, labels: { 'fairlead.dev/primary-uid': site.metadata?.uid } })
        await untilQuiet(cluster, operator, sitePath(cluster))
        // As for any other: no owner reference had to be taken off again.
        expect(cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace })).toMatchObject({ 'patch configmaps': 5 })

        if (end === 'goes') await remove(cluster, sitePath(cluster))
        else await changeSite(cluster, { name: 'other' })
        await operator.line(/^released ConfigMap\/shop/)
        if (end === 'goes')
          await cluster.eventually(async () => !(await exists(cluster, sitePath(cluster))), { describe: 'the Site is gone' })

        const left = await configMap(cluster)
        expect([left.metadata.uid, left.metadata.labels, left.metadata.annotations]).toEqual([before.metadata.uid, undefined, keep])
      })

  test('goes with its Site', async ({ cluster, sites: start }) => {
    await kubectl(cluster, 'create -f -', configMapOf({ a: '1' }))
    await start()
    await createSite(cluster, 'always', { data: { a: '1' } })
    await untilReady(cluster)

    await remove(cluster, sitePath(cluster))

    await cluster.eventually(async () => !(await exists(cluster, configMapPath(cluster))), { describe: 'it is gone', timeout: 30_000 })
  })
})
