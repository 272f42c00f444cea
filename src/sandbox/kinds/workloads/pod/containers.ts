/** The containers of a pod. (core/validation, validateContainers, validateInitContainers and validateEphemeralContainers) */
import { duplicate, notFoundValue, tooMany } from '../../../status/field-error.ts'
import { isPortName, isPortNumber } from '../../names.ts'
import { type Errors, dnsLabel, each, forbidden, invalidValue, notSupported, oneOf, required } from '../checks.ts'
import type { Container, ContainerPort, EphemeralContainer, PodSpec, Volume, VolumeDevice, VolumeMount } from '../shapes.ts'
import { descendingPath, noBacksteps } from './paths.ts'
import { probeNames, validateLifecycle, validateProbe } from './probes.ts'
import { validateEnv, validateEnvFrom } from './references.ts'
import { validateResources } from './resources.ts'
import { validateSecurityContext } from './security.ts'

/** What the rules of a container need to know of its pod. */
export interface PodFacts {
  readonly spec: PodSpec
  readonly volumes: ReadonlyMap<string, Volume>
  readonly claims: ReadonlySet<string>
  /** The containers share the users of their node. */
  readonly hostUsers: boolean
}

export function validateContainers(errors: Errors, path: string, facts: PodFacts): void {
  // A list that is missing is stored as null.
  const containers = facts.spec.containers ?? []
  if (containers.length === 0) {
    errors.push(required(path))
    return
  }
  const names = new Set<string>()
  containers.forEach((container, index) => {
    const at = `${path}[${index}]`
    const name = container.name ?? ''
    validateContainer(errors, at, container, facts)
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
    names.add(name)
    validateRunning(errors, at, container, facts)
    validateRestart(errors, at, container)
  })
  validateHostPorts(errors, path, containers)
}

/** Hooks and probes: only for containers that go on running. */
function validateRunning(errors: Errors, path: string, container: Container, { spec }: PodFacts): void {
  const grace = spec.terminationGracePeriodSeconds
  if (container.lifecycle) validateLifecycle(errors, `${path}.lifecycle`, container.lifecycle, grace, spec.os?.name)
  for (const name of probeNames) validateProbe(errors, path, name, container[name], grace)
}

export function validateInitContainers(errors: Errors, path: string, facts: PodFacts): void {
  const names = new Set((facts.spec.containers ?? []).map(({ name }) => name ?? ''))
  facts.spec.initContainers?.forEach((container, index) => {
    const at = `${path}[${index}]`
    const { name = '', restartPolicy, restartPolicyRules = [] } = container
    validateContainer(errors, at, container, facts)
    if (restartPolicy !== undefined) validateRestart(errors, at, container)
    else if (restartPolicyRules.length > 0)
      errors.push(required(`${at}.restartPolicy`, 'must specify restartPolicy when restart rules are used'))
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
    else if (name) names.add(name)
    validateHostPorts(errors, path, [container])
    if (restartPolicy === 'Always') validateRunning(errors, at, container, facts)
    else {
      for (const field of ['lifecycle', ...probeNames] as const)
        if (container[field]) errors.push(forbidden(`${at}.${field}`, 'may not be set for init containers without restartPolicy=Always'))
      container.resizePolicy?.forEach((policy, position) => {
        if (policy.restartPolicy !== 'RestartContainer') return
        const problem = "must not be set to 'RestartContainer' for non-sidecar initContainers"
        errors.push(invalidValue(`${at}.resizePolicy[${position}].restartPolicy`, policy.restartPolicy, problem))
      })
    }
  })
}

/** The fields of a container that one added for debugging cannot have, in the order in which the server complains. */
const refusedInEphemeral = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  ...probeNames,
  'lifecycle',
] as const

export function validateEphemeralContainers(errors: Errors, path: string, facts: PodFacts): void {
  const { ephemeralContainers = [], initContainers = [] } = facts.spec
  const containers = facts.spec.containers ?? []
  const others = new Set([...containers, ...initContainers].map(({ name }) => name ?? ''))
  const names = new Set(others)
  ephemeralContainers.forEach((container: EphemeralContainer, index) => {
    const at = `${path}[${index}]`
    const name = container.name ?? ''
    validateContainer(errors, at, container, facts)
    validateImageText(errors, at, container)
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
    names.add(name)
    const target = container.targetContainerName
    if (target && !others.has(target)) errors.push(notFoundValue(`${at}.targetContainerName`, target))
    for (const field of refusedInEphemeral) {
      const value = container[field]
      const isSet = Array.isArray(value)
        ? value.length > 0
        : typeof value === 'object'
          ? Object.keys(value).length > 0 || field !== 'resources'
          : value !== undefined
      if (isSet) errors.push(forbidden(`${at}.${field}`, 'cannot be set for an Ephemeral Container'))
    }
    container.volumeMounts?.forEach(({ subPath, subPathExpr }, position) => {
      const mount = `${at}.volumeMounts[${position}]`
      if (subPath) errors.push(forbidden(`${mount}.subPath`, 'cannot be set for an Ephemeral Container'))
      if (subPathExpr) errors.push(forbidden(`${mount}.subPathExpr`, 'cannot be set for an Ephemeral Container'))
    })
  })
}

