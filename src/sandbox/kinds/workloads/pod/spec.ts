/** The spec of a pod, by itself or in a template. (core/validation, ValidatePodSpec) */
import { duplicate, notFoundValue, tooLong } from '../../../status/field-error.ts'
import { validateLabels } from '../../../registry/object-meta.ts'
import { validateLegacyIp } from '../../addresses.ts'
import { isDns1123Subdomain, isDns1123SubdomainWithUnderscore, isQualifiedName, nameIsDnsSubdomain } from '../../names.ts'
import { type Errors, dnsLabel, each, forbidden, inRange, invalidValue, oneOf, qualifiedName, required } from '../checks.ts'
import type { DnsConfig, PodSpec } from '../shapes.ts'
import { type PodFacts, validateContainers, validateEphemeralContainers, validateInitContainers } from './containers.ts'
import { locatedContainers } from './located.ts'
import { validatePodClaims, validatePodResources, validateResources } from './resources.ts'
import { validateAffinity, validateTolerations, validateTopologySpread } from './scheduling.ts'
import { validateHostProcess, validatePodSecurityContext, validateSystem } from './security.ts'
import { type PodIdentity, validateVolumes } from './volumes.ts'

export function validatePodSpec(errors: Errors, path: string, spec: PodSpec, pod: PodIdentity): void {
  if (spec.terminationGracePeriodSeconds === undefined) errors.push(required(`${path}.terminationGracePeriodSeconds`))
  const volumes = validateVolumes(errors, `${path}.volumes`, spec.volumes ?? [], pod)
  const claims = new Set((spec.resourceClaims ?? []).flatMap(({ name }) => name || []))
  validatePodClaims(errors, `${path}.resourceClaims`, spec.resourceClaims ?? [])
  const facts: PodFacts = { spec, volumes, claims, hostUsers: spec.hostUsers ?? true }
  validateContainers(errors, `${path}.containers`, facts)
  validateInitContainers(errors, `${path}.initContainers`, facts)
  validateEphemeralContainers(errors, `${path}.ephemeralContainers`, facts)
  validatePodResources(errors, path, spec, claims)
  validateHostNetwork(errors, path, spec, pod)
  oneOf(errors, `${path}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never'])
  oneOf(errors, `${path}.dnsPolicy`, spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'])
  if (spec.nodeSelector) errors.push(...validateLabels(spec.nodeSelector, `${path}.nodeSelector`))
  validatePodSecurityContext(errors, `${path}.securityContext`, spec)
  validateAffinity(errors, `${path}.affinity`, spec.affinity)
  validateDns(errors, `${path}.dnsConfig`, spec.dnsConfig, spec.dnsPolicy)
  validateGates(errors, path, spec)
  validateTopologySpread(errors, `${path}.topologySpreadConstraints`, spec.topologySpreadConstraints ?? [])
  const contexts = locatedContainers(spec, path).map(([at, { securityContext }]) => [at, securityContext] as const)
  validateHostProcess(errors, path, spec, contexts)
  validateHostUsers(errors, path, spec)
  validateHostnameOverride(errors, path, spec)
  validateNames(errors, path, spec)
  validateSystem(errors, path, spec, contexts)
  validateFileKeys(errors, path, spec)
}

function validateHostNetwork(errors: Errors, path: string, spec: PodSpec, pod: PodIdentity): void {
  if (!spec.hostNetwork) return
  spec.containers?.forEach(({ ports = [] }, index) => {
    ports.forEach(({ hostPort = 0, containerPort = 0 }, position) => {
      if ((pod.name === undefined && hostPort === 0) || hostPort === containerPort) return
      const at = `${path}.containers[${index}].ports[${position}].hostPort`
      errors.push(invalidValue(at, hostPort, 'must match `containerPort` when `hostNetwork` is true'))
    })
  })
}

function validateDns(errors: Errors, path: string, config: DnsConfig | undefined, policy: string | undefined): void {
  if (policy === 'None' && !config?.nameservers?.length) {
    errors.push(
      config
        ? required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')
        : required(path, 'must provide `dnsConfig` when `dnsPolicy` is None'),
    )
    return
  }
  const { nameservers = [], searches = [], options = [] } = config ?? {}
  if (nameservers.length > 3) errors.push(invalidValue(`${path}.nameservers`, nameservers, 'must not have more than 3 nameservers'))
  nameservers.forEach((address, index) => void errors.push(...validateLegacyIp(`${path}.nameservers[${index}]`, address)))
  if (searches.length > 32) errors.push(invalidValue(`${path}.searches`, searches, 'must not have more than 32 search paths'))
  if (searches.join(' ').length > 2048)
    errors.push(invalidValue(`${path}.searches`, searches, 'must not have more than 2048 characters (including spaces) in the search list'))
  searches.forEach((search, index) => {
    if (search === '.') return
    const domain = search.endsWith('.') ? search.slice(0, -1) : search
    each(errors, `${path}.searches[${index}]`, domain, isDns1123SubdomainWithUnderscore(domain))
  })
  options.forEach(({ name }, index) => {
    if (!name) errors.push(required(`${path}.options[${index}]`, 'must not be empty'))
  })
}

function validateGates(errors: Errors, path: string, { readinessGates = [], schedulingGates = [] }: PodSpec): void {
  readinessGates.forEach(({ conditionType = '' }, index) =>
    qualifiedName(errors, `${path}.readinessGates[${index}].conditionType`, conditionType),
  )
  const seen = new Set<string>()
  schedulingGates.forEach(({ name = '' }, index) => {
    const at = `${path}.schedulingGates[${index}]`
    each(errors, at, name, isQualifiedName(name))
    if (seen.has(name)) errors.push(duplicate(at, name))
    seen.add(name)
  })
}

function validateHostUsers(errors: Errors, path: string, spec: PodSpec): void {
  if (spec.hostUsers !== false) return
  if (spec.hostNetwork) errors.push(forbidden(`${path}.hostNetwork`, 'when `hostUsers` is false'))
  if (spec.hostPID) errors.push(forbidden(`${path}.HostPID`, 'when `hostUsers` is false'))
  if (spec.hostIPC) errors.push(forbidden(`${path}.HostIPC`, 'when `hostUsers` is false'))
  for (const [at, { volumeDevices = [] }] of locatedContainers(spec, path))
    if (volumeDevices.length > 0) errors.push(forbidden(`${at}.volumeDevices`, 'when `hostUsers` is false'))
}

function validateHostnameOverride(errors: Errors, path: string, spec: PodSpec): void {
  const { hostnameOverride } = spec
  if (hostnameOverride === undefined) return
  const at = `${path}.hostnameOverride`
  if (spec.setHostnameAsFQDN) errors.push(forbidden(at, 'may not be specified when setHostnameAsFQDN is true'))
  if (spec.hostNetwork) errors.push(forbidden(at, 'may not be specified when hostNetwork is true'))
  if (hostnameOverride.length > 64) errors.push(tooLong(at, 64))
  each(errors, at, hostnameOverride, isDns1123Subdomain(hostnameOverride))
}

function validateNames(errors: Errors, path: string, spec: PodSpec): void {
  const subdomain = (field: 'nodeName' | 'priorityClassName' | 'runtimeClassName' | 'serviceAccountName', value = spec[field]): void => {
    if (value) each(errors, `${path}.${field}`, value, nameIsDnsSubdomain(value, false))
  }
  subdomain('serviceAccountName')
  subdomain('nodeName')
  const deadline = spec.activeDeadlineSeconds
  if (deadline !== undefined) inRange(errors, `${path}.activeDeadlineSeconds`, deadline, 1, 2147483647)
  if (spec.hostname) dnsLabel(errors, `${path}.hostname`, spec.hostname)
  if (spec.subdomain) dnsLabel(errors, `${path}.subdomain`, spec.subdomain)
  if (spec.tolerations) validateTolerations(errors, `${path}.tolerations`, spec.tolerations)
  spec.hostAliases?.forEach(({ ip = '', hostnames = [] }, index) => {
    errors.push(...validateLegacyIp(`${path}.hostAliases[${index}].ip`, ip))
    hostnames.forEach((name, position) =>
      each(errors, `${path}.hostAliases[${index}].hostnames[${position}]`, name, isDns1123Subdomain(name)),
    )
  })
  subdomain('priorityClassName')
  if (spec.runtimeClassName !== undefined)
    each(errors, `${path}.runtimeClassName`, spec.runtimeClassName, nameIsDnsSubdomain(spec.runtimeClassName, false))
  if (spec.preemptionPolicy !== undefined)
    oneOf(errors, `${path}.preemptionPolicy`, spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'])
  if (spec.overhead) validateResources(errors, `${path}.overhead`, { limits: spec.overhead }, new Set())
}

function validateFileKeys(errors: Errors, path: string, spec: PodSpec): void {
  for (const [at, { env = [] }] of locatedContainers(spec, path)) {
    env.forEach(({ valueFrom }, index) => {
      if (!valueFrom?.fileKeyRef) return
      const name = valueFrom.fileKeyRef.volumeName ?? ''
      const field = `${at}.env[${index}].valueFrom.fileKeyRef.volumeName`
      const volume = spec.volumes?.findLast((each) => each.name === name)
      if (!volume) errors.push(notFoundValue(field, name))
      else if (!volume.emptyDir) errors.push(invalidValue(field, name, 'referenced volume must be of type emptyDir'))
    })
  }
}
