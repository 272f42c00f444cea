/**
 * Claims get volumes: a free one that fits, or a new one of a storage class of the sandbox's own provisioner. Claims of other provisioners wait,
 * as they do in a cluster without the driver. (pkg/controller/volume/persistentvolume)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import { type Controller, timestamp, type World } from '../controller.ts'
import { splitKey } from '../ownership.ts'
import { isTerminating, type Pod } from '../pods.ts'
import { writeStatus } from '../status-writer.ts'
import {
  type Claim,
  claimStorage,
  classStorage,
  isReservedFor,
  provisioner,
  type StorageClass,
  type Volume,
  volumeFor,
  volumeStorage,
} from './volume.ts'

const bindCompleted = 'pv.kubernetes.io/bind-completed'
const boundByController = 'pv.kubernetes.io/bound-by-controller'
const provisionedBy = 'pv.kubernetes.io/provisioned-by'
const provisionerAnnotations = ['volume.beta.kubernetes.io/storage-provisioner', 'volume.kubernetes.io/storage-provisioner']
const selectedNode = 'volume.kubernetes.io/selected-node'
const noProvisioner = 'kubernetes.io/no-provisioner'

export function volumeBinder(): Controller {
  const waiting = new Set<string>()
  /** Claim → the node of a pod that uses it. */
  const nodes = new Map<string, string>()
  const keyOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`
  return {
    name: 'persistentvolume-binder',
    watches: [claimStorage, volumeStorage, classStorage, '/pods'],
    keys({ storage, type, object }) {
      if (storage === '/pods') {
        const { nodeName, volumes } = (object as Pod).spec
        if (type === 'DELETED' || !nodeName || !volumes) return []
        const claims = volumes.flatMap(({ persistentVolumeClaim: used }) =>
          used ? [`${object.metadata.namespace ?? ''}/${used.claimName}`] : [],
        )
        for (const claim of claims) nodes.set(claim, nodeName)
        return claims.filter((claim) => waiting.has(claim))
      }
      if (storage === claimStorage) {
        const key = keyOf(object)
        const volume = (object as Claim).spec.volumeName
        if (type === 'DELETED') {
          waiting.delete(key)
          nodes.delete(key)
          return volume ? [`/${volume}`] : []
        }
        if ((object as Claim).status?.phase === 'Bound') waiting.delete(key)
        else waiting.add(key)
        return volume ? [key, `/${volume}`] : [key]
      }
      return storage === volumeStorage && type !== 'DELETED' ? [`/${object.metadata.name}`, ...waiting] : waiting
    },
    reconcile(key, world) {
      const [namespace, name] = splitKey(key)
      if (namespace === '') {
        const volume = world.get(volumeStorage, '', name) as Volume | undefined
        return volume && void settle(world, volume)
      }
      const claim = world.get(claimStorage, namespace, name) as Claim | undefined
      if (claim && !isTerminating(claim)) bindClaim(world, claim, nodes.get(key))
      return undefined
    },
  }
}

function bindClaim(world: World, claim: Claim, node: string | undefined): void {
  if (claim.spec.volumeName && claim.metadata.annotations?.[bindCompleted]) return
  const storageClass = claim.spec.storageClassName
    ? (world.get(classStorage, '', claim.spec.storageClassName) as StorageClass | undefined)
    : undefined
  const delayed = storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && !claim.spec.volumeName
  if (delayed && node === undefined) return
  const found = volumeFor(claim, world.list(volumeStorage) as Iterable<Volume>)
  if (found) return bind(world, claim, found)
  if (!storageClass || claim.spec.volumeName || storageClass.provisioner === noProvisioner) return
  const told = withAnnotations(world, claim, {
    ...Object.fromEntries(provisionerAnnotations.map((annotation) => [annotation, storageClass.provisioner])),
    ...(delayed && node !== undefined ? { [selectedNode]: node } : {}),
  })
  if (storageClass.provisioner === provisioner) world.create(volumeStorage, provision(told, storageClass))
}

function withAnnotations(world: World, claim: Claim, wanted: Record<string, string>): Claim {
  const annotations = { ...claim.metadata.annotations, ...wanted }
  if (Object.entries(wanted).every(([key, value]) => claim.metadata.annotations?.[key] === value)) return claim
  return world.update(claimStorage, { ...claim, metadata: { ...claim.metadata, annotations } }) as Claim
}

function provision(claim: Claim, { metadata, reclaimPolicy = 'Delete', provisioner: by }: StorageClass): KubernetesObject {
  const uid = claim.metadata.uid ?? ''
  const { accessModes, resources, volumeMode = 'Filesystem' } = claim.spec
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `pvc-${uid}`, annotations: { [provisionedBy]: by } },
    spec: {
      accessModes,
      capacity: { storage: resources?.requests?.['storage'] ?? '0' },
      claimRef: referenceTo(claim),
      csi: { driver: by, volumeHandle: `pvc-${uid}` },
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: metadata.name,
      volumeMode,
    },
  }
}

const referenceTo = ({ metadata }: Claim): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  name: metadata.name,
  namespace: metadata.namespace,
  resourceVersion: metadata.resourceVersion,
  uid: metadata.uid,
})

/** Ties both to each other: the volume first, then the claim, then what both say of it. */
function bind(world: World, claim: Claim, volume: Volume): void {
  let taken = volume
  if (!volume.spec.claimRef?.uid) {
    const annotations = { ...volume.metadata.annotations, ...(volume.spec.claimRef ? {} : { [boundByController]: 'yes' }) }
    const spec = { ...volume.spec, claimRef: referenceTo(claim) }
    taken = world.update(volumeStorage, { ...volume, metadata: { ...volume.metadata, annotations }, spec }) as Volume
  }
  taken = writePhase(world, taken, 'Bound')
  const annotations = {
    ...claim.metadata.annotations,
    [bindCompleted]: 'yes',
    ...(claim.spec.volumeName ? {} : { [boundByController]: 'yes' }),
  }
  const spec = { ...claim.spec, volumeName: taken.metadata.name }
  const tied = world.update(claimStorage, { ...claim, metadata: { ...claim.metadata, annotations }, spec }) as Claim
  const { accessModes, capacity } = taken.spec
  writeStatus(world, claimStorage, tied, { ...tied.status, accessModes, capacity, phase: 'Bound' })
}

/** A volume without a claim is available; one whose claim has gone is released, or goes too. */
function settle(world: World, volume: Volume): void {
  if (isTerminating(volume)) return
  const { claimRef, persistentVolumeReclaimPolicy = 'Retain' } = volume.spec
  if (!claimRef?.uid) return void writePhase(world, volume, 'Available')
  const claim = world.get(claimStorage, claimRef.namespace ?? '', claimRef.name ?? '') as Claim | undefined
  if (claim && isReservedFor(claimRef, claim)) {
    if (!claim.spec.volumeName && !isTerminating(claim)) bind(world, claim, volume)
    return
  }
  const released = writePhase(world, volume, 'Released')
  if (persistentVolumeReclaimPolicy === 'Delete') world.delete(volumeStorage, '', released.metadata.name)
}

function writePhase(world: World, volume: Volume, phase: string): Volume {
  if (volume.status?.phase === phase) return volume
  return writeStatus(world, volumeStorage, volume, { ...volume.status, lastPhaseTransitionTime: timestamp(world.now()), phase })
}
