/** Endpoints and EndpointSlices. (pkg/apis/core/validation; pkg/apis/discovery/validation) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour } from '../../registry/resource.ts'
import { validateLabels } from '../../registry/object-meta.ts'
import { type FieldError, duplicate, invalidValue, notSupported, required, tooMany } from '../../status/field-error.ts'
import { parseIp, validateIp, validateLegacyIp } from '../addresses.ts'
import { ageRule, column, columnsOf, listWithMore, nameRule } from '../columns.ts'
import { isDns1123Label, isDns1123Subdomain, isLabelValue, isPortNumber, isQualifiedName } from '../names.ts'
import { checkImmutable } from './checks.ts'
import { validateReachableIp } from './reachable-ip.ts'
import { protocols } from './service-validation.ts'
import { strategyOf } from './strategy.ts'
import {
  checkChoice,
  checkText,
  type Fields,
  fieldsOf,
  forItems,
  isDraft,
  isSet,
  listOf,
  numberOf,
  sameValue,
  textOf,
  textsOf,
} from './values.ts'

const addressTypes = ['FQDN', 'IPv4', 'IPv6']
const limits = { endpoints: 1000, addresses: 100, ports: 20000, topology: 16, hints: 8 } as const

const validateSubsets = (endpoints: KubernetesObject): FieldError[] =>
  forItems(endpoints['subsets'], 'subsets', (subset, path) => {
    const errors: FieldError[] = []
    if (listOf(subset['addresses']).length + listOf(subset['notReadyAddresses']).length === 0)
      errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'))
    for (const part of ['addresses', 'notReadyAddresses']) errors.push(...forItems(subset[part], `${path}.${part}`, checkAddress))
    const several = listOf(subset['ports']).length > 1
    return [...errors, ...forItems(subset['ports'], `${path}.ports`, (port, at) => checkPort(port, at, several))]
  })

function checkAddress(address: Fields, path: string): FieldError[] {
  const ip = textOf(address['ip'])
  const errors = validateLegacyIp(`${path}.ip`, ip)
  if (textOf(address['hostname'])) errors.push(...checkText(`${path}.hostname`, textOf(address['hostname']), isDns1123Label))
  if (isSet(address['nodeName'])) errors.push(...checkText(`${path}.nodeName`, textOf(address['nodeName']), isDns1123Subdomain))
  return [...errors, ...validateReachableIp(`${path}.ip`, ip)]
}

function checkPort(port: Fields, path: string, several: boolean): FieldError[] {
  const name = textOf(port['name'])
  const errors: FieldError[] = []
  if (several && !name) errors.push(required(`${path}.name`))
  else if (name) errors.push(...checkText(`${path}.name`, name, isDns1123Label))
  for (const message of isPortNumber(numberOf(port['port']))) errors.push(invalidValue(`${path}.port`, numberOf(port['port']), message))
  errors.push(...checkChoice(`${path}.protocol`, port['protocol'], protocols))
  if (isSet(port['appProtocol'])) errors.push(...checkText(`${path}.appProtocol`, textOf(port['appProtocol']), isQualifiedName))
  return errors
}

function validateSlice(slice: KubernetesObject, old?: KubernetesObject): FieldError[] {
  const errors = [...checkChoice('addressType', slice['addressType'], addressTypes), ...checkSlicePorts(slice['ports'])]
  const problems = checkEndpoints(slice['endpoints'], textOf(slice['addressType']))
  return old && problems.length > 0 && sameValue(old['endpoints'], slice['endpoints']) ? errors : [...errors, ...problems]
}

function checkSlicePorts(ports: unknown): FieldError[] {
  const count = listOf(ports).length
  if (count > limits.ports) return [tooMany('ports', count, limits.ports)]
  const names = new Set<string>()
  return forItems(ports, 'ports', (port, path) => {
    const name = textOf(port['name'])
    const errors = name ? checkText(`${path}.name`, name, isDns1123Label) : []
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name))
    names.add(name)
    errors.push(...(isSet(port['protocol']) ? checkProtocol(`${path}.protocol`, port['protocol']) : [required(`${path}.protocol`)]))
    if (isSet(port['appProtocol'])) errors.push(...checkText(`${path}.appProtocol`, textOf(port['appProtocol']), isQualifiedName))
    return errors
  })
}

const checkProtocol = (path: string, protocol: unknown): FieldError[] =>
  protocols.includes(textOf(protocol)) ? [] : [notSupported(path, protocol, protocols)]

function checkEndpoints(endpoints: unknown, type: string): FieldError[] {
  const count = listOf(endpoints).length
  if (count > limits.endpoints) return [tooMany('endpoints', count, limits.endpoints)]
  return forItems(endpoints, 'endpoints', (endpoint, path) => {
    const addresses = textsOf(endpoint['addresses'])
    const errors: FieldError[] = []
    if (addresses.length === 0) errors.push(required(`${path}.addresses`, 'must contain at least 1 address'))
    else if (addresses.length > limits.addresses) errors.push(tooMany(`${path}.addresses`, addresses.length, limits.addresses))
    for (const [index, address] of addresses.entries()) errors.push(...checkEndpointAddress(address, type, `${path}.addresses`, index))
    if (isSet(endpoint['nodeName'])) errors.push(...checkText(`${path}.nodeName`, textOf(endpoint['nodeName']), isDns1123Subdomain))
    const topology = fieldsOf(endpoint['deprecatedTopology']) as Record<string, string>
    const size = Object.keys(topology).length
    if (size > limits.topology) errors.push(tooMany(`${path}.deprecatedTopology`, size, limits.topology))
    errors.push(...validateLabels(topology, `${path}.deprecatedTopology`))
    if (isSet(endpoint['hostname'])) errors.push(...checkText(`${path}.hostname`, textOf(endpoint['hostname']), isDns1123Label))
    const hints = fieldsOf(endpoint['hints'])
    const zones = checkHints(hints['forZones'], `${path}.hints.forZones`, isLabelValue)
    if (zones.some(({ type: each }) => each === 'FieldValueTooMany')) return [...errors, ...zones]
    return [...errors, ...zones, ...checkHints(hints['forNodes'], `${path}.hints.forNodes`, isDns1123Subdomain)]
  })
}

function checkEndpointAddress(address: string, type: string, path: string, index: number): FieldError[] {
  const at = `${path}[${index}]`
  if (type === 'FQDN') return checkDomain(at, address)
  if (type !== 'IPv4' && type !== 'IPv6') return []
  const problems = type === 'IPv4' ? validateLegacyIp(at, address) : validateIp(at, address)
  if (problems.length > 0) return problems
  const family = `IPv${parseIp(address)?.family}`
  return [...(family === type ? [] : [invalidValue(path, address, `must be an ${type} address`)]), ...validateReachableIp(at, address)]
}

/** (apimachinery, IsFullyQualifiedDomainName) */
function checkDomain(path: string, text: string): FieldError[] {
  if (text === '') return [required(path)]
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  const problems = isDns1123Subdomain(name)
  if (problems.length > 0) return [invalidValue(path, name, problems.join(','))]
  const labels = name.split('.')
  if (labels.length < 2) return [invalidValue(path, name, 'should be a domain with at least two segments separated by dots')]
  const wrong = labels.find((label) => isDns1123Label(label).length > 0)
  return wrong === undefined ? [] : [invalidValue(path, wrong, isDns1123Label(wrong).join(','))]
}

