/** A definition on the real server, in a group of the test's own. */
import { onTestFinished } from 'vitest'
import type { KubernetesObject } from '../../../src/api/object.ts'
import type { SchemaProps } from '../../../src/sandbox/definitions/json-schema.ts'
import type { Cluster } from '../../controlplane/fixture.ts'
import { definitionFor } from './answers.ts'

/** Resolves when objects can be made; `path` is where. The definition goes with the test. */
export async function established(
  cluster: Cluster,
  kind: string,
  schema: SchemaProps,
  version: object = {},
): Promise<{ definition: KubernetesObject; path: string }> {
  const group = `${cluster.namespace}.definitions.test`
  const definition = definitionFor(group, kind, schema, version)
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  const made = await cluster.request('POST', definitions, { body: definition })
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  onTestFinished(async () => void (await cluster.request('DELETE', `${definitions}/${definition.metadata.name}`)))
  const path = `/apis/${group}/v1/namespaces/${cluster.namespace}/${kind.toLowerCase()}s`
  await cluster.eventually(async () => (await cluster.request('GET', path)).status === 200, { describe: `${kind} to be served` })
  return { definition, path }
}
