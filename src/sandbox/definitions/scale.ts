/**
 * The scale subresource: where a custom resource keeps its replicas, and what is wrong with them.
 *
 * (apiextensions-apiserver, registry/customresource/validator.go and etcd.go)
 */
import { isMap, type KubernetesObject } from '../../api/object.ts'
import type { Subresource } from '../registry/resource.ts'
import { type FieldError, invalidValue } from '../status/field-error.ts'
import { isInteger, json } from '../status/go-text.ts'
import type { ScaleProps } from './definition.ts'

const stepsOf = (path: string): string[] => (path.startsWith('.') ? path.slice(1) : path).split('.')

export function scaleSubresource(scale: ScaleProps): Subresource {
  const { labelSelectorPath } = scale
  const selectorSteps = labelSelectorPath === undefined ? [] : stepsOf(labelSelectorPath)
  return {
    kind: 'scale',
    specReplicasPath: stepsOf(scale.specReplicasPath).join('.'),
    statusReplicasPath: stepsOf(scale.statusReplicasPath).join('.'),
    selector: (object) => {
      if (selectorSteps.length === 0) return undefined
      const found = read(object, selectorSteps)
      return 'value' in found && typeof found.value === 'string' ? found.value : undefined
    },
  }
}

type Found = { readonly value: unknown } | { readonly problem: string } | Record<string, never>

/** (apimachinery, unstructured.NestedFieldNoCopy) */
function read(object: unknown, steps: readonly string[]): Found {
  let value = object
  for (const [depth, step] of steps.entries()) {
    if (value === null) return {}
    if (!isMap(value)) {
      const path = `.${steps.slice(0, depth + 1).join('.')}`
      return { problem: `${path} accessor error: ${goValue(value)} is of the type ${goType(value)}, expected map[string]interface{}` }
    }
    if (!Object.hasOwn(value, step)) return {}
    value = value[step]
  }
  return { value }
}

const goType = (value: unknown): string => {
  if (value === null) return '<nil>'
  if (typeof value === 'number') return isInteger(value) ? 'int64' : 'float64'
  if (typeof value === 'boolean') return 'bool'
  return Array.isArray(value) ? '[]interface {}' : typeof value === 'string' ? 'string' : 'map[string]interface {}'
}

const goValue = (value: unknown): string => (value === null ? '<nil>' : typeof value === 'object' ? json(value) : String(value))

function typed(object: unknown, path: string, type: string, none: unknown): { value: unknown } | { problem: string } {
  const steps = stepsOf(path)
  const found = read(object, steps)
  if ('problem' in found) return found as { problem: string }
  if (!('value' in found)) return { value: none }
  if (goType(found.value) === type) return { value: found.value }
  return { problem: `.${steps.join('.')} accessor error: ${goValue(found.value)} is of the type ${goType(found.value)}, expected ${type}` }
}

function checkReplicas(object: KubernetesObject, path: string, errors: FieldError[]): void {
  const found = typed(object, path, 'int64', 0)
  if ('problem' in found) errors.push(invalidValue(path, 0, found.problem))
  else if ((found.value as number) < 0) errors.push(invalidValue(path, found.value, 'should be a non-negative integer'))
  else if ((found.value as number) > 2147483647) errors.push(invalidValue(path, found.value, 'should be less than or equal to 2147483647'))
}

export function checkScaleSpec(object: KubernetesObject, scale: ScaleProps, errors: FieldError[]): void {
  checkReplicas(object, scale.specReplicasPath, errors)
}

export function checkScaleStatus(object: KubernetesObject, scale: ScaleProps, errors: FieldError[]): void {
  checkReplicas(object, scale.statusReplicasPath, errors)
  if (scale.labelSelectorPath === undefined) return
  const found = typed(object, scale.labelSelectorPath, 'string', '')
  if ('problem' in found) errors.push(invalidValue(scale.labelSelectorPath, '', found.problem))
}
