/**
 * The Secret that keeps a primary's generated values: read back on every render, and written only where a value is made.
 *
 * It is found like every dependent, by our label, and is no dependent: its writes have a field manager of their own, so that nothing that a
 * template renders or stops rendering changes it. Every write is bound to the version that was read, and carries all values that stood there.
 */
import { encodeBase64 } from '../api/base64.ts'
import { fieldManager, primaryUidLabel, rotateAnnotation } from '../api/names.ts'
import { type GroupVersionKind, groupKind, type KubernetesObject } from '../api/object.ts'
import type { Informer } from '../cache/informer.ts'
import { ApiError, isApiError } from '../kube/errors.ts'
import { resourcePath } from '../kube/paths.ts'
import { type ApplyBody, applyBound, createOnly } from '../kube/writes.ts'
import {
  type Generated,
  generatedParts,
  generatedSecretName,
  type GenerateNeed,
  optionsText,
  recordsKey,
  recordsOf,
  rotations,
  validValues,
} from '../reconcile/generated.ts'
import { applyEntry } from '../reconcile/ingest.ts'
import { conflictWith } from '../reconcile/plan.ts'
import type { Result } from './apply-context.ts'
import { generate } from './generate.ts'
import type { PassContext } from './pass-context.ts'

const secretKind: GroupVersionKind = { group: '', version: 'v1', kind: 'Secret' }

type Data = Record<string, string>
const dataOf = (secret: KubernetesObject | undefined): Data => (secret?.['data'] ?? {}) as Data

/** What the cache holds of the primary's Secret; nothing is asked for that no render has needed. */
function cachedSecret(primary: KubernetesObject, context: PassContext): KubernetesObject | undefined {
  const { name, namespace, uid } = primary.metadata
  for (const cache of context.dependentCaches()) {
    if (cache.kind.kind !== 'Secret' || cache.kind.group !== '') continue
    const secret = cache.get(`${namespace}/${generatedSecretName(name)}`)
    if (secret && applyEntry(secret, fieldManager('generated', uid as string))) return secret
  }
  return undefined
}

/** The values that hold now, and when the first of them has to be made anew (milliseconds since the epoch). */
export function generatedValues(
  primary: KubernetesObject,
  context: PassContext,
): { values: Record<string, Generated>; renewAt: number | undefined } {
  const secret = cachedSecret(primary, context)
  if (!secret) return { values: {}, renewAt: undefined }
  return validValues(dataOf(secret), rotations(primary.metadata.annotations?.[rotateAnnotation]), context.now())
}

/** Where the values are kept, as far as it is known. */
export const generatedInformer = (context: PassContext): Informer => context.dependentsOf(secretKind)

/** Makes what is needed and keeps it. The answer says what was written, or why it was not. */
export async function keepGenerated(primary: KubernetesObject, needs: readonly GenerateNeed[], context: PassContext): Promise<Result> {
  const object = `Secret/${generatedSecretName(primary.metadata.name)}`
  try {
    return await write(primary, needs, cachedSecret(primary, context), context)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (isApiError(error, 'conflict', 'uidMismatch')) return { kind: 'outdated' }
    return { kind: 'failed', object, error }
  }
}

async function write(
  primary: KubernetesObject,
  needs: readonly GenerateNeed[],
  standing: KubernetesObject | undefined,
  context: PassContext,
): Promise<Result> {
  const { client } = context
  const manager = fieldManager('generated', primary.metadata.uid as string)
  const resource = context.resourceOf(secretKind) ?? { ...secretKind, plural: 'secrets', namespaced: true, verbs: [], subresources: [] }
  const body = await bodyOf(primary, needs, dataOf(standing), context)
  const object = `Secret/${body.metadata.name}`
  const detail = needs.map(({ sort, name }) => `${sort} ${name}`).join(', ')
  if (standing) {
    const { uid, resourceVersion } = standing.metadata
    const bound = { ...body, metadata: { ...body.metadata, resourceVersion } }
    const answer = await applyBound(client, resource, bound, { manager, uid: uid as string, force: true })
    generatedInformer(context).wrote(answer)
    return { kind: 'written', verb: 'updated', of: answer, cause: 'input', detail }
  }
  await context.inventory.record(groupKind(context.resource), [{ kind: secretKind, namespaces: [] }])
  try {
    const answer = await createOnly(client, resource, body, { manager })
    generatedInformer(context).wrote(answer)
    return { kind: 'written', verb: 'created', of: answer, cause: 'input', detail }
  } catch (error) {
    if (!isApiError(error, 'alreadyExists')) throw error
    const live = await client.request<KubernetesObject>({ method: 'GET', path: resourcePath(resource, body.metadata) })
    if (!applyEntry(live, manager))
      return { kind: 'conflict', object, message: conflictWith(live, primary, manager, context.names) ?? 'it was not made to keep values' }
    // Ours, made a moment ago or by another process, or it lost its label: its values are the ones that hold.
    const values = validValues(dataOf(live), rotations(primary.metadata.annotations?.[rotateAnnotation]), context.now()).values
    return await write(
      primary,
      needs.filter(({ name, sort }) => values[name]?.sort !== sort),
      live,
      context,
    )
  }
}

async function bodyOf(primary: KubernetesObject, needs: readonly GenerateNeed[], standing: Data, context: PassContext): Promise<ApplyBody> {
  const { name, namespace, uid, annotations } = primary.metadata
  const asked = rotations(annotations?.[rotateAnnotation])
  const data: Data = { ...standing }
  const records = recordsOf(standing)
  for (const need of needs) {
    const { values } = validValues({ ...data, [recordsKey]: encodeBase64(JSON.stringify(records)) }, asked, context.now())
    const { parts, renew } = await generate(need, values, context.now())
    for (const { key } of Object.values(generatedParts[records[need.name]?.sort ?? need.sort])) delete data[need.name + key]
    for (const [part, { key }] of Object.entries(generatedParts[need.sort])) data[need.name + key] = parts[part] as string
    const rotate = asked.get(need.name)
    records[need.name] = {
      sort: need.sort,
      options: optionsText(need.options),
      ...(rotate === undefined ? {} : { rotate }),
      ...(renew === undefined ? {} : { renew: new Date(renew).toISOString() }),
    }
  }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: generatedSecretName(name),
      namespace,
      labels: { [primaryUidLabel]: uid },
      ownerReferences: [{ apiVersion: primary.apiVersion, kind: primary.kind, name, uid, controller: true, blockOwnerDeletion: true }],
    },
    data: { ...data, [recordsKey]: encodeBase64(JSON.stringify(records)) },
  }
}

/** Another text when a value is due; the Secret's own version is that of a dependent. */
export const generatedVersion = (primary: KubernetesObject, context: PassContext): string =>
  Object.keys(generatedValues(primary, context).values).join()

const aDay = 86_400_000

/** Milliseconds until a value has to be made anew, a day at most; undefined if none ever has. */
export function untilRenewal(primary: KubernetesObject, context: PassContext): number | undefined {
  const { renewAt } = generatedValues(primary, context)
  return renewAt === undefined ? undefined : Math.min(aDay, Math.max(1_000, renewAt - context.now()))
}
