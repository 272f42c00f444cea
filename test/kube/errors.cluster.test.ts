import { describe, expect } from 'vitest'
import { ApiError } from '../../src/kube/errors.ts'
import type { ApiRequest } from '../../src/kube/client.ts'
import { resourcePath } from '../../src/kube/paths.ts'
import { errorOfStatus } from '../../src/kube/status.ts'
import { test, type Cluster } from '../controlplane/fixture.ts'
import { clientOf, customResource, stage } from './stage.ts'

async function failureOf(cluster: Cluster, request: ApiRequest, kubeconfig = cluster.kubeconfig): Promise<ApiError> {
  await using client = await clientOf(kubeconfig)
  try {
    await client.request(request)
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
  throw new Error('it did not fail')
}

const apply = (path: string, body: object, query: ApiRequest['query'] = {}): ApiRequest => ({
  method: 'PATCH',
  path,
  query: { fieldManager: 'fairlead/dependents/1', ...query },
  contentType: 'application/apply-patch+yaml',
  body,
})

const configMap = (namespace: string, data: object = {}, name = 'a') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
})
const deployment = (namespace: string, spec: object) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a', namespace },
  spec,
})
const podSpec = (container: object = {}) => ({ containers: [{ name: 'main', image: 'none', ...container }] })
const template = (container: object = {}) => ({ metadata: { labels: { app: 'a' } }, spec: podSpec(container) })

