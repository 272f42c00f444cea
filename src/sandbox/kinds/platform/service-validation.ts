/**
 * What the server refuses of a Service.
 *
 * (pkg/apis/core/validation, ValidateServiceCreate and ValidateServiceUpdate)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import { validateLabels } from '../../registry/object-meta.ts'
import { type FieldError, duplicate, forbidden, invalidValue, notSupported, required } from '../../status/field-error.ts'
import { parseIp, validateLegacyIp, validateLegacyNetwork } from '../addresses.ts'
import { isDns1123Label, isDns1123Subdomain, isPortName, isPortNumber, isQualifiedName } from '../names.ts'
import { printed } from './checks.ts'
import { validateReachableIp } from './reachable-ip.ts'
import { checkChoice, checkText, type Fields, fieldsOf, forItems, isSet, listOf, numberOf, textOf, textsOf } from './values.ts'

export const protocols = ['SCTP', 'TCP', 'UDP']
const families = ['IPv4', 'IPv6']
const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
const longestAffinitySeconds = 86400
const hintsAnnotation = 'service.kubernetes.io/topology-aware-hints'
const modeAnnotation = 'service.kubernetes.io/topology-mode'
const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges'

const loadBalancerOnly = "may only be used when `type` is 'LoadBalancer'"

export const specOf = (service: KubernetesObject): Fields => fieldsOf(service['spec'])
export const clusterIpsOf = (spec: Fields): readonly string[] => textsOf(spec['clusterIPs'])
export const portsOf = (spec: Fields): readonly Fields[] => listOf(spec['ports']).map(fieldsOf)
export const isHeadless = (spec: Fields): boolean => clusterIpsOf(spec).length === 1 && clusterIpsOf(spec)[0] === 'None'
export const isExternal = (spec: Fields): boolean => spec['type'] === 'ExternalName'
export const needsHealthCheck = (spec: Fields): boolean => spec['type'] === 'LoadBalancer' && spec['externalTrafficPolicy'] === 'Local'
export const isReachableFromOutside = (spec: Fields): boolean =>
  spec['type'] === 'LoadBalancer' || spec['type'] === 'NodePort' || (spec['type'] === 'ClusterIP' && listOf(spec['externalIPs']).length > 0)

export const validateService = (service: KubernetesObject): FieldError[] => validateAgainst(service, undefined)

/** All that is wrong with the service itself; `old`: odd addresses that were there before may stay. */
export function validateAgainst(service: KubernetesObject, old: KubernetesObject | undefined): FieldError[] {
  const spec = specOf(service)
  const before = old && specOf(old)
  const errors = [...checkTopology(service), ...checkShape(spec), ...checkPorts(spec)]
  if (isSet(spec['selector'])) errors.push(...validateLabels(fieldsOf(spec['selector']) as Record<string, string>, 'spec.selector'))
  errors.push(...checkAffinity(spec), ...validateClusterIps(spec, before))
  const kept = before ? textsOf(before['externalIPs']) : []
  for (const [index, address] of textsOf(spec['externalIPs']).entries()) {
    const path = `spec.externalIPs[${index}]`
    const problems = kept.includes(address) ? [] : validateLegacyIp(path, address)
    errors.push(...(problems.length > 0 ? problems : validateReachableIp(path, address)))
  }
  return [
    ...errors,
    ...checkChoice('spec.type', spec['type'], types),
    ...checkNodePorts(spec),
    ...checkDuplicatePorts(spec),
    ...checkSourceRanges(service, old),
    ...checkLoadBalancerFields(spec),
    ...checkTrafficPolicies(spec),
  ]
}

function checkTopology({ metadata: { annotations = {} } }: KubernetesObject): FieldError[] {
  const mode = annotations[modeAnnotation]
  const hints = annotations[hintsAnnotation]
  if (mode === undefined || hints === undefined || mode === hints) return []
  const message = `must match annotations[${hintsAnnotation}] when both are specified`
  return [invalidValue(`metadata.annotations[${modeAnnotation}]`, mode, message)]
}

