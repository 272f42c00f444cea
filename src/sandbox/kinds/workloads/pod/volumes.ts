/** The volumes of a pod: exactly one source each, whose names and paths hold. (core/validation, ValidateVolumes) */
import { type FieldError, duplicate, tooLong } from '../../../status/field-error.ts'
import { isDns1123Subdomain, nameIsDnsSubdomain } from '../../names.ts'
import { type Errors, dnsLabel, each, fileMode, forbidden, invalidValue, isNegative, oneOf, required, supported } from '../checks.ts'
import { printedSelector, validateSelector } from '../selectors.ts'
import type { DownwardFile, KeyToPath, ProjectionSource, Volume } from '../shapes.ts'
import { noBacksteps, nonReservedPath } from './paths.ts'
import { containerResource, objectField } from './references.ts'
import {
  azureDisk,
  cephFileSystem,
  fibreChannel,
  flocker,
  gitRepository,
  internetSmallComputerSystem,
  partitioned,
  quobyte,
  rados,
  storageOs,
} from './volume-drivers.ts'
import { validateVolumeClaimTemplate } from './volume-claim.ts'

/** What the rules of a whole pod differ in from those of a template. */
export interface PodIdentity {
  /** Undefined for a template. */
  readonly name: string | undefined
}

/** All volumes that are in order, by name: what mounts may refer to. */
export function validateVolumes(errors: Errors, path: string, volumes: readonly Volume[], pod: PodIdentity): Map<string, Volume> {
  const good = new Map<string, Volume>()
  const created = new Set(volumes.filter(({ ephemeral }) => ephemeral).map(({ name }) => `${pod.name}-${name}`))
  volumes.forEach((volume, index) => {
    const at = `${path}[${index}]`
    const name = volume.name ?? ''
    const found: FieldError[] = []
    validateSource(found, at, volume, pod)
    if (name === '') found.push(required(`${at}.name`))
    else dnsLabel(found, `${at}.name`, name)
    if (good.has(name)) found.push(duplicate(`${at}.name`, name))
    if (found.length === 0) good.set(name, volume)
    errors.push(...found)
    const claimName = volume.persistentVolumeClaim?.claimName ?? ''
    if (pod.name && volume.persistentVolumeClaim && created.has(claimName)) {
      const problem = 'must not reference a PVC that gets created for an ephemeral volume'
      errors.push(invalidValue(`${at}.persistentVolumeClaim.claimName`, claimName, problem))
    }
  })
  return good
}

type SourceCheck = (errors: Errors, path: string, volume: Volume, pod: PodIdentity) => void

const namedField =
  (source: string, fields: readonly string[]): SourceCheck =>
  (errors, path, volume) => {
    const value = volume[source] as Readonly<Record<string, unknown>>
    for (const field of fields) if (!value[field]) errors.push(required(`${path}.${field}`))
  }

/**
 * The sources in the server's order, with the path of their own errors where that differs, and the name in the complaint about a second source.
 * Sources without a check are only counted.
 */
const sources: readonly { source: string; at?: string; second?: string; check?: SourceCheck }[] = [
  { source: 'hostPath', check: hostPath },
  { source: 'gitRepo', check: gitRepository },
  { source: 'gcePersistentDisk', at: 'persistentDisk', check: partitioned('gcePersistentDisk', 'pdName') },
  { source: 'awsElasticBlockStore', check: partitioned('awsElasticBlockStore', 'volumeID') },
  { source: 'secret', check: (errors, path, { secret = {} }) => keyed(errors, path, 'secretName', secret.secretName, secret) },
  { source: 'nfs', check: networkFileSystem },
  { source: 'iscsi', check: internetSmallComputerSystem },
  { source: 'glusterfs', check: namedField('glusterfs', ['endpoints', 'path']) },
  { source: 'flocker', check: flocker },
  { source: 'persistentVolumeClaim', check: namedField('persistentVolumeClaim', ['claimName']) },
  { source: 'rbd', check: rados },
  { source: 'cinder', check: namedField('cinder', ['volumeID']) },
  { source: 'cephfs', second: 'cephFS', check: cephFileSystem },
  { source: 'quobyte', check: quobyte },
  { source: 'downwardAPI', second: 'downwarAPI', check: downwardApi },
  { source: 'fc', check: fibreChannel },
  { source: 'flexVolume', check: namedField('flexVolume', ['driver']) },
  { source: 'configMap', check: (errors, path, { configMap = {} }) => keyed(errors, path, 'name', configMap.name, configMap) },
  { source: 'azureFile', check: namedField('azureFile', ['secretName', 'shareName']) },
  { source: 'vsphereVolume', check: namedField('vsphereVolume', ['volumePath']) },
  { source: 'photonPersistentDisk', check: namedField('photonPersistentDisk', ['pdID']) },
  { source: 'portworxVolume', check: namedField('portworxVolume', ['volumeID']) },
  { source: 'azureDisk', check: azureDisk },
  { source: 'storageos', check: storageOs },
  { source: 'projected', check: projected },
  { source: 'scaleIO', check: namedField('scaleIO', ['gateway', 'system', 'volumeName']) },
  { source: 'csi', check: containerStorage },
  { source: 'ephemeral', check: ephemeral },
  { source: 'image', check: image },
]

