/** What lies on the wire, also of clients that do not keep to HTTP. */
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSandbox } from '../../../src/sandbox/sandbox.ts'
import type { Listener } from '../../../src/sandbox/server/listener.ts'

const sandbox = createSandbox({ controllers: false })
let listener: Listener
beforeAll(async () => {
  listener = await sandbox.listen({ tls: false })
})
afterAll(() => sandbox.close())

const post = (...headers: string[]): string =>
  ['POST /api/v1/namespaces/default/configmaps HTTP/1.1', 'host: a', `authorization: Bearer ${sandbox.token}`, ...headers, '', ''].join(
    '\r\n',
  )
const tooLarge = 'Request entity too large: limit is 3145728'

describe('a body of more than 3 MiB', () => {
  it('is refused by its length, before any of it has come', async () => {
    expect(await answerTo(post('content-type: application/json', 'content-length: 4000000'))).toContain(tooLarge)
  })

  it('is refused while it comes in chunks, without an end', async () => {
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    expect(await answerTo(post('content-type: application/json', 'transfer-encoding: chunked') + chunk.repeat(49))).toContain(tooLarge)
  })

  it('is refused without a socket', async () => {
    const headers = { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' }
    const body = 'x'.repeat(3 * 1024 * 1024 + 1)
    const answer = await sandbox.fetch(
      new Request('http://sandbox/api/v1/namespaces/default/configmaps', { method: 'POST', headers, body }),
    )
    expect([answer.status, await answer.text()]).toEqual([413, expect.stringContaining(tooLarge)])
  })
})

describe('a request', () => {
  it('in chunks is read', async () => {
    const body = '{"metadata":{"name":"chunked"}}'
    const chunks = Array.from(body)
      .map((character) => `1\r\n${character}\r\n`)
      .join('')
    expect(await answerTo(`${post('content-type: application/json', 'transfer-encoding: chunked')}${chunks}0\r\n\r\n`)).toContain(
      '201 Created',
    )
  })

  it('may have headers of 100 kB', async () => {
    const body = '{"metadata":{"name":"headers"}}'
    const answer = await answerTo(
      post('content-type: application/json', `content-length: ${body.length}`, `x: ${'y'.repeat(100_000)}`) + body,
    )
    expect(answer).toContain('201 Created')
  })

  it.each([
    ['with headers of more than 1 MiB', `x: ${'y'.repeat(1024 * 1024)}`, '431'],
    ['for a host that cannot be', 'host: a/b', '400'],
    ['with two lengths', 'content-length: 1\r\ncontent-length: 2', '400'],
  ])('%s is refused', async (_, header, status) => {
    expect(await answerTo(`GET /version HTTP/1.1\r\n${header}\r\nconnection: close\r\n\r\n`)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })

  it('that ends early is no request, and the next one is answered', async () => {
    expect(await answerTo(`${post('content-type: application/json', 'content-length: 100')}{`, true)).toMatch(/^HTTP\/1.1 400 /)
    expect(await answerTo('GET /version HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')).toContain('200 OK')
  })
})

/** The first that comes back. `end`: the client says that it will send no more. */
const answerTo = (text: string, end = false): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(listener.port, '127.0.0.1', () => (end ? socket.end(text) : socket.write(text)))
    socket.once('error', reject)
    socket.once('data', (data) => {
      resolve(data.toString())
      socket.destroy()
    })
  })