function checkHints(hints: unknown, path: string, check: (name: string) => readonly string[]): FieldError[] {
  const count = listOf(hints).length
  if (count > limits.hints) return [tooMany(path, count, limits.hints)]
  const names = new Set<string>()
  return forItems(hints, path, (hint, at) => {
    const name = textOf(hint['name'])
    const errors: FieldError[] = names.has(name) ? [duplicate(`${at}.name`, name)] : []
    names.add(name)
    return [...errors, ...checkText(`${at}.name`, name, check)]
  })
}

function endpointsText(endpoints: KubernetesObject): string {
  const subsets = listOf(endpoints['subsets']).map(fieldsOf)
  if (subsets.length === 0) return '<none>'
  const all = subsets.flatMap((subset) => {
    const ips = listOf(subset['addresses']).map((address) => textOf(fieldsOf(address)['ip']))
    const ports = listOf(subset['ports']).map((port) => numberOf(fieldsOf(port)['port']))
    return ports.length === 0 ? ips : ports.flatMap((port) => ips.map((ip) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)))
  })
  return listWithMore(all, 3, '')
}

const portText = (port: unknown): string => {
  const fields = fieldsOf(port)
  if (isSet(fields['port'])) return String(numberOf(fields['port']))
  return isSet(fields['name']) ? textOf(fields['name']) : '*'
}

export const endpointKinds: Readonly<Record<string, KindBehaviour>> = {
  '/endpoints': {
    strategy: strategyOf({
      createOnUpdate: true,
      validate: validateSubsets,
      update: ['metadata change', 'metadata', 'change'],
      validateChange: (endpoints, old) => (sameValue(endpoints['subsets'], old['subsets']) ? [] : validateSubsets(endpoints)),
    }),
    columns: columnsOf(nameRule, [column('Endpoints'), endpointsText], ageRule),
  },
  'discovery.k8s.io/endpointslices': {
    strategy: strategyOf({
      generation: 'spec',
      prepare(slice, old) {
        if (old && sameValue(old['endpoints'], slice['endpoints'])) return
        for (const endpoint of listOf(slice['endpoints'])) if (isDraft(endpoint)) delete endpoint['deprecatedTopology']
      },
      validate: (slice) => validateSlice(slice),
      update: ['metadata', 'change'],
      validateChange: (slice, old) => [
        ...validateSlice(slice, old),
        ...checkImmutable('addressType', slice['addressType'], old['addressType']),
      ],
    }),
    columns: columnsOf(
      nameRule,
      [column('AddressType'), ({ addressType }) => textOf(addressType)],
      [column('Ports'), ({ ports }) => listWithMore(listOf(ports).map(portText))],
      [column('Endpoints'), ({ endpoints }) => listWithMore(listOf(endpoints).flatMap((each) => textsOf(fieldsOf(each)['addresses'])))],
      ageRule,
    ),
  },
}
