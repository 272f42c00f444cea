import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Moment } from '../../../src/testing/crashes/calls.ts'
import { type CrashProxy, openProxy } from '../../../src/testing/crashes/proxy.ts'

let server: Server
/** What reached the server. */
let seen: string[]
let proxy: CrashProxy
let crashes: number

beforeEach(async () => {
  seen = []
  crashes = 0
  server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    response.writeHead(200, { 'content-type': 'application/json' })
    if (request.url?.includes('watch=true')) response.write('{}\n')
    else response.end('"answer"')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  await proxy.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

async function dying(moment: Moment | undefined, at = 'GET /dies'): Promise<(path: string) => Promise<string>> {
  const { port } = server.address() as AddressInfo
  proxy = await openProxy({
    server: { url: `http://127.0.0.1:${port}`, token: 'secret' },
    name: (method, url) => `${method} ${url}`,
    crashAt: (call) => (call === at ? moment : undefined),
    onCrash: () => void crashes++,
  })
  return async (path) =>
    await fetch(`${proxy.url}${path}`).then(
      async (answer) => (await answer.json()) as string,
      () => 'broken',
    )
}

describe('what stands between an operator and its server', () => {
  it('hands calls on with the token, and answers back', async () => {
    const ask = await dying(undefined)
    expect(await ask('/a?b=c')).toBe('answer')
    expect(seen).toEqual(['GET /a?b=c Bearer secret'])
  })

  it.each([
    ['before', 'broken', []],
    ['during', 'broken', ['GET /dies Bearer secret']],
    ['after', 'answer', ['GET /dies Bearer secret']],
  ] as const)('%s the call: the answer is %s, the server has seen %j, and nothing follows', async (moment, answer, expected) => {
    const ask = await dying(moment)
    expect(await ask('/dies')).toBe(answer)
    await expect.poll(() => crashes).toBe(1)
    expect(await ask('/next')).toBe('broken')
    expect(seen).toEqual(expected)
    expect(crashes).toBe(1)
  })

  it('breaks open watches off', async () => {
    const ask = await dying('before')
    const watch = await fetch(`${proxy.url}/a?watch=true`)
    const reader = watch.body?.getReader() as ReadableStreamDefaultReader
    await reader.read()
    const ended = reader.read()
    ended.catch(() => {})
    await ask('/dies')
    await expect(ended).rejects.toThrow()
  })
})
