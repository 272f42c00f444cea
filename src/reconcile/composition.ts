/**
 * Custom resources that are dependents of other custom resources.
 *
 * One that nobody has rendered has depth 1, what it renders 2, and so on. A template that renders its own kind, directly or through others,
 * could go on for ever; at the limit nothing new is made any more, and nothing that is there is touched. What has led to a primary never becomes
 * its dependent.
 */
import {
  appliedAnnotation,
  isMakingRole,
  parseFieldManager,
  primaryAnnotation,
  primaryUidLabel,
  pruneHeldAnnotation,
} from '../api/names.ts'
import type { JsonObject, KubernetesObject, OwnerReference } from '../api/object.ts'
import { readiness, type Readiness } from '../api/readiness.ts'
import { conditionsOf } from './conditions.ts'
import { type Names, primaryTitle } from './sharing.ts'
import type { Refusal } from './status.ts'

/** The greatest depth of a custom resource. */
export const depthLimit = 8

/** The UID of the primary that has rendered the object, or keeps its generated values in it, by label and Apply entry, and the owner reference to it where there is one. */
export function renderedBy({ metadata }: KubernetesObject): { uid: string; owner: OwnerReference | undefined } | undefined {
  const uid = metadata.labels?.[primaryUidLabel]
  const isProved = metadata.managedFields?.some(({ manager, operation }) => {
    const parsed = operation === 'Apply' ? parseFieldManager(manager) : undefined
    return parsed !== undefined && isMakingRole(parsed.role) && parsed.primaryUid === uid
  })
  return uid !== undefined && isProved ? { uid, owner: metadata.ownerReferences?.find((each) => each.uid === uid) } : undefined
}

/** Why the object cannot become a dependent of the primary, whoever has made it: as far as is known it is the primary, or the primary comes of it. */
export function circle(object: KubernetesObject, primary: KubernetesObject, names: Names): string | undefined {
  const { uid } = object.metadata
  if (uid === undefined) return undefined
  if (uid === primary.metadata.uid) return 'it is the custom resource that renders it'
  const seen = new Set<string>()
  for (let parent = renderedBy(primary)?.uid; parent !== undefined && !seen.has(parent); ) {
    if (parent === uid) return `${primaryTitle(primary)} comes of it`
    seen.add(parent)
    const known = names.primaryOf(parent)
    parent = known && renderedBy(known)?.uid
  }
  return undefined
}

/** Why the last of these, each rendered by the one before, makes nothing new; undefined: it may. */
export function tooDeep(chain: readonly KubernetesObject[]): Refusal | undefined {
  if (chain.length < depthLimit) return undefined
  const message = `nothing new is made at depth ${chain.length}, since custom resources may render each other to depth ${depthLimit}: ${chain.map(primaryTitle).join(' > ')}`
  return { reason: 'NestedTooDeep', message }
}

/**
 * How a custom resource is that this operator serves itself. One that it has not looked at yet is on its way, though it has no condition
 * that says so, and one that needs somebody is not on its way, though its last clean pass was of an older generation.
 */
export function servedReadiness(object: KubernetesObject, now: number): Readiness {
  const { conditions } = (object['status'] ?? {}) as { conditions?: unknown }
  const find = (type: string): JsonObject | undefined => conditionsOf(conditions).find((condition) => condition['type'] === type)
  const stalled = find('Stalled')
  if (object.metadata.deletionTimestamp === undefined && stalled?.['status'] === 'True') {
    if (stalled['observedGeneration'] === object.metadata.generation)
      return { state: 'failed', reason: 'Stalled', message: `condition Stalled is True (${String(stalled['reason'])})` }
  }
  const own = readiness(object, now)
  if (own.state === 'current' && find('Ready') === undefined)
    return { state: 'inProgress', reason: 'NotLookedAt', message: 'it has not been looked at yet' }
  return own
}

/** The primary as its program reads it: without the marks of the primary that has rendered it, which say nothing of this one. */
export function withoutMarks(primary: KubernetesObject): KubernetesObject {
  const { labels, annotations } = primary.metadata
  if (labels?.[primaryUidLabel] === undefined && annotations?.[appliedAnnotation] === undefined) return primary
  const { [primaryUidLabel]: _uid, ...otherLabels } = labels ?? {}
  const {
    [appliedAnnotation]: _applied,
    [primaryAnnotation]: _primary,
    [pruneHeldAnnotation]: _held,
    ...otherAnnotations
  } = annotations ?? {}
  const { labels: _labels, annotations: _annotations, ...metadata } = primary.metadata
  return {
    ...primary,
    metadata: {
      ...metadata,
      ...(Object.keys(otherLabels).length > 0 && { labels: otherLabels }),
      ...(Object.keys(otherAnnotations).length > 0 && { annotations: otherAnnotations }),
    },
  }
}
