/**
 * Label selectors as the server validates, applies and prints them.
 * (apimachinery, apis/meta/v1/validation and labels/selector.go)
 */
import { isLabelValue, isQualifiedName } from '../names.ts'
import { validateLabels } from '../../registry/object-meta.ts'
import { type Errors, each, forbidden, invalidValue, required } from './checks.ts'
import type { LabelSelector, SelectorRequirement, Texts } from './shapes.ts'

export function validateSelector(errors: Errors, path: string, selector: LabelSelector | undefined): void {
  if (!selector) return
  if (selector.matchLabels) errors.push(...validateLabels(selector.matchLabels, `${path}.matchLabels`))
  selector.matchExpressions?.forEach((requirement, index) => validateRequirement(errors, `${path}.matchExpressions[${index}]`, requirement))
}

function validateRequirement(errors: Errors, path: string, { key = '', operator = '', values = [] }: SelectorRequirement): void {
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) errors.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
  } else errors.push(invalidValue(`${path}.operator`, operator, 'not a valid selector operator'))
  each(errors, `${path}.key`, key, isQualifiedName(key))
  values.forEach((value, index) => each(errors, `${path}.values[${index}]`, value, isLabelValue(value)))
}

/** Whether the selector can be applied at all. (metav1.LabelSelectorAsSelector) */
export function isUsable(selector: LabelSelector | undefined): boolean {
  const errors: Errors = []
  validateSelector(errors, '', selector)
  return errors.length === 0
}

/** A missing selector selects nothing, an empty one everything. The selector has to be usable. */
export function selects(selector: LabelSelector | undefined, labels: Texts = {}): boolean {
  if (!selector) return false
  const has = (key: string): boolean => Object.hasOwn(labels, key)
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => has(key) && labels[key] === value)
  return (
    equal &&
    (selector.matchExpressions ?? []).every(({ key = '', operator, values = [] }) => {
      const found = has(key)
      if (operator === 'In') return found && values.includes(labels[key] as string)
      if (operator === 'NotIn') return !found || !values.includes(labels[key] as string)
      return operator === 'Exists' ? found : !found
    })
  )
}

export const isEmptySelector = (selector: LabelSelector): boolean =>
  Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0) === 0

/** As the server prints a selector with its fields in their order. */
export const printedSelector = (selector: LabelSelector): object => ({
  ...(Object.keys(selector.matchLabels ?? {}).length > 0 && { matchLabels: sortedTexts(selector.matchLabels ?? {}) }),
  ...((selector.matchExpressions?.length ?? 0) > 0 && {
    matchExpressions: selector.matchExpressions?.map(({ key = '', operator = '', values = [] }) => ({
      key,
      operator,
      ...(values.length > 0 && { values }),
    })),
  }),
})

/** Maps are printed with their keys in order. */
export const sortedTexts = (texts: Texts): Texts =>
  Object.fromEntries(Object.entries(texts).sort(([first], [second]) => (first < second ? -1 : 1)))

/** `app=web,tier in (a,b),!gone`, in the order of the keys; empty for a selector that selects everything. */
export function formatSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const parts = [
    ...Object.entries(matchLabels).map(([key, value]) => [key, `${key}=${value}`] as const),
    ...matchExpressions.map(({ key = '', operator, values = [] }) => [key, formatRequirement(key, operator, values)] as const),
  ]
  return parts
    .sort(([first], [second]) => (first < second ? -1 : first > second ? 1 : 0))
    .map(([, text]) => text)
    .join(',')
}

function formatRequirement(key: string, operator: string | undefined, values: readonly string[]): string {
  const list = `(${[...values].sort().join(',')})`
  if (operator === 'In') return `${key} in ${list}`
  if (operator === 'NotIn') return `${key} notin ${list}`
  return operator === 'Exists' ? key : `!${key}`
}

/** `a=1,b=2`, `<none>` for no labels. (labels.FormatLabels) */
export const formatLabels = (labels: Texts | undefined): string =>
  Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',') || '<none>'

/** As the columns of a table show it. (metav1.FormatLabelSelector: nothing is printed as nothing is selected) */
export function selectorCell(selector: LabelSelector | undefined): string {
  if (selector && !isUsable(selector)) return '<error>'
  return (selector && formatSelector(selector)) || '<none>'
}
