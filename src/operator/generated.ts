/**
 * The Secret that keeps a primary's generated values: read back on every render, and written only where a value is made.
 *
 * It is found like every dependent, by our label, and is no dependent: its writes have a field manager of their own, so that nothing that a
 * template renders or stops rendering changes it. Its name is the primary's, and where that is taken by the values of a primary of another kind,
 * also the kind's. Every write is bound to the version that was read, and carries all values that stood there.
 */
import { encodeBase64 } from '../api/base64.ts'
import { nearest } from '../api/nearest.ts'
import { fieldManager, parseFieldManager, primaryUidLabel, rotateAnnotation, suspendAnnotation } from '../api/names.ts'
import { groupKind, type KubernetesObject, type ManagedFieldsEntry, objectKey } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import type { Informer } from '../cache/informer.ts'
import { ApiError, isApiError } from '../kube/errors.ts'
import { findObject } from '../kube/find.ts'
import { type ApplyBody, applyBound, createOnly, patchManagedFields } from '../kube/writes.ts'
import { claim } from '../reconcile/adoption.ts'
import {
  type Generated,
  generatedParts,
  generatedSecretNames,
  type GeneratedSort,
  type GenerateNeed,
  isOfAnotherKind,
  optionsText,
  partsOf,
  recordsKey,
  recordsOf,
  rotations,
  validValues,
} from '../reconcile/generated.ts'
import { applyEntry } from '../reconcile/ingest.ts'
import { isOwnedBy } from '../reconcile/ownership.ts'
import { conflictWith } from '../reconcile/plan.ts'
import type { Result } from './apply-context.ts'
import { generate, recovered, UnusableValueError } from './generate.ts'
import type { PassContext } from './pass-context.ts'
import { secretKind, secretResource } from './secret-kind.ts'

type Data = Record<string, string>
const dataOf = (secret: KubernetesObject | undefined): Data => (secret?.['data'] ?? {}) as Data

