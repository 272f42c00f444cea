/**
 * What the tables of `kubectl get` are made of: columns, ages, selectors, shortened lists.
 *
 * (pkg/printers/internalversion/printers.go; apimachinery, util/duration)
 */
import { isMap, type JsonValue, type KubernetesObject } from '../../api/object.ts'
import type { ColumnDefinition, Columns } from '../registry/resource.ts'

/** A column that is always shown, or with `wide` only by `-o wide`. */
export const column = (name: string, type: ColumnDefinition['type'] = 'string', width: 'narrow' | 'wide' = 'narrow'): ColumnDefinition => ({
  name,
  type,
  format: '',
  description: '',
  priority: width === 'wide' ? 1 : 0,
})

export const nameColumn: ColumnDefinition = { ...column('Name'), format: 'name' }
export const ageColumn = column('Age')

/** One column and its cell. `now`: milliseconds since the epoch. */
export type ColumnRule = readonly [definition: ColumnDefinition, cell: (object: KubernetesObject, now: number) => JsonValue]

export const columnsOf = (...rules: readonly ColumnRule[]): Columns => ({
  definitions: rules.map(([definition]) => definition),
  cells: (object, now) => rules.map(([, cell]) => cell(object, now)),
})

export const nameRule: ColumnRule = [nameColumn, ({ metadata }) => metadata.name]
export const ageRule: ColumnRule = [ageColumn, ({ metadata }, now) => elapsed(metadata.creationTimestamp, now)]

/** What kinds get that have no columns of their own. (registry/rest/table.go) */
export const defaultColumns: Columns = columnsOf(nameRule, [
  column('Created At', 'date'),
  ({ metadata }) => metadata.creationTimestamp ?? null,
])

/** The time since `timestamp` as an age, `<unknown>` without one. */
export function elapsed(timestamp: unknown, now: number): string {
  const time = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
  return Number.isNaN(time) ? '<unknown>' : humanDuration(now - time)
}

/** `milliseconds` in at most two units: `5m30s`, `3d4h`, `2y`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.trunc(seconds / 60)
  if (minutes < 10) return twoUnits(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.trunc(minutes / 60)
  if (hours < 8) return twoUnits(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.trunc(hours / 24)
  if (hours < 192) return twoUnits(days, 'd', hours % 24, 'h')
  if (hours < 24 * 365 * 2) return `${days}d`
  const years = Math.trunc(days / 365)
  return hours < 24 * 365 * 8 ? twoUnits(years, 'y', days % 365, 'd') : `${years}y`
}

const twoUnits = (high: number, highUnit: string, low: number, lowUnit: string): string =>
  low === 0 ? `${high}${highUnit}` : `${high}${highUnit}${low}${lowUnit}`

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** `app=web,tier=front`, `<none>` if there are none. (labels.FormatLabels) */
export function formatLabels(labels: unknown): string {
  const entries = Object.entries(isMap(labels) ? labels : {})
  return (
    entries
      .map(([key, value]) => `${key}=${String(value)}`)
      .sort(byText)
      .join(',') || '<none>'
  )
}

/** A LabelSelector as text, `<none>` if it is empty, `<error>` if it is none. (metav1.FormatLabelSelector) */
export function formatLabelSelector(selector: unknown): string {
  if (!isMap(selector)) return '<none>'
  const requirements: { key: string; text: string }[] = []
  const labels = selector['matchLabels']
  for (const [key, value] of Object.entries(isMap(labels) ? labels : {})) requirements.push({ key, text: `${key}=${String(value)}` })
  const expressions = selector['matchExpressions']
  for (const expression of Array.isArray(expressions) ? expressions : []) {
    if (!isMap(expression)) return '<error>'
    const key = String(expression['key'] ?? '')
    const values = Array.isArray(expression['values']) ? expression['values'].map(String).sort(byText).join(',') : ''
    const text = expressionText(key, String(expression['operator'] ?? ''), values)
    if (text === undefined) return '<error>'
    requirements.push({ key, text })
  }
  return (
    requirements
      .sort((a, b) => byText(a.key, b.key))
      .map(({ text }) => text)
      .join(',') || '<none>'
  )
}

function expressionText(key: string, operator: string, values: string): string | undefined {
  switch (operator) {
    case 'In':
      return `${key} in (${values})`
    case 'NotIn':
      return `${key} notin (${values})`
    case 'Exists':
      return key
    case 'DoesNotExist':
      return `!${key}`
    default:
      return undefined
  }
}

/** The first `limit` items, and how many more there are. */
export function listWithMore(items: readonly string[], limit = 3, whenEmpty = '<unset>'): string {
  const shown = items.slice(0, limit).join(',')
  return items.length > limit ? `${shown} + ${items.length - limit} more...` : shown || whenEmpty
}