/** Only pods that run need an image without blanks around it. */
export function validateImageText(errors: Errors, path: string, { image = '' }: Container): void {
  if (image.trim() !== image) errors.push(invalidValue(`${path}.image`, image, 'must not have leading or trailing whitespace'))
}

const messagePolicies = ['File', 'FallbackToLogsOnError']
const pullPolicies = ['Always', 'IfNotPresent', 'Never']

function validateContainer(errors: Errors, path: string, container: Container, facts: PodFacts): void {
  const {
    name,
    image,
    ports = [],
    env = [],
    envFrom = [],
    volumeMounts = [],
    volumeDevices = [],
    resources = {},
    resizePolicy = [],
  } = container
  if (!name) errors.push(required(`${path}.name`))
  else dnsLabel(errors, `${path}.name`, name)
  if (!image) errors.push(required(`${path}.image`))
  oneOf(errors, `${path}.terminationMessagePolicy`, container.terminationMessagePolicy, messagePolicies)
  validatePorts(errors, `${path}.ports`, ports)
  validateEnv(errors, `${path}.env`, env)
  validateEnvFrom(errors, `${path}.envFrom`, envFrom)
  validateMounts(errors, `${path}.volumeMounts`, volumeMounts, volumeDevices, container, facts)
  validateDevices(errors, `${path}.volumeDevices`, volumeDevices, volumeMounts, facts)
  oneOf(errors, `${path}.imagePullPolicy`, container.imagePullPolicy, pullPolicies)
  validateResources(errors, `${path}.resources`, resources, facts.claims)
  validateResizePolicy(errors, `${path}.resizePolicy`, resizePolicy, facts.spec.restartPolicy)
  validateSecurityContext(errors, `${path}.securityContext`, container.securityContext, facts.hostUsers)
}

function validatePorts(errors: Errors, path: string, ports: readonly ContainerPort[]): void {
  const names = new Set<string>()
  ports.forEach(({ name, containerPort = 0, hostPort = 0, protocol }, index) => {
    const at = `${path}[${index}]`
    if (name) {
      const messages = isPortName(name)
      each(errors, `${at}.name`, name, messages)
      if (messages.length === 0 && names.has(name)) errors.push(duplicate(`${at}.name`, name))
      if (messages.length === 0) names.add(name)
    }
    if (containerPort === 0) errors.push(required(`${at}.containerPort`))
    else each(errors, `${at}.containerPort`, containerPort, isPortNumber(containerPort))
    if (hostPort !== 0) each(errors, `${at}.hostPort`, hostPort, isPortNumber(hostPort))
    oneOf(errors, `${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP'])
  })
}

function validateHostPorts(errors: Errors, path: string, containers: readonly Container[]): void {
  const taken = new Set<string>()
  containers.forEach(({ ports = [] }, index) => {
    ports.forEach(({ protocol = '', hostIP = '', hostPort = 0 }, position) => {
      if (hostPort === 0) return
      const key = `${protocol}/${hostIP}/${hostPort}`
      if (taken.has(key)) errors.push(duplicate(`${path}[${index}].ports[${position}].hostPort`, key))
      taken.add(key)
    })
  })
}

function validateMounts(
  errors: Errors,
  path: string,
  mounts: readonly VolumeMount[],
  devices: readonly VolumeDevice[],
  container: Container,
  { volumes }: PodFacts,
): void {
  const taken = new Set<string>()
  mounts.forEach((mount, index) => {
    const at = `${path}[${index}]`
    const { name = '', mountPath = '', subPath, subPathExpr } = mount
    if (name === '') errors.push(required(`${at}.name`))
    if (!volumes.has(name)) errors.push(notFoundValue(`${at}.name`, name))
    if (mountPath === '') errors.push(required(`${at}.mountPath`))
    if (taken.has(mountPath)) errors.push(invalidValue(`${at}.mountPath`, mountPath, 'must be unique'))
    taken.add(mountPath)
    if (devices.some((device) => (device.name ?? '') === name))
      errors.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeDevices'))
    if (devices.some((device) => (device.devicePath ?? '') === mountPath))
      errors.push(invalidValue(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'))
    // The server names the list here, not the item.
    if (subPath) descendingPath(errors, `${path}.subPath`, subPath)
    if (subPathExpr) {
      if (subPath) errors.push(invalidValue(`${at}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
      descendingPath(errors, `${path}.subPathExpr`, subPathExpr)
    }
    validatePropagation(errors, path, mount, container)
  })
}

