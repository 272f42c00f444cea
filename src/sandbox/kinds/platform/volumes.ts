/** Persistent volumes. (pkg/apis/core/validation; pkg/registry/core/persistentvolume) */
import type { KubernetesObject } from '../../../api/object.ts'
import { compareQuantities } from '../../../api/quantity.ts'
import type { KindBehaviour } from '../../registry/resource.ts'
import { type FieldError, forbidden, invalidValue, notSupported, required } from '../../status/field-error.ts'
import { ageRule, column, columnsOf, nameRule } from '../columns.ts'
import { isDns1123Subdomain } from '../names.ts'
import { checkImmutable } from './checks.ts'
import { accessModesText, className, optionalText, protect, quantityOf, wholeUnits } from './claims.ts'
import { strategyOf } from './strategy.ts'
import { checkText, type Fields, fieldsOf, isSet, sameValue, textOf, textsOf } from './values.ts'

const modes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const policies = ['Delete', 'Recycle', 'Retain']
const sources = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephFS',
  'iscsi',
  'cinder',
  'fc',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
]
const protection = 'kubernetes.io/pv-protection'
const specOf = (volume: KubernetesObject): Fields => fieldsOf(volume['spec'])
/** The name in the API of what the messages call `cephFS`. */
const fieldOf = (source: string): string => (source === 'cephFS' ? 'cephfs' : source)

/** What must be there within a source. */
const requiredParts: Readonly<Record<string, readonly string[]>> = {
  hostPath: ['path'],
  nfs: ['server', 'path'],
  local: ['path'],
  csi: ['driver', 'volumeHandle'],
}

function checkSources(spec: Fields): FieldError[] {
  const errors: FieldError[] = []
  let found = 0
  for (const source of sources) {
    const value = spec[fieldOf(source)]
    if (!isSet(value)) continue
    found++
    if (found > 1) {
      errors.push(forbidden(`spec.${source}`, 'may not specify more than 1 volume type'))
      continue
    }
    for (const part of requiredParts[source] ?? [])
      if (!textOf(fieldsOf(value)[part])) errors.push(required(`spec.${fieldOf(source)}.${part}`))
    const path = textOf(fieldsOf(value)['path'])
    if (source === 'hostPath' && path.split('/').includes('..'))
      errors.push(invalidValue('spec.hostPath.path', path, "must not contain '..'"))
    if (source === 'nfs' && path && !path.startsWith('/')) errors.push(invalidValue('spec.nfs.path', path, 'must be an absolute path'))
    if (source === 'local' && !isSet(spec['nodeAffinity']))
      errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'))
  }
  if (found === 0 && !isSet(spec['flexVolume'])) errors.push(required('spec', 'must specify a volume type'))
  return errors
}

