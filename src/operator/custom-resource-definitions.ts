/**
 * CustomResourceDefinitions of the primaries: installed only when asked to, read once, waited for where they are missing.
 */
import { isDeepStrictEqual } from 'node:util'
import { crdManager } from '../api/names.ts'
import { apiVersionOf, type GroupVersionKind, groupKind, type KubernetesObject } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { findObject } from '../kube/find.ts'
import { resourcePath } from '../kube/paths.ts'

/** The kind of CustomResourceDefinitions themselves. (apiextensions.k8s.io/v1) */
const crdResource: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
  verbs: [],
  subresources: ['status'],
}

/** The definition of a resource's kind; undefined for a kind that is built in. Rejects with `forbidden` where it may not be read. */
export async function readDefinition(
  client: ApiClient,
  { plural, group }: Resource,
  signal?: AbortSignal,
): Promise<KubernetesObject | undefined> {
  return group === '' ? undefined : await findObject(client, crdResource, { name: `${plural}.${group}` }, signal)
}

/** Why a definition that is being deleted is not installed. */
export const leaving = 'it is being deleted'

/** Resolves when no definition of this name is there. Rejects with ApiError. */
export async function definitionGone(
  client: ApiClient,
  name: string,
  pause: (milliseconds: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && (await findObject(client, crdResource, { name }, signal)) !== undefined) await pause(1_000)
}

/** How often a definition that was applied is looked at until it counts as not accepted; with pauses of 50 ms these are 10 s. */
const looks = 200

/**
 * Applies a definition and resolves when it is Established, or with the reason why it is not after `looks` looks: its names may be taken.
 * An existing one is updated: this is what the user asked for by `--install-crds`. One that is being deleted goes all the same: `leaving`.
 */
export async function installDefinition(
  client: ApiClient,
  definition: KubernetesObject,
  pause: (milliseconds: number) => Promise<void>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const path = resourcePath(crdResource, { name: definition.metadata.name })
  let live = await client.request<KubernetesObject>({
    method: 'PATCH',
    path,
    query: { fieldManager: crdManager, force: true },
    contentType: 'application/apply-patch+yaml',
    body: definition,
    signal,
  })
  if (live.metadata.deletionTimestamp !== undefined) return leaving
  for (let look = 0; !isEstablished(live) && look < looks && !signal.aborted; look++) {
    await pause(50)
    live = await client.request<KubernetesObject>({ method: 'GET', path, signal })
  }
  return isEstablished(live) ? undefined : notEstablished(live)
}

/** The reasons of the conditions that are False: `PluralConflict, NotAccepted`. */
function notEstablished(definition: KubernetesObject): string {
  const reasons = conditionsOf(definition).flatMap(({ status, reason }) => (status === 'False' && reason ? [reason] : []))
  return [...new Set(reasons)].join(', ') || 'no condition says why'
}

const isEstablished = (definition: KubernetesObject): boolean =>
  conditionsOf(definition).some(({ type, status }) => type === 'Established' && status === 'True')

function conditionsOf(definition: KubernetesObject): { type: string; status: string; reason?: string }[] {
  // A definition that was just created has null there.
  const { conditions } = (definition['status'] ?? {}) as { conditions?: { type: string; status: string; reason?: string }[] | null }
  return conditions ?? []
}

/** That the cluster does not know a watch's kind, and which file to apply. @param versions in which it is served instead */
export function missingDefinition(kind: GroupVersionKind, file: string | undefined, versions: readonly string[] = []): Problem {
  const [first] = versions
  const others = first === undefined ? '' : `, only ${versions.join(' and ')}`
  const apply = file ? `kubectl apply -f ${file}, or run with --install-crds` : 'apply its CustomResourceDefinition'
  const watch = first === undefined ? '' : `, or write version: ${first} in watches.yaml`
  return {
    code: 'CRD_MISSING',
    message: `the cluster does not serve ${apiVersionOf(kind)} ${kind.kind}${others}`,
    remedy: `${apply}${watch}; the operator starts on this kind when it appears`,
  }
}

/** That the cluster has another schema than the project, whose schema is what templates are checked against; undefined if it has the same. */
export function differingDefinition(
  kind: GroupVersionKind,
  live: KubernetesObject,
  project: KubernetesObject,
  file: string | undefined,
): Problem | undefined {
  const schemaOf = (definition: KubernetesObject): unknown => {
    const { versions = [] } = (definition['spec'] ?? {}) as { versions?: { name: string; schema?: { openAPIV3Schema?: unknown } }[] }
    return versions.find(({ name }) => name === kind.version)?.schema?.openAPIV3Schema
  }
  if (isDeepStrictEqual(plain(schemaOf(live)), plain(schemaOf(project)))) return undefined
  return {
    code: 'CRD_DIFFERS',
    severity: 'warning',
    message: `the schema of ${groupKind(kind)} ${kind.version} in the cluster differs from the project's`,
    ...(file ? { at: { file } } : {}),
    remedy: 'the project’s schema is what templates are checked against: apply the file, or run with --install-crds',
  }
}

/** Maps without a prototype, as YAML gives them, compare as plain ones. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null))
