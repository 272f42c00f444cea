/** Writing a status only if it says something new. */
import type { KubernetesObject } from '../../api/object.ts'
import type { World } from './controller.ts'
import { equalJson } from '../../api/equal.ts'

/** The object with its new status, written if that differs; members of `status` that are undefined are left out. */
export function writeStatus<T extends KubernetesObject>(world: World, storage: string, object: T, status: object): T {
  if (equalJson(object['status'] ?? {}, status)) return object
  return world.updateStatus(storage, { ...object, status: withoutUndefined(status) }) as T
}

const withoutUndefined = (status: object): object => Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined))

/** A count as Go writes an optional number: zero is left out. */
export const countOrNothing = (count: number): number | undefined => (count === 0 ? undefined : count)
