import { describe, expect, it } from 'vitest'
import type { ApiClient, ApiRequest } from '../../src/kube/client.ts'
import { applyBound, applyStatus, createOnly, deleteBound, jsonPatch, patchMetadata } from '../../src/kube/writes.ts'

const resource = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
  verbs: [],
  subresources: ['status'],
}
const reference = { namespace: 'shop', name: 'web' }
const path = '/apis/apps/v1/namespaces/shop/deployments/web'

/** Takes each request down and answers the same. */
function recorder(answer: unknown = { kind: 'Deployment', metadata: { name: 'web' } }): ApiClient & { sent: ApiRequest[] } {
  const sent: ApiRequest[] = []
  return {
    sent,
    async request<T>(request: ApiRequest): Promise<T> {
      sent.push(request)
      return answer as T
    },
    watch: () => {
      throw new Error('not asked for')
    },
    close: async () => {},
  }
}

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze)
  return Object.freeze(value)
}

const body = deepFreeze({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { ...reference, labels: { a: 'b' } },
  spec: { replicas: 1 },
})

describe('a bound write', () => {
  it('adds its binding to a frozen body, of which only root and metadata are copied', async () => {
    const client = recorder()
    await createOnly(client, resource, body, { manager: 'm' })
    await applyBound(client, resource, body, { manager: 'm', uid: 'u', force: true, dryRun: true })
    const [create, apply] = client.sent as [ApiRequest, ApiRequest]
    expect(create).toMatchObject({
      method: 'PATCH',
      path,
      contentType: 'application/apply-patch+yaml',
      query: { fieldManager: 'm', fieldValidation: 'Strict' },
    })
    expect(create.query).toMatchObject({ force: undefined, dryRun: undefined })
    expect(create.body).toEqual({ ...body, metadata: { ...body.metadata, resourceVersion: '1' } })
    expect((create.body as typeof body).spec).toBe(body.spec)
    expect((create.body as typeof body).metadata.labels).toBe(body.metadata.labels)
    expect(apply.query).toMatchObject({ force: true, dryRun: 'All' })
    expect(apply.body).toEqual({ ...body, metadata: { ...body.metadata, uid: 'u' } })
  })

  it('deletes with preconditions and the propagation that is asked for', async () => {
    const client = recorder({ kind: 'Status', status: 'Success' })
    expect(await deleteBound(client, resource, reference, { uid: 'u', resourceVersion: '7', propagation: 'Orphan' })).toEqual({
      kind: 'deleted',
    })
    expect(client.sent).toEqual([
      {
        method: 'DELETE',
        path,
        body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'u', resourceVersion: '7' }, propagationPolicy: 'Orphan' },
      },
    ])
  })

  it('of finalizers without a version is refused: it would replace what others added', async () => {
    await expect(patchMetadata(recorder(), resource, reference, { uid: 'u', metadata: { finalizers: [] } })).rejects.toThrow(TypeError)
  })

  it('of metadata is a merge patch', async () => {
    const client = recorder()
    await patchMetadata(client, resource, reference, {
      uid: 'u',
      resourceVersion: '7',
      metadata: { finalizers: ['a/b'], annotations: { c: null } },
    })
    expect(client.sent).toMatchObject([
      {
        method: 'PATCH',
        path,
        contentType: 'application/merge-patch+json',
        body: { metadata: { finalizers: ['a/b'], annotations: { c: null }, uid: 'u', resourceVersion: '7' } },
      },
    ])
  })

  it('of status goes to /status, forced, with the version that was read', async () => {
    const client = recorder()
    await applyStatus(client, resource, reference, { manager: 'm', resourceVersion: '7', status: { a: 1 } })
    expect(client.sent).toMatchObject([
      {
        method: 'PATCH',
        path: `${path}/status`,
        query: { fieldManager: 'm', force: true },
        body: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { ...reference, resourceVersion: '7' }, status: { a: 1 } },
      },
    ])
  })

  it('as a JSON patch tests the UID first, or has a test of its own', async () => {
    const client = recorder()
    await jsonPatch(client, resource, reference, [{ op: 'remove', path: '/x' }], { manager: 'm', uid: 'u' })
    expect(client.sent).toMatchObject([
      {
        contentType: 'application/json-patch+json',
        body: [
          { op: 'test', path: '/metadata/uid', value: 'u' },
          { op: 'remove', path: '/x' },
        ],
      },
    ])
    await expect(jsonPatch(client, resource, reference, [{ op: 'remove', path: '/x' }], { manager: 'm' })).rejects.toThrow(TypeError)
  })
})