function validateSource(errors: Errors, path: string, volume: Volume, pod: PodIdentity): void {
  let found = false
  if (volume.emptyDir) {
    found = true
    if (volume.emptyDir.sizeLimit !== undefined && isNegative(volume.emptyDir.sizeLimit))
      errors.push(forbidden(`${path}.emptyDir.sizeLimit`, 'SizeLimit field must be a valid resource quantity'))
  }
  for (const { source, at = source, second = source, check } of sources) {
    if (!volume[source]) continue
    if (found) errors.push(forbidden(`${path}.${second}`, 'may not specify more than 1 volume type'))
    else check?.(errors, `${path}.${at}`, volume, pod)
    found = true
  }
  if (!found) errors.push(required(path, 'must specify a volume type'))
}

const hostPathTypes = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']

function hostPath(errors: Errors, path: string, { hostPath: source = {} }: Volume): void {
  if (!source.path) {
    errors.push(required(`${path}.path`))
    return
  }
  noBacksteps(errors, `${path}.path`, source.path)
  supported(errors, `${path}.type`, source.type, hostPathTypes)
}

function networkFileSystem(errors: Errors, path: string, { nfs = {} }: Volume): void {
  if (!nfs.server) errors.push(required(`${path}.server`))
  if (!nfs.path) errors.push(required(`${path}.path`))
  if (!nfs.path?.startsWith('/')) errors.push(invalidValue(`${path}.path`, nfs.path ?? '', 'must be an absolute path'))
}

interface Keyed {
  readonly defaultMode?: number
  readonly items?: readonly KeyToPath[]
}

/** A volume whose files are keys of a Secret or ConfigMap. */
function keyed(errors: Errors, path: string, nameField: string, name: string | undefined, { defaultMode, items = [] }: Keyed): void {
  if (!name) errors.push(required(`${path}.${nameField}`))
  fileMode(errors, `${path}.defaultMode`, defaultMode)
  items.forEach((item, index) => keyToPath(errors, `${path}.items[${index}]`, item))
}

function keyToPath(errors: Errors, path: string, item: KeyToPath): void {
  if (!item.key) errors.push(required(`${path}.key`))
  if (!item.path) errors.push(required(`${path}.path`))
  nonReservedPath(errors, `${path}.path`, item.path ?? '')
  fileMode(errors, `${path}.mode`, item.mode)
}

const downwardFields = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']

function downwardApi(errors: Errors, path: string, { downwardAPI = {} }: Volume): void {
  fileMode(errors, `${path}.defaultMode`, downwardAPI.defaultMode)
  for (const file of downwardAPI.items ?? []) downwardFile(errors, path, file)
}

