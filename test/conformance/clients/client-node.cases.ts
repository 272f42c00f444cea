/** The client library of the Node world, as its users write it. */
import {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  Watch,
  type V1ConfigMap,
} from '@kubernetes/client-node'
import { eventually } from '../../controlplane/eventually.ts'
import { kubeconfig } from '../../controlplane/kubeconfig.ts'
import type { Api } from '../api.ts'
import { cases } from '../case.ts'
import { configMap, deployment } from '../objects.ts'

function configured(api: Api): KubeConfig {
  const config = new KubeConfig()
  config.loadFromString(kubeconfig({ ca: '', ...api.endpoint }))
  return config
}

/** What a call resolves with, or the code and body of what it rejects with. */
async function told(api: Api, asked: string, call: Promise<unknown>): Promise<void> {
  try {
    api.keep({ asked, result: await call })
  } catch (error) {
    const { code, body } = error as { code?: number; body?: string }
    if (code === undefined) throw error
    api.keep({ asked, code, body: JSON.parse(body ?? '') })
  }
}

export default cases({
  'client-node: create, read, replace, list, delete': async (api) => {
    const namespace = await api.namespace()
    const core = configured(api).makeApiClient(CoreV1Api)
    const body = configMap('a') as V1ConfigMap
    await told(api, 'create', core.createNamespacedConfigMap({ namespace, body }))
    await told(api, 'create again', core.createNamespacedConfigMap({ namespace, body }))
    await told(api, 'read', core.readNamespacedConfigMap({ namespace, name: 'a' }))
    await told(
      api,
      'replace',
      core.replaceNamespacedConfigMap({ namespace, name: 'a', body: configMap('a', { data: { other: 'x' } }) as V1ConfigMap }),
    )
    await told(api, 'list', core.listNamespacedConfigMap({ namespace, fieldSelector: 'metadata.name=a' }))
    await told(api, 'delete', core.deleteNamespacedConfigMap({ namespace, name: 'a' }))
    await told(api, 'read what is gone', core.readNamespacedConfigMap({ namespace, name: 'a' }))
  },
  'client-node: patches of all types': async (api) => {
    const namespace = await api.namespace()
    const core = configured(api).makeApiClient(CoreV1Api)
    await api.prepare('POST v1/configmaps', configMap('a'))
    const patch = async (type: (typeof PatchStrategy)[keyof typeof PatchStrategy], body: object, more: object = {}): Promise<void> =>
      await told(api, type, core.patchNamespacedConfigMap({ namespace, name: 'a', body, ...more }, setHeaderOptions('Content-Type', type)))
    await patch(PatchStrategy.JsonPatch, [{ op: 'add', path: '/data/json', value: 'x' }])
    await patch(PatchStrategy.MergePatch, { data: { merge: 'x' } })
    await patch(PatchStrategy.StrategicMergePatch, { data: { strategic: 'x' } })
    await patch(PatchStrategy.ServerSideApply, configMap('a'), { fieldManager: 'node' })
    await patch(PatchStrategy.ServerSideApply, configMap('a', { data: { json: 'mine' } }), { fieldManager: 'node' })
    await patch(PatchStrategy.ServerSideApply, configMap('a', { data: { json: 'mine' } }), { fieldManager: 'node', force: true })
  },
  'client-node: scale and status of a Deployment': async (api) => {
    const namespace = await api.namespace()
    const apps = configured(api).makeApiClient(AppsV1Api)
    await told(api, 'create', apps.createNamespacedDeployment({ namespace, body: deployment('a', 0, { paused: true }) }))
    await api.send('GET apps/v1/deployments/a', undefined, {
      until: ({ status }: { status: { observedGeneration?: number } }) => status.observedGeneration === 1,
    })
    await told(api, 'scale', apps.readNamespacedDeploymentScale({ namespace, name: 'a' }))
    await told(api, 'status', apps.readNamespacedDeploymentStatus({ namespace, name: 'a' }))
  },
  'client-node: objects of any kind': async (api) => {
    const namespace = await api.namespace()
    const objects = KubernetesObjectApi.makeApiClient(configured(api))
    const body = { ...configMap('a'), metadata: { name: 'a', namespace } }
    await told(api, 'create', objects.create(body))
    await told(
      api,
      'patch',
      objects.patch({ ...body, data: { other: 'x' } } as never, undefined, undefined, undefined, undefined, PatchStrategy.MergePatch),
    )
    await told(api, 'read', objects.read(body))
    await told(api, 'list', objects.list('v1', 'ConfigMap', namespace, undefined, undefined, undefined, 'metadata.name=a'))
    await told(api, 'delete', objects.delete(body))
    await told(api, 'a kind that nobody serves', objects.read({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'none', namespace } }))
  },
  'client-node: a watch': async (api) => {
    const namespace = await api.namespace()
    const events: { type: string; object: object }[] = []
    const watch = await new Watch(configured(api)).watch(
      `/api/v1/namespaces/${namespace}/configmaps`,
      { fieldSelector: 'metadata.name=a' },
      (type, object) => events.push({ type, object }),
      () => {},
    )
    try {
      await api.prepare('POST v1/configmaps', configMap('a'))
      await api.prepare('MERGE v1/configmaps/a', { data: { key: 'new' } })
      await api.prepare('DELETE v1/configmaps/a')
      await eventually(() => events.length === 3, { describe: 'three events' })
      api.keep({ asked: 'watch', events })
    } finally {
      watch.abort()
    }
  },
  'client-node: an informer': async (api) => {
    const namespace = await api.namespace()
    const config = configured(api)
    const core = config.makeApiClient(CoreV1Api)
    await api.prepare('POST v1/configmaps', configMap('a', { metadata: { name: 'a', labels: { case: 'x' } } }))
    const list = async () => await core.listNamespacedConfigMap({ namespace, labelSelector: 'case' })
    const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, list, 'case')
    const seen: { what: string; name?: string | undefined; data?: object | undefined }[] = []
    for (const what of ['add', 'update', 'delete'] as const)
      informer.on(what, ({ metadata, data }) => void seen.push({ what, name: metadata?.name, data }))
    // Stopping ends its watch, which it reports as an error.
    informer.on('error', () => {})
    await informer.start()
    try {
      await api.prepare('POST v1/configmaps', configMap('b', { metadata: { name: 'b', labels: { case: 'x' } } }))
      await eventually(() => seen.length === 2, { describe: 'both are seen' })
      await api.prepare('MERGE v1/configmaps/b', { data: { key: 'new' } })
      await api.prepare('DELETE v1/configmaps/a')
      await eventually(() => seen.length === 4, { describe: 'the update and the deletion are seen' })
      api.keep({ asked: 'informer', seen, cached: informer.list().map(({ metadata }) => metadata?.name) })
    } finally {
      await informer.stop()
    }
  },
})
