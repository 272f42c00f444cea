/** What the server's own admission does to all kinds, in its order: limit ranges, growing claims, quotas last. */
import type { KubernetesObject } from '../../../api/object.ts'
import type { Resource, WriteContext } from '../../registry/resource.ts'
import { admitClaimResize } from './claims.ts'
import { admitLimitRange, applyLimitRangeDefaults } from './limit-admission.ts'
import { admitQuota } from './quota-admission.ts'

/** Changes an object before its kind prepares it. */
export function mutateByLimits(
  { storage }: Pick<Resource, 'storage'>,
  object: KubernetesObject,
  old: KubernetesObject | undefined,
  context: WriteContext,
): void {
  if (storage === '/pods' && !old) applyLimitRangeDefaults(object, context)
}

/** Refuses an object after validation, before it is stored. Throws ApiError (403). */
export function admitByLimits(
  resource: Pick<Resource, 'group' | 'resource' | 'storage' | 'namespaced'>,
  object: KubernetesObject,
  old: KubernetesObject | undefined,
  context: WriteContext,
): void {
  admitLimitRange(resource, object, old, context)
  if (old && resource.storage === '/persistentvolumeclaims') admitClaimResize(object, old, context)
  admitQuota(resource, object, old, context)
}
