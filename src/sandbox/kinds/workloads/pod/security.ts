/** With which rights processes run. (core/validation, ValidateSecurityContext and validatePodSpecSecurityContext) */
import { byteLength, isDns1123Subdomain, isUserId } from '../../names.ts'
import { duplicate, tooLong } from '../../../status/field-error.ts'
import { type Errors, each, forbidden, invalidValue, notSupported, required, supported } from '../checks.ts'
import type { PodSecurityContext, PodSpec, Profile, SecurityContext, WindowsOptions } from '../shapes.ts'
import { printedAs } from '../internal-types.ts'
import { descendingPath } from './paths.ts'

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']
const procMounts = ['Default', 'Unmasked']

/** `hostUsers`: the pod shares the users of its node. */
export function validateSecurityContext(errors: Errors, path: string, context: SecurityContext | undefined, hostUsers: boolean): void {
  if (!context) return
  userAndGroup(errors, path, context)
  const { procMount } = context
  if (procMount !== undefined) {
    if (!procMounts.includes(procMount)) errors.push(notSupported(`${path}.procMount`, procMount, procMounts))
    if (hostUsers && procMount === 'Unmasked')
      errors.push(invalidValue(`${path}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'))
  }
  seccomp(errors, `${path}.seccompProfile`, context.seccompProfile)
  if (context.allowPrivilegeEscalation === false) {
    const refuse = (what: string): void =>
      void errors.push(
        invalidValue(path, printedAs('SecurityContext', context), `cannot set \`allowPrivilegeEscalation\` to false and ${what}`),
      )
    if (context.privileged) refuse('`privileged` to true')
    for (const capability of context.capabilities?.add ?? []) if (capability === 'CAP_SYS_ADMIN') refuse('`capabilities.Add` CAP_SYS_ADMIN')
  }
  windows(errors, `${path}.windowsOptions`, context.windowsOptions)
  validateAppArmor(errors, `${path}.appArmorProfile`, context.appArmorProfile)
}

function userAndGroup(errors: Errors, path: string, { runAsUser, runAsGroup }: SecurityContext | PodSecurityContext): void {
  if (runAsUser !== undefined) each(errors, `${path}.runAsUser`, runAsUser, isUserId(runAsUser))
  if (runAsGroup !== undefined) each(errors, `${path}.runAsGroup`, runAsGroup, isUserId(runAsGroup))
}

