/**
 * Whether the state that an operator reaches is the state that a custom resource declares, whatever it was before.
 *
 *   one cluster, one custom resource:  sample ─▶ variant 1 ─▶ variant 2 ─▶ …       each ends as on a cluster of its own,
 *   a cluster of its own for each:               variant 1    variant 2            where an operator meets the custom resource as a new one
 *
 * Then the operator is started again: it has to find that nothing is to be done. What the first cluster holds has to be what applying the
 * rendered documents to an empty cluster makes, too.
 */
import { appliedAnnotation, parseFieldManager, primaryAnnotation, primaryUidLabel } from '../../api/names.ts'
import { apiVersionOf, type JsonObject, type KubernetesObject } from '../../api/object.ts'
import type { Definition, Watch } from '../../definition/definition.ts'
import { Simulation } from '../simulation/simulation.ts'
import { differences, nameOf, type World, worldOf } from '../world.ts'
import type { Variant } from './variants.ts'

/** An operator with a custom resource that works. */
export interface Example {
  name: string
  definition: Definition
  watch: Watch
  sample: KubernetesObject
  /** Other objects that are there before. */
  before?: readonly KubernetesObject[]
  /** Where the end depends on the way, because it is meant to or because the server does so: matched against each line of a difference. */
  kept?: (spec: JsonObject) => RegExp | undefined
  /** The documents that `fairlead render` prints for a custom resource; undefined if it prints problems. */
  render?: (primary: KubernetesObject) => Promise<readonly KubernetesObject[] | undefined>
}

export type Verdict =
  /** The declared state was reached. */
  | { kind: 'reached' }
  /** The server takes no such custom resource. */
  | { kind: 'refused'; message: string }
  /** The operator says why it cannot be, on both ways. */
  | { kind: 'failed'; message: string }
  /** Nothing was rendered, which deletes nothing without approval. */
  | { kind: 'held'; message: string }
  | { kind: 'wrong'; lines: readonly string[] }

export interface Tried {
  variant: Variant
  verdict: Verdict
}

/** Tries one variant after the other on one cluster. */
export async function* check(example: Example, variants: readonly Variant[], seed: number): AsyncGenerator<Tried> {
  await using cluster = await clusterOf(example, seed)
  let exists = false
  let operator = await cluster.start(example)
  for (const variant of variants) {
    const refused = exists ? await replace(cluster, example, variant) : await make(cluster, example, variant)
    if (refused !== undefined) {
      yield { variant, verdict: { kind: 'refused', message: refused } }
      continue
    }
    exists = true
    await cluster.settled()
    const fresh = await freshWorld(example, variant, seed)
    const primary = await read(cluster, example)
    const held = heldOf(primary)
    if (held !== undefined) {
      yield { variant, verdict: { kind: 'held', message: held } }
      continue
    }
    const told = failureOf(primary)
    const byDependents = isOfDependents(told) || isOfDependents(fresh.failure)
    const failure = isOfDependents(told) ? undefined : told
    const found = worldOf(cluster.objects())
    const freshFailure = isOfDependents(fresh.failure) ? undefined : fresh.failure
    if (freshFailure !== undefined || failure !== undefined) {
      const same = freshFailure !== undefined && failure !== undefined && reasonOf(freshFailure) === reasonOf(failure)
      const lines = [`it says "${failure ?? 'nothing is wrong'}", and an operator on a new cluster "${freshFailure ?? 'nothing is wrong'}"`]
      yield { variant, verdict: same ? { kind: 'failed', message: failure } : { kind: 'wrong', lines } }
      continue
    }
    const kept = example.kept?.(variant.spec)
    const ends = differences(found, fresh.world).filter((line) => !kept?.test(line) && !(byDependents && /status\.conditions/.test(line)))
    const lines = ends.map((line) => `another end than on a new cluster: ${line}`)
    lines.push(...(await unlikeRendered(example, variant, fresh.objects, seed)).filter((line) => !kept?.test(line)))
    await operator.stop()
    const mark = cluster.requests.length
    operator = await cluster.start(example)
    await cluster.settled()
    const writes = cluster.requests.slice(mark).filter(({ verb }) => !['get', 'list', 'watch'].includes(verb))
    lines.push(...writes.map(({ verb, requestURI }) => `a second pass is not silent: ${verb} ${requestURI}`))
    yield { variant, verdict: lines.length === 0 ? { kind: 'reached' } : { kind: 'wrong', lines } }
  }
}

const collectionOf = ({ watch: { kind, crd } }: Example, { metadata: { namespace } }: KubernetesObject): string =>
  `/apis/${apiVersionOf(kind)}/${namespace === undefined ? '' : `namespaces/${namespace}/`}${crd?.plural}`

const pathOf = (example: Example): string => `${collectionOf(example, example.sample)}/${example.sample.metadata.name}`

