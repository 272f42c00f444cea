/** Ownership for the registry: apply/ with the versions of each resource. */
import type { KubernetesObject } from '../../api/object.ts'
import { apiVersionOf } from '../../api/object.ts'
import { applyConfiguration } from '../apply/apply-configuration.ts'
import { createOwnershipCache } from '../apply/manager.ts'
import { resetFieldsOf } from '../apply/reset-fields.ts'
import { applyScale, trackScale } from '../apply/scale.ts'
import { trackUpdate } from '../apply/track-update.ts'
import type { VersionOfKind, VersionsOfKind } from '../apply/versions.ts'
import type { ResourceDirectory } from '../registry/directory.ts'
import type { Ownership, OwnershipRequest, ScaleRequest } from '../registry/ownership.ts'
import type { Resource } from '../registry/resource.ts'
import type { StructSchema } from '../schema/schema.ts'
import { createTypes } from '../schema/types.ts'
import { typesTable } from '../tables/types.ts'

export function createOwnership(resources: ResourceDirectory): Ownership {
  const cache = createOwnershipCache()
  const known = new WeakMap<Resource, VersionOfKind>()

  const version = (view: Resource): VersionOfKind => {
    let made = known.get(view)
    if (!made) known.set(view, (made = { schema: view.schema, convert: (object) => convert(object, view, resources) }))
    return made
  }
  const options = ({ resource, manager, subresource, time }: OwnershipRequest) => {
    const versions: VersionsOfKind = (apiVersion) => {
      if (apiVersion === apiVersionOf(resource)) return version(resource)
      const view = resources.view(resource.storage, apiVersion)
      return view && version(view)
    }
    const { storage, schema, strategy } = resource
    const custom = schema.kind !== 'struct' || schema.fullName === ''
    const reset = resetFieldsOf({ storage, subresource, hasStatus: strategy.hasStatus, custom })
    return { apiVersion: apiVersionOf(resource), versions, resetFields: () => reset, cache, manager, subresource, time }
  }

  let scaleSchema: StructSchema | undefined
  const scaleWrite = ({ resource, live, scale, manager, time }: ScaleRequest) => ({
    object: live,
    scale,
    replicasPath: (apiVersion: string) => {
      const view = apiVersion === apiVersionOf(resource) ? resource : resources.view(resource.storage, apiVersion)
      const subresource = view?.subresources.get('scale')
      return subresource?.kind === 'scale' ? subresource.specReplicasPath : undefined
    },
    schema: (scaleSchema ??= createTypes(typesTable).type('io.k8s.api.autoscaling.v1.Scale')),
    manager,
    time,
    cache,
  })

  return {
    update(request) {
      const { live, next, requested } = request
      const entries = trackUpdate({ ...options(request), live, next, requested })
      if (entries) next.metadata.managedFields = entries
      else delete next.metadata.managedFields
    },
    apply(request) {
      const { resource, live, configuration, force } = request
      return applyConfiguration({ ...options(request), kind: resource.kind, live, configuration, force }).object
    },
    updateScale: (request) => trackScale({ ...scaleWrite(request), next: request.next }),
    applyScale({ configuration, force, ...request }) {
      const { object, managedFields } = applyScale({ ...scaleWrite(request), configuration, force })
      return { scale: object, managedFields }
    },
  }
}

function convert(object: KubernetesObject, to: Resource, resources: ResourceDirectory): KubernetesObject {
  const apiVersion = apiVersionOf(to)
  if (object.apiVersion === apiVersion) return object
  const from = resources.view(to.storage, object.apiVersion)
  return to.codec.fromStorage(from ? from.codec.toStorage(object) : object)
}
