/**
 * What may not change in a Service: the addresses it was given.
 *
 * (pkg/apis/core/validation, ValidateServiceUpdate)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import { type FieldError, forbidden, invalidValue } from '../../status/field-error.ts'
import {
  checkLoadBalancerClass,
  clusterIpsOf,
  isExternal,
  isHeadless,
  needsHealthCheck,
  specOf,
  validateAgainst,
} from './service-validation.ts'
import { type Fields, textsOf } from './values.ts'

export function validateServiceChange(service: KubernetesObject, old: KubernetesObject): FieldError[] {
  const spec = specOf(service)
  const before = specOf(old)
  const errors: FieldError[] = []
  if (!isExternal(spec) && !isExternal(before)) errors.push(...checkClusterIps(spec, before), ...checkFamilies(spec, before))
  errors.push(...checkLoadBalancerClass(spec, before))
  if (needsHealthCheck(before) && needsHealthCheck(spec) && spec['healthCheckNodePort'] !== before['healthCheckNodePort'])
    errors.push(forbidden('spec.healthCheckNodePort', 'field is immutable'))
  return [...errors, ...validateAgainst(service, old)]
}

function checkClusterIps(spec: Fields, before: Fields): FieldError[] {
  if (isHeadless(spec) && isHeadless(before)) return []
  const next = clusterIpsOf(spec)
  const last = clusterIpsOf(before)
  const changed = (index: number): FieldError => invalidValue(`spec.clusterIPs[${index}]`, next, 'may not change once set')
  if (last.length === next.length) return last.flatMap((address, index) => (address === next[index] ? [] : [changed(index)]))
  if (last.length < next.length) return last.length > 0 && next[0] !== last[0] ? [changed(0)] : []
  if (next.length === 0) return [invalidValue('spec.clusterIPs[0]', null, 'primary clusterIP can not be unset')]
  return [...(next[0] === last[0] ? [] : [changed(0)]), ...checkRelease(spec, 'clusterIP')]
}

function checkFamilies(spec: Fields, before: Fields): FieldError[] {
  if (isHeadless(spec) || isHeadless(before)) return []
  const next = textsOf(spec['ipFamilies'])
  const last = textsOf(before['ipFamilies'])
  const changed = (printed: readonly string[]): FieldError => invalidValue('spec.ipFamilies[0]', printed, 'may not change once set')
  if (last.length === next.length) return last.flatMap((family, index) => (family === next[index] ? [] : [changed(next)]))
  if (last.length < next.length) return last.length > 0 && next[0] !== last[0] ? [changed(clusterIpsOf(spec))] : []
  const errors: FieldError[] = []
  if (clusterIpsOf(spec).length === 0) errors.push(invalidValue('spec.ipFamilies[0]', next, 'primary ipFamily can not be unset'))
  if (next.length > 0 && next[0] !== last[0]) errors.push(changed(clusterIpsOf(spec)))
  return next.length === 1 ? [...errors, ...checkRelease(spec, 'ipFamily')] : errors
}

const checkRelease = (spec: Fields, what: string): FieldError[] =>
  spec['ipFamilyPolicy'] === 'SingleStack'
    ? []
    : [invalidValue('spec.ipFamilyPolicy', spec['ipFamilyPolicy'], `must be set to 'SingleStack' when releasing the secondary ${what}`)]