async function clusterOf(example: Example, seed: number): Promise<Simulation> {
  const cluster = new Simulation({ seed })
  await cluster.install(example.definition)
  for (const object of example.before ?? []) await cluster.apply(object)
  await cluster.quiet()
  return cluster
}

const read = async (cluster: Simulation, example: Example): Promise<KubernetesObject> =>
  (await cluster.request('GET', pathOf(example))).body

async function make(cluster: Simulation, example: Example, { spec }: Variant): Promise<string | undefined> {
  const { status, body } = await cluster.request('POST', collectionOf(example, example.sample), { ...example.sample, spec })
  return status === 201 ? undefined : (body.message ?? String(status))
}

async function replace(cluster: Simulation, example: Example, { spec }: Variant): Promise<string | undefined> {
  const { status, body } = await cluster.request('PUT', pathOf(example), { ...(await read(cluster, example)), spec })
  return status === 200 ? undefined : (body.message ?? String(status))
}

/** Where an operator gets to that meets the custom resource as a new one. */
async function freshWorld(
  example: Example,
  variant: Variant,
  seed: number,
): Promise<{ world: World; failure: string | undefined; objects: KubernetesObject[] }> {
  await using cluster = await clusterOf(example, seed + 1)
  await make(cluster, example, variant)
  await cluster.start(example)
  await cluster.settled()
  const objects = cluster.objects()
  return { world: worldOf(objects), failure: failureOf(await read(cluster, example)), objects }
}

interface Condition {
  type: string
  status: string
  reason: string
  message: string
}

/** What a custom resource says of why it cannot be made. */
function failureOf({ status }: KubernetesObject): string | undefined {
  const { conditions = [] } = (status ?? {}) as { conditions?: readonly Condition[] }
  const stalled = conditions.find(({ type, status: value }) => type === 'Stalled' && value === 'True')
  return stalled && `${stalled.reason}: ${stalled.message}`
}

function heldOf({ status }: KubernetesObject): string | undefined {
  const { conditions = [] } = (status ?? {}) as { conditions?: readonly Condition[] }
  return conditions.find(({ type, message }) => type === 'Ready' && message.includes('no document was rendered'))?.message
}

/** What the cluster's own controllers make of it, at their pace: what is declared is there. */
const isOfDependents = (failure: string | undefined): boolean => failure?.startsWith('DependentsFailed:') === true

const reasonOf = (failure: string): string => failure.slice(0, failure.indexOf(':'))

/** Where what the operator made differs from the rendered documents as a plain server-side apply makes them. */
async function unlikeRendered(example: Example, { spec }: Variant, made: readonly KubernetesObject[], seed: number): Promise<string[]> {
  const rendered = await example.render?.({ ...example.sample, spec } as KubernetesObject)
  if (!rendered) return []
  await using cluster = await clusterOf(example, seed + 2)
  const wanted: KubernetesObject[] = []
  for (const document of rendered) wanted.push(await cluster.apply(withoutSecrets(document)))
  const names = new Set(wanted.map(nameOf))
  const isApplied = ({ metadata: { managedFields = [] } }: KubernetesObject): boolean =>
    managedFields.some(({ manager, operation }) => operation === 'Apply' && parseFieldManager(manager)?.role === 'dependents')
  const dependents = made.filter(isApplied)
  const compared = (objects: readonly KubernetesObject[]) => worldOf(objects.map(unmarked))
  const surplus = dependents.filter((object) => !names.has(nameOf(object)) && !object.metadata.name.endsWith('-generated'))
  return [
    ...surplus.map((object) => `it is not rendered: ${nameOf(object)}`),
    ...differences(compared(dependents.filter((object) => names.has(nameOf(object)))), compared(wanted)).map(
      (line) => `not as it is rendered: ${line}`,
    ),
  ]
}

/** What is masked cannot be applied. */
function withoutSecrets(document: KubernetesObject): KubernetesObject {
  if (document.kind !== 'Secret') return document
  return { ...document, data: Object.fromEntries(Object.keys((document['data'] ?? {}) as JsonObject).map((key) => [key, ''])) }
}

/** An object without what tells whose it is, and without what is secret and therefore not rendered. */
function unmarked(object: KubernetesObject): KubernetesObject {
  const { labels, annotations, ownerReferences: _owners, managedFields: _fields, ...metadata } = object.metadata
  const without = (map: Record<string, string> = {}, ...names: string[]): Record<string, string> =>
    Object.fromEntries(Object.entries(map).filter(([key]) => !names.includes(key)))
  const { status: _status, ...rest } = object
  const data = object.kind === 'Secret' ? { data: Object.keys((object['data'] ?? {}) as JsonObject).sort() } : {}
  return {
    ...rest,
    ...data,
    metadata: {
      ...metadata,
      labels: without(labels, primaryUidLabel),
      annotations: without(annotations, appliedAnnotation, primaryAnnotation),
    },
  }
}
