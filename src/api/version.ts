/**
 * Versions of objects.
 *
 * An equal version alone does not make an equal object: where the definition of a custom kind gets another schema, the server shows its
 * objects without the fields that are gone, or with new defaults, and leaves their versions and generations as they are.
 */
import { sameMembers } from './equal.ts'
import type { KubernetesObject } from './object.ts'

/** Whether two readings of one version of an object show the same. */
export const isSameContent = (one: KubernetesObject, other: KubernetesObject): boolean => sameMembers(one, other, isNotShown)

/** The items of a list of a built-in kind carry neither of the first two. */
const isNotShown = (name: string): boolean => name === 'apiVersion' || name === 'kind' || name === 'metadata'
