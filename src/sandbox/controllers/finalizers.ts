/** Taking a finalizer away; without it, an object that was deleted goes. */
import type { KubernetesObject } from '../../api/object.ts'
import type { World } from './controller.ts'

export function withoutFinalizer(world: World, storage: string, object: KubernetesObject, finalizer: string): void {
  const { finalizers = [], ...metadata } = object.metadata
  if (!finalizers.includes(finalizer)) return
  const rest = finalizers.filter((one) => one !== finalizer)
  world.update(storage, { ...object, metadata: rest.length > 0 ? { ...metadata, finalizers: rest } : metadata })
}
