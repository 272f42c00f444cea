/** Two kinds, one built in and one custom, alike enough that one test can write both; and clients for a test's cluster. */
import type { KubernetesObject } from '../../src/api/object.ts'
import { createClient, type ApiClient, type Resource } from '../../src/kube/client.ts'
import { resourcePath } from '../../src/kube/paths.ts'
import type { Cluster } from '../controlplane/fixture.ts'
import { loadCredentials } from '../../src/kube/credentials.ts'
import { formatProblem } from '../../src/api/problem.ts'
import { startServer, testClient } from './http-server.ts'

export interface Stage {
  resource: Resource
  reference: { namespace: string; name: string }
  /** Path of the object. */
  path: string
  /** A body whose one telling field has this value. */
  body(value: string): KubernetesObject
  valueOf(object: KubernetesObject): unknown
  /** Where that field is. */
  valuePath: string
  /** The object as the server has it, or undefined. */
  live(): Promise<KubernetesObject | undefined>
  /** Made by somebody else. */
  createAsOther(value: string): Promise<KubernetesObject>
  remove(): Promise<void>
}

export const kinds = ['Service', 'custom resource'] as const

export async function stage(cluster: Cluster, kind: (typeof kinds)[number]): Promise<Stage> {
  const resource = kind === 'Service' ? service : await customResource(cluster)
  const reference = { namespace: cluster.namespace, name: 'subject' }
  const path = resourcePath(resource, reference)
  const apiVersion = resource.group ? `${resource.group}/${resource.version}` : resource.version
  const body = (value: string): KubernetesObject => ({
    apiVersion,
    kind: resource.kind,
    metadata: { ...reference },
    spec: kind === 'Service' ? { ports: [{ port: 80 }], externalName: value, type: 'ExternalName' } : { value },
  })
  const live = async () => {
    const answer = await cluster.request('GET', path)
    return answer.status === 404 ? undefined : (answer.body as unknown as KubernetesObject)
  }
  return {
    resource,
    reference,
    path,
    body,
    live,
    valuePath: kind === 'Service' ? '.spec.externalName' : '.spec.value',
    valueOf: ({ spec }) => (spec as Record<string, unknown>)[kind === 'Service' ? 'externalName' : 'value'],
    async createAsOther(value) {
      const answer = await cluster.request('POST', resourcePath(resource, { namespace: cluster.namespace }), {
        query: { fieldManager: 'other' },
        body: body(value),
      })
      if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`)
      return answer.body as unknown as KubernetesObject
    },
    async remove() {
      await cluster.request('DELETE', path)
      await cluster.eventually(async () => (await live()) === undefined)
    },
  }
}

const service: Resource = {
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  namespaced: true,
  verbs: [],
  subresources: ['status'],
}

/** The custom kind of these tests, made by the first that needs it; what each makes of it stays in its own namespace. */
export async function customResource(cluster: Cluster): Promise<Resource> {
  const group = 'kube.fairlead.test'
  const name = `subjects.${group}`
  const status = {
    type: 'object',
    properties: {
      conditions: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
        items: {
          type: 'object',
          required: ['type'],
          properties: Object.fromEntries(
            ['type', 'status', 'reason', 'message', 'lastTransitionTime'].map((field) => [field, { type: 'string' }]),
          ),
        },
      },
    },
  }
  const spec = { type: 'object', properties: { value: { type: 'string' }, count: { type: 'integer', maximum: 3 } } }
  const answer = await cluster.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    body: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name },
      spec: {
        group,
        scope: 'Namespaced',
        names: { kind: 'Subject', plural: 'subjects' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            subresources: { status: {} },
            schema: { openAPIV3Schema: { type: 'object', properties: { spec, status } } },
          },
        ],
      },
    },
  })
  if (answer.status !== 201 && answer.status !== 409) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`)
  const resource: Resource = {
    group,
    version: 'v1',
    kind: 'Subject',
    plural: 'subjects',
    namespaced: true,
    verbs: [],
    subresources: ['status'],
  }
  await cluster.eventually(
    async () => (await cluster.request('GET', resourcePath(resource, { namespace: cluster.namespace }))).status === 200,
    { interval: 10 },
  )
  return resource
}

export async function clientOf(kubeconfig: string, userAgent = 'fairlead/test'): Promise<ApiClient & AsyncDisposable> {
  const result = await loadCredentials({ kubeconfig, environment: process.env })
  if (result.kind === 'problem') throw new Error(formatProblem(result.problem))
  const client = createClient(result.credentials, { userAgent })
  return { ...client, [Symbol.asyncDispose]: () => client.close() }
}

/** A client whose requests are carried out, and whose answers never arrive. */
export async function clientWithoutAnswers(cluster: Cluster): Promise<ApiClient & AsyncDisposable> {
  const server = await startServer((request, response) => {
    const url = new URL(request.url, 'http://server')
    const contentType = request.headers['content-type']
    cluster
      .request(request.method, url.pathname, {
        query: Object.fromEntries(url.searchParams),
        ...(request.body && { body: JSON.parse(request.body) as unknown }),
        ...(contentType && { contentType }),
      })
      .finally(() => response.destroy())
      .catch(() => {})
  })
  const client = testClient(server.url)
  return {
    ...client,
    async [Symbol.asyncDispose]() {
      await client.close()
      await server[Symbol.asyncDispose]()
    },
  }
}
