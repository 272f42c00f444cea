/**
 * The columns of a custom resource: the name, then those that the definition names, or the age.
 *
 * (apiextensions-apiserver, registry/customresource/tableconvertor)
 */
import type { JsonValue, KubernetesObject } from '../../api/object.ts'
import { elapsed } from '../kinds/columns.ts'
import type { ColumnDefinition, Columns } from '../registry/resource.ts'
import { float, isInteger, json, number } from '../status/go-text.ts'
import type { ColumnProps } from './definition.ts'
import { type JsonPath, JsonPathError, parseJsonPath } from './json-path.ts'

const nameDescription =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names'
const ageDescription =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata'

const name: ColumnDefinition = { name: 'Name', type: 'string', format: 'name', description: nameDescription, priority: 0 }
const age: ColumnProps = { name: 'Age', type: 'date', description: ageDescription, jsonPath: '.metadata.creationTimestamp' }

type Cell = (object: KubernetesObject, now: number) => JsonValue

export function columnsOf(props: readonly ColumnProps[] | undefined): Columns {
  const definitions = [name]
  const cells: Cell[] = []
  for (const column of props && props.length > 0 ? props : [age]) {
    const path = pathOf(column.jsonPath)
    // The first path that cannot be read ends the columns.
    if (path === undefined) break
    definitions.push({
      name: column.name,
      type: column.type,
      format: column.format ?? '',
      description: column.description || `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
      priority: column.priority ?? 0,
    })
    cells.push(cellOf(column.type, path))
  }
  return { definitions, cells: (object, now) => [object.metadata.name, ...cells.map((cell) => cell(object, now))] }
}

function pathOf(text: string): JsonPath | undefined {
  try {
    return parseJsonPath(text)
  } catch (error) {
    if (error instanceof JsonPathError) return undefined
    throw error
  }
}

function cellOf(type: ColumnProps['type'], path: JsonPath): Cell {
  return (object, now) => {
    const [value] = path(object)
    if (value === undefined) return null
    switch (type) {
      case 'string':
        return printed(value)
      case 'integer':
        return typeof value === 'number' ? Math.trunc(value) : null
      case 'number':
        return typeof value === 'number' ? value : null
      case 'boolean':
        return typeof value === 'boolean' ? value : null
      case 'date':
        return typeof value === 'string' ? dateCell(value, now) : null
    }
  }
}

/** As the JSONPath printer prints it. */
function printed(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return isInteger(value) ? number(value) : float(value)
  if (value === null) return '<nil>'
  return typeof value === 'boolean' ? String(value) : json(value)
}

function dateCell(value: string, now: number): string {
  if (value === 'null' || value === '') return '<unknown>'
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value) && !Number.isNaN(Date.parse(value)) ? elapsed(value, now) : '<invalid>'
}