function checkShape(spec: Fields): FieldError[] {
  const errors: FieldError[] = []
  const type = textOf(spec['type'])
  if (portsOf(spec).length === 0 && !isHeadless(spec) && !isExternal(spec)) errors.push(required('spec.ports'))
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(spec))
    errors.push(invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`))
  if (!isExternal(spec)) return errors
  const useless = 'may not be set for ExternalName services'
  if (clusterIpsOf(spec).length > 0) errors.push(forbidden('spec.clusterIPs', useless))
  if (listOf(spec['ipFamilies']).length > 0) errors.push(forbidden('spec.ipFamilies', useless))
  if (isSet(spec['ipFamilyPolicy'])) errors.push(forbidden('spec.ipFamilyPolicy', useless))
  const name = textOf(spec['externalName']).replace(/\.$/, '')
  errors.push(...(name ? checkText('spec.externalName', name, isDns1123Subdomain) : [required('spec.externalName')]))
  return errors
}

function checkPorts(spec: Fields): FieldError[] {
  const names = new Set<string>()
  const severalPorts = portsOf(spec).length > 1
  return forItems(spec['ports'], 'spec.ports', (port, path) => {
    const errors: FieldError[] = []
    const name = textOf(port['name'])
    if (severalPorts && !name) errors.push(required(`${path}.name`))
    else if (name) {
      errors.push(...checkText(`${path}.name`, name, isDns1123Label))
      if (names.has(name)) errors.push(duplicate(`${path}.name`, name))
      names.add(name)
    }
    const number = numberOf(port['port'])
    for (const message of isPortNumber(number)) errors.push(invalidValue(`${path}.port`, number, message))
    errors.push(...checkChoice(`${path}.protocol`, port['protocol'], protocols))
    errors.push(...checkPortNumberOrName(`${path}.targetPort`, port['targetPort']))
    if (isSet(port['appProtocol'])) errors.push(...checkText(`${path}.appProtocol`, textOf(port['appProtocol']), isQualifiedName))
    return errors
  })
}

const checkPortNumberOrName = (path: string, port: unknown): FieldError[] =>
  typeof port === 'string'
    ? checkText(path, port, isPortName)
    : isPortNumber(numberOf(port)).map((message) => invalidValue(path, numberOf(port), message))

function checkAffinity(spec: Fields): FieldError[] {
  const affinity = textOf(spec['sessionAffinity'])
  const path = 'spec.sessionAffinityConfig'
  const errors = checkChoice('spec.sessionAffinity', affinity, ['ClientIP', 'None'])
  if (affinity === 'None' && isSet(spec['sessionAffinityConfig']))
    errors.push(forbidden(path, 'must not be set when session affinity is None'))
  if (affinity !== 'ClientIP') return errors
  const missing = 'when session affinity type is ClientIP'
  const config = fieldsOf(spec['sessionAffinityConfig'])
  const timeout = fieldsOf(config['clientIP'])['timeoutSeconds']
  if (!isSet(spec['sessionAffinityConfig'])) errors.push(required(path, missing))
  else if (!isSet(config['clientIP'])) errors.push(required(`${path}.clientIP`, missing))
  else if (!isSet(timeout)) errors.push(required(`${path}.clientIP.timeoutSeconds`, missing))
  else if (numberOf(timeout) <= 0 || numberOf(timeout) > longestAffinitySeconds)
    errors.push(invalidValue(`${path}.clientIP.timeoutSeconds`, timeout, `must be greater than 0 and less than ${longestAffinitySeconds}`))
  return errors
}

/** clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy, each alone and together. */
export function validateClusterIps(spec: Fields, before: Fields | undefined): FieldError[] {
  if (isExternal(spec)) return []
  const path = 'spec.clusterIPs'
  const single = textOf(spec['clusterIP'])
  const all = clusterIpsOf(spec)
  const errors: FieldError[] = []
  if (single) {
    if (all.length === 0) errors.push(required(path))
    else if (all[0] !== single) errors.push(invalidValue(path, all, 'first value must match `clusterIP`'))
  } else if (all.length > 0) errors.push(invalidValue(path, all, 'must be empty when `clusterIP` is not specified'))
  const wanted = textsOf(spec['ipFamilies'])
  for (const [index, family] of wanted.entries()) {
    if (!families.includes(family)) errors.push(notSupported(`spec.ipFamilies[${index}]`, family, families))
    if (wanted.indexOf(family) < index) errors.push(duplicate(`spec.ipFamilies[${index}]`, family))
  }
  if (isSet(spec['ipFamilyPolicy']) && !policies.includes(textOf(spec['ipFamilyPolicy'])))
    errors.push(notSupported('spec.ipFamilyPolicy', spec['ipFamilyPolicy'], policies))
  const kept = before ? clusterIpsOf(before) : []
  let unusable = false
  for (const [index, address] of all.entries()) {
    const problems =
      index === 0 && address === 'None'
        ? all.length > 1
          ? [invalidValue(path, all, "'None' must be the first and only value")]
          : []
        : kept.includes(address)
          ? []
          : validateLegacyIp(`${path}[${index}]`, address)
    if (problems.length > 0) unusable = true
    errors.push(...problems)
  }
  if (all.length > 2) errors.push(invalidValue(path, all, 'may only hold up to 2 values'))
  if (unusable) return errors
  const found = all.map((address) => (parseIp(address)?.family === 6 ? 'IPv6' : 'IPv4'))
  if (all.length > 1 && new Set(found).size < 2) errors.push(invalidValue(path, all, 'may specify no more than one IP for each IP family'))
  if (isHeadless(spec)) return errors
  for (const [index, address] of all.entries()) {
    const family = wanted[index]
    if (family !== undefined && families.includes(family) && family !== found[index])
      errors.push(invalidValue(`${path}[${index}]`, address, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``))
  }
  return errors
}

function checkNodePorts(spec: Fields): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  if (spec['type'] === 'ClusterIP')
    for (const [index, port] of portsOf(spec).entries())
      if (numberOf(port['nodePort']) !== 0)
        errors.push(forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"))
  for (const [index, port] of portsOf(spec).entries()) {
    const number = numberOf(port['nodePort'])
    if (number === 0) continue
    const key = `${textOf(port['protocol'])}/${number}`
    if (seen.has(key)) errors.push(duplicate(`spec.ports[${index}].nodePort`, number))
    seen.add(key)
  }
  return errors
}

function checkDuplicatePorts(spec: Fields): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, port] of portsOf(spec).entries()) {
    const [protocol, number] = [textOf(port['protocol']), numberOf(port['port'])]
    const key = `${protocol}/${number}`
    // Printed as the server's own type, which has no names for JSON.
    const shown = { Name: '', Protocol: protocol, AppProtocol: null, Port: number, TargetPort: 0, NodePort: 0 }
    if (seen.has(key)) errors.push(duplicate(`spec.ports[${index}]`, printed(shown)))
    seen.add(key)
  }
  return errors
}

function checkSourceRanges(service: KubernetesObject, old: KubernetesObject | undefined): FieldError[] {
  const spec = specOf(service)
  const ranges = textsOf(spec['loadBalancerSourceRanges'])
  const annotation = service.metadata.annotations?.[rangesAnnotation]
  const errors: FieldError[] = []
  const path = ranges.length > 0 ? 'spec.LoadBalancerSourceRanges' : `metadata.annotations[${rangesAnnotation}]`
  if (ranges.length === 0 && annotation === undefined) return errors
  if (spec['type'] !== 'LoadBalancer') errors.push(forbidden(path, loadBalancerOnly))
  if (ranges.length > 0) {
    const kept = old ? textsOf(specOf(old)['loadBalancerSourceRanges']).map((range) => range.trim()) : []
    for (const [index, range] of ranges.entries())
      if (!kept.includes(range.trim())) errors.push(...validateLegacyNetwork(`${path}[${index}]`, range.trim()))
  } else if (annotation !== undefined && annotation.trim() !== '' && old?.metadata.annotations?.[rangesAnnotation] !== annotation)
    for (const range of annotation.trim().split(',')) errors.push(...validateLegacyNetwork(path, range.trim()))
  return errors
}

function checkLoadBalancerFields(spec: Fields): FieldError[] {
  const errors: FieldError[] = []
  const allocate = spec['allocateLoadBalancerNodePorts']
  if (isSet(allocate) && spec['type'] !== 'LoadBalancer') errors.push(forbidden('spec.allocateLoadBalancerNodePorts', loadBalancerOnly))
  if (!isSet(allocate) && spec['type'] === 'LoadBalancer') errors.push(required('allocateLoadBalancerNodePorts'))
  return [...errors, ...checkLoadBalancerClass(spec, undefined)]
}

export function checkLoadBalancerClass(spec: Fields, before: Fields | undefined): FieldError[] {
  const path = 'spec.loadBalancerClass'
  const value = spec['loadBalancerClass']
  if (spec['type'] !== 'LoadBalancer') return isSet(value) ? [forbidden(path, loadBalancerOnly)] : []
  const errors: FieldError[] = []
  if (before?.['type'] === 'LoadBalancer' && (before['loadBalancerClass'] ?? null) !== (value ?? null))
    errors.push(invalidValue(path, value, 'may not change once set'))
  if (isSet(value)) errors.push(...checkText(path, textOf(value), isQualifiedName))
  return errors
}

function checkTrafficPolicies(spec: Fields): FieldError[] {
  const errors: FieldError[] = []
  const external = textOf(spec['externalTrafficPolicy'])
  if (isReachableFromOutside(spec)) errors.push(...checkChoice('spec.externalTrafficPolicy', external, ['Cluster', 'Local']))
  else if (external) errors.push(invalidValue('spec.externalTrafficPolicy', external, 'may only be set for externally-accessible services'))
  const healthPort = numberOf(spec['healthCheckNodePort'])
  if (!needsHealthCheck(spec)) {
    const message = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
    if (healthPort !== 0) errors.push(invalidValue('spec.healthCheckNodePort', healthPort, message))
  } else if (healthPort === 0) errors.push(required('spec.healthCheckNodePort'))
  else for (const message of isPortNumber(healthPort)) errors.push(invalidValue('spec.healthCheckNodePort', healthPort, message))
  const internal = spec['internalTrafficPolicy']
  if (!isSet(internal)) {
    if (types.includes(textOf(spec['type'])) && !isExternal(spec)) errors.push(required('spec.internalTrafficPolicy'))
  } else if (internal !== 'Cluster' && internal !== 'Local')
    errors.push(notSupported('spec.internalTrafficPolicy', internal, ['Cluster', 'Local']))
  const distribution = spec['trafficDistribution']
  if (isSet(distribution) && !distributions.includes(textOf(distribution)))
    errors.push(notSupported('spec.trafficDistribution', distribution, distributions))
  return errors
}
