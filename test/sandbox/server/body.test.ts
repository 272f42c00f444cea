/** What the real server makes of half a character: the half of a pair that UTF-16 has and UTF-8 does not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSandbox } from '../../../src/sandbox/sandbox.ts'

const sandbox = createSandbox({ controllers: false })
const collection = '/api/v1/namespaces/default/configmaps'
beforeAll(async () => void (await send('POST', collection, 'application/json', '{"metadata":{"name":"a"}}')))
afterAll(() => sandbox.close())

describe('half a character', () => {
  it.each([
    ['application/merge-patch+json', String.raw`{"data":{"a":"\ud800"}}`],
    ['application/strategic-merge-patch+json', String.raw`{"data":{"a":"\ud800"}}`],
    ['application/json-patch+json', String.raw`[{"op":"add","path":"/data","value":{"a":"\ud800"}}]`],
  ])('in a patch of %s becomes the sign for none', async (type, body) => {
    const answer = await send('PATCH', `${collection}/a`, type, body)
    expect([answer.status, await answer.json()]).toMatchObject([200, { data: { a: '\ufffd' } }])
  })

  const configuration = String.raw`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"\ud800"}}`
  const problem = 'found invalid Unicode character escape code'
  it.each([
    ['JSON', configuration, `yaml: ${problem}`],
    ['JSON, even a whole pair', configuration.replace('ud800', String.raw`ud83d\ude00`), `yaml: ${problem}`],
    ['YAML', 'apiVersion: v1\nkind: ConfigMap\ndata:\n  a: "\\ud800"\n', `yaml: line 4: ${problem}`],
  ])('in a configuration is refused: %s', async (_, body, message) => {
    const answer = await send('PATCH', `${collection}/c?fieldManager=a`, 'application/apply-patch+yaml', body)
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { message: `error decoding YAML: error converting YAML to JSON: ${message}` },
    ])
  })

  it('is none where the backslash is one', async () => {
    const body = configuration.replace(String.raw`\ud800`, String.raw`\\ud800`)
    const answer = await send('PATCH', `${collection}/c?fieldManager=a`, 'application/apply-patch+yaml', body)
    expect([answer.status, await answer.json()]).toMatchObject([201, { data: { a: String.raw`\ud800` } }])
  })
})

describe('a body that goes too deep for a walk over it', () => {
  const deep = `${'{"a":'.repeat(9990)}1${'}'.repeat(9990)}`
  it.each([
    ['application/json-patch+json', `[{"op":"add","path":"/data","value":${deep}}]`],
    ['application/merge-patch+json', `{"data":${deep}}`],
    ['application/strategic-merge-patch+json', `{"data":${deep}}`],
    ['application/apply-patch+yaml', `{"apiVersion":"v1","kind":"ConfigMap","data":${deep}}`],
  ])('is refused: %s', async (type, body) => {
    expect((await send('PATCH', `${collection}/a?fieldManager=a`, type, body)).status).toBe(400)
  })
})

async function send(method: string, path: string, type: string, body: string): Promise<Response> {
  const headers = { authorization: `Bearer ${sandbox.token}`, 'content-type': type }
  return await sandbox.fetch(new Request(`http://sandbox${path}`, { method, headers, body }))
}
