/** Limit ranges as objects; what they do to pods and claims is in limit-admission.ts. (pkg/apis/core/validation) */
import type { KubernetesObject } from '../../../api/object.ts'
import { compareQuantities, formatQuantity, type Quantity } from '../../../api/quantity.ts'
import type { KindBehaviour } from '../../registry/resource.ts'
import { type FieldError, duplicate, forbidden, invalidValue, required } from '../../status/field-error.ts'
import { defaultColumns } from '../columns.ts'
import { isQualifiedName } from '../names.ts'
import { quantityOf } from './claims.ts'
import { checkContainerResourceName, checkResourceName, mayOvercommit } from './resource-names.ts'
import { strategyOf } from './strategy.ts'
import { checkText, type Fields, fieldsOf, forItems, textOf } from './values.ts'

const types = ['Pod', 'Container', 'PersistentVolumeClaim']
const largestMilli = 9223372036854775n

function validateRange(range: KubernetesObject): FieldError[] {
  const seen = new Set<string>()
  return forItems(fieldsOf(range['spec'])['limits'], 'spec.limits', (limit, path) => {
    const type = textOf(limit['type'])
    const errors = checkText(`${path}.type`, type, isQualifiedName)
    if (errors.length === 0 && !type.includes('/') && !types.includes(type))
      errors.push(invalidValue(`${path}.type`, type, 'must be a standard limit type or fully qualified'))
    if (seen.has(type)) errors.push(duplicate(`${path}.type`, type))
    seen.add(type)
    return [
      ...errors,
      ...checkNames(limit, type, path),
      ...resourcesOf(limit, type).flatMap((name) => checkAmounts(limit, type, name, path)),
    ]
  })
}

const partsOf = (type: string): readonly string[] =>
  type === 'Pod' ? ['max', 'min', 'maxLimitRequestRatio'] : ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio']

const resourcesOf = (limit: Fields, type: string): string[] => [
  ...new Set(partsOf(type).flatMap((part) => Object.keys(fieldsOf(limit[part])))),
]

function checkNames(limit: Fields, type: string, path: string): FieldError[] {
  const check = type === 'Pod' || type === 'Container' ? checkContainerResourceName : checkResourceName
  const names = (part: string): FieldError[] =>
    Object.keys(fieldsOf(limit[part])).flatMap((name) => check(`${path}.${part}[${name}]`, name))
  const errors = [...names('max'), ...names('min')]
  for (const part of ['default', 'defaultRequest']) {
    if (type !== 'Pod') errors.push(...names(part))
    else if (Object.keys(fieldsOf(limit[part])).length > 0)
      errors.push(forbidden(`${path}.${part}`, "may not be specified when `type` is 'Pod'"))
  }
  const hasStorage = ['min', 'max'].some((part) => Object.hasOwn(fieldsOf(limit[part]), 'storage'))
  if (type === 'PersistentVolumeClaim' && !hasStorage)
    errors.push(required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided'))
  return [...errors, ...names('maxLimitRequestRatio')]
}

function checkAmounts(limit: Fields, type: string, name: string, path: string): FieldError[] {
  const amount = (part: string): Quantity | undefined => {
    const values = fieldsOf(limit[part])
    return Object.hasOwn(values, name) && partsOf(type).includes(part) ? quantityOf(values[name]) : undefined
  }
  const [min, max, limited, request, ratio] = ['min', 'max', 'default', 'defaultRequest', 'maxLimitRequestRatio'].map(amount)
  const errors: FieldError[] = []
  const refuse = (part: string, value: Quantity, message: string): void =>
    void errors.push(invalidValue(`${path}.${part}[${name}]`, formatQuantity(value), message))
  const greater = (first: Quantity | undefined, second: Quantity | undefined): boolean =>
    first !== undefined && second !== undefined && compareQuantities(first, second) > 0
  const text = (value: Quantity | undefined): string => (value ? formatQuantity(value) : '')
  if (min && greater(min, max)) refuse('min', min, `min value ${text(min)} is greater than max value ${text(max)}`)
  if (request) {
    if (greater(min, request))
      refuse('defaultRequest', request, `min value ${text(min)} is greater than default request value ${text(request)}`)
    if (greater(request, max))
      refuse('defaultRequest', request, `default request value ${text(request)} is greater than max value ${text(max)}`)
    if (greater(request, limited))
      refuse('defaultRequest', request, `default request value ${text(request)} is greater than default limit value ${text(limited)}`)
  }
  if (min && greater(min, limited)) refuse('default', min, `min value ${text(min)} is greater than default value ${text(limited)}`)
  if (max && greater(limited, max)) refuse('default', max, `default value ${text(limited)} is greater than max value ${text(max)}`)
  if (ratio) {
    if (ratio.nano < 1_000_000_000n) refuse('maxLimitRequestRatio', ratio, `ratio ${text(ratio)} is less than 1`)
    if (min && max && Number(ratio.nano) / 1e9 > maximalRatio(min, max))
      refuse('maxLimitRequestRatio', ratio, `ratio ${text(ratio)} is greater than max/min = ${maximalRatio(min, max).toFixed(6)}`)
  }
  if (!mayOvercommit(name) && limited && request && compareQuantities(limited, request) !== 0)
    refuse('defaultRequest', request, `default value ${text(limited)} must equal to defaultRequest value ${text(request)} in ${name}`)
  return errors
}

function maximalRatio(min: Quantity, max: Quantity): number {
  const step = [min, max].every(({ nano }) => nano / 1_000_000n < largestMilli) ? 1_000_000n : 1_000_000_000n
  const rounded = ({ nano }: Quantity): number => Number((nano + step - 1n) / step)
  return rounded(max) / rounded(min)
}

export const limitRangeKinds: Readonly<Record<string, KindBehaviour>> = {
  '/limitranges': {
    strategy: strategyOf({ createOnUpdate: true, validate: validateRange, update: ['metadata', 'object'] }),
    columns: defaultColumns,
  },
}
