/**
 * The same documents in the terms of Swagger 2.0, which knows less of schemas.
 *
 * (kube-openapi, pkg/openapiconv; apiextensions-apiserver, controller/openapi/v2)
 */
import { isMap, type JsonObject, type JsonValue } from '../../api/object.ts'

/** What Swagger has no word for. */
const unknown = new Set(['nullable', 'oneOf', 'anyOf', 'not'])

/** A schema of version 3. References may have neighbours, so that none is wrapped. */
export function schemaInVersion2(schema: JsonObject): JsonObject {
  const entries = Object.entries(schema).flatMap(([key, value]): [string, JsonValue | undefined][] => {
    if (unknown.has(key)) return []
    if (key === '$ref' && typeof value === 'string') return [[key, value.replace('#/components/schemas/', '#/definitions/')]]
    if (key === 'allOf' && Array.isArray(value)) return referenceIn(value as readonly JsonValue[])
    if (key === 'properties' && isMap(value)) {
      const properties = Object.entries(value).map(([name, each]) => [name, isMap(each) ? schemaInVersion2(each) : each])
      return [[key, Object.fromEntries(properties) as JsonObject]]
    }
    if ((key === 'items' || key === 'additionalProperties') && isMap(value)) return [[key, schemaInVersion2(value)]]
    return [[key, value]]
  })
  return Object.fromEntries(schema.format === 'int-or-string' || isQuantity(schema) ? [...entries, ['type', 'string']] : entries)
}

const isQuantity = ({ oneOf, type }: JsonObject): boolean => Array.isArray(oneOf) && type === undefined

function referenceIn(all: readonly JsonValue[]): [string, JsonValue | undefined][] {
  const [only] = all
  return all.length === 1 && isMap(only) && typeof only.$ref === 'string' ? Object.entries(schemaInVersion2(only)) : []
}

/** The operations of one path. */
export const pathInVersion2 = (path: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(path).map(([method, value]) => [
      method,
      Array.isArray(value) ? (value as readonly JsonObject[]).map(parameterInVersion2) : isMap(value) ? operationInVersion2(value) : value,
    ]),
  )

function operationInVersion2(operation: JsonObject): JsonObject {
  const {
    parameters = [],
    requestBody,
    responses,
    ...rest
  } = operation as {
    parameters?: readonly JsonObject[]
    requestBody?: { content: Readonly<Record<string, { schema: JsonObject }>> }
    responses: Readonly<Record<string, { description: string; content?: Readonly<Record<string, { schema: JsonObject }>> }>>
  }
  const [sent] = Object.values(requestBody?.content ?? {})
  return {
    ...(requestBody && { consumes: Object.keys(requestBody.content) }),
    produces: ['application/json', 'application/yaml'],
    schemes: ['https'],
    parameters: [
      ...(sent ? [{ name: 'body', in: 'body', required: true, schema: schemaInVersion2(sent.schema) }] : []),
      ...parameters.map(parameterInVersion2),
    ],
    responses: Object.fromEntries(
      Object.entries(responses).map(([code, { description, content }]) => {
        const [answer] = Object.values(content ?? {})
        return [code, { description, ...(answer && { schema: schemaInVersion2(answer.schema) }) }]
      }),
    ),
    ...(rest as JsonObject),
  }
}

function parameterInVersion2({ schema, ...rest }: JsonObject): JsonObject {
  return { ...rest, ...(isMap(schema) && schema) }
}
