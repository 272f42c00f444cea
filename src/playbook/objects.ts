/** Reading objects of the cluster for `get` and `wait`: own dependents from the stores, any others by watched lookups. */
import { groupKind, gvkOf, isMap, type KubernetesObject } from '../api/object.ts'
import { isClusterKind } from '../api/cluster-kinds.ts'
import { TemplateError } from '../template/error.ts'
import { unwrap } from '../template/view.ts'
import { check } from './inputs.ts'
import { type Evaluation, evaluationOf } from './evaluation.ts'
import { get } from './kinds/flow.ts'
import type { Doing } from './step.ts'
import type { TaggedValue } from './values.ts'

type Get = Extract<Doing, { kind: 'get' }>

/** What it reads is what lookup() and lookupAll() read, so its change wakes the custom resource. */
export const compileGet = (value: TaggedValue): Get => ({
  kind: 'get',
  read(scope) {
    const evaluation = evaluationOf(scope)
    const given = value.evaluate(scope)
    check(get, value, given)
    try {
      return readObjects(given as unknown as Asked, evaluation)
    } catch (error) {
      if (error instanceof TemplateError) error.at ??= value.at
      throw error
    }
  },
})

interface Asked {
  apiVersion?: string
  kind: string
  namespace?: string | null
  name?: string
  labels?: Readonly<Record<string, string | number | boolean>>
}

function readObjects({ apiVersion, kind, namespace, name, labels }: Asked, evaluation: Evaluation): unknown {
  if (name !== undefined && labels !== undefined)
    throw new TemplateError('STEP_INVALID', 'get reads one object by its name, or all with some labels, and not both')
  const of = evaluation.kindOf(kind, apiVersion)
  const place = namespaceOf(of, namespace, evaluation)
  const { lookup, lookupAll } = evaluation.render.functions
  if (name !== undefined) return unwrap(lookup(of.apiVersion, of.kind, place, name))
  const items = lookupAll(of.apiVersion, of.kind, place, labels ?? {}) as readonly unknown[]
  return Object.freeze({ items: Object.freeze(items.map(unwrap)) })
}

/** The primary's, where the step names none; none for what lives outside namespaces. */
function namespaceOf(
  of: { apiVersion: string; kind: string },
  namespace: string | null | undefined,
  { primary }: Evaluation,
): string | null {
  if (isClusterKind(gvkOf(of))) return null
  return namespace === undefined ? (primary.namespace ?? null) : namespace
}

/** The object that a reference names: null if it is not there. A primary's own dependent is what the stores hold of it. */
export function objectNamed(
  reference: { apiVersion?: string; kind: string; namespace?: string; name: string; uid?: string },
  evaluation: Evaluation,
): KubernetesObject | null {
  const of = evaluation.kindOf(reference.kind, reference.apiVersion)
  const namespace = namespaceOf(of, reference.namespace, evaluation)
  const key = [groupKind(gvkOf(of)), ...(namespace === null ? [] : [namespace]), reference.name].join('/')
  const own = (evaluation.members['resources']?.() as Record<string, unknown> | undefined)?.[key]
  const found = own ?? evaluation.render.functions.lookup(of.apiVersion, of.kind, namespace, reference.name)
  const object = unwrap(found) as KubernetesObject | null
  if (object === null || !isMap(object)) return null
  return reference.uid === undefined || object.metadata.uid === reference.uid ? object : null
}