function validateVolume(volume: KubernetesObject): FieldError[] {
  const spec = specOf(volume)
  const errors: FieldError[] = []
  const wanted = textsOf(spec['accessModes'])
  if (wanted.length === 0) errors.push(required('spec.accessModes'))
  for (const mode of wanted) if (!modes.includes(mode)) errors.push(notSupported('spec.accessModes', mode, modes))
  if (wanted.includes('ReadWriteOncePod') && wanted.some((mode) => mode !== 'ReadWriteOncePod' && modes.includes(mode)))
    errors.push(forbidden('spec.accessModes', 'may not use ReadWriteOncePod with other access modes'))
  errors.push(...checkCapacity(fieldsOf(spec['capacity'])))
  const policy = textOf(spec['persistentVolumeReclaimPolicy'])
  if (policy && !policies.includes(policy)) errors.push(notSupported('spec.persistentVolumeReclaimPolicy', policy, policies))
  if (isSet(spec['nodeAffinity']) && !isSet(fieldsOf(spec['nodeAffinity'])['required']))
    errors.push(required('spec.nodeAffinity.required', 'must specify required node constraints'))
  errors.push(...checkSources(spec))
  const host = fieldsOf(spec['hostPath'])['path']
  if (policy === 'Recycle' && typeof host === 'string' && /^\/+$/.test(host))
    errors.push(forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"))
  const name = textOf(spec['storageClassName'])
  if (name) errors.push(...checkText('spec.storageClassName', name, isDns1123Subdomain))
  const mode = spec['volumeMode']
  if (isSet(mode) && mode !== 'Block' && mode !== 'Filesystem') errors.push(notSupported('spec.volumeMode', mode, ['Block', 'Filesystem']))
  const attributes = spec['volumeAttributesClassName']
  if (!isSet(attributes)) return errors
  const path = 'spec.volumeAttributesClassName'
  errors.push(
    ...(attributes === '' ? [required(path, 'an empty string is disallowed')] : checkText(path, textOf(attributes), isDns1123Subdomain)),
  )
  if (!isSet(spec['csi'])) errors.push(required('spec.csi', 'has to be specified when using volumeAttributesClassName'))
  return errors
}

function checkCapacity(capacity: Fields): FieldError[] {
  const names = Object.keys(capacity)
  const errors: FieldError[] = []
  if (names.length === 0) errors.push(required('spec.capacity'))
  if (!Object.hasOwn(capacity, 'storage') || names.length > 1)
    errors.push(notSupported('spec.capacity', names.length === 0 ? null : capacity, ['storage']))
  for (const [name, value] of Object.entries(capacity)) {
    const sign = compareQuantities(quantityOf(value), quantityOf(0))
    if (sign < 0) errors.push(invalidValue(`spec.capacity[${name}]`, wholeUnits(value), 'must be a valid resource quantity'))
    if (sign <= 0) errors.push(invalidValue(`spec.capacity[${name}]`, value, 'must be greater than zero'))
  }
  return errors
}

function validateChange(volume: KubernetesObject, old: KubernetesObject): FieldError[] {
  const [spec, before] = [specOf(volume), specOf(old)]
  const errors: FieldError[] = []
  const changed = [...sources.map(fieldOf), 'flexVolume'].some((source) => !sameValue(spec[source], before[source]))
  if (changed) errors.push(forbidden('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation'))
  errors.push(...checkImmutable('volumeMode', spec['volumeMode'], before['volumeMode']))
  if (isSet(before['nodeAffinity'])) errors.push(...checkImmutable('nodeAffinity', spec['nodeAffinity'], before['nodeAffinity']))
  if (isSet(before['volumeAttributesClassName']) && !isSet(spec['volumeAttributesClassName']))
    errors.push(forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'))
  return errors
}

const statusText = (volume: KubernetesObject, name: string): string => textOf(fieldsOf(volume['status'])[name])

export const volumeKinds: Readonly<Record<string, KindBehaviour>> = {
  '/persistentvolumes': {
    strategy: strategyOf({
      namespaced: false,
      hasStatus: true,
      returnsDeleted: true,
      prepare(volume, old, context) {
        if (old) return
        protect(volume, protection)
        volume['status'] = { phase: 'Pending', lastPhaseTransitionTime: context.now() }
      },
      validate: validateVolume,
      update: ['metadata', 'object', 'metadata', 'object', 'change'],
      validateChange,
    }),
    columns: columnsOf(
      nameRule,
      [column('Capacity'), (volume) => textOf(fieldsOf(specOf(volume)['capacity'])['storage']) || '0'],
      [column('Access Modes'), (volume) => accessModesText(specOf(volume)['accessModes'])],
      [column('Reclaim Policy'), (volume) => textOf(specOf(volume)['persistentVolumeReclaimPolicy'])],
      [column('Status'), (volume) => (volume.metadata.deletionTimestamp === undefined ? statusText(volume, 'phase') : 'Terminating')],
      [
        column('Claim'),
        (volume) => {
          const claim = specOf(volume)['claimRef']
          return isSet(claim) ? `${textOf(fieldsOf(claim)['namespace'])}/${textOf(fieldsOf(claim)['name'])}` : ''
        },
      ],
      [column('StorageClass'), className],
      [column('VolumeAttributesClass'), (volume) => optionalText(specOf(volume)['volumeAttributesClassName'])],
      [column('Reason'), (volume) => statusText(volume, 'reason')],
      ageRule,
      [column('VolumeMode', 'string', 'wide'), (volume) => optionalText(specOf(volume)['volumeMode'])],
    ),
    selectableFields: new Map([['name', ({ metadata }: KubernetesObject) => metadata.name]]),
  },
}
