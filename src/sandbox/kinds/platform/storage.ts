/** The kinds of storage.k8s.io. (pkg/apis/storage/validation; pkg/registry/storage) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour } from '../../registry/resource.ts'
import { type FieldError, duplicate, forbidden, invalidValue, notSupported, required, tooLong } from '../../status/field-error.ts'
import { ageRule, column, columnsOf, defaultColumns, nameRule } from '../columns.ts'
import { byteLength, isDns1123Subdomain, isQualifiedName } from '../names.ts'
import { checkImmutable, checkSelector } from './checks.ts'
import { isDefaultClass, protect } from './claims.ts'
import { strategyOf } from './strategy.ts'
import { checkText, entriesOf, type Fields, fieldsOf, forItems, isSet, listOf, numberOf, sameValue, textOf, textsOf } from './values.ts'

const group = 'storage.k8s.io'
const longestParameters = 512
const largestParameters = 256 * 1024
const specOf = (object: KubernetesObject): Fields => fieldsOf(object['spec'])

function checkProvisioner(path: string, name: string): FieldError[] {
  if (name === '') return [required(path)]
  return isQualifiedName(name.toLowerCase()).map((message) => invalidValue(path, name.toLowerCase(), message))
}

function checkParameters(parameters: unknown, mayBeEmpty: boolean): FieldError[] {
  const entries = entriesOf(parameters)
  if (entries.length > longestParameters) return [tooLong('parameters', longestParameters)]
  const errors: FieldError[] = []
  let size = 0
  for (const [key, value] of entries) {
    if (key === '') errors.push(invalidValue('parameters', key, 'field can not be empty.'))
    size += byteLength(key) + byteLength(textOf(value))
  }
  if (size > largestParameters) errors.push(tooLong('parameters', largestParameters))
  if (!mayBeEmpty && entries.length === 0) errors.push(required('parameters', 'must contain at least one key/value pair'))
  return errors
}

const checkOptional = (path: string, value: unknown, allowed: readonly string[]): FieldError[] =>
  !isSet(value) || value === '' || allowed.includes(textOf(value)) ? [] : [notSupported(path, value, allowed)]

function validateClass(object: KubernetesObject): FieldError[] {
  const mode = object['volumeBindingMode']
  const modes = ['Immediate', 'WaitForFirstConsumer']
  return [
    ...checkProvisioner('provisioner', textOf(object['provisioner'])),
    ...checkParameters(object['parameters'], true),
    ...checkOptional('reclaimPolicy', object['reclaimPolicy'], ['Delete', 'Retain']),
    ...(isSet(mode)
      ? modes.includes(textOf(mode))
        ? []
        : [notSupported('volumeBindingMode', mode, modes)]
      : [required('volumeBindingMode')]),
    ...forItems(object['allowedTopologies'], 'allowedTopologies', checkTopology),
  ]
}

function checkTopology(term: Fields, path: string): FieldError[] {
  const keys = new Set<string>()
  return forItems(term['matchLabelExpressions'], `${path}.matchLabelExpressions`, (expression, at) => {
    const key = textOf(expression['key'])
    const values = textsOf(expression['values'])
    const errors: FieldError[] = []
    if (values.length === 0) errors.push(required(`${at}.values`))
    for (const [index, value] of values.entries())
      if (values.indexOf(value) < index) errors.push(duplicate(`${at}.values[${index}]`, value))
    errors.push(...checkText(`${at}.key`, key, isQualifiedName))
    if (keys.has(key)) errors.push(duplicate(`${at}.key`, key))
    keys.add(key)
    return errors
  })
}

const immutableParts = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode']

function validateDriver(object: KubernetesObject): FieldError[] {
  const spec = specOf(object)
  const errors: FieldError[] = []
  for (const [part, path] of [
    ['attachRequired', 'attachedRequired'],
    ['podInfoOnMount', 'podInfoOnMount'],
    ['storageCapacity', 'storageCapacity'],
  ] as const)
    if (!isSet(spec[part])) errors.push(required(`spec.${path}`))
  const policies = ['File', 'None', 'ReadWriteOnceWithFSType']
  if (isSet(spec['fsGroupPolicy']) && !policies.includes(textOf(spec['fsGroupPolicy'])))
    errors.push(notSupported('spec.fsGroupPolicy', spec['fsGroupPolicy'], policies))
  errors.push(...checkTokenRequests(spec['tokenRequests']))
  for (const mode of textsOf(spec['volumeLifecycleModes']))
    if (mode !== 'Persistent' && mode !== 'Ephemeral')
      errors.push(notSupported('spec.volumeLifecycleModes', mode, ['Persistent', 'Ephemeral']))
  if (!isSet(spec['seLinuxMount'])) errors.push(required('spec.seLinuxMount'))
  const period = spec['nodeAllocatableUpdatePeriodSeconds']
  if (isSet(period) && numberOf(period) < 10)
    errors.push(invalidValue('spec.nodeAllocatableUpdatePeriodSeconds', period, 'must be greater than or equal to 10 seconds'))
  const inSecrets = spec['serviceAccountTokenInSecrets']
  if (isSet(inSecrets) && listOf(spec['tokenRequests']).length === 0) {
    const message = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified'
    errors.push(invalidValue('spec.serviceAccountTokenInSecrets', inSecrets, message))
  }
  return errors
}

function checkTokenRequests(requests: unknown): FieldError[] {
  const audiences = new Set<string>()
  return forItems(requests, 'spec.tokenRequests', (request, path) => {
    const audience = textOf(request['audience'])
    const seconds = request['expirationSeconds']
    if (audiences.has(audience)) return [duplicate(`${path}.audience`, audience)]
    audiences.add(audience)
    if (!isSet(seconds)) return []
    const at = `${path}.expirationSeconds`
    if (numberOf(seconds) < 600) return [invalidValue(at, seconds, 'may not specify a duration less than 10 minutes')]
    return numberOf(seconds) > 2 ** 32 ? [invalidValue(at, seconds, 'may not specify a duration larger than 2^32 seconds')] : []
  })
}

/** (pkg/apis/core/validation, ValidateCSIDriverName) */
function checkDriverName(path: string, name: string): FieldError[] {
  if (name === '') return [required(path)]
  const errors: FieldError[] = name.length > 63 ? [tooLong(path, 63)] : []
  return [...errors, ...isDns1123Subdomain(name.toLowerCase()).map((message) => invalidValue(path, name, message))]
}

