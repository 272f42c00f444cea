/** Cells of tables that many kinds have. (printers/internalversion; apimachinery, util/duration, HumanDuration) */
import type { JsonValue, KubernetesObject } from '../../../api/object.ts'
import type { ColumnDefinition, Columns } from '../../registry/resource.ts'
import type { Container } from './shapes.ts'

type Short = readonly [name: string, type?: ColumnDefinition['type'], format?: string, priority?: number]

export const columns = <T extends KubernetesObject>(
  definitions: readonly Short[],
  cells: (object: T, now: number) => JsonValue[],
): Columns => ({
  definitions: definitions.map(([name, type = 'string', format = '', priority = 0]) => ({ name, type, format, description: '', priority })),
  cells: (object, now) => cells(object as T, now),
})

/** Columns of `-o wide`. */
export const wide = (...names: readonly string[]): Short[] => names.map((name) => [name, 'string', '', 1])

export const count = (value: number | undefined): number => value ?? 0

/** Names and images, as two cells. */
export const containerCells = (containers: readonly Container[] = []): [string, string] => [
  containers.map(({ name = '' }) => name).join(','),
  containers.map(({ image = '' }) => image).join(','),
]

/** How long ago; `<unknown>` for a time that never was. */
export const age = (time: string | undefined, now: number): string => (time ? humanDuration(now - Date.parse(time)) : '<unknown>')

/** Two or three digits of precision: `45s`, `3m20s`, `5h`, `2d3h`, `4y120d`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.trunc(seconds / 60)
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`
  if (minutes < 180) return `${minutes}m`
  const hours = Math.trunc(minutes / 60)
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`
  if (hours < 48) return `${hours}h`
  const days = Math.trunc(hours / 24)
  if (hours < 192) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`
  if (days < 730) return `${days}d`
  const years = Math.trunc(days / 365)
  return days < 8 * 365 && days % 365 !== 0 ? `${years}y${days % 365}d` : `${years}y`
}
