/**
 * `patch`: fields of an object, held under a field manager of the act's own. Whoever else holds one of them loses it, as with any controller's
 * apply; an empty patch gives all of them back.
 */
import { fieldManager } from '../../api/names.ts'
import { isMap, type JsonObject } from '../../api/object.ts'
import { applyBound } from '../../kube/writes.ts'
import type { PatchInputs } from '../../reconcile/requests.ts'
import type { Response } from '../../reconcile/walk.ts'
import { failed, refused, type RequestKind } from './request.ts'
import { asInputs } from './secrets.ts'
import { targetOf } from './target.ts'

/** What says which object it is, or is the server's. */
const fixed = ['name', 'namespace', 'uid', 'resourceVersion', 'managedFields', 'generation', 'creationTimestamp']

export const patchRequests: RequestKind = {
  kind: 'patch',
  timeout: 30_000,
  async run(request, around): Promise<Response> {
    const { target: reference, patch, foreign } = asInputs<PatchInputs>(request.inputs)
    const isGivingBack = Object.keys(patch).length === 0
    const { primary, context, signal } = around
    try {
      const target = await targetOf(reference, foreign || isGivingBack, around)
      if (target.kind === 'refused') return failed(target.message)
      if (target.kind === 'gone') return isGivingBack ? { kind: 'answered', value: {} } : failed(`${target.title} is not there`)
      const { object, resource } = target
      const { apiVersion, kind } = object
      const { name, namespace, uid } = object.metadata
      const metadata = Object.entries(isMap(patch['metadata']) ? patch['metadata'] : {}).filter(([key]) => !fixed.includes(key))
      const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...fields } = patch
      const body = {
        ...fields,
        apiVersion,
        kind,
        metadata: { ...Object.fromEntries(metadata), name, ...(namespace !== undefined && { namespace }) },
      }
      // One manager for each record: an apply gives back what it leaves out.
      const part = context.sha256(request.id).slice(0, 12)
      const manager = fieldManager('patch', primary.metadata.uid as string, part)
      await applyBound(context.client, resource, body, { manager, uid: uid as string, force: true, signal })
      const value = { apiVersion, kind, ...(namespace !== undefined && { namespace }), name, uid } as JsonObject
      return { kind: 'answered', value: isGivingBack ? {} : value }
    } catch (error) {
      return refused(error, request)
    }
  },
}
