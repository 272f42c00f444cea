/**
 * What environment variables and files take from elsewhere: fields of the pod, resources of a container, keys of other objects.
 * (core/validation, validateEnvVarValueFrom; core/pods, ConvertDownwardAPIFieldLabel)
 */
import { isConfigMapKey, isQualifiedName, isRelaxedEnvVarName, nameIsDnsSubdomain } from '../../names.ts'
import { type Errors, dnsLabel, each, invalidValue, notSupported, quantity, quantityText, required } from '../checks.ts'
import type { EnvFromSource, EnvVar, FileKeySelector, KeySelector, ObjectFieldSelector, ResourceFieldSelector } from '../shapes.ts'
import { noBacksteps } from './paths.ts'

const envFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]

/** All that a reference may be written as; which of them hold where is told by another list. */
const knownFields = new Set([
  ...envFields,
  'metadata.annotations',
  'metadata.labels',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
])

const containerResources = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]

export function validateEnv(errors: Errors, path: string, variables: readonly EnvVar[]): void {
  variables.forEach((variable, index) => {
    const at = `${path}[${index}]`
    if (!variable.name) errors.push(required(`${at}.name`))
    else each(errors, `${at}.name`, variable.name, isRelaxedEnvVarName(variable.name))
    if (variable.valueFrom) validateValueFrom(errors, `${at}.valueFrom`, variable)
  })
}

function validateValueFrom(errors: Errors, path: string, { value, valueFrom = {} }: EnvVar): void {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom
  if (fieldRef) objectField(errors, `${path}.fieldRef`, fieldRef, envFields)
  if (resourceFieldRef) containerResource(errors, `${path}.resourceFieldRef`, resourceFieldRef, false)
  if (configMapKeyRef) keySelector(errors, `${path}.configMapKeyRef`, configMapKeyRef)
  if (secretKeyRef) keySelector(errors, `${path}.secretKeyRef`, secretKeyRef)
  if (fileKeyRef) fileKey(errors, `${path}.fileKeyRef`, fileKeyRef)
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter((source) => source !== undefined).length
  if (count === 0) {
    const problem = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
    errors.push(invalidValue(path, '', problem))
  } else if (value) errors.push(invalidValue(path, '', 'may not be specified when `value` is not empty'))
  else if (count > 1) errors.push(invalidValue(path, '', 'may not have more than one field specified at a time'))
}

/** `metadata.labels['app']` → its parts. */
function subscripted(field: string): { path: string; subscript: string } | undefined {
  const match = /^(.*?)\['(.*)'\]$/s.exec(field)
  return match ? { path: match[1] as string, subscript: match[2] as string } : undefined
}

export function objectField(
  errors: Errors,
  path: string,
  { apiVersion, fieldPath }: ObjectFieldSelector,
  allowed: readonly string[],
): void {
  if (!apiVersion) {
    errors.push(required(`${path}.apiVersion`))
    return
  }
  if (!fieldPath) {
    errors.push(required(`${path}.fieldPath`))
    return
  }
  const refuse = (why: string): void => void errors.push(invalidValue(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${why}`))
  if (apiVersion !== 'v1') {
    refuse(`unsupported pod version: ${apiVersion}`)
    return
  }
  const parts = subscripted(fieldPath)
  if (parts) {
    if (parts.path === 'metadata.annotations')
      each(errors, path, parts.subscript.toLowerCase(), isQualifiedName(parts.subscript.toLowerCase()))
    else if (parts.path === 'metadata.labels') each(errors, path, parts.subscript, isQualifiedName(parts.subscript))
    else refuse(`field label does not support subscript: ${fieldPath}`)
    return
  }
  const field = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath
  if (!knownFields.has(field)) refuse(`field label not supported: ${fieldPath}`)
  else if (!allowed.includes(field)) errors.push(notSupported(`${path}.fieldPath`, field, allowed))
}

const units = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']
const isHugePages = (resource: string): boolean => resource.startsWith('requests.hugepages-') || resource.startsWith('limits.hugepages-')

/** `volume`: the container has to be named. */
export function containerResource(errors: Errors, path: string, selector: ResourceFieldSelector, volume: boolean): void {
  const { containerName, resource = '', divisor } = selector
  if (volume && !containerName) errors.push(required(`${path}.containerName`))
  else if (!resource) errors.push(required(`${path}.resource`))
  else if (!containerResources.includes(resource) && !isHugePages(resource))
    errors.push(notSupported(`${path}.resource`, resource, containerResources))
  if (divisor === undefined || quantity(divisor).nano === 0n) return
  const text = quantityText(divisor)
  const refuse = (allowed: readonly string[], what: string): void => {
    if (!allowed.includes(text)) errors.push(invalidValue(`${path}.divisor`, resource, what))
  }
  const inUnits = (what: string): string => `only divisor's values ${units.join(', ')} are supported with the ${what} resource`
  const [, name] = resource.split('.')
  if (name === 'cpu') refuse(['1m', '1'], "only divisor's values 1m and 1 are supported with the cpu resource")
  else if (name === 'memory') refuse(units, inUnits('memory'))
  else if (name === 'ephemeral-storage') refuse(units, inUnits('local ephemeral storage'))
  else if (isHugePages(resource)) refuse(units, inUnits('hugepages'))
}

function keySelector(errors: Errors, path: string, { name = '', key }: KeySelector): void {
  each(errors, `${path}.name`, name, nameIsDnsSubdomain(name, false))
  if (!key) errors.push(required(`${path}.key`))
  else each(errors, `${path}.key`, key, isConfigMapKey(key))
}

function fileKey(errors: Errors, path: string, { key, volumeName, path: file }: FileKeySelector): void {
  if (!key) errors.push(required(`${path}.key`))
  else each(errors, `${path}.key`, key, isRelaxedEnvVarName(key))
  if (!volumeName) errors.push(required(`${path}.volumeName`))
  else dnsLabel(errors, `${path}.volumeName`, volumeName)
  if (!file) errors.push(required(`${path}.path`))
  else noBacksteps(errors, `${path}.path`, file)
}

export function validateEnvFrom(errors: Errors, path: string, sources: readonly EnvFromSource[]): void {
  sources.forEach(({ prefix, configMapRef, secretRef }, index) => {
    const at = `${path}[${index}]`
    if (prefix) each(errors, `${at}.prefix`, prefix, isRelaxedEnvVarName(prefix))
    const named = { configMapRef, secretRef }
    for (const [field, source] of Object.entries(named)) {
      if (!source) continue
      if (!source.name) errors.push(required(`${at}.${field}.name`))
      else each(errors, `${at}.${field}.name`, source.name, nameIsDnsSubdomain(source.name, true))
    }
    if (!configMapRef && !secretRef) errors.push(invalidValue(path, '', 'must specify one of: `configMapRef` or `secretRef`'))
    else if (configMapRef && secretRef) errors.push(invalidValue(path, '', 'may not have more than one field specified at a time'))
  })
}
