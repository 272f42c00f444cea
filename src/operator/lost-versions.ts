/** Takes versions that are not served any more out of an object's managed fields, before it is applied to. */
import { gvkOf, type KubernetesObject } from '../api/object.ts'
import { ApiError, isApiError } from '../kube/errors.ts'
import { jsonPatch } from '../kube/writes.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import { applyEntry } from '../reconcile/ingest.ts'
import type { MatchOptions } from '../reconcile/match.ts'
import { inOwnVersion, otherVersions } from '../reconcile/served-versions.ts'
import type { ApplyContext } from './apply-context.ts'
import { requiredResource } from './write.ts'

const kindIn = (apiVersion: string, { kind }: KubernetesObject) => gvkOf({ apiVersion, kind })

/** Whether its managed fields may be in a version that is not served: ours are in another one, or it is not known. Asks nobody. */
export const mayHaveLostVersions = (object: KubernetesObject, { resourceOf, match }: Pick<ApplyContext, 'resourceOf' | 'match'>): boolean =>
  otherVersions(object).some((apiVersion) => isOurs(apiVersion, object, match) || resourceOf(kindIn(apiVersion, object)) === undefined)

const isOurs = (apiVersion: string, object: KubernetesObject, { manager }: MatchOptions): boolean =>
  applyEntry(object, manager)?.apiVersion === apiVersion

/**
 * The object with all of its managed fields in versions that are served; the same object if they are. Rejects with ApiError, `conflict` if
 * it changed in between.
 *
 * @param live as it was read, its managed fields whole
 */
export async function withoutLostVersions(
  desired: DesiredObject,
  live: KubernetesObject,
  context: ApplyContext,
): Promise<KubernetesObject> {
  const { client, match, resolve, refresh } = context
  const lost: string[] = []
  for (const apiVersion of otherVersions(live)) {
    const kind = kindIn(apiVersion, live)
    // A version that was served when we looked last: what we drop now goes only if it still is.
    if (isOurs(apiVersion, live, match)) await refresh(kind)
    if (!(await resolve(kind))) lost.push(apiVersion)
  }
  if (lost.length === 0) return live
  const { uid, resourceVersion } = live.metadata as { uid: string; resourceVersion: string }
  try {
    return await jsonPatch(
      client,
      requiredResource(desired, context),
      desired.body.metadata,
      [
        { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
        { op: 'replace', path: '/metadata/managedFields', value: inOwnVersion(live, lost, match.parse) },
      ],
      { manager: match.manager, uid },
    )
  } catch (error) {
    throw isApiError(error, 'invalid') ? error.as('conflict') : error
  }
}

/** An apply came to nothing: the server may have lost a version that it had. The next try knows. */
export async function lookForLostVersions(
  error: unknown,
  live: KubernetesObject,
  { refresh }: Pick<ApplyContext, 'refresh'>,
): Promise<void> {
  if (!(error instanceof ApiError) || error.code !== 500) return
  for (const apiVersion of otherVersions(live))
    await refresh(kindIn(apiVersion, live)).catch((failure: unknown) => {
      if (!isApiError(failure)) throw failure
    })
}
