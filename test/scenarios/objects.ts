/** Objects in a scenario's cluster, of any kind, by their paths. */
import { readFileSync } from 'node:fs'
import { parseYaml } from '../../src/yaml/read.ts'
import type { Cluster, ResponseBody } from '../controlplane/fixture.ts'

export interface Condition {
  type: string
  status: string
  reason: string
  message: string
  observedGeneration: number
}

/** The collection of a namespaced kind in the test's namespace: `collection(cluster, 'apps/v1', 'deployments')`. */
export const collection = (cluster: Cluster, apiVersion: string, plural: string): string =>
  `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}/namespaces/${cluster.namespace}/${plural}`

/** Creates an object in a collection; throws if the server does not. */
export async function create(cluster: Cluster, path: string, body: object): Promise<ResponseBody> {
  const answer = await cluster.request('POST', path, { body })
  if (answer.status !== 201) throw new Error(`POST ${path} was answered ${answer.status}: ${answer.body.message}`)
  return answer.body
}

/** The object as it is; throws if it is not there. */
export async function read<Body = ResponseBody>(cluster: Cluster, path: string): Promise<Body> {
  const answer = await cluster.request('GET', path)
  if (answer.status !== 200) throw new Error(`GET ${path} was answered ${answer.status}: ${answer.body.message}`)
  return answer.body as Body
}

export async function exists(cluster: Cluster, path: string): Promise<boolean> {
  return (await cluster.request('GET', path)).status === 200
}

/** A merge patch. */
export async function change(cluster: Cluster, path: string, patch: object, fieldManager = 'somebody'): Promise<ResponseBody> {
  const answer = await cluster.request('PATCH', path, { contentType: 'application/merge-patch+json', query: { fieldManager }, body: patch })
  if (answer.status !== 200) throw new Error(`PATCH ${path} was answered ${answer.status}: ${answer.body.message}`)
  return answer.body
}

export async function remove(cluster: Cluster, path: string): Promise<void> {
  const answer = await cluster.request('DELETE', path)
  if (answer.status >= 300) throw new Error(`DELETE ${path} was answered ${answer.status}: ${answer.body.message}`)
}

/** The CustomResourceDefinition in a file. */
export function definitionIn(file: string): {
  metadata: { name: string }
  spec: { group: string; scope: string; names: { plural: string }; versions: { name: string }[] }
} {
  return parseYaml(file, readFileSync(file, 'utf8')).values[0] as never
}

/** Applies the CustomResourceDefinition of a file and resolves when the server serves its kind; answers the path of the collection. */
export async function installDefinition(cluster: Cluster, file: string): Promise<string> {
  const definition = definitionIn(file)
  const { group, scope, names, versions } = definition.spec
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition.metadata.name}`
  await cluster.request('PATCH', path, {
    query: { fieldManager: 'scenario', force: true },
    contentType: 'application/apply-patch+yaml',
    body: definition,
  })
  const apiVersion = `${group}/${versions[0]?.name}`
  const served = scope === 'Cluster' ? `/apis/${apiVersion}/${names.plural}` : collection(cluster, apiVersion, names.plural)
  await cluster.eventually(async () => await exists(cluster, served), { describe: `the server serves ${names.plural}` })
  return served
}

/** Resolves when the primary's condition has this status for its current generation, and a message that matches. */
export async function untilCondition(
  cluster: Cluster,
  path: string,
  {
    type = 'Ready',
    status,
    message = /(?:)/,
    timeout = 20_000,
  }: { type?: string; status: 'True' | 'False' | 'Unknown'; message?: RegExp; timeout?: number },
): Promise<Condition> {
  return await cluster.eventually(
    async () => {
      const { metadata, status: found } = await read<{ metadata: { generation: number }; status?: { conditions?: Condition[] } }>(
        cluster,
        path,
      )
      const condition = found?.conditions?.find((each) => each.type === type)
      if (condition?.status === status && condition.observedGeneration === metadata.generation && message.test(condition.message))
        return condition
      throw new Error(`it is ${JSON.stringify(found?.conditions)}`)
    },
    { describe: `${path} has ${type}=${status} ${message}`, timeout, interval: 20 },
  )
}

/** Resolves when the object has these conditions, each as `type status reason` or a pattern of that; answers the first. */
export async function untilConditions(cluster: Cluster, path: string, wanted: readonly (string | RegExp)[]): Promise<Condition> {
  return await cluster.eventually(
    async () => {
      const { status } = await read<{ status?: { conditions?: Condition[] } }>(cluster, path)
      const found = (status?.conditions ?? []).map((each) => ({ each, line: `${each.type} ${each.status} ${each.reason}` }))
      const matches = wanted.map((one) => found.find(({ line }) => (typeof one === 'string' ? line === one : one.test(line))))
      if (matches.every((match) => match !== undefined)) return matches[0]?.each
      throw new Error(`it has ${found.map(({ line }) => line).join(', ')}`)
    },
    { describe: `${path} has ${wanted.join(', ')}`, interval: 20 },
  )
}
