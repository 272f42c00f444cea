/** The same object from the real server in both encodings: what is decoded is what JSON says, to the byte. */
import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { describe } from 'vitest'
import type { JsonObject } from '../../../src/api/object.ts'
import { createProtobufDecoder } from '../../../src/sandbox/protobuf/decode.ts'
import { createTypes } from '../../../src/sandbox/schema/types.ts'
import { resourcesTable } from '../../../src/sandbox/tables/resources.ts'
import { typesTable } from '../../../src/sandbox/tables/types.ts'
import { type Cluster, test } from '../../controlplane/fixture.ts'
import { samples } from './samples.ts'

const decodeProtobuf = createProtobufDecoder(createTypes(typesTable))
const json = 'application/json'
const protobuf = 'application/vnd.kubernetes.protobuf'

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  bytes: Buffer
}

const ask = async (cluster: Cluster, path: string, accept: string, body?: string): Promise<Answer> =>
  await new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${cluster.token}`, accept, ...(body !== undefined && { 'content-type': json }) }
    const sent = request(
      new URL(path, cluster.server),
      { method: body === undefined ? 'GET' : 'POST', ca: cluster.ca, headers },
      (answer) => {
        buffer(answer)
          .then((bytes) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, bytes }))
          .catch(reject)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })

/** The object in both encodings, as JSON texts; what two requests have on their own is taken out. */
const both = ([first, second]: readonly [Answer, Answer]): [decoded: string, expected: string] => {
  const decoded = decodeProtobuf(first.bytes)
  const expected = JSON.parse(second.bytes.toString()) as JsonObject
  return [JSON.stringify(decoded), JSON.stringify(expected)].map((text) =>
    text
      .replaceAll(/"(?:uid|time|creationTimestamp|lastTransitionTime|[^"]*controller-uid)":"[^"]*"/g, '"one":"s own"')
      .replaceAll(/"[^"]*kube-api-access-[^"]*"|"10\.0\.[^"]*"|"192\.168\.[^"]*"/g, '"one\'s own"'),
  ) as [string, string]
}

describe('a new object', () => {
  test.for(samples)('POSTed to %s', async ([path, kind, fields], { cluster, expect }) => {
    const apiVersion = path.startsWith('/api/') ? 'v1' : path.split('/').slice(2, 4).join('/')
    const body = JSON.stringify({ apiVersion, kind, metadata: { name: 'protobuf' }, ...fields }).replaceAll(
      '"NS"',
      JSON.stringify(cluster.namespace),
    )
    const url = `${path.replace('NS', cluster.namespace)}?dryRun=All`
    const answers = [await ask(cluster, url, protobuf, body), await ask(cluster, url, json, body)] as const
    expect(answers.map(({ status, headers, bytes }) => [status, headers['content-type'], status === 201 ? '' : bytes.toString()])).toEqual([
      [201, protobuf, ''],
      [201, json, ''],
    ])
    const [decoded, expected] = both(answers)
    expect(decoded).toBe(expected)
  })
})

describe('the objects of a fresh cluster', () => {
  const paths = resourcesTable.groups.flatMap(({ name, versions }) =>
    versions.flatMap(({ version, resources }) =>
      resources
        .filter(({ verbs }) => verbs.split(' ').includes('list'))
        .map(({ resource }) => `/${name ? `apis/${name}` : 'api'}/${version}/${resource}`),
    ),
  )
  test('are the same', async ({ cluster, expect }) => {
    let compared = 0
    for (const path of paths) {
      const [encoded, plain] = [await ask(cluster, path, protobuf), await ask(cluster, path, json)]
      expect([encoded.headers['content-type'], plain.headers['content-type']], path).toEqual([protobuf, json])
      const { items } = JSON.parse(plain.bytes.toString()) as { items: JsonObject[] }
      const decoded = (decodeProtobuf(encoded.bytes)['items'] ?? []) as JsonObject[]
      const byName = new Map(decoded.map((each) => [nameOf(each), each]))
      // Other tests create and change objects in between.
      const same = items.filter((each) => versionOf(byName.get(nameOf(each))) === versionOf(each))
      expect(
        same.map((each) => JSON.stringify(byName.get(nameOf(each)))),
        path,
      ).toEqual(same.map((each) => JSON.stringify(each)))
      compared += same.length
    }
    expect(compared).toBeGreaterThan(200)
  })
})

const nameOf = (object: JsonObject): string => {
  const { namespace, name } = object['metadata'] as JsonObject
  return JSON.stringify([namespace, name])
}
const versionOf = (object: JsonObject | undefined): unknown => (object?.metadata as JsonObject | undefined)?.resourceVersion