describe('the server answers', () => {
  test('a kind that it does not serve: kindUnknown', async ({ cluster }) => {
    for (const path of [
      '/apis/none.example.com/v1/namespaces/x/things/a',
      '/apis/apps/v1/namespaces/x/things',
      '/apis/apps/v7/deployments',
      '/api/v1/things',
    ])
      expect(await failureOf(cluster, { method: 'GET', path }), path).toMatchObject({
        class: 'kindUnknown',
        outcome: 'failedRetryAtCap',
        missing: false,
      })
  })

  test('an object that is not there: notFound', async ({ cluster }) => {
    expect(await failureOf(cluster, { method: 'GET', path: `/api/v1/namespaces/${cluster.namespace}/configmaps/none` })).toMatchObject({
      class: 'notFound',
      missing: true,
    })
    expect(await failureOf(cluster, { method: 'GET', path: '/api/v1/namespaces/none' })).toMatchObject({ class: 'notFound' })
    const { path } = await stage(cluster, 'custom resource')
    expect(await failureOf(cluster, { method: 'GET', path })).toMatchObject({ class: 'notFound' })
  })

  test('a namespace that is not there: wait for it', async ({ cluster }) => {
    const error = await failureOf(cluster, apply('/api/v1/namespaces/none/configmaps/a', configMap('none')))
    expect(error).toMatchObject({ class: 'namespaceMissing', outcome: 'wait', target: { namespace: 'none' } })
    await customResource(cluster)
    const custom = { apiVersion: 'kube.fairlead.test/v1', kind: 'Subject', metadata: { name: 'a', namespace: 'none' }, spec: {} }
    expect(await failureOf(cluster, apply('/apis/kube.fairlead.test/v1/namespaces/none/subjects/a', custom))).toMatchObject({
      class: 'namespaceMissing',
    })
  })

  test('a namespace that is being deleted: wait for it', async ({ cluster }) => {
    const name = `${cluster.namespace}-ending`
    await cluster.request('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } })
    await cluster.request('POST', `/api/v1/namespaces/${name}/configmaps`, {
      body: { ...configMap(name, {}, 'holds'), metadata: { name: 'holds', namespace: name, finalizers: ['example.com/hold'] } },
    })
    await cluster.request('DELETE', `/api/v1/namespaces/${name}`)
    try {
      expect(await failureOf(cluster, apply(`/api/v1/namespaces/${name}/configmaps/a`, configMap(name)))).toMatchObject({
        class: 'namespaceTerminating',
        code: 403,
        outcome: 'wait',
      })
    } finally {
      await cluster.request('PATCH', `/api/v1/namespaces/${name}/configmaps/holds`, {
        contentType: 'application/merge-patch+json',
        body: { metadata: { finalizers: null } },
      })
    }
  })

  test('what RBAC does not allow: forbidden, and who may not do what', async ({ cluster }) => {
    const kubeconfig = await cluster.kubeconfigFor({
      name: 'limited',
      rules: [{ verbs: ['get'], apiGroups: [''], resources: ['configmaps'] }],
      namespace: cluster.namespace,
    })
    const user = `system:serviceaccount:${cluster.namespace}:limited`
    expect(
      await failureOf(cluster, apply(`/apis/apps/v1/namespaces/${cluster.namespace}/deployments/a/status`, {}), kubeconfig),
    ).toMatchObject({
      class: 'forbidden',
      outcome: 'failedRetryAtCap',
      denial: { user, verb: 'patch', resource: 'deployments.apps/status', namespace: cluster.namespace },
    })
    const error = await failureOf(cluster, { method: 'GET', path: '/api/v1/nodes' }, kubeconfig)
    expect(error.message).toBe(`GET nodes: 403 Forbidden: ${user} may not list nodes in the cluster`)
  })

  test('a quota that is used up, by name', async ({ cluster }) => {
    const { namespace } = cluster
    await cluster.request('POST', `/api/v1/namespaces/${namespace}/resourcequotas`, {
      body: { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'small' }, spec: { hard: { 'count/secrets': '0' } } },
    })
    const quota = `/api/v1/namespaces/${namespace}/resourcequotas/small`
    await cluster.eventually(
      async () => ((await cluster.request('GET', quota)).body.status as { hard?: object } | undefined)?.hard !== undefined,
    )
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', namespace } }
    expect(await failureOf(cluster, apply(`/api/v1/namespaces/${namespace}/secrets/a`, secret))).toMatchObject({
      class: 'quotaExceeded',
      quota: 'small',
      outcome: 'failedRetryAtCap',
    })
  })

  test('a name that is taken: alreadyExists', async ({ cluster }) => {
    const path = `/api/v1/namespaces/${cluster.namespace}/configmaps`
    const create: ApiRequest = { method: 'POST', path, body: configMap(cluster.namespace) }
    await cluster.request('POST', path, { body: configMap(cluster.namespace) })
    expect(await failureOf(cluster, create)).toMatchObject({ class: 'alreadyExists', code: 409, outcome: 'retry' })
  })

  test('a watch from a version of too long ago, within the stream: gone', async ({ cluster }) => {
    const resource = await customResource(cluster)
    await using client = await clientOf(cluster.kubeconfig)
    const request = { method: 'GET', path: resourcePath(resource) }
    for await (const { type, object } of client.watch({ path: request.path, query: { resourceVersion: '1' } })) {
      expect(type).toBe('ERROR')
      const status = object as unknown as { code: number }
      expect(errorOfStatus(status, { ...request, code: status.code })).toMatchObject({ class: 'gone', code: 410, outcome: 'retry' })
      return
    }
    throw new Error('the watch ended without an event')
  })

  test('a content type that the kind does not take: unsupportedMediaType', async ({ cluster }) => {
    const { path, createAsOther } = await stage(cluster, 'custom resource')
    await createAsOther('a')
    const error = await failureOf(cluster, { method: 'PATCH', path, contentType: 'application/strategic-merge-patch+json', body: {} })
    expect(error).toMatchObject({ class: 'unsupportedMediaType', code: 415, outcome: 'failed' })
  })

  test('values that are not valid: their fields and why, and not the values', async ({ cluster }) => {
    const { namespace } = cluster
    const spec = {
      selector: { matchLabels: { app: 'other' } },
      template: template({ ports: [{ containerPort: 123456, protocol: 'TCP' }], env: [{ name: 'has space hunter2=', value: 'hunter2' }] }),
    }
    const error = await failureOf(cluster, apply(`/apis/apps/v1/namespaces/${namespace}/deployments/a`, deployment(namespace, spec)))
    expect(error).toMatchObject({ class: 'invalid', code: 422, outcome: 'failedRetryAtCap' })
    const why = 'must be between 1 and 65535, inclusive'
    expect(error.fields).toContainEqual({
      path: 'spec.template.spec.containers[0].ports[0].containerPort',
      reason: 'FieldValueInvalid',
      why,
    })
    expect(error.fields.map(({ path }) => path)).toContain('spec.template.metadata.labels')
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('hunter2')
  })

  test('a custom resource that its schema does not allow: the field', async ({ cluster }) => {
    const { path, body } = await stage(cluster, 'custom resource')
    expect(await failureOf(cluster, apply(path, { ...body('a'), spec: { count: 4 } }))).toMatchObject({
      class: 'invalid',
      fields: [{ path: 'spec.count', reason: 'FieldValueInvalid' }],
    })
  })

  test.for(['Service', 'custom resource'] as const)(
    'a field that the schema of a %s does not have, or of another type: schemaMismatch with its path',
    async (kind, { cluster }) => {
      const { path, body } = await stage(cluster, kind)
      const made = body('a')
      const unknown = await failureOf(cluster, apply(path, { ...made, spec: { ...(made.spec as object), vaule: 'hunter2' } }))
      expect(unknown).toMatchObject({
        class: 'schemaMismatch',
        code: 500,
        outcome: 'failed',
        maybeDone: false,
        fields: [{ path: '.spec.vaule', reason: 'field not declared in schema' }],
      })
      const mistyped = await failureOf(cluster, apply(path, { ...made, spec: 'hunter2' }))
      expect(mistyped).toMatchObject({ class: 'schemaMismatch', fields: [{ path: '.spec', reason: 'expected map' }] })
      expect(unknown.message + mistyped.message).not.toContain('hunter2')
    },
  )

  test('a Secret that does not fit its schema, without its value', async ({ cluster }) => {
    const { namespace } = cluster
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', namespace }, stringData: { password: { inner: 'hunter2' } } }
    const error = await failureOf(cluster, apply(`/api/v1/namespaces/${namespace}/secrets/a`, secret))
    expect(error).toMatchObject({ class: 'schemaMismatch', fields: [{ path: '.stringData.password', reason: 'expected string' }] })
    expect(error.message).not.toContain('hunter2')
  })

  // Of fields that are not declared, the server names the first that it meets, in no fixed order; of types it names all.
  test('several fields of another type: schemaMismatch with all their paths', async ({ cluster }) => {
    const { namespace } = cluster
    const spec = { selector: { matchLabels: { app: 'a' } }, template: template({ command: { a: 'b' }, imagePullPolicy: 5 }) }
    const error = await failureOf(cluster, apply(`/apis/apps/v1/namespaces/${namespace}/deployments/a`, deployment(namespace, spec)))
    expect(error.class).toBe('schemaMismatch')
    expect(error.fields.toSorted((one, other) => one.path.localeCompare(other.path))).toEqual([
      { path: '.spec.template.spec.containers[name="main"].command', reason: 'expected list' },
      { path: '.spec.template.spec.containers[name="main"].imagePullPolicy', reason: 'expected string' },
    ])
  })

  test('an object that is too large for the store, and one too large to read: tooLarge', async ({ cluster }) => {
    const path = `/api/v1/namespaces/${cluster.namespace}/configmaps/a`
    const { path: customPath, body } = await stage(cluster, 'custom resource')
    expect(await failureOf(cluster, apply(customPath, body('x'.repeat(2_000_000))))).toMatchObject({ class: 'tooLarge', outcome: 'failed' })
    expect(await failureOf(cluster, apply(path, configMap(cluster.namespace, { a: 'x'.repeat(4_000_000) })))).toMatchObject({
      class: 'tooLarge',
      code: 413,
    })
  })

  test('a body that is not for its path: badRequest', async ({ cluster }) => {
    const error = await failureOf(
      cluster,
      apply(`/api/v1/namespaces/${cluster.namespace}/configmaps/a`, configMap(cluster.namespace, {}, 'b')),
    )
    expect(error).toMatchObject({ class: 'badRequest', code: 400, outcome: 'failed' })
  })
})
