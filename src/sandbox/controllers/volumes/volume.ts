/** Claims and volumes as their controllers see them, and which volume a claim may have. (component-helpers, storage/volume/pv_helpers.go) */
import type { KubernetesObject } from '../../../api/object.ts'
import { parseQuantity } from '../../../api/quantity.ts'
import { type LabelSelector, matchesSelector } from '../../../api/selectors.ts'

export const claimStorage = '/persistentvolumeclaims'
export const volumeStorage = '/persistentvolumes'
export const classStorage = 'storage.k8s.io/storageclasses'

/** Volumes are made for claims of storage classes with this provisioner. */
export const provisioner = 'sandbox.fairlead.dev/volumes'

export interface Claim extends KubernetesObject {
  spec: {
    accessModes?: readonly string[]
    resources?: { requests?: Readonly<Record<string, string>> }
    storageClassName?: string
    volumeName?: string
    volumeMode?: string
    selector?: LabelSelector
  }
  status?: { readonly phase?: string; readonly [field: string]: unknown }
}

export interface ClaimReference {
  readonly kind?: string
  readonly apiVersion?: string
  readonly namespace?: string
  readonly name?: string
  readonly uid?: string
  readonly resourceVersion?: string
}

export interface Volume extends KubernetesObject {
  spec: {
    accessModes?: readonly string[]
    capacity?: Readonly<Record<string, string>>
    storageClassName?: string
    volumeMode?: string
    persistentVolumeReclaimPolicy?: string
    claimRef?: ClaimReference
  }
  status?: { readonly phase?: string; readonly [field: string]: unknown }
}

export interface StorageClass extends KubernetesObject {
  provisioner: string
  reclaimPolicy?: string
  volumeBindingMode?: string
  parameters?: Readonly<Record<string, string>>
}

/** The storage class that a sandbox has from the start. */
export const defaultStorageClass = (): StorageClass => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'Immediate',
})

const amount = (resources: Readonly<Record<string, string>> | undefined): bigint => parseQuantity(resources?.['storage'] ?? '0')?.nano ?? 0n

/** The smallest free volume that fits a claim, or the one that was reserved for it. */
export function volumeFor(claim: Claim, volumes: Iterable<Volume>): Volume | undefined {
  let best: Volume | undefined
  for (const volume of volumes) {
    if (volume.metadata.deletionTimestamp !== undefined) continue
    const { claimRef } = volume.spec
    if (claimRef) {
      if (isReservedFor(claimRef, claim)) return volume
      continue
    }
    if (claim.spec.volumeName ? claim.spec.volumeName !== volume.metadata.name : !fits(claim, volume)) continue
    if (!best || amount(volume.spec.capacity) < amount(best.spec.capacity)) best = volume
  }
  return best
}

export const isReservedFor = ({ namespace, name, uid }: ClaimReference, { metadata }: Claim): boolean =>
  namespace === metadata.namespace && name === metadata.name && (!uid || uid === metadata.uid)

function fits({ spec }: Claim, volume: Volume): boolean {
  return (
    (spec.storageClassName ?? '') === (volume.spec.storageClassName ?? '') &&
    (spec.volumeMode ?? 'Filesystem') === (volume.spec.volumeMode ?? 'Filesystem') &&
    (spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode)) &&
    amount(volume.spec.capacity) >= amount(spec.resources?.requests) &&
    (!spec.selector || matchesSelector(spec.selector, volume.metadata.labels))
  )
}