function validateNode(object: KubernetesObject): FieldError[] {
  const names = new Set<string>()
  return forItems(specOf(object)['drivers'], 'spec.drivers', (driver, path) => {
    const [name, node] = [textOf(driver['name']), textOf(driver['nodeID'])]
    const errors = checkDriverName(`${path}.name`, name)
    if (node === '') errors.push(required(`${path}.nodeID`))
    if (byteLength(node) > 256) errors.push(invalidValue(`${path}.nodeID`, node, 'must be 256 characters or less'))
    const count = fieldsOf(driver['allocatable'])['count']
    if (isSet(count) && numberOf(count) < 0)
      errors.push(invalidValue(`${path}.allocatable.count`, count, 'must be greater than or equal to 0'))
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name))
    names.add(name)
    const keys = textsOf(driver['topologyKeys'])
    for (const [index, key] of keys.entries()) {
      if (key === '') errors.push(required(path))
      if (keys.indexOf(key) < index) errors.push(duplicate(path, key))
      errors.push(...checkText(path, key, isQualifiedName))
    }
    return errors
  })
}

function validateAttachment(object: KubernetesObject): FieldError[] {
  const spec = specOf(object)
  const { persistentVolumeName: volume, inlineVolumeSpec: inline } = fieldsOf(spec['source'])
  const errors = checkDriverName('spec.attacher', textOf(spec['attacher']))
  const choice = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'
  if (!isSet(volume) && !isSet(inline)) errors.push(required('spec.source', choice))
  else if (isSet(volume) && isSet(inline)) errors.push(forbidden('spec.source', choice))
  else if (volume === '') errors.push(required('spec.source.persistentVolumeName', 'must specify non empty persistentVolumeName'))
  errors.push(...checkText('spec.nodeName', textOf(spec['nodeName']), isDns1123Subdomain))
  if (isSet(volume)) errors.push(...checkText('spec.source.persistentVolumeName', textOf(volume), isDns1123Subdomain))
  return errors
}

const modesText = (object: KubernetesObject): string => textsOf(specOf(object)['volumeLifecycleModes']).join(',') || '<none>'

function audiencesText(object: KubernetesObject): string {
  const requests = specOf(object)['tokenRequests']
  if (!isSet(requests)) return '<unset>'
  return listOf(requests)
    .map((request) => textOf(fieldsOf(request)['audience']))
    .join(',')
}

