/** What the built-in controllers see and do: the registry's verbs, without a network between. */
import { apiVersionOf, gvkOf, type JsonObject, type KubernetesObject } from '../api/object.ts'
import type { World } from './controllers/controller.ts'
import { deleteObject } from './registry/deletion.ts'
import type { Resource, UserInfo } from './registry/resource.ts'
import { type RegistryContext, type RequestScope, writeContext } from './registry/scope.ts'
import { getStored } from './registry/stored.ts'
import { createObject, updateObject } from './registry/write.ts'
import { notFound } from './status/api-error.ts'

const user: UserInfo = { username: 'system:kube-controller-manager', groups: ['system:masters', 'system:authenticated'] }

export function createWorld(context: RegistryContext, manager = 'kube-controller-manager'): World {
  const resourceOf = (storage: string): Resource => {
    const resource = context.resources.stored(storage)
    if (!resource) throw notFound({ group: '', resource: storage }, '')
    return resource
  }
  const scopeOf = (storage: string, namespace: string): RequestScope => ({
    resource: resourceOf(storage),
    namespace,
    user,
    dryRun: false,
    fieldManager: manager,
    fieldValidation: 'Ignore',
    warnings: [],
  })
  const decoded = ({ resource }: RequestScope, object: KubernetesObject): KubernetesObject =>
    resource.codec.decode({ ...object, apiVersion: apiVersionOf(resource), kind: resource.kind } as unknown as JsonObject, [])
  const put = (storage: string, object: KubernetesObject, subresource: string): KubernetesObject => {
    const scope = scopeOf(storage, object.metadata.namespace ?? '')
    const old = getStored(context, scope, object.metadata.name)
    const { strategy } = scope.resource
    return updateObject(context, scope, old, decoded(scope, object), {
      subresource,
      strategy,
      ownership: { requested: undefined },
      versionRequired: true,
    })
  }

  return {
    get: (storage, namespace, name) => context.storage.get(storage, namespace, name),
    list: (storage, namespace) => context.storage.list(storage, namespace),
    create(storage, object) {
      const scope = scopeOf(storage, object.metadata.namespace ?? '')
      return createObject(context, scope, decoded(scope, object), { requested: undefined })
    },
    update: (storage, object) => put(storage, object, ''),
    updateStatus: (storage, object) => put(storage, object, 'status'),
    writeSubresource(storage, namespace, name, subresource, body) {
      const scope = scopeOf(storage, namespace)
      const part = scope.resource.subresources.get(subresource)
      const stored = getStored(context, scope, name)
      if (part?.kind === 'action') {
        part.run(stored, body, {
          ...writeContext(context, scope),
          update: (target, object) => context.storage.put(target, object),
          delete: (target, below, of, options = {}) => void deleteObject(context, scopeOf(target, below), of, options),
        })
        return
      }
      if (part?.kind !== 'write') throw notFound(scope.resource, `${name}/${subresource}`)
      updateObject(context, scope, stored, decoded(scope, body as unknown as KubernetesObject), {
        subresource,
        strategy: part.strategy,
        ownership: { requested: undefined },
        versionRequired: false,
      })
    },
    delete(storage, namespace, name, options = {}) {
      deleteObject(context, scopeOf(storage, namespace), name, options)
    },
    storageOf(apiVersion, kind) {
      const { group, version } = gvkOf({ apiVersion, kind })
      const found = context.resources.findKind(group, version, kind)
      return found && { storage: found.storage, namespaced: found.namespaced }
    },
    *storages() {
      for (const { storage, namespaced, answer } of context.resources.storages()) if (!answer) yield { storage, namespaced }
    },
    now: () => context.now(),
    random: () => context.random(),
    as: (other) => createWorld(context, other),
  }
}
