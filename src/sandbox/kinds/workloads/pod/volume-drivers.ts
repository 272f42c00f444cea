/** Volumes of particular systems, most of them from before drivers came with the cluster. (core/validation, validateVolumeSource) */
import { rangeMessage } from '../../names.ts'
import { type Errors, dnsLabel, inRange, invalidValue, notSupported, required, supported } from '../checks.ts'
import type { Volume } from '../shapes.ts'
import { descendingPath } from './paths.ts'

type Check = (errors: Errors, path: string, volume: Volume) => void

const sourceOf = <T extends object>(volume: Volume, name: string): T => volume[name] as T

/** A disk that is named by one field and may be a part of one. */
export const partitioned =
  (source: string, idField: string): Check =>
  (errors, path, volume) => {
    const value = sourceOf<Readonly<Record<string, unknown>>>(volume, source)
    if (!value[idField]) errors.push(required(`${path}.${idField}`))
    const partition = (value['partition'] as number | undefined) ?? 0
    // The server says from 1 and means from 0.
    if (partition < 0 || partition > 255) errors.push(invalidValue(`${path}.partition`, partition, rangeMessage(1, 255)))
  }

export const gitRepository: Check = (errors, path, volume) => {
  const { repository, directory = '' } = sourceOf<{ repository?: string; directory?: string }>(volume, 'gitRepo')
  if (!repository) errors.push(required(`${path}.repository`))
  descendingPath(errors, `${path}.directory`, directory)
}

export const rados: Check = (errors, path, volume) => {
  const { monitors, image } = sourceOf<{ monitors?: readonly string[] | null; image?: string }>(volume, 'rbd')
  if (!monitors?.length) errors.push(required(`${path}.monitors`))
  if (!image) errors.push(required(`${path}.image`))
}

export const cephFileSystem: Check = (errors, path, volume) => {
  const { monitors } = sourceOf<{ monitors?: readonly string[] | null }>(volume, 'cephfs')
  if (!monitors?.length) errors.push(required(`${path}.monitors`))
}

interface Iscsi {
  readonly targetPortal?: string
  readonly iqn?: string
  readonly lun?: number
  readonly chapAuthDiscovery?: boolean
  readonly chapAuthSession?: boolean
  readonly secretRef?: object
  readonly initiatorName?: string
}

const initiators: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9\-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[a-zA-Z0-9]{16}$/,
  naa: /^naa.[a-zA-Z0-9]{32}$/,
}

function initiatorProblem(name: string): string | undefined {
  const form = Object.keys(initiators).find((prefix) => name.startsWith(prefix))
  if (form === undefined) return 'must be valid format starting with iqn, eui, or naa'
  return initiators[form]?.test(name) ? undefined : 'must be valid format'
}

export const internetSmallComputerSystem: Check = (errors, path, volume) => {
  const { targetPortal = '', iqn, lun = 0, initiatorName, ...rest } = sourceOf<Iscsi>(volume, 'iscsi')
  if (targetPortal === '') errors.push(required(`${path}.targetPortal`))
  const problem = iqn ? initiatorProblem(iqn) : undefined
  if (!iqn) errors.push(required(`${path}.iqn`))
  else if (problem) errors.push(invalidValue(`${path}.iqn`, iqn, problem))
  inRange(errors, `${path}.lun`, lun, 0, 255)
  if ((rest.chapAuthDiscovery || rest.chapAuthSession) && !rest.secretRef) errors.push(required(`${path}.secretRef`))
  if (initiatorName === undefined) return
  const nameProblem = initiatorProblem(initiatorName)
  if (nameProblem) errors.push(invalidValue(`${path}.initiatorname`, initiatorName, nameProblem))
  const name = volume.name ?? ''
  const problemOfLength =
    'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'
  if (`${name}:${targetPortal}`.length > 64) errors.push(invalidValue(`${path.slice(0, -'.iscsi'.length)}.name`, name, problemOfLength))
}

export const fibreChannel: Check = (errors, path, volume) => {
  const {
    targetWWNs = [],
    wwids = [],
    lun,
  } = sourceOf<{ targetWWNs?: readonly string[]; wwids?: readonly string[]; lun?: number }>(volume, 'fc')
  const at = `${path}.targetWWNs`
  if (targetWWNs.length === 0 && wwids.length === 0) errors.push(required(at, 'must specify either targetWWNs or wwids, but not both'))
  if (targetWWNs.length > 0 && wwids.length > 0)
    errors.push(invalidValue(at, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'))
  if (targetWWNs.length === 0) return
  if (lun === undefined) errors.push(required(`${path}.lun`, 'lun is required if targetWWNs is specified'))
  else inRange(errors, `${path}.lun`, lun, 0, 255)
}

export const flocker: Check = (errors, path, volume) => {
  const { datasetName = '', datasetUUID = '' } = sourceOf<{ datasetName?: string; datasetUUID?: string }>(volume, 'flocker')
  if (!datasetName && !datasetUUID) errors.push(required(path, 'one of datasetName and datasetUUID is required'))
  if (datasetName && datasetUUID)
    errors.push(invalidValue(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'))
  if (datasetName.includes('/')) errors.push(invalidValue(`${path}.datasetName`, datasetName, "must not contain '/'"))
}

export const quobyte: Check = (errors, path, volume) => {
  const { registry = '', tenant = '', volume: name } = sourceOf<{ registry?: string; tenant?: string; volume?: string }>(volume, 'quobyte')
  const form = 'must be a host:port pair or multiple pairs separated by commas'
  if (registry === '') errors.push(required(`${path}.registry`, form))
  else if (tenant.length >= 65) errors.push(required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'))
  else
    for (const pair of registry.split(',')) if (!/^[^:]*:[^:]*$/.test(pair)) errors.push(invalidValue(`${path}.registry`, registry, form))
  if (!name) errors.push(required(`${path}.volume`))
}

const managedDisk = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
const blobDisk = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'

export const azureDisk: Check = (errors, path, volume) => {
  const disk = sourceOf<{ diskName?: string; diskURI?: string; cachingMode?: string; kind?: string }>(volume, 'azureDisk')
  const { diskURI = '', kind } = disk
  for (const field of ['diskName', 'diskURI'] as const) if (!disk[field]) errors.push(required(`${path}.${field}`))
  supported(errors, `${path}.cachingMode`, disk.cachingMode, ['None', 'ReadOnly', 'ReadWrite'])
  supported(errors, `${path}.kind`, kind, ['Dedicated', 'Managed', 'Shared'])
  if (kind === undefined) return
  const [prefix, form] = kind === 'Managed' ? ['/subscriptions/', managedDisk] : ['https://', blobDisk]
  if (!diskURI.startsWith(prefix)) errors.push(notSupported(`${path}.diskURI`, diskURI, [form]))
}

export const storageOs: Check = (errors, path, volume) => {
  const source = sourceOf<{ volumeName?: string; volumeNamespace?: string; secretRef?: { name?: string } }>(volume, 'storageos')
  if (!source.volumeName) errors.push(required(`${path}.volumeName`))
  else dnsLabel(errors, `${path}.volumeName`, source.volumeName)
  if (source.volumeNamespace) dnsLabel(errors, `${path}.volumeNamespace`, source.volumeNamespace)
  if (source.secretRef && !source.secretRef.name) errors.push(required(`${path}.secretRef.name`))
}
