/**
 * Label selectors: `matchLabels` and `matchExpressions`, all of which must hold.
 * (meta/v1 LabelSelector; an empty selector matches everything)
 */
import { nearest } from './nearest.ts'
import { isMap } from './object.ts'

export type SelectorOperator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'

export interface LabelSelectorRequirement {
  readonly key: string
  readonly operator: SelectorOperator
  readonly values?: readonly string[]
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly LabelSelectorRequirement[]
}

/** Whether an object with these labels is selected. */
export function matchesSelector(selector: LabelSelector, labels: Readonly<Record<string, string>> | undefined): boolean {
  const has = (key: string): boolean => labels !== undefined && Object.hasOwn(labels, key)
  return requirements(selector).every(({ key, operator, values }) => {
    switch (operator) {
      case 'In':
        return has(key) && values.includes(labels?.[key] as string)
      // An object without the label is selected too.
      case 'NotIn':
        return !has(key) || !values.includes(labels?.[key] as string)
      case 'Exists':
        return has(key)
      case 'DoesNotExist':
        return !has(key)
    }
  })
}

/** Whether every object that `narrow` selects is selected by `wide` too, as far as their requirements show it. */
export function provablyCovers(wide: LabelSelector, narrow: LabelSelector): boolean {
  const given = requirements(narrow)
  return requirements(wide).every((demand) => given.some((fact) => fact.key === demand.key && implies(fact, demand)))
}

/** One condition on one label; both forms of a selector come down to it. */
export interface Requirement {
  key: string
  operator: SelectorOperator
  values: readonly string[]
}

/** All that has to hold. */
export function requirements(selector: LabelSelector): Requirement[] {
  const labels = Object.entries(selector.matchLabels ?? {}).map(([key, value]): Requirement => ({ key, operator: 'In', values: [value] }))
  return [...labels, ...(selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => ({ key, operator, values }))]
}

function implies(fact: Requirement, demand: Requirement): boolean {
  switch (demand.operator) {
    case 'In':
      return fact.operator === 'In' && fact.values.every((value) => demand.values.includes(value))
    case 'NotIn':
      if (fact.operator === 'In') return !fact.values.some((value) => demand.values.includes(value))
      return fact.operator === 'DoesNotExist' || (fact.operator === 'NotIn' && demand.values.every((value) => fact.values.includes(value)))
    case 'Exists':
      return fact.operator === 'Exists' || fact.operator === 'In'
    case 'DoesNotExist':
      return fact.operator === 'DoesNotExist'
  }
}

/** What is wrong with a selector and where in it. The caller knows the file and its positions. */
export interface SelectorProblem {
  path: readonly (string | number)[]
  message: string
  remedy: string
}

/** A selector from data that a user wrote, with everything that is wrong with it. */
export function parseSelector(value: unknown): { selector: LabelSelector; problems: SelectorProblem[] } {
  const problems: SelectorProblem[] = []
  const report = (path: (string | number)[], message: string, remedy: string): void => void problems.push({ path, message, remedy })
  if (!isMap(value)) {
    report([], 'a selector is a map', 'give it matchLabels, matchExpressions or both')
    return { selector: {}, problems }
  }
  for (const key of Object.keys(value)) {
    if (key === 'matchLabels' || key === 'matchExpressions') continue
    const near = nearest(key, ['matchLabels', 'matchExpressions'])
    report([key], `"${key}" is not a field of a label selector`, near ? `did you mean "${near}"?` : 'it has: matchLabels, matchExpressions')
  }
  checkLabels(value['matchLabels'], report)
  checkExpressions(value['matchExpressions'], report)
  return { selector: problems.length === 0 ? (value as LabelSelector) : {}, problems }
}

type Report = (path: (string | number)[], message: string, remedy: string) => void

function checkLabels(labels: unknown, report: Report): void {
  if (labels === undefined) return
  if (!isMap(labels)) return report(['matchLabels'], 'matchLabels is a map of label names to values', 'e.g. matchLabels: { tier: gold }')
  for (const [key, label] of Object.entries(labels)) {
    checkKey(key, ['matchLabels', key], report)
    checkLabelValue(label, ['matchLabels', key], report)
  }
}

const operators: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'] satisfies SelectorOperator[]

function checkExpressions(expressions: unknown, report: Report): void {
  if (expressions === undefined) return
  if (!Array.isArray(expressions))
    return report(['matchExpressions'], 'matchExpressions is a list', 'each item has key, operator and values')
  for (const [index, expression] of expressions.entries()) {
    const path = ['matchExpressions', index]
    if (!isMap(expression)) {
      report(path, 'an expression is a map', 'it has key, operator and values')
      continue
    }
    checkExpression(expression, path, report)
  }
}

function checkExpression(expression: { readonly [key: string]: unknown }, path: (string | number)[], report: Report): void {
  const { key, operator, values } = expression
  for (const name of Object.keys(expression)) {
    if (name === 'key' || name === 'operator' || name === 'values') continue
    report([...path, name], `"${name}" is not a field of an expression`, 'it has: key, operator, values')
  }
  if (typeof key === 'string') checkKey(key, [...path, 'key'], report)
  else report([...path, 'key'], 'an expression needs a key', 'name the label that it tests')
  if (typeof operator !== 'string' || !operators.includes(operator)) {
    return report([...path, 'operator'], `${JSON.stringify(operator) ?? 'nothing'} is not an operator`, `one of: ${operators.join(', ')}`)
  }
  const needsValues = operator === 'In' || operator === 'NotIn'
  if (needsValues && !(Array.isArray(values) && values.length > 0)) {
    report([...path, 'values'], `${operator} needs values`, 'give a list of at least one value')
  } else if (!needsValues && values !== undefined && !(Array.isArray(values) && values.length === 0)) {
    report([...path, 'values'], `${operator} takes no values`, 'remove values')
  }
  if (needsValues && Array.isArray(values)) values.forEach((item, index) => checkLabelValue(item, [...path, 'values', index], report))
}

const labelName = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$/
const labelPrefix = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

function checkKey(key: string, path: (string | number)[], report: Report): void {
  const slash = key.indexOf('/')
  const prefix = slash < 0 ? undefined : key.slice(0, slash)
  const valid = labelName.test(key.slice(slash + 1)) && (prefix === undefined || (prefix.length <= 253 && labelPrefix.test(prefix)))
  if (!valid)
    report(path, `"${key}" is not a label name`, 'an optional DNS prefix and "/", then at most 63 letters, digits, "-", "_" and "."')
}

function checkLabelValue(value: unknown, path: (string | number)[], report: Report): void {
  if (typeof value !== 'string') return report(path, `a label value is a string, not ${describe(value)}`, 'put it in quotes')
  if (value !== '' && !labelName.test(value))
    report(path, `"${value}" is not a label value`, 'at most 63 letters, digits, "-", "_" and "."')
}

const describe = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : isMap(value) ? 'a map' : `the ${typeof value} ${String(value)}`
