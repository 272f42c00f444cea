/** Ownership for the registry: apply/ with the versions of each resource. */
import type { KubernetesObject } from '../../api/object.ts'
import { apiVersionOf } from '../../api/object.ts'
import { type FieldSet, fromPaths } from '../../fields/set.ts'
import { field } from '../../fields/path.ts'
import { applyConfiguration } from '../apply/apply-configuration.ts'
import { createOwnershipCache } from '../apply/manager.ts'
import { trackUpdate } from '../apply/track-update.ts'
import type { VersionOfKind, VersionsOfKind } from '../apply/versions.ts'
import type { ResourceDirectory } from '../registry/directory.ts'
import type { Ownership, OwnershipRequest } from '../registry/ownership.ts'
import type { Resource } from '../registry/resource.ts'

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
    const reset = resetFields(resource, subresource)
    return { apiVersion: apiVersionOf(resource), versions, resetFields: () => reset, cache, manager, subresource, time }
  }

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
  }
}

function convert(object: KubernetesObject, to: Resource, resources: ResourceDirectory): KubernetesObject {
  const apiVersion = apiVersionOf(to)
  if (object.apiVersion === apiVersion) return object
  const from = resources.view(to.storage, object.apiVersion)
  return to.codec.fromStorage(from ? from.codec.toStorage(object) : object)
}

const statusField = fromPaths([[field('status')]])
const allButStatus = fromPaths([[field('metadata')], [field('spec')]])
const specField = fromPaths([[field('spec')]])
const specAndLabels = fromPaths([[field('spec')], [field('metadata'), field('labels')]])

/** What a write to an endpoint leaves alone, so that nobody owns it through there. (each kind's GetResetFields) */
function resetFields({ strategy, schema, storage }: Resource, subresource: string): FieldSet | undefined {
  if (subresource === '') return strategy.hasStatus ? statusField : undefined
  if (subresource !== 'status') return undefined
  if (schema.kind !== 'struct' || schema.fullName === '' || storage === 'apiextensions.k8s.io/customresourcedefinitions')
    return allButStatus
  return storage === 'apps/deployments' ? specAndLabels : specField
}