export function validatePodSecurityContext(errors: Errors, path: string, spec: PodSpec): void {
  const context = spec.securityContext ?? {}
  if (context.fsGroup !== undefined) each(errors, `${path}.fsGroup`, context.fsGroup, isUserId(context.fsGroup))
  userAndGroup(errors, path, context)
  context.supplementalGroups?.forEach((group, index) => each(errors, `${path}.supplementalGroups[${index}]`, group, isUserId(group)))
  if (spec.shareProcessNamespace && spec.hostPID)
    errors.push(invalidValue(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'))
  if (context.sysctls) sysctls(errors, `${path}.sysctls`, context.sysctls, spec)
  supported(errors, `${path}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch'])
  seccomp(errors, `${path}.seccompProfile`, context.seccompProfile)
  windows(errors, `${path}.windowsOptions`, context.windowsOptions)
  validateAppArmor(errors, `${path}.appArmorProfile`, context.appArmorProfile)
  supported(errors, `${path}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict'])
  supported(errors, `${path}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ['Recursive'])
}

const sysctlSource = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$'
const sysctlPattern = new RegExp(sysctlSource)
const ipcSysctls = new Set(['kernel.shmall', 'kernel.shmmax', 'kernel.shmmni', 'kernel.shm_rmid_forced', 'kernel.sem'])

function sysctls(errors: Errors, path: string, list: NonNullable<PodSecurityContext['sysctls']>, spec: PodSpec): void {
  const names = new Set<string>()
  list.forEach(({ name = '' }, index) => {
    const at = `${path}[${index}].name`
    if (name === '') errors.push(required(at))
    else if (name.length > 253 || !sysctlPattern.test(name))
      errors.push(invalidValue(at, name, `must have at most 253 characters and match regex ${sysctlSource}`))
    else if (names.has(name)) errors.push(duplicate(at, name))
    const dotted =
      name.includes('/') && name.indexOf('/') < (name.includes('.') ? name.indexOf('.') : Infinity) ? name.replaceAll('/', '.') : name
    if (spec.hostNetwork && dotted.startsWith('net.'))
      errors.push(invalidValue(at, name, "may not be specified when 'hostNetwork' is true"))
    else if (spec.hostIPC && (ipcSysctls.has(dotted) || dotted.startsWith('kernel.msg') || dotted.startsWith('fs.mqueue.')))
      errors.push(invalidValue(at, name, "may not be specified when 'hostIPC' is true"))
    names.add(name)
  })
}

function seccomp(errors: Errors, path: string, profile: Profile | undefined): void {
  if (!profile) return
  const { type, localhostProfile } = profile
  if (!type) errors.push(required(`${path}.type`, 'type is required when seccompProfile is set'))
  else if (!profileTypes.includes(type)) errors.push(notSupported(`${path}.type`, type, profileTypes))
  if (type !== 'Localhost') {
    if (localhostProfile !== undefined)
      errors.push(
        invalidValue(`${path}.localhostProfile`, printedAs('SeccompProfile', profile), 'can only be set when seccomp type is Localhost'),
      )
  } else if (localhostProfile === undefined) errors.push(required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost'))
  else descendingPath(errors, `${path}.localhostProfile`, localhostProfile)
}

function validateAppArmor(errors: Errors, path: string, profile: Profile | undefined): void {
  if (!profile) return
  const { type, localhostProfile } = profile
  const at = `${path}.localhostProfile`
  if (type === 'Localhost') {
    const missing = required(at, 'must be set when AppArmor type is Localhost')
    if (localhostProfile === undefined) errors.push(missing)
    else {
      if (localhostProfile.trim() !== localhostProfile)
        errors.push(invalidValue(at, localhostProfile, 'must not be padded with whitespace'))
      else if (localhostProfile === '') errors.push(missing)
      if (byteLength(localhostProfile) > 4095) errors.push(tooLong(at, 4095))
    }
  } else if (type === 'RuntimeDefault' || type === 'Unconfined') {
    if (localhostProfile !== undefined) errors.push(invalidValue(at, localhostProfile, 'can only be set when AppArmor type is Localhost'))
  } else if (!type) errors.push(required(`${path}.type`, 'type is required when appArmorProfile is set'))
  else errors.push(notSupported(`${path}.type`, type, profileTypes))
}

const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const dnsDomain = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f]/

function windows(errors: Errors, path: string, options: WindowsOptions | undefined): void {
  if (!options) return
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options
  if (gmsaCredentialSpecName !== undefined)
    each(errors, `${path}.gmsaCredentialSpecName`, gmsaCredentialSpecName, isDns1123Subdomain(gmsaCredentialSpecName))
  if (gmsaCredentialSpec !== undefined) {
    const at = `${path}.gmsaCredentialSpec`
    if (gmsaCredentialSpec === '') errors.push(invalidValue(at, gmsaCredentialSpec, 'gmsaCredentialSpec cannot be an empty string'))
    else if (byteLength(gmsaCredentialSpec) > 65536)
      errors.push(invalidValue(at, gmsaCredentialSpec, 'gmsaCredentialSpec size must be under 64 KiB'))
  }
  if (runAsUserName !== undefined)
    for (const problem of windowsUser(runAsUserName))
      errors.push(invalidValue(`${path}.runAsUserName`, runAsUserName, `runAsUserName${problem}`))
}

function windowsUser(name: string): string[] {
  if (name === '') return [' cannot be an empty string']
  if (control.test(name)) return [' cannot contain control characters']
  const parts = name.split('\\')
  if (parts.length > 2) return [' cannot contain more than one backslash']
  const user = parts.at(-1) as string
  const domain = parts.length === 2 ? (parts[0] as string) : undefined
  return [
    ...((domain?.length ?? 0) >= 256 ? ["'s Domain length must be under 256 characters"] : []),
    ...(domain !== undefined && !netBios.test(domain) && !dnsDomain.test(domain)
      ? ["'s Domain doesn't match the NetBios nor the DNS format"]
      : []),
    ...(user === '' ? ["'s User cannot be empty"] : user.length > 104 ? ["'s User length must not be longer than 104 characters"] : []),
    ...(/^[. ]+$/.test(user) ? ["'s User cannot contain only periods or spaces"] : []),
    ...(/["/\\:;|=,+*?<>@[\]]/.test(user) ? ['\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]'] : []),
  ]
}

/** Containers that run as processes of a Windows host do so together. */
export function validateHostProcess(
  errors: Errors,
  path: string,
  spec: PodSpec,
  contexts: readonly (readonly [string, SecurityContext | undefined])[],
): void {
  const own = spec.securityContext?.windowsOptions?.hostProcess
  let count = 0
  for (const [at, context] of contexts) {
    const value = context?.windowsOptions?.hostProcess
    if (own !== undefined && value !== undefined && own !== value) {
      const problem = `pod hostProcess value must be identical if both are specified, was ${own}`
      errors.push(invalidValue(`${at}.securityContext.windowsOptions.hostProcess`, value, problem))
    }
    if (value ?? own) count += 1
  }
  if (count === 0) return
  if (count !== contexts.length)
    errors.push(invalidValue(path, '', 'If pod contains any hostProcess containers then all containers must be HostProcess containers'))
  if (!spec.hostNetwork)
    errors.push(invalidValue(`${path}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers'))
}

const windowsPodFields = [
  ['securityContext.appArmorProfile', (spec: PodSpec) => spec.securityContext?.appArmorProfile],
  ['securityContext.seLinuxOptions', (spec: PodSpec) => spec.securityContext?.seLinuxOptions],
  ['hostUsers', (spec: PodSpec) => spec.hostUsers],
  ['hostPID', (spec: PodSpec) => spec.hostPID || undefined],
  ['hostIPC', (spec: PodSpec) => spec.hostIPC || undefined],
  ['securityContext.seccompProfile', (spec: PodSpec) => spec.securityContext?.seccompProfile],
  ['securityContext.fsGroup', (spec: PodSpec) => spec.securityContext?.fsGroup],
  ['securityContext.fsGroupChangePolicy', (spec: PodSpec) => spec.securityContext?.fsGroupChangePolicy],
  ['securityContext.sysctls', (spec: PodSpec) => (spec.securityContext?.sysctls?.length ? true : undefined)],
  ['shareProcessNamespace', (spec: PodSpec) => spec.shareProcessNamespace],
  ['securityContext.runAsUser', (spec: PodSpec) => spec.securityContext?.runAsUser],
  ['securityContext.runAsGroup', (spec: PodSpec) => spec.securityContext?.runAsGroup],
  ['securityContext.supplementalGroups', (spec: PodSpec) => spec.securityContext?.supplementalGroups],
  ['securityContext.supplementalGroupsPolicy', (spec: PodSpec) => spec.securityContext?.supplementalGroupsPolicy],
  ['securityContext.seLinuxChangePolicy', (spec: PodSpec) => spec.securityContext?.seLinuxChangePolicy],
] as const
const windowsContainerFields = [
  ...(['appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities', 'readOnlyRootFilesystem', 'privileged'] as const),
  ...(['allowPrivilegeEscalation', 'procMount', 'runAsUser', 'runAsGroup'] as const),
]

/** What the operating system that a pod names has no notion of. */
export function validateSystem(
  errors: Errors,
  path: string,
  spec: PodSpec,
  contexts: readonly (readonly [string, SecurityContext | undefined])[],
): void {
  if (!spec.os) return
  const { name } = spec.os
  if (!name) errors.push(required(`${path}.os.name`))
  else if (name === 'linux') {
    const problem = 'windows options cannot be set for a linux pod'
    if (spec.securityContext?.windowsOptions) errors.push(forbidden(`${path}.securityContext.windowsOptions`, problem))
    for (const [at, context] of contexts)
      if (context?.windowsOptions) errors.push(forbidden(`${at}.securityContext.windowsOptions`, problem))
  } else if (name === 'windows') {
    const problem = 'cannot be set for a windows pod'
    for (const [field, read] of windowsPodFields) if (read(spec) !== undefined) errors.push(forbidden(`${path}.${field}`, problem))
    for (const [at, context] of contexts)
      for (const field of windowsContainerFields)
        if (context?.[field] !== undefined) errors.push(forbidden(`${at}.securityContext.${field}`, problem))
  } else errors.push(notSupported(`${path}.os`, name, ['linux', 'windows']))
}