/** What the cache holds of the primary's Secret; nothing is asked for that no render has needed. */
function cachedSecret(primary: KubernetesObject, context: PassContext): KubernetesObject | undefined {
  const { namespace } = primary.metadata
  const manager = managerOf(primary)
  for (const cache of context.dependentCaches()) {
    if (cache.kind.kind !== 'Secret' || cache.kind.group !== '') continue
    for (const name of generatedSecretNames(primary)) {
      const secret = cache.get(objectKey({ namespace, name }))
      if (secret && applyEntry(secret, manager)) return secret
    }
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
  const standing = cachedSecret(primary, context)
  const { namespace, uid } = primary.metadata
  const [name] = generatedSecretNames(primary)
  try {
    const result = standing ? await fill(standing, 'updated', needs, primary, context) : await begin(needs, primary, context)
    // Whoever has the name may give it up: that is seen, and is a reason to look again.
    context.lookups.keep(
      uid as string,
      'generated',
      result.kind === 'conflict' ? [{ kind: secretKind, ...(namespace && { namespace }), name }] : [],
    )
    return result
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (isApiError(error, 'conflict', 'uidMismatch')) return { kind: 'outdated' }
    const object = standing?.metadata.name ?? name
    return { kind: 'failed', object: `Secret/${object}`, error, wayOut: replaceWithout(object, primary) }
  }
}

/** What a person does about a Secret that somebody has made immutable: without it every value would be made anew, at once. */
function replaceWithout(secret: string, { metadata: { name, namespace } }: KubernetesObject): string {
  const command = `kubectl get secrets ${secret} -n ${namespace} -o yaml`
  return (
    `with it all generated values end: "${command}", without the line "immutable: true", given to "kubectl replace --force -f -" keeps them, ` +
    `while ${suspendAnnotation}: "true" is on ${name}`
  )
}

/** The cache has no Secret of the primary: there is none yet, or it lost its label, or it is one to adopt. */
async function begin(needs: readonly GenerateNeed[], primary: KubernetesObject, context: PassContext): Promise<Result> {
  await context.inventory.record(groupKind(context.resource), [{ kind: secretKind, namespaces: [] }])
  const [first, second] = generatedSecretNames(primary)
  // What was begun there goes on there, though the first name may be free by now.
  const begun = await live(second, primary, context)
  if (begun && applyEntry(begun, managerOf(primary))) return await take(begun, needs, primary, context)
  const met = await create(first, needs, primary, context)
  if (met.kind !== 'met') return met
  if (!isOfAnotherKind(met.object, primary)) return await take(met.object, needs, primary, context)
  const other = await create(second, needs, primary, context)
  return other.kind === 'met' ? await take(other.object, needs, primary, context) : other
}

async function create(
  name: string,
  needs: readonly GenerateNeed[],
  primary: KubernetesObject,
  context: PassContext,
): Promise<Result | { kind: 'met'; object: KubernetesObject }> {
  try {
    const body = await bodyOf(name, {}, needs, primary, context)
    const answer = await createOnly(context.client, secretResource(context), body, { manager: managerOf(primary) })
    return written(answer, 'created', needs, context)
  } catch (error) {
    if (!isApiError(error, 'alreadyExists')) throw error
    const object = await live(name, primary, context)
    // Gone in between: the next pass makes it.
    return object ? { kind: 'met', object } : { kind: 'outdated' }
  }
}

/** What has the name: ours, where its values are the ones that hold, or to be adopted, or left alone. */
async function take(
  found: KubernetesObject,
  needs: readonly GenerateNeed[],
  primary: KubernetesObject,
  context: PassContext,
): Promise<Result> {
  const manager = managerOf(primary)
  const isOurs = applyEntry(found, manager) !== undefined || isPutBack(found, primary)
  if (!isOurs) {
    const conflict = conflictWith(found, primary, manager, context.names) ?? 'it was not made to keep values'
    const claimed = claim(conflict, found, primary, context.adoption, context.names)
    if (claimed.kind !== 'adoptable')
      return { kind: 'conflict', object: `Secret/${found.metadata.name}`, message: claimed.kind === 'foreign' ? claimed.message : conflict }
  }
  const { values } = validValues(dataOf(found), rotations(primary.metadata.annotations?.[rotateAnnotation]), context.now())
  const lacking = needs.filter(({ name, sort }) => values[name]?.sort !== sort)
  return isOurs
    ? await fill(found, 'updated', lacking, primary, context)
    : await fill(await handedOver(found, primary, context), 'adopted', lacking, primary, context)
}

/** Whether it is the primary's Secret as somebody has saved it and put it back: with all that it says of itself, but for who wrote it. */
const isPutBack = (found: KubernetesObject, primary: KubernetesObject): boolean =>
  found.metadata.labels?.[primaryUidLabel] === primary.metadata.uid && isOwnedBy(found, primary) && recordsKey in dataOf(found)

/** The Secret with what a primary that is gone held of it as ours: whatever is in it is applied again, or made anew. */
async function handedOver(found: KubernetesObject, primary: KubernetesObject, context: PassContext): Promise<KubernetesObject> {
  const managedFields = found.metadata.managedFields ?? []
  const isFormer = ({ manager }: ManagedFieldsEntry): boolean => parseFieldManager(manager)?.role === 'generated'
  if (!managedFields.some(isFormer)) return found
  const ours = managedFields.map((entry) => (isFormer(entry) ? { ...entry, manager: managerOf(primary) } : entry))
  const manager = fieldManager('adopt', primary.metadata.uid as string)
  return await patchManagedFields(context.client, secretResource(context), found, ours, { manager })
}

async function fill(
  standing: KubernetesObject,
  verb: 'updated' | 'adopted',
  needs: readonly GenerateNeed[],
  primary: KubernetesObject,
  context: PassContext,
): Promise<Result> {
  const { name, uid, resourceVersion } = standing.metadata
  const body = await bodyOf(name, dataOf(standing), needs, primary, context)
  const bound = { ...body, metadata: { ...body.metadata, resourceVersion } }
  const answer = await applyBound(context.client, secretResource(context), bound, {
    manager: managerOf(primary),
    uid: uid as string,
    force: true,
  })
  return written(answer, verb, needs, context)
}

function written(
  answer: KubernetesObject,
  verb: 'created' | 'updated' | 'adopted',
  needs: readonly GenerateNeed[],
  context: PassContext,
): Result {
  generatedInformer(context).wrote(answer)
  return { kind: 'written', verb, of: answer, cause: 'input', detail: needs.map(({ sort, name }) => `${sort} ${name}`).join(', ') }
}

const managerOf = ({ metadata }: KubernetesObject): string => fieldManager('generated', metadata.uid as string)

/** As the server has it; undefined if it is not there. */
const live = async (name: string, { metadata: { namespace } }: KubernetesObject, context: PassContext) =>
  await findObject(context.client, secretResource(context), { namespace, name })

async function bodyOf(
  secretName: string,
  standing: Data,
  needs: readonly GenerateNeed[],
  primary: KubernetesObject,
  context: PassContext,
): Promise<ApplyBody> {
  const { name, namespace, uid, annotations } = primary.metadata
  const asked = rotations(annotations?.[rotateAnnotation])
  const data: Data = { ...standing }
  const records = recordsOf(standing)
  for (const need of needs) {
    const { values } = validValues({ ...data, [recordsKey]: encodeBase64(JSON.stringify(records)) }, asked, context.now())
    const standsFor = values[need.name]?.sort
    if (standsFor !== undefined && standsFor !== need.sort) throw new UnusableValueError(ofAnotherSort(need, standsFor))
    const record = Object.hasOwn(records, need.name) ? records[need.name] : undefined
    // Only the record of how it was made is lost.
    const kept = record ? undefined : recovered(need.sort, partsOf(need.sort, need.name, data))
    const { parts, renew } = kept ?? (await generate(need, values, context.now()))
    for (const { key } of Object.values(generatedParts[record?.sort ?? need.sort])) delete data[need.name + key]
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
      name: secretName,
      namespace,
      labels: { [primaryUidLabel]: uid },
      ownerReferences: [{ apiVersion: primary.apiVersion, kind: primary.kind, name, uid, controller: true, blockOwnerDeletion: true }],
    },
    data: { ...data, [recordsKey]: encodeBase64(JSON.stringify(records)) },
  }
}