export const storageKinds: Readonly<Record<string, KindBehaviour>> = {
  [`${group}/storageclasses`]: {
    strategy: strategyOf({
      namespaced: false,
      returnsDeleted: true,
      validate: validateClass,
      update: ['metadata', 'object', 'metadata change', 'change'],
      validateChange: (object, old) => immutableParts.flatMap((part) => checkImmutable(part, object[part], old[part])),
    }),
    columns: columnsOf(
      [nameRule[0], (object) => `${object.metadata.name}${isDefaultClass(object) ? ' (default)' : ''}`],
      [column('Provisioner'), ({ provisioner }) => textOf(provisioner)],
      [column('ReclaimPolicy'), ({ reclaimPolicy }) => (isSet(reclaimPolicy) ? textOf(reclaimPolicy) : 'Delete')],
      [column('VolumeBindingMode'), ({ volumeBindingMode }) => (isSet(volumeBindingMode) ? textOf(volumeBindingMode) : 'Immediate')],
      [column('AllowVolumeExpansion'), ({ allowVolumeExpansion }) => allowVolumeExpansion === true],
      ageRule,
    ),
  },
  [`${group}/csidrivers`]: {
    strategy: strategyOf({
      namespaced: false,
      returnsDeleted: true,
      unconditionalUpdate: false,
      validate: validateDriver,
      update: ['metadata change', 'object', 'change'],
      validateChange: (object, old) => [
        ...checkImmutable('spec.attachedRequired', specOf(object)['attachRequired'], specOf(old)['attachRequired']),
        ...checkImmutable('spec.volumeLifecycleModes', specOf(object)['volumeLifecycleModes'], specOf(old)['volumeLifecycleModes']),
      ],
    }),
    columns: columnsOf(
      nameRule,
      [column('AttachRequired', 'boolean'), (object) => specOf(object)['attachRequired'] !== false],
      [column('PodInfoOnMount', 'boolean'), (object) => specOf(object)['podInfoOnMount'] === true],
      [column('StorageCapacity', 'boolean'), (object) => specOf(object)['storageCapacity'] === true],
      [column('TokenRequests'), audiencesText],
      [column('RequiresRepublish', 'boolean'), (object) => specOf(object)['requiresRepublish'] === true],
      [column('Modes'), modesText],
      ageRule,
    ),
  },
  [`${group}/csinodes`]: {
    strategy: strategyOf({
      namespaced: false,
      returnsDeleted: true,
      unconditionalUpdate: false,
      validate: validateNode,
      update: ['metadata', 'object'],
    }),
    columns: columnsOf(nameRule, [column('Drivers', 'integer'), (object) => listOf(specOf(object)['drivers']).length], ageRule),
  },
  [`${group}/volumeattachments`]: {
    strategy: strategyOf({
      namespaced: false,
      hasStatus: true,
      returnsDeleted: true,
      unconditionalUpdate: false,
      validate: validateAttachment,
      update: ['metadata', 'object', 'change'],
      validateChange: (object, old) => checkImmutable('spec', specOf(object), specOf(old)),
    }),
    columns: columnsOf(
      nameRule,
      [{ ...column('Attacher'), format: 'name' }, (object) => textOf(specOf(object)['attacher'])],
      [column('PV'), (object) => textOf(fieldsOf(specOf(object)['source'])['persistentVolumeName'])],
      [column('Node'), (object) => textOf(specOf(object)['nodeName'])],
      [column('Attached', 'boolean'), (object) => fieldsOf(object['status'])['attached'] === true],
      ageRule,
    ),
  },
  [`${group}/csistoragecapacities`]: {
    strategy: strategyOf({
      unconditionalUpdate: false,
      validate: (object) => [
        ...checkSelector('nodeTopology', object['nodeTopology']),
        ...checkText('storageClassName', textOf(object['storageClassName']), isDns1123Subdomain),
      ],
      update: ['metadata', 'object', 'metadata change', 'change'],
      validateChange: (object, old) => [
        ...checkImmutable('nodeTopology', object['nodeTopology'], old['nodeTopology']),
        ...checkImmutable('storageClassName', object['storageClassName'], old['storageClassName']),
      ],
    }),
    columns: defaultColumns,
  },
  [`${group}/volumeattributesclasses`]: {
    strategy: strategyOf({
      namespaced: false,
      returnsDeleted: true,
      prepare(object, old) {
        if (!old) protect(object, 'kubernetes.io/vac-protection')
      },
      validate: (object) => [
        ...checkProvisioner('driverName', textOf(object['driverName'])),
        ...checkParameters(object['parameters'], false),
      ],
      validateChange: (object, old) => [
        ...(object['driverName'] === old['driverName'] ? [] : [forbidden('driverName', 'updates to driverName are forbidden.')]),
        ...(sameValue(object['parameters'], old['parameters']) ? [] : [forbidden('parameters', 'updates to parameters are forbidden.')]),
      ],
    }),
    columns: columnsOf(nameRule, [column('DriverName'), ({ driverName }) => textOf(driverName)], ageRule),
  },
}
