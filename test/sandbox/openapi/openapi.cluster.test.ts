/** The OpenAPI documents, beside those of the real server. */
import { describe, expect } from 'vitest'
import type { JsonObject, JsonValue } from '../../../src/api/object.ts'
import { builtInResources } from '../../../src/sandbox/kinds/built-in.ts'
import { createOpenApi } from '../../../src/sandbox/openapi/openapi.ts'
import { resourcesTable } from '../../../src/sandbox/tables/resources.ts'
import { test } from '../../controlplane/fixture.ts'

interface Document {
  paths: Record<string, Record<string, JsonObject>>
  components: { schemas: Record<string, JsonObject> }
}

const isObject = (value: JsonValue | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What the sandbox does not tell: texts, enumerations, zero values, and that of which there is no name in its types. */
const left = new Set(['description', 'default', 'enum', 'x-kubernetes-unions'])
const unnamed = /runtime\.RawExtension|meta\.v1\.FieldsV1|apiextensions\.v1\.JSON/

/** A schema with only what clients act on; `allOf` around one reference says no more than the reference. */
function essence(schema: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(schema)) return (schema as readonly JsonValue[]).map((each) => essence(each) as JsonValue)
  if (!isObject(schema)) return schema
  const { allOf, ...rest } = schema
  const inlined = Array.isArray(allOf) && isObject(allOf[0] as JsonValue) ? { ...(allOf[0] as JsonObject), ...rest } : schema
  if (typeof inlined.$ref === 'string' && unnamed.test(inlined.$ref)) return 'any'
  const entries = Object.entries(inlined).flatMap(([key, value]): [string, JsonValue | undefined][] => {
    if (left.has(key)) return []
    // Lists are atomic and maps granular unless they say otherwise.
    if ((key === 'x-kubernetes-list-type' && value === 'atomic') || (key === 'x-kubernetes-map-type' && value === 'granular')) return []
    if (key === 'properties' && isObject(value))
      return [[key, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, essence(each)])) as JsonObject]]
    return [[key, essence(value)]]
  })
  return entries.length === 0 || (entries.length === 1 && inlined.type === 'object') ? 'any' : Object.fromEntries(entries)
}

const paths = resourcesTable.groups.flatMap(({ name, versions }) =>
  versions.map(({ version }) => (name ? `apis/${name}/${version}` : `api/${version}`)),
)

describe('OpenAPI', () => {
  test('has the same schemas, but for texts and enumerations', async ({ cluster }) => {
    const openapi = createOpenApi(builtInResources())
    let compared = 0
    for (const path of paths) {
      const mine = JSON.parse(openapi.document(`/openapi/v3/${path}`)?.text() ?? '') as Document
      const { body: real } = await cluster.request<Document>('GET', `/openapi/v3/${path}`)
      for (const [name, schema] of Object.entries(mine.components.schemas)) {
        if (!real.components.schemas[name] || unnamed.test(name)) continue
        compared += 1
        expect(essence(schema), `${path} ${name}`).toEqual(essence(real.components.schemas[name]))
      }
    }
    expect(compared).toBeGreaterThan(500)
  })

  test('has the same operations with the same kinds and patch types', async ({ cluster }) => {
    const openapi = createOpenApi(builtInResources())
    const operations = (document: Document): object =>
      Object.fromEntries(
        Object.entries(document.paths)
          // The older way to watch, and discovery itself.
          .filter(([path]) => !path.includes('/watch/') && !path.endsWith('/') && !path.includes('{path}'))
          .map(([path, methods]) => [
            path,
            Object.fromEntries(
              Object.entries(methods)
                .filter(([method]) => ['get', 'put', 'post', 'delete', 'patch'].includes(method))
                .map(([method, operation]) => [method, [operation['x-kubernetes-group-version-kind'], patchTypes(operation)]]),
            ),
          ]),
      )
    for (const path of paths) {
      const mine = JSON.parse(openapi.document(`/openapi/v3/${path}`)?.text() ?? '') as Document
      const { body: real } = await cluster.request<Document>('GET', `/openapi/v3/${path}`)
      expect(operations(mine), path).toEqual(operations(real))
    }
  })
})

const patchTypes = ({ requestBody }: JsonObject): string[] =>
  Object.keys((requestBody as { content?: object } | undefined)?.content ?? {}).filter((type) => type.includes('patch'))