/** What is kept may be the only key to somebody's data: it goes only where a person says so, for this one primary. */
const ofAnotherSort = ({ name, sort }: GenerateNeed, kept: GeneratedSort): Problem => ({
  code: 'TEMPLATE_VALUE',
  message: `generate.${sort}("${name}"): a value of the sort ${kept} is kept by this name`,
  remedy: `use another name, or give ${name} a new text in the annotation ${rotateAnnotation}, which loses what is kept`,
})

/** Another text when a value is due; the Secret's own version is that of a dependent. */
export const generatedVersion = (primary: KubernetesObject, context: PassContext): string =>
  Object.keys(generatedValues(primary, context).values).join()

/** A problem for each name that is to be rotated and stands for no value: for when everything that the templates read has been made. */
export function unknownRotations(primary: KubernetesObject, context: PassContext): Problem[] {
  const asked = rotations(primary.metadata.annotations?.[rotateAnnotation])
  const isUnknown = [...context.dependentCaches()].some(({ kind, state }) => groupKind(kind) === 'Secret' && state !== 'synced')
  if (asked.size === 0 || isUnknown) return []
  const names = Object.keys(recordsOf(dataOf(cachedSecret(primary, context))))
  return [...asked.keys()]
    .filter((name) => !names.includes(name))
    .map((name): Problem => {
      const near = nearest(name, names)
      const message = `the annotation ${rotateAnnotation} names "${name}", and no value of that name was generated`
      return { code: 'ANNOTATION_INVALID', message, ...(near === undefined ? {} : { remedy: `did you mean "${near}"?` }) }
    })
}

const aDay = 86_400_000

/** Milliseconds until a value has to be made anew, a day at most; undefined if none ever has. */
export function untilRenewal(primary: KubernetesObject, context: PassContext): number | undefined {
  const { renewAt } = generatedValues(primary, context)
  return renewAt === undefined ? undefined : Math.min(aDay, Math.max(1_000, renewAt - context.now()))
}
