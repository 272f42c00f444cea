/** Claims that a pod uses and volumes that a claim has do not go. (pkg/controller/volume/pvcprotection and pvprotection) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { Controller } from '../controller.ts'
import { withoutFinalizer } from '../finalizers.ts'
import { splitKey } from '../ownership.ts'
import { isFinished, isTerminating, type Pod } from '../pods.ts'
import { claimStorage, type Volume, volumeStorage } from './volume.ts'

const claimFinalizer = 'kubernetes.io/pvc-protection'
const volumeFinalizer = 'kubernetes.io/pv-protection'

export function volumeProtection(): Controller {
  /** Claim → the pods that use it. */
  const users = new Map<string, Set<string>>()
  const claimsOf = (pod: KubernetesObject): string[] =>
    ((pod as Pod).spec.volumes ?? []).flatMap(({ persistentVolumeClaim: used }) =>
      used ? [`${pod.metadata.namespace ?? ''}/${used.claimName}`] : [],
    )
  return {
    name: 'persistentvolume-protection',
    watches: [claimStorage, volumeStorage, '/pods'],
    keys({ storage, type, object }) {
      const { namespace = '', name, uid = '' } = object.metadata
      if (storage !== '/pods') return type !== 'DELETED' && isTerminating(object) ? [`${namespace}/${name}`] : []
      const claims = claimsOf(object)
      const uses = type !== 'DELETED' && !isFinished(object as Pod)
      for (const claim of claims) {
        const pods = users.get(claim) ?? new Set()
        users.set(claim, pods)
        if (uses) pods.add(uid)
        else pods.delete(uid)
      }
      return uses ? [] : claims
    },
    reconcile(key, world) {
      const [namespace, name] = splitKey(key)
      if (namespace === '') {
        const volume = world.get(volumeStorage, '', name) as Volume | undefined
        if (volume && isTerminating(volume) && volume.status?.phase !== 'Bound')
          withoutFinalizer(world, volumeStorage, volume, volumeFinalizer)
        return undefined
      }
      const claim = world.get(claimStorage, namespace, name)
      if (claim && isTerminating(claim) && !users.get(key)?.size) withoutFinalizer(world, claimStorage, claim, claimFinalizer)
      return undefined
    },
  }
}
