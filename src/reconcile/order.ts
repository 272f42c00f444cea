/**
 * Order: which dependents are written after which, and what each one waits for.
 *
 * There are two sorts of order. *Waves* are by kind: a wave's writes begin when those of the wave before have been answered, whatever
 * they came to. Only what the API server refuses to take the other way round is in a wave of its own, since each wave is a round trip;
 * everything else is written side by side, as controllers and kubelets wait for what they miss. *Requirements* are between objects: by
 * the annotation `fairlead.dev/depends-on`, and of a custom resource on the definition of its kind. What has requirements is written
 * when all of them are met, in the same pass or in a later one.
 *
 * A requirement orders roll-outs: creation, and updates that the primary or its definition asks for. Drift of a running object is put
 * right at once, whatever state the others are in.
 */
import { dependsOnAnnotation } from '../api/names.ts'
import { displayName, groupKind, gvkOf, type KubernetesObject, objectKey } from '../api/object.ts'
import { formatPosition, type Position, type Problem } from '../api/problem.ts'
import { nearest } from '../api/nearest.ts'
import type { Readiness } from '../api/readiness.ts'
import { condition, objectAt } from '../api/readiness-parts.ts'
import type { DesiredObject } from './desired.ts'

/** What has a place in an order: a rendered object, or one that was observed, which no template line belongs to. */
export type Orderable = Pick<DesiredObject, 'kind' | 'key' | 'body'> & { document?: DesiredObject['document'] }

export interface Order {
  /** From 0. Numbers may be left out. */
  waveOf: (object: Orderable) => number
  /** What an object waits for: empty for most. */
  requirementsOf: (object: Orderable) => readonly Orderable[]
}

/** An observed object as one that has a place in an order. */
export const orderable = (body: KubernetesObject): Orderable => ({ kind: gvkOf(body), key: objectKey(body.metadata), body })

/** `Deployment.apps namespace/name`: one object of a primary's, whatever its version. */
export const identityOf = ({ kind, key }: Pick<Orderable, 'kind' | 'key'>): string => `${groupKind(kind)} ${key}`

/** Before everything else: nothing can be in a namespace, or of a kind, that is not there. (kube-apiserver, NamespaceLifecycle) */
const firstKinds: ReadonlySet<string> = new Set(['Namespace', 'CustomResourceDefinition.apiextensions.k8s.io'])

/** After everything else: a webhook that nothing answers yet refuses what comes behind it. */
const lastKinds: ReadonlySet<string> = new Set([
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io',
  'MutatingWebhookConfiguration.admissionregistration.k8s.io',
])

/**
 * What the API server refuses, or admits otherwise, without objects of these kinds. A Pod that a controller makes is tried again by that
 * controller, within milliseconds; only one that is rendered itself needs them before. (kube-apiserver: the admission plugins
 * ServiceAccount, Priority, RuntimeClass, LimitRanger, ResourceQuota; the check of a binding against its role)
 */
const refusedWithout: Readonly<Record<string, readonly string[]>> = {
  Pod: ['ServiceAccount', 'LimitRange', 'ResourceQuota', 'PriorityClass.scheduling.k8s.io', 'RuntimeClass.node.k8s.io'],
  'RoleBinding.rbac.authorization.k8s.io': ['Role.rbac.authorization.k8s.io', 'ClusterRole.rbac.authorization.k8s.io'],
  'ClusterRoleBinding.rbac.authorization.k8s.io': ['ClusterRole.rbac.authorization.k8s.io'],
}

/**
 * The wave of a kind where nothing else decides.
 *
 * @param present the kinds that are rendered together: a wave exists only where there is something to wait for
 */
export function kindWave(kind: { group: string; kind: string }, present: ReadonlySet<string>): number {
  const name = groupKind(kind)
  if (firstKinds.has(name)) return 0
  if (lastKinds.has(name)) return 3
  return refusedWithout[name]?.some((required) => present.has(required)) ? 2 : 1
}

/** The order of a primary's objects, or every reference that leads nowhere or in a circle. */
export function orderOf(objects: readonly Orderable[]): { order: Order; problems: Problem[] } {
  const problems: Problem[] = []
  const definitions = definitionsAmong(objects)
  const requirements = new Map<string, Orderable[]>()
  for (const object of objects) {
    const definition = definitions.get(groupKind(object.kind))
    const required = [...(definition ? [definition] : []), ...namedBy(object, objects, problems)]
    if (required.length > 0) requirements.set(identityOf(object), required)
  }
  const requirementsOf = (object: Orderable): readonly Orderable[] => requirements.get(identityOf(object)) ?? []
  const present = new Set(objects.map(({ kind }) => groupKind(kind)))
  const levels = new Map<string, number>()
  for (const [identity] of requirements) {
    const object = objects.find((each) => identityOf(each) === identity) as Orderable
    const circle = levelOf(object, [], { requirementsOf, levels, present })
    if (circle) problems.push(circular(circle))
  }
  return { order: { requirementsOf, waveOf: (object) => levels.get(identityOf(object)) ?? kindWave(object.kind, present) }, problems }
}

interface Levels {
  requirementsOf: Order['requirementsOf']
  present: ReadonlySet<string>
  /** By identity: what is known so far. */
  levels: Map<string, number>
}

