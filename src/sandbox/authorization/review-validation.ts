/**
 * What a review of access may ask.
 *
 * (pkg/apis/authorization/validation; pkg/registry/authorization/util)
 */
import type { KubernetesObject } from '../../api/object.ts'
import { isLabelValue, isQualifiedName } from '../kinds/names.ts'
import { invalid } from '../status/api-error.ts'
import { type FieldError, forbidden, invalidValue, required } from '../status/field-error.ts'

export interface ReviewSpec {
  readonly user?: string
  readonly groups?: readonly string[]
  readonly uid?: string
  readonly namespace?: string
  readonly token?: string
  readonly audiences?: readonly string[]
  readonly resourceAttributes?: {
    readonly namespace?: string
    readonly verb?: string
    readonly group?: string
    readonly resource?: string
    readonly subresource?: string
    readonly name?: string
    readonly fieldSelector?: SelectorAttributes
    readonly labelSelector?: SelectorAttributes
  }
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string }
}

interface SelectorAttributes {
  readonly rawSelector?: string
  readonly requirements?: readonly Requirement[]
}

interface Requirement {
  readonly key?: string
  readonly operator?: string
  readonly values?: readonly string[]
}

export const specOf = (object: KubernetesObject): ReviewSpec => (object['spec'] ?? {}) as ReviewSpec

/** Throws an ApiError (422) where there are errors. */
export function check(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: 'authorization.k8s.io', kind: '' }, '', errors)
}

const withNonResource = ({ path = '', verb = '' }: NonNullable<ReviewSpec['nonResourceAttributes']>): object => ({ Path: path, Verb: verb })

const exactlyOne = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'

function oneOfBoth({ resourceAttributes, nonResourceAttributes }: ReviewSpec): FieldError[] {
  if (resourceAttributes && nonResourceAttributes)
    return [
      invalidValue(
        'spec.nonResourceAttributes',
        withNonResource(nonResourceAttributes),
        'cannot be specified in combination with resourceAttributes',
      ),
    ]
  return resourceAttributes || nonResourceAttributes ? [] : [invalidValue('spec.resourceAttributes', null, exactlyOne)]
}

const selectorErrors = ({ resourceAttributes }: ReviewSpec): FieldError[] => [
  ...requirementErrors(resourceAttributes?.fieldSelector, 'spec.resourceAttributes.fieldSelector', fieldKeyErrors),
  ...requirementErrors(resourceAttributes?.labelSelector, 'spec.resourceAttributes.labelSelector', labelErrors),
]

export const attributeErrors = (spec: ReviewSpec): FieldError[] => [...oneOfBoth(spec), ...selectorErrors(spec)]

export const subjectErrors = (spec: ReviewSpec): FieldError[] => [
  ...oneOfBoth(spec),
  ...(!spec.user && !spec.groups?.length ? [invalidValue('spec.user', '', 'at least one of user or group must be specified')] : []),
  ...selectorErrors(spec),
]

/** A review has no identity; `local`: but a namespace. */
export function metadataErrors({ metadata }: KubernetesObject, local: boolean): FieldError[] {
  const names = Object.keys(metadata).filter((name) => name !== 'managedFields' && !(local && name === 'namespace'))
  return names.length === 0 ? [] : [invalidValue('metadata', metadata, local ? 'must be empty except for namespace' : 'must be empty')]
}

export const localErrors = ({ resourceAttributes, nonResourceAttributes }: ReviewSpec, namespace: string): FieldError[] => [
  ...(resourceAttributes && (resourceAttributes.namespace ?? '') !== namespace
    ? [invalidValue('spec.resourceAttributes.namespace', resourceAttributes.namespace ?? '', 'must match metadata.namespace')]
    : []),
  ...(nonResourceAttributes
    ? [invalidValue('spec.nonResourceAttributes', withNonResource(nonResourceAttributes), 'disallowed on this kind of request')]
    : []),
]

function requirementErrors(
  selector: SelectorAttributes | undefined,
  path: string,
  keyErrors: (requirement: Requirement, path: string) => { before: FieldError[]; after: FieldError[] },
): FieldError[] {
  if (!selector) return []
  const { rawSelector = '', requirements = [] } = selector
  const errors: FieldError[] = []
  if (rawSelector !== '' && requirements.length > 0)
    errors.push(invalidValue(`${path}.rawSelector`, rawSelector, 'may not specified at the same time as requirements'))
  if (rawSelector === '' && requirements.length === 0)
    errors.push(required(`${path}.requirements`, `when ${path} is specified, requirements or rawSelector is required`))
  for (const [index, requirement] of requirements.entries()) {
    const at = `${path}.requirements[${index}]`
    const { before, after } = keyErrors(requirement, at)
    errors.push(...before, ...operatorErrors(requirement, at), ...after)
  }
  return errors
}

/** An operator that is not known is let through: it may be of a newer server. */
function operatorErrors({ operator, values = [] }: Requirement, path: string): FieldError[] {
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0)
    return [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0)
    return [forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
  return []
}

const fieldKeyErrors = ({ key = '' }: Requirement, path: string): { before: FieldError[]; after: FieldError[] } => ({
  before: key === '' ? [required(`${path}.key`, 'must be specified')] : [],
  after: [],
})

const labelErrors = ({ key = '', values = [] }: Requirement, path: string): { before: FieldError[]; after: FieldError[] } => ({
  before: [],
  after: [
    ...isQualifiedName(key).map((problem) => invalidValue(`${path}.key`, key, problem)),
    ...values.flatMap((value, index) => isLabelValue(value).map((problem) => invalidValue(`${path}.values[${index}]`, value, problem))),
  ],
})

const labelOperators = new Set(['In', 'NotIn', 'Exists', 'DoesNotExist'])

/** Which selectors could not be used; empty where all could. */
export function selectorProblems({ resourceAttributes }: ReviewSpec): string {
  const { fieldSelector, labelSelector } = resourceAttributes ?? {}
  const usable = {
    fieldSelector: fieldSelector?.requirements?.map(
      ({ operator = '', values = [] }) => (operator === 'In' || operator === 'NotIn') && values.length === 1,
    ),
    labelSelector: labelSelector?.requirements?.map(({ operator = '' }) => labelOperators.has(operator)),
  }
  return Object.entries(usable)
    .filter(([, each]) => each?.includes(false))
    .map(([name, each]) => `spec.resourceAttributes.${name} ${each?.includes(true) ? 'partially ' : ''}ignored due to parse error`)
    .join('; ')
}
