/** Who depends on whom: an index of owner references by the UID of the owner. Objects without owners are not kept. */
import type { KubernetesObject, OwnerReference } from '../../../api/object.ts'

export interface Dependent {
  readonly key: string
  readonly uid: string
  readonly owners: readonly OwnerReference[]
}

export class OwnerGraph {
  readonly #dependents = new Map<string, Map<string, Dependent>>()

  add(key: string, object: KubernetesObject): void {
    const { uid = '', ownerReferences = [] } = object.metadata
    const dependent: Dependent = { key, uid, owners: ownerReferences }
    for (const owner of ownerReferences) {
      const known = this.#dependents.get(owner.uid) ?? new Map<string, Dependent>()
      known.set(uid, dependent)
      this.#dependents.set(owner.uid, known)
    }
  }

  remove(object: KubernetesObject): void {
    const { uid = '', ownerReferences = [] } = object.metadata
    for (const owner of ownerReferences) {
      const known = this.#dependents.get(owner.uid)
      known?.delete(uid)
      if (known?.size === 0) this.#dependents.delete(owner.uid)
    }
  }

  dependentsOf(uid: string | undefined): Dependent[] {
    return [...(this.#dependents.get(uid ?? '')?.values() ?? [])]
  }

  hasDependents(uid: string | undefined): boolean {
    return this.#dependents.has(uid ?? '')
  }

  /** Those whose reference says that the owner has to wait for them. */
  blocking(uid: string | undefined): Dependent[] {
    return this.dependentsOf(uid).filter(({ owners }) => owners.some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true))
  }
}
