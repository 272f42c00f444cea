/** Apps of the default operator, for scenarios. */
import { readFileSync } from 'node:fs'
import { parseYaml } from '../../../src/yaml/read.ts'
import type { Cluster, ResponseBody } from '../../controlplane/fixture.ts'
import { repository } from '../operator-process.ts'

const apps = (namespace: string) => `/apis/app.company.com/v1alpha1/namespaces/${namespace}/apps`

export interface AppSpec {
  image?: string
  replicas?: number | undefined
  [field: string]: unknown
}

export const appPath = (cluster: Cluster, name: string): string => `${apps(cluster.namespace)}/${name}`

/** Applies the default operator's CRD and resolves when the server serves it. */
export async function installAppDefinition(cluster: Cluster): Promise<void> {
  const definition = parseYaml('app.yaml', readFileSync(`${repository}/charts/app/crds/app.yaml`, 'utf8')).values[0]
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/apps.app.company.com'
  await cluster.request('PATCH', path, {
    query: { fieldManager: 'scenario', force: true },
    contentType: 'application/apply-patch+yaml',
    body: definition,
  })
  await cluster.eventually(async () => (await cluster.request('GET', apps(cluster.namespace))).status === 200, {
    describe: 'the server serves Apps',
  })
}

export async function createApp(cluster: Cluster, name: string, spec: AppSpec = {}): Promise<ResponseBody> {
  const body = {
    apiVersion: 'app.company.com/v1alpha1',
    kind: 'App',
    metadata: { name },
    spec: { image: 'example.com/web:1', replicas: 1, ...spec },
  }
  const answer = await cluster.request('POST', apps(cluster.namespace), { body })
  if (answer.status !== 201) throw new Error(`creating the App was answered ${answer.status}: ${answer.body.message}`)
  return answer.body
}

/** A merge patch of the App. */
export async function patchApp(cluster: Cluster, name: string, patch: object): Promise<void> {
  const answer = await cluster.request('PATCH', appPath(cluster, name), { contentType: 'application/merge-patch+json', body: patch })
  if (answer.status !== 200) throw new Error(`patching the App was answered ${answer.status}: ${answer.body.message}`)
}

interface Condition {
  type: string
  status: string
  reason: string
  message: string
  observedGeneration: number
}

/** Resolves when the App's Ready has this status for its current generation. */
export async function untilReady(cluster: Cluster, name: string, status: 'True' | 'False' = 'True'): Promise<Condition> {
  return await cluster.eventually(
    async () => {
      const { body } = await cluster.request<{ metadata: { generation: number }; status?: { conditions?: Condition[] } }>(
        'GET',
        appPath(cluster, name),
      )
      return body.status?.conditions?.find(
        (each) => each.type === 'Ready' && each.status === status && each.observedGeneration === body.metadata.generation,
      )
    },
    { describe: `App/${name} has Ready=${status}`, timeout: 30_000 },
  )
}
