/** Tables of the workload kinds, whose cells have much in common. (printers/internalversion) */
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
export const containerCells = (containers: readonly Container[] | undefined): [string, string] => [
  (containers ?? []).map(({ name = '' }) => name).join(','),
  (containers ?? []).map(({ image = '' }) => image).join(','),
]

export { elapsed as age, humanDuration } from '../columns.ts'
