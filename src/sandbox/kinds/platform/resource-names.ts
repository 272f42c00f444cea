/** The names of resources that quotas and limits count. (pkg/apis/core/helper) */
import { type FieldError, invalidValue } from '../../status/field-error.ts'
import { isQualifiedName } from '../names.ts'
import { checkText } from './values.ts'

const containerResources = ['cpu', 'memory', 'ephemeral-storage']
const countedResources = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
]
const quotaResources: ReadonlySet<string> = new Set([
  ...containerResources,
  ...containerResources.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'requests.storage',
  ...countedResources,
])
const integerResources: ReadonlySet<string> = new Set(countedResources)

const isHugePages = (name: string): boolean => name.startsWith('hugepages-')
const isQuotaHugePages = (name: string): boolean => isHugePages(name) || name.startsWith('requests.hugepages-')

export const isStandardQuotaResource = (name: string): boolean => quotaResources.has(name) || isQuotaHugePages(name)
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')
const isExtended = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && isQualifiedName(`requests.${name}`).length === 0
export const isWholeResource = (name: string): boolean => integerResources.has(name) || isExtended(name)
export const mayOvercommit = (name: string): boolean => isNative(name) && !isHugePages(name)

export function checkResourceName(path: string, name: string): FieldError[] {
  const errors = checkText(path, name, isQualifiedName)
  if (errors.length > 0 || name.includes('/')) return errors
  return isStandardQuotaResource(name) || name === 'storage'
    ? []
    : [invalidValue(path, name, 'must be a standard resource type or fully qualified')]
}

export function checkQuotaResourceName(path: string, name: string): FieldError[] {
  const errors = checkResourceName(path, name)
  return name.includes('/') || isStandardQuotaResource(name)
    ? errors
    : [...errors, invalidValue(path, name, 'must be a standard resource for quota')]
}

export function checkContainerResourceName(path: string, name: string): FieldError[] {
  const errors = checkResourceName(path, name)
  if (!name.includes('/'))
    return containerResources.includes(name) || isHugePages(name)
      ? errors
      : [...errors, invalidValue(path, name, 'must be a standard resource for containers')]
  return isNative(name) || isExtended(name)
    ? errors
    : [...errors, invalidValue(path, name, "doesn't follow extended resource name standard")]
}