const propagations = ['Bidirectional', 'HostToContainer', 'None']
const recursions = ['Disabled', 'Enabled', 'IfPossible']

function validatePropagation(errors: Errors, path: string, mount: VolumeMount, container: Container): void {
  const { mountPropagation, recursiveReadOnly, readOnly } = mount
  if (mountPropagation !== undefined) {
    const at = `${path}.mountPropagation`
    if (!propagations.includes(mountPropagation)) errors.push(notSupported(at, mountPropagation, propagations))
    if (mountPropagation === 'Bidirectional' && !container.securityContext?.privileged)
      errors.push(forbidden(at, 'Bidirectional mount propagation is available only to privileged containers'))
  }
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return
  const at = `${path}.recursiveReadOnly`
  if (!recursions.includes(recursiveReadOnly)) errors.push(notSupported(at, recursiveReadOnly, recursions))
  else {
    if (!readOnly) errors.push(forbidden(at, 'may only be specified when readOnly is true'))
    if (mountPropagation !== undefined && mountPropagation !== 'None')
      errors.push(forbidden(at, 'may only be specified when mountPropagation is None or not specified'))
  }
}

function validateDevices(
  errors: Errors,
  path: string,
  devices: readonly VolumeDevice[],
  mounts: readonly VolumeMount[],
  { volumes }: PodFacts,
): void {
  const [names, paths] = [new Set<string>(), new Set<string>()]
  devices.forEach(({ name = '', devicePath = '' }, index) => {
    const at = `${path}[${index}]`
    const volume = volumes.get(name)
    if (name === '') errors.push(required(`${at}.name`))
    if (names.has(name)) errors.push(invalidValue(`${at}.name`, name, 'must be unique'))
    if (!volume) errors.push(notFoundValue(`${at}.name`, name))
    else if (!volume.persistentVolumeClaim && !volume.ephemeral)
      errors.push(invalidValue(`${at}.name`, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'))
    if (devicePath === '') errors.push(required(`${at}.devicePath`))
    if (paths.has(devicePath)) errors.push(invalidValue(`${at}.devicePath`, devicePath, 'must be unique'))
    const climbing: Errors = []
    noBacksteps(climbing, at, devicePath)
    if (climbing.length > 0) errors.push(invalidValue(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"))
    else paths.add(devicePath)
    if (mounts.some((mount) => (mount.name ?? '') === name))
      errors.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeMounts'))
    if (mounts.some((mount) => (mount.mountPath ?? '') === devicePath))
      errors.push(invalidValue(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'))
    if (name !== '') names.add(name)
  })
}

function validateResizePolicy(
  errors: Errors,
  path: string,
  policies: NonNullable<Container['resizePolicy']>,
  podRestartPolicy: string | undefined,
): void {
  const seen = new Set<string>()
  policies.forEach(({ resourceName = '', restartPolicy = '' }, index) => {
    if (seen.has(resourceName)) errors.push(duplicate(`${path}[${index}]`, resourceName))
    seen.add(resourceName)
    oneOf(errors, path, resourceName, ['cpu', 'memory'])
    oneOf(errors, path, restartPolicy, ['NotRequired', 'RestartContainer'])
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired')
      errors.push(invalidValue(path, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"))
  })
}

const restartPolicies = ['Always', 'Never', 'OnFailure']
const restartActions = ['Restart', 'RestartAllContainers']

function validateRestart(errors: Errors, path: string, { restartPolicy, restartPolicyRules = [] }: Container): void {
  if (restartPolicy === undefined) {
    if (restartPolicyRules.length === 0) return
    errors.push(required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'))
  } else if (!restartPolicies.includes(restartPolicy)) errors.push(notSupported(`${path}.restartPolicy`, restartPolicy, restartPolicies))
  if (restartPolicyRules.length > 20) errors.push(tooMany(`${path}.restartPolicyRules`, restartPolicyRules.length, 20))
  restartPolicyRules.forEach(({ action = '', exitCodes }, index) => {
    const at = `${path}.restartPolicyRules[${index}]`
    if (!restartActions.includes(action)) errors.push(notSupported(`${at}.action`, action, restartActions))
    if (!exitCodes) {
      errors.push(required(`${at}.exitCodes`, 'must be specified'))
      return
    }
    const { operator = '', values = [] } = exitCodes
    if (operator !== 'In' && operator !== 'NotIn') errors.push(notSupported(`${at}.exitCodes.operator`, operator, ['In', 'NotIn']))
    if (values.length > 255) errors.push(tooMany(`${at}.exitCodes.values`, values.length, 255))
  })
}