/** Sets the level of the object and of all that it requires; the objects of a circle if there is one that was not found before. */
function levelOf(object: Orderable, path: readonly Orderable[], known: Levels): readonly Orderable[] | undefined {
  const { requirementsOf, present, levels } = known
  const identity = identityOf(object)
  const start = path.findIndex((each) => identityOf(each) === identity)
  if (start >= 0) return path.slice(start)
  if (levels.has(identity)) return undefined
  let level = kindWave(object.kind, present)
  let circle: readonly Orderable[] | undefined
  for (const required of requirementsOf(object)) {
    circle ??= levelOf(required, [...path, object], known)
    level = Math.max(level, 1 + (levels.get(identityOf(required)) ?? 0))
  }
  levels.set(identity, level)
  return circle
}

function circular(circle: readonly Orderable[]): Problem {
  const names = [...circle, circle[0] as Orderable].map(({ body }) => displayName(body))
  const places = circle.map((object) => placeOf(object).at).flatMap((at) => (at ? [formatPosition(at)] : []))
  return {
    code: 'ORDER_INVALID',
    message: `objects wait for each other in a circle: ${names.join(' → ')}`,
    ...placeOf(circle[0] as Orderable),
    remedy: `take one of them out of ${dependsOnAnnotation}; they stand at ${places.join(', ')}`,
  }
}

/** Where the annotation stands; an observed object has no such place. */
function placeOf({ document }: Orderable): { at?: Position } {
  return document ? { at: document.positionOf(['metadata', 'annotations', dependsOnAnnotation]) } : {}
}

/** The definitions that are rendered themselves, by the kind that they define: `Widget.example.com`. */
function definitionsAmong(objects: readonly Orderable[]): ReadonlyMap<string, Orderable> {
  const found = new Map<string, Orderable>()
  for (const object of objects) {
    const defined = definedKind(object.body)
    if (defined) found.set(groupKind(defined), object)
  }
  return found
}

/** The kind that a CustomResourceDefinition defines; undefined for any other object. */
export function definedKind(body: KubernetesObject): { group: string; kind: string } | undefined {
  if (groupKind(gvkOf(body)) !== 'CustomResourceDefinition.apiextensions.k8s.io') return undefined
  const spec = objectAt(body, 'spec')
  const kind = objectAt(spec, 'names')?.['kind']
  const group = spec?.['group']
  return typeof kind === 'string' && typeof group === 'string' ? { group, kind } : undefined
}

/** The objects that an object's annotation names. */
function namedBy(object: Orderable, objects: readonly Orderable[], problems: Problem[]): Orderable[] {
  const text = object.body.metadata.annotations?.[dependsOnAnnotation]
  if (typeof text !== 'string') return []
  const found = new Set<Orderable>()
  for (const reference of text.split(',').map((each) => each.trim())) {
    if (reference === '') continue
    const target = targetOf(reference, object, objects)
    if ('kind' in target) found.add(target)
    else
      problems.push({
        code: 'ORDER_INVALID',
        message: `${displayName(object.body)}: ${target.message}`,
        ...placeOf(object),
        ...(target.remedy ? { remedy: target.remedy } : {}),
      })
  }
  return [...found]
}

interface Misnamed {
  message: string
  remedy?: string
}

/** The object that `Kind/name`, `Kind.group/name` or `Kind.group/namespace/name` means. */
function targetOf(reference: string, from: Orderable, objects: readonly Orderable[]): Orderable | Misnamed {
  const [kind = '', ...rest] = reference.split('/')
  const name = rest.at(-1) ?? ''
  if (rest.length < 1 || rest.length > 2 || kind === '' || rest.includes(''))
    return { message: `"${reference}" names no object`, remedy: 'write Kind/name, or Kind.group/namespace/name' }
  const ofKind = objects.filter((each) => each.kind.kind === kind || groupKind(each.kind) === kind)
  const named = ofKind.filter(({ key, body }) => (rest.length === 2 ? key === rest.join('/') : body.metadata.name === name))
  // Without a namespace the own one is meant, where it has such an object.
  const own = rest.length === 1 ? named.filter(({ body }) => body.metadata.namespace === from.body.metadata.namespace) : []
  const candidates = own.length > 0 ? own : named
  const [target, other] = candidates
  if (!target) {
    const near = nearest(
      reference,
      objects.map(({ body }) => displayName(body)),
    )
    return {
      message: `it depends on ${reference}, which is not rendered`,
      remedy: near ? `did you mean "${near}"?` : 'an object can wait only for others of the same custom resource',
    }
  }
  if (other)
    return {
      message: `${reference} could be any of ${candidates.map((each) => fullName(each)).join(', ')}`,
      remedy: 'write Kind.group/namespace/name',
    }
  return target
}

const fullName = ({ kind, key }: Orderable): string => `${groupKind(kind)}/${key}`

/**
 * Whether what is required is there and far enough for others to come after it.
 *
 * That is readiness, with two exceptions. A Job that runs is current to kstatus, but what waits for a Job waits for its work. A claim of
 * a class that binds at first use is bound only when a pod uses it, so waiting for that could never end.
 */
export function isMet(observed: KubernetesObject | undefined, { state }: Readiness): boolean {
  if (!observed || state === 'terminating') return false
  switch (groupKind(gvkOf(observed))) {
    case 'Job.batch':
      return state === 'current' && condition(objectAt(observed, 'status'), 'Complete')?.status === 'True'
    case 'PersistentVolumeClaim':
      return state !== 'failed'
    default:
      return state === 'current'
  }
}
