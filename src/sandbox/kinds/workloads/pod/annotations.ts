/** Annotations of pods that the server knows. (core/validation, ValidatePodSpecificAnnotations) */
import { type Errors, forbidden, invalidValue } from '../checks.ts'
import type { PodSpec, Profile, Texts } from '../shapes.ts'
import { locatedContainers } from './located.ts'
import { descendingPath } from './paths.ts'

const mirror = 'kubernetes.io/config.mirror'
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost'
const podSeccomp = 'seccomp.security.alpha.kubernetes.io/pod'
const containerSeccomp = 'container.seccomp.security.alpha.kubernetes.io/'
const containerAppArmor = 'container.apparmor.security.beta.kubernetes.io/'

export function validatePodAnnotations(errors: Errors, path: string, annotations: Texts, spec: PodSpec): void {
  const own = (key: string): string | undefined => (Object.hasOwn(annotations, key) ? annotations[key] : undefined)
  const mirrored = own(mirror)
  if (mirrored !== undefined && !spec.nodeName)
    errors.push(invalidValue(`${path}[${mirror}]`, mirrored, 'must set spec.nodeName if mirror pod annotation is set'))
  const cost = own(deletionCost)
  if (cost !== undefined && !isInteger(cost)) errors.push(invalidValue(`${path}[${deletionCost}]`, cost, 'must be a 32bit integer'))
  const keys = Object.keys(annotations).sort()
  const seccomp = own(podSeccomp)
  if (seccomp !== undefined) seccompProfile(errors, `${path}.${podSeccomp}`, seccomp)
  for (const key of keys) if (key.startsWith(containerSeccomp)) seccompProfile(errors, `${path}.${key}`, annotations[key] as string)
  const names = new Set(allContainers(spec).map(({ name }) => name))
  for (const key of keys) {
    if (!key.startsWith(containerAppArmor)) continue
    const [name, profile] = [key.slice(containerAppArmor.length), annotations[key] as string]
    if (!names.has(name)) errors.push(invalidValue(`${path}[${key}]`, name, 'container not found'))
    const valid = profile === '' || profile === 'runtime/default' || profile === 'unconfined' || profile.startsWith('localhost/')
    if (!valid) errors.push(invalidValue(`${path}[${key}]`, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`))
  }
}

const allContainers = ({ initContainers = [], containers, ephemeralContainers = [] }: PodSpec) => [
  ...initContainers,
  ...(containers ?? []),
  ...ephemeralContainers,
]

const isInteger = (text: string): boolean =>
  /^-?(0|[1-9]\d*)$/.test(text) && Number(text) >= -(2 ** 31) && Number(text) < 2 ** 31 && text !== '-0'

function seccompProfile(errors: Errors, path: string, profile: string): void {
  if (profile === 'runtime/default' || profile === 'docker/default' || profile === 'unconfined') return
  if (profile.startsWith('localhost/')) descendingPath(errors, path, profile.slice('localhost/'.length))
  else errors.push(invalidValue(path, profile, 'must be a valid seccomp profile'))
}

/** Old annotations and new fields for the same profile have to agree. `path`: of the spec. */
export function validateProfilesAgree(errors: Errors, path: string, annotations: Texts, spec: PodSpec): void {
  const own = (key: string): string | undefined => (Object.hasOwn(annotations, key) ? annotations[key] : undefined)
  const located = locatedContainers(spec, path)
  const podProfile = spec.securityContext?.seccompProfile
  if (podProfile) agree(errors, `${path}.securityContext.seccompProfile`, 'seccomp', own(podSeccomp), podProfile)
  for (const [at, { name = '', securityContext }] of located) {
    const profile = securityContext?.seccompProfile
    if (profile) agree(errors, `${at}.securityContext.seccompProfile`, 'seccomp', own(`${containerSeccomp}${name}`), profile)
  }
  if (spec.os?.name === 'windows') return
  for (const [at, { name = '', securityContext }] of located) {
    const profile = securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile
    if (profile) agree(errors, `${at}.securityContext.appArmorProfile`, 'apparmor', own(`${containerAppArmor}${name}`), profile)
  }
}

function agree(errors: Errors, path: string, what: string, annotation: string | undefined, { type, localhostProfile }: Profile): void {
  if (annotation === undefined) return
  const typeDiffers = (): void => void errors.push(forbidden(`${path}.type`, `${what} type in annotation and field must match`))
  if (type === 'Unconfined') {
    if (annotation !== 'unconfined') typeDiffers()
  } else if (type === 'RuntimeDefault') {
    if (annotation !== 'runtime/default' && !(what === 'seccomp' && annotation === 'docker/default')) typeDiffers()
  } else if (type === 'Localhost') {
    if (!annotation.startsWith('localhost/')) typeDiffers()
    else if (annotation.slice('localhost/'.length) !== localhostProfile)
      errors.push(forbidden(`${path}.localhostProfile`, `${what} profile in annotation and field must match`))
  }
}

/** What may not happen to annotations while a pod lives. */
export function validateAnnotationUpdates(errors: Errors, path: string, next: Texts, old: Texts, spec: PodSpec): void {
  const fixed = (key: string): boolean => key === mirror || key.startsWith(containerAppArmor)
  const what = (key: string): string => (key === mirror ? 'mirror pod annotation' : 'AppArmor annotations')
  for (const key of Object.keys(old).sort())
    if (fixed(key) && !(Object.hasOwn(next, key) && next[key] === old[key]))
      errors.push(forbidden(`${path}[${key}]`, `may not remove or update ${what(key)}`))
  for (const key of Object.keys(next).sort())
    if (fixed(key) && !Object.hasOwn(old, key)) errors.push(forbidden(`${path}[${key}]`, `may not add ${what(key)}`))
  validatePodAnnotations(errors, path, next, spec)
}
