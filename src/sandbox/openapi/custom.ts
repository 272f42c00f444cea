/**
 * Schemas of custom resources: as their definitions write them, with what every object has.
 *
 * (apiextensions-apiserver, controller/openapi/builder)
 */
import { isMap, type JsonObject, type JsonValue } from '../../api/object.ts'
import type { Resource } from '../registry/resource.ts'

/** `example.demo.v1.Widget` for Widgets of demo.example: the parts of the group turned around. */
export const componentName = ({ group, version }: { group: string; version: string }, kind: string): string =>
  [...group.split('.').reverse(), version, kind].join('.')

/** @param metadata A reference to the schema of metadata. */
export function customSchema(resource: Resource, metadata: JsonObject): JsonObject {
  const { group, version, kind, openApiSchema = {} } = resource
  const written = published(openApiSchema)
  return {
    ...written,
    type: 'object',
    properties: {
      ...(isMap(written.properties) && written.properties),
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { allOf: [metadata] },
    },
    'x-kubernetes-group-version-kind': [{ group, kind, version }],
  }
}

/** A schema as it is published: whatever may be a number or a text says so in plain OpenAPI too. */
function published(schema: JsonObject): JsonObject {
  const copy: [string, JsonValue | undefined][] = Object.entries(schema).map(([key, value]) => [key, inside(key, value)])
  if (schema['x-kubernetes-int-or-string'] === true && schema.anyOf === undefined)
    copy.push(['anyOf', [{ type: 'integer' }, { type: 'string' }]])
  return Object.fromEntries(copy)
}

function inside(key: string, value: JsonValue | undefined): JsonValue | undefined {
  switch (key) {
    case 'properties':
      return isMap(value)
        ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, isMap(each) ? published(each) : each]))
        : value
    case 'items':
    case 'additionalProperties':
      return isMap(value) ? published(value) : value
    default:
      return value
  }
}
