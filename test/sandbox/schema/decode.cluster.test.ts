/** The decoder of built-in kinds beside the real server: what it refuses, in which words, and what it makes of what it takes. */
import { isDeepStrictEqual } from 'node:util'
import { describe } from 'vitest'
import type { JsonObject, JsonValue } from '../../../src/api/object.ts'
import { decode, strictDecodingError } from '../../../src/sandbox/schema/decode.ts'
import { readJson } from '../../../src/sandbox/schema/json-text.ts'
import { createTypes } from '../../../src/sandbox/schema/types.ts'
import { ApiError } from '../../../src/sandbox/status/api-error.ts'
import { typesTable } from '../../../src/sandbox/tables/types.ts'
import { type Cluster, test } from '../../controlplane/fixture.ts'
import { bodies, type Body } from './bodies.ts'

const types = createTypes(typesTable)

function decoded({ kind: name, text }: Body): JsonObject | ApiError {
  const [group = '', version = '', kind = ''] = name.split('/')
  const schema = types.typeOf({ group, version, kind })
  if (schema === undefined) throw new Error(`${name} is not in the table`)
  const body = readJson(text) as JsonObject
  const problems: string[] = []
  try {
    const object = decode(schema, body, problems, text)
    return problems.length > 0 ? strictDecodingError(schema, body, problems) : object
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
}

const collectionPath = ({ collection }: Body, namespace: string): string => {
  const [resource, ...groupVersion] = collection.split('/').reverse() as [string, ...string[]]
  const root = groupVersion.length > 1 ? 'apis' : 'api'
  const scope = resource === 'customresourcedefinitions' ? '' : `namespaces/${namespace}/`
  return `/${root}/${groupVersion.reverse().join('/')}/${scope}${resource}`
}

/** What the server fills in or clears whatever the client sends. */
const own = new Set([
  'namespace',
  'uid',
  'creationTimestamp',
  'managedFields',
  'resourceVersion',
  'generation',
  'deletionTimestamp',
  'selfLink',
  'storedVersions',
])

/** Where `object` has something else than `answer`, which may have more: defaults. */
function missing(object: JsonValue | undefined, answer: JsonValue | undefined, path: string): string[] {
  if (typeof object !== 'object' || object === null)
    return object === answer ? [] : [`${path}: ${JSON.stringify(object)} ≠ ${JSON.stringify(answer)}`]
  if (Array.isArray(object)) {
    const list = Array.isArray(answer) ? (answer as JsonValue[]) : undefined
    if (list?.length !== object.length) return [`${path}: ${object.length} items ≠ ${JSON.stringify(answer)}`]
    return object.flatMap((item: JsonValue, index) => missing(item, list[index], `${path}[${index}]`))
  }
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return [`${path}: an object ≠ ${JSON.stringify(answer)}`]
  return Object.entries(object as JsonObject).flatMap(([key, value]) =>
    (path === '.metadata' || path === '.status') && own.has(key) ? [] : missing(value, (answer as JsonObject)[key], `${path}.${key}`),
  )
}

/** What the decoder says otherwise than the server; undefined where they agree. */
async function difference(body: Body, cluster: Cluster): Promise<string | undefined> {
  const answer = await cluster.request('POST', collectionPath(body, cluster.namespace), {
    query: { dryRun: 'All', fieldValidation: 'Strict' },
    body: body.text,
  })
  const mine = decoded(body)
  const told = (found: unknown): string => `${body.text}: ${JSON.stringify(found)} ≠ ${answer.status} ${JSON.stringify(answer.body)}`
  if (answer.status === 400) return isDeepStrictEqual(mine instanceof ApiError && mine.status(), answer.body) ? undefined : told(mine)
  if (mine instanceof ApiError) return told(mine.message)
  const lost = answer.status === 201 ? missing(mine, answer.body as unknown as JsonObject, '') : []
  // 422: refused by validation, which comes after decoding.
  return [201, 422].includes(answer.status) && lost.length === 0 ? undefined : told(lost)
}

describe('the decoder and the real server agree on', () => {
  test.for(Object.entries(bodies))('%s', async ([, tried], { cluster, expect }) => {
    const differences: string[] = []
    for (const body of tried) {
      const found = await difference(body, cluster)
      if (found !== undefined) differences.push(found)
    }
    expect(differences).toEqual([])
  })
})