function downwardFile(errors: Errors, path: string, file: DownwardFile): void {
  if (!file.path) errors.push(required(`${path}.path`))
  nonReservedPath(errors, `${path}.path`, file.path ?? '')
  if (file.fieldRef) {
    objectField(errors, `${path}.fieldRef`, file.fieldRef, downwardFields)
    if (file.resourceFieldRef)
      errors.push(invalidValue(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
  } else if (file.resourceFieldRef) containerResource(errors, `${path}.resourceFieldRef`, file.resourceFieldRef, true)
  else errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'))
  fileMode(errors, `${path}.mode`, file.mode)
}

function projected(errors: Errors, path: string, { projected: projection = {} }: Volume): void {
  fileMode(errors, `${path}.defaultMode`, projection.defaultMode)
  const taken = new Set<string>()
  /** `value`: what the server names when a path is used twice. */
  const take = (file: string, value: string): void => {
    if (taken.has(file)) errors.push(invalidValue(path, value, 'conflicting duplicate paths'))
    taken.add(file)
  }
  projection.sources?.forEach((source, index) => {
    const at = `${path}.sources[${index}]`
    for (const name of ['secret', 'configMap'] as const) {
      const part = source[name]
      if (!part) continue
      if (!part.name) errors.push(required(`${at}.${name}.name`))
      part.items?.forEach((item, position) => {
        keyToPath(errors, `${at}.${name}.items[${position}]`, item)
        if (item.path) take(item.path, part.name ?? '')
      })
    }
    for (const file of source.downwardAPI?.items ?? []) {
      downwardFile(errors, `${at}.downwardAPI`, file)
      if (file.path) take(file.path, file.path)
    }
    if (source.serviceAccountToken) token(errors, path, `${at}.serviceAccountToken`, source.serviceAccountToken)
    if (source.clusterTrustBundle) {
      trustBundle(errors, `${at}.clusterTrustBundle`, source.clusterTrustBundle)
      take(source.clusterTrustBundle.path ?? '', source.clusterTrustBundle.path ?? '')
    }
    if (Object.keys(source).length > 1) errors.push(forbidden(at, 'may not specify more than 1 volume type per source'))
  })
}

function token(errors: Errors, path: string, at: string, source: NonNullable<ProjectionSource['serviceAccountToken']>): void {
  const { expirationSeconds = 0, path: file } = source
  if (expirationSeconds < 600)
    errors.push(invalidValue(`${at}.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes'))
  if (expirationSeconds > 2 ** 32)
    errors.push(invalidValue(`${at}.expirationSeconds`, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'))
  if (!file) errors.push(required(`${path}.path`))
  else nonReservedPath(errors, `${path}.path`, file)
}

function trustBundle(errors: Errors, at: string, source: NonNullable<ProjectionSource['clusterTrustBundle']>): void {
  const { name, signerName, labelSelector, path = '' } = source
  if (name !== undefined && signerName !== undefined) {
    const printed = { Name: name, SignerName: signerName, LabelSelector: labelSelector ?? null, Optional: null, Path: path }
    errors.push(invalidValue(at, printed, 'only one of name and signerName may be used'))
  } else if (name !== undefined) {
    if (name === '') errors.push(required(`${at}.name`, 'must be a valid object name'))
    const messages = nameIsDnsSubdomain(name, false).map((message) => `not a valid clustertrustbundlename: ${message}`)
    each(errors, `${at}.name`, name, messages)
    if (labelSelector)
      errors.push(invalidValue(`${at}.labelSelector`, printedSelector(labelSelector), 'labelSelector must be unset if name is specified'))
  } else if (signerName !== undefined) {
    if (signerName === '') errors.push(required(`${at}.signerName`, 'must be a valid signer name'))
    validateSelector(errors, `${at}.labelSelector`, labelSelector)
  } else errors.push(required(at, 'either name or signerName must be specified'))
  if (path === '') errors.push(required(`${at}.path`))
  nonReservedPath(errors, `${at}.path`, path)
}

function containerStorage(errors: Errors, path: string, { csi = {} }: Volume): void {
  const { driver = '', nodePublishSecretRef } = csi
  if (driver === '') errors.push(required(`${path}.driver`))
  else {
    if (driver.length > 63) errors.push(tooLong(`${path}.driver`, 63))
    each(errors, `${path}.driver`, driver, isDns1123Subdomain(driver.toLowerCase()))
  }
  if (!nodePublishSecretRef) return
  const { name } = nodePublishSecretRef
  if (!name) errors.push(required(`${path}.nodePublishSecretRef.name`))
  else each(errors, `${path}.name`, name, nameIsDnsSubdomain(name, false))
}

function ephemeral(errors: Errors, path: string, { name, ephemeral: source = {} }: Volume, pod: PodIdentity): void {
  const template = source.volumeClaimTemplate
  if (!template) errors.push(required(`${path}.volumeClaimTemplate`))
  else validateVolumeClaimTemplate(errors, `${path}.volumeClaimTemplate`, template)
  if (!pod.name || !name) return
  const claim = `${pod.name}-${name}`
  const messages = nameIsDnsSubdomain(claim, false).map((message) => `PVC name ${JSON.stringify(claim)}: ${message}`)
  each(errors, `${path.slice(0, path.lastIndexOf('.'))}.name`, name, messages)
}

function image(errors: Errors, path: string, { image: source = {} }: Volume, pod: PodIdentity): void {
  if (pod.name !== undefined && !source.reference) errors.push(required(`${path}.reference`))
  oneOf(errors, `${path}.pullPolicy`, source.pullPolicy, ['Always', 'IfNotPresent', 'Never'])
}
