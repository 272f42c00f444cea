/** Deleting what may be gone already. */
import type { KubernetesObject } from '../../api/object.ts'
import { ApiError } from '../status/api-error.ts'
import type { DeleteOptions, World } from './controller.ts'

/** Deletes this very object, not a later one of the same name; one that is gone is no error. */
export function remove(world: World, storage: string, { metadata }: KubernetesObject, options: DeleteOptions = {}): void {
  try {
    world.delete(storage, metadata.namespace ?? '', metadata.name, metadata.uid === undefined ? options : { ...options, uid: metadata.uid })
  } catch (error) {
    if (!(error instanceof ApiError && (error.code === 404 || error.code === 409))) throw error
  }
}
