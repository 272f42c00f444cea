import { describe, expect, it, vi } from 'vitest'
import type { RequestRecord, WatchEvent } from '../../src/kube/client.ts'
import type { Authentication, Credentials } from '../../src/kube/credentials.ts'
import { ApiError } from '../../src/kube/errors.ts'
import { collect, json, startServer, statusOf, testClient } from './http-server.ts'

const failure = (promise: Promise<unknown>): Promise<ApiError> =>
  promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => {
      if (error instanceof ApiError) return error
      throw error
    },
  )

const get = { method: 'GET', path: '/api/v1/pods' } as const
const apply = {
  method: 'PATCH',
  path: '/api/v1/namespaces/shop/configmaps/a',
  contentType: 'application/apply-patch+yaml',
  body: { kind: 'ConfigMap' },
} as const

describe('a request', () => {
  it('carries user agent, credentials, query and a JSON body, below the path of the server', async () => {
    await using server = await startServer((_, response) => json(response, { kind: 'PodList' }))
    const authentication = { headers: { Authorization: 'Bearer t' }, tls: {} }
    const credentials = {
      server: `${server.url}/k8s/c-1`,
      namespace: undefined,
      source: '',
      current: () => authentication,
      rejected: () => {},
    }
    await using client = testClient(credentials)
    await client.request({ ...apply, query: { fieldManager: 'a/b c', force: undefined, limit: 5 } })
    expect(server.received[0]).toMatchObject({
      method: 'PATCH',
      url: '/k8s/c-1/api/v1/namespaces/shop/configmaps/a?fieldManager=a%2Fb%20c&limit=5',
      headers: {
        'user-agent': 'fairlead/test',
        authorization: 'Bearer t',
        'content-type': 'application/apply-patch+yaml',
        accept: 'application/json',
      },
      body: '{"kind":"ConfigMap"}',
    })
  })

  it('answers text where the server does', async () => {
    await using server = await startServer((_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('ok'))
    await using client = testClient(server.url)
    expect(await client.request({ method: 'GET', path: '/readyz' })).toBe('ok')
  })

  it('fails on an answer that says it is JSON and is not, without quoting it', async () => {
    await using server = await startServer((_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"password":hunter2'),
    )
    await using client = testClient(server.url)
    const error = await failure(client.request(apply))
    expect(error).toMatchObject({ class: 'network', reason: 'BrokenAnswer', maybeDone: true })
    expect(error.message).not.toContain('hunter2')
  })

  it('uses two connections at most for many requests in a row: the next may be sent before that of the last is free', async () => {
    await using server = await startServer((_, response) => json(response, {}))
    await using client = testClient(server.url)
    for (let count = 0; count < 50; count++) await client.request(get)
    expect(server.connections.length).toBeLessThanOrEqual(2)
  })

  it('uses no more connections at once than allowed', async () => {
    await using server = await startServer((_, response) => void setImmediate(() => json(response, {})))
    await using client = testClient(server.url, { maxConnections: 3 })
    await Promise.all(Array.from({ length: 60 }, () => client.request(get)))
    expect(server.connections).toHaveLength(3)
  })

  it('leaves the connection usable after an error answer', async () => {
    await using server = await startServer((_, response) =>
      json(response, statusOf(404, 'NotFound', { details: { name: 'a', kind: 'pods' } }), 404),
    )
    await using client = testClient(server.url)
    for (let count = 0; count < 20; count++) await failure(client.request(get))
    expect(server.connections.length).toBeLessThanOrEqual(2)
  })

  it('is given up after its timeout', async () => {
    await using server = await startServer(() => {})
    await using client = testClient(server.url)
    expect(await failure(client.request({ ...get, timeout: 50 }))).toMatchObject({
      class: 'network',
      reason: 'Timeout',
      outcome: 'retry',
      maybeDone: true,
    })
    expect(server.received).toHaveLength(1)
  })

  it('is given up when the answer stops in its middle', async () => {
    await using server = await startServer((_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{'))
    await using client = testClient(server.url)
    expect(await failure(client.request({ ...get, timeout: 100 }))).toMatchObject({ class: 'network', reason: 'Timeout' })
  })

  it('ends at once when its signal aborts, also before it was sent', async () => {
    await using server = await startServer(() => controller.abort())
    await using client = testClient(server.url)
    const controller = new AbortController()
    expect(await failure(client.request({ ...get, signal: controller.signal }))).toMatchObject({ class: 'aborted' })
    expect(await failure(client.request({ ...get, signal: controller.signal }))).toMatchObject({ class: 'aborted' })
    expect(server.received).toHaveLength(1)
  })

  it('leaves no listener on a signal that outlives it', async () => {
    await using server = await startServer((_, response) => json(response, {}))
    await using client = testClient(server.url)
    const { signal } = new AbortController()
    const [add, remove] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')]
    await client.request({ ...get, signal })
    expect(add).toHaveBeenCalledOnce()
    expect(remove).toHaveBeenCalledOnce()
  })

  it('fails when the client is closed', async () => {
    await using server = await startServer((_, response) => json(response, {}))
    await using client = testClient(server.url)
    await client.request(get)
    await client.close()
    expect(await failure(client.request(get))).toMatchObject({ class: 'aborted', reason: 'ClientClosed' })
  })

  it('is told with its verb, resource, code and duration, each time it is sent', async () => {
    await using server = await startServer((_, response, count) =>
      count === 1 ? json(response, statusOf(429, 'TooManyRequests'), 429) : json(response, {}),
    )
    const records: RequestRecord[] = []
    await using client = testClient(server.url, { onRequest: (record) => records.push(record) })
    await client.request({ ...apply, path: '/apis/apps/v1/namespaces/shop/deployments/web/status' })
    expect(records).toMatchObject([
      { verb: 'patch', resource: 'deployments.apps/status', code: 429 },
      { verb: 'patch', resource: 'deployments.apps/status', code: 200 },
    ])
    expect(records.every(({ duration }) => duration >= 0 && duration < 5_000)).toBe(true)
  })
})

describe('a request that fails', () => {
  it.each([500, 502, 503, 504])('with %i is sent again if it reads, four times in all, with growing waits', async (code) => {
    await using server = await startServer((_, response) => json(response, statusOf(code, ''), code))
    await using client = testClient(server.url)
    expect(await failure(client.request(get))).toMatchObject({ code, outcome: 'retry' })
    expect(server.received).toHaveLength(4)
    expect(client.waits).toEqual([100, 200, 400])
  })

  it.each([500, 502, 503, 504])('with %i is not sent again if it writes', async (code) => {
    await using server = await startServer((_, response) => json(response, statusOf(code, ''), code))
    await using client = testClient(server.url)
    expect(await failure(client.request(apply))).toMatchObject({ code, maybeDone: true })
    expect(server.received).toHaveLength(1)
  })

  it.each(['PATCH', 'POST', 'DELETE', 'PUT', 'GET'] as const)(
    'with 429 is sent again after what the server asks, for %s',
    async (method) => {
      await using server = await startServer((_, response, count) =>
        count < 3 ? json(response, statusOf(429, 'TooManyRequests'), 429, { 'retry-after': '2' }) : json(response, { done: true }),
      )
      await using client = testClient(server.url)
      expect(await client.request({ ...apply, method })).toEqual({ done: true })
      expect(client.waits).toEqual([2_100, 2_200])
    },
  )

  it("with a Retry-After that is too long to wait for is the caller's", async () => {
    await using server = await startServer((_, response) => json(response, statusOf(429, 'TooManyRequests'), 429, { 'retry-after': '60' }))
    await using client = testClient(server.url)
    expect(await failure(client.request(apply))).toMatchObject({ class: 'tooManyRequests', retryAfter: 60_000 })
    expect(server.received).toHaveLength(1)
  })

  it.each([400, 403, 404, 405, 409, 410, 415, 422])('with %i is never sent again', async (code) => {
    await using server = await startServer((_, response) => json(response, statusOf(code, ''), code))
    await using client = testClient(server.url)
    await failure(client.request(get))
    expect(server.received).toHaveLength(1)
  })

  it('because the connection broke is sent again if it reads', async () => {
    await using server = await startServer((_, response, count) => (count < 3 ? response.destroy() : json(response, { done: true })))
    await using client = testClient(server.url)
    expect(await client.request(get)).toEqual({ done: true })
    expect(server.received).toHaveLength(3)
  })

  it.each(['PATCH', 'POST', 'DELETE'] as const)(
    'because the connection broke is not sent again for %s: it may have been done',
    async (method) => {
      await using server = await startServer((_, response) => response.destroy())
      await using client = testClient(server.url)
      expect(await failure(client.request({ ...apply, method }))).toMatchObject({
        class: 'network',
        reason: 'ConnectionReset',
        maybeDone: true,
      })
      expect(server.received).toHaveLength(1)
    },
  )

  it('because nothing listens is tried again for a write, too: it was never sent', async () => {
    const { url } = await (async () => {
      await using server = await startServer(() => {})
      return server
    })()
    await using client = testClient(url)
    expect(await failure(client.request(apply))).toMatchObject({ class: 'network', reason: 'ConnectionRefused', maybeDone: false })
    expect(client.waits).toHaveLength(3)
  })

  it('because the host is not known says so', async () => {
    await using client = testClient('http://no-such-host.invalid')
    expect(await failure(client.request(apply))).toMatchObject({ class: 'network', reason: 'HostNotFound', outcome: 'retry' })
  })

  it('while it waits to be sent again ends with the error that it waits for, when its time is up', async () => {
    await using server = await startServer((_, response) =>
      json(response, statusOf(503, 'ServiceUnavailable'), 503, { 'retry-after': '5' }),
    )
    const clock = { now: () => 0, after: () => () => {} }
    await using client = testClient(server.url, { clock })
    expect(await failure(client.request({ ...get, timeout: 60 }))).toMatchObject({ class: 'unavailable', code: 503, retryAfter: 5_000 })
  })

  it('with 401 is sent again once, with fresh credentials', async () => {
    let token = 'old'
    const refused: Authentication[] = []
    await using server = await startServer(({ headers }, response) =>
      headers.authorization === 'Bearer new' ? json(response, { done: true }) : json(response, statusOf(401, 'Unauthorized'), 401),
    )
    const credentials: Credentials = {
      server: server.url,
      namespace: undefined,
      source: '',
      current: async () => ({ headers: { Authorization: `Bearer ${token}` }, tls: {} }),
      rejected(authentication) {
        refused.push(authentication)
        token = 'new'
      },
    }
    await using client = testClient(credentials)
    expect(await client.request(apply)).toEqual({ done: true })
    expect(refused).toMatchObject([{ headers: { Authorization: 'Bearer old' } }])
  })

  it('because the credentials cannot be had says why', async () => {
    await using client = testClient({
      server: 'http://127.0.0.1:1',
      namespace: undefined,
      source: '',
      current: () => Promise.reject(new Error('the plugin "aws" failed')),
      rejected: () => {},
    })
    const error = await failure(client.request(get))
    expect(error).toMatchObject({ class: 'credentials', outcome: 'retry' })
    expect(error.message).toContain('the plugin "aws" failed')
  })
})

describe('a watch', () => {
  const watched = { path: '/api/v1/pods', query: { resourceVersion: '5' } }
  const event = (name: string) => ({ type: 'ADDED', object: { kind: 'Pod', apiVersion: 'v1', metadata: { name } } })

  it('yields events as they come and ends when the server ends it', async () => {
    await using server = await startServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const bytes = Buffer.from(`${JSON.stringify(event('ünïcode'))}\n${JSON.stringify(event('b'))}\n`)
      const middle = bytes.indexOf(0xc3) + 1
      response.write(bytes.subarray(0, middle), () => setImmediate(() => response.end(bytes.subarray(middle))))
    })
    await using client = testClient(server.url)
    expect(await collect(client.watch(watched))).toEqual([event('ünïcode'), event('b')])
    expect(server.received[0]?.url).toBe('/api/v1/pods?resourceVersion=5&watch=true')
  })

  it('does not take a connection from requests, nor is it ended by their timeout', async () => {
    await using server = await startServer(({ url }, response) => {
      if (url.includes('watch=true')) response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
      else json(response, {})
    })
    const records: RequestRecord[] = []
    await using client = testClient(server.url, { maxConnections: 1, onRequest: (record) => records.push(record) })
    const controller = new AbortController()
    const watches = Array.from({ length: 5 }, () => collect(client.watch({ ...watched, signal: controller.signal })))
    await vi.waitFor(() => expect(records.filter(({ verb }) => verb === 'watch')).toHaveLength(5))
    await client.request(get)
    expect(server.connections).toHaveLength(6)
    controller.abort()
    expect(await Promise.all(watches)).toEqual([[], [], [], [], []])
  })

  it('rejects when it cannot be opened, without trying again', async () => {
    await using server = await startServer((_, response) => json(response, statusOf(410, 'Expired'), 410))
    await using client = testClient(server.url)
    expect(await failure(collect(client.watch(watched)))).toMatchObject({ class: 'gone', reason: 'Expired' })
    expect(server.received).toHaveLength(1)
  })

  it('rejects when it breaks, after what came before', async () => {
    await using server = await startServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write(`${JSON.stringify(event('a'))}\n`, () => setImmediate(() => response.destroy()))
    })
    await using client = testClient(server.url)
    const seen: WatchEvent[] = []
    const error = await failure(
      (async () => {
        for await (const each of client.watch(watched)) seen.push(each)
      })(),
    )
    expect(seen).toEqual([event('a')])
    expect(error).toMatchObject({ class: 'network', outcome: 'retry' })
  })

  it.each(['{"type":"ADDED"', '<html>\n'])('rejects on a stream that is not JSON: %j', async (text) => {
    await using server = await startServer((_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(text))
    await using client = testClient(server.url)
    expect(await failure(collect(client.watch(watched)))).toMatchObject({ class: 'network', reason: 'BrokenStream' })
  })

  it('frees its connection when the reader stops', async () => {
    await using server = await startServer(
      (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write(`${JSON.stringify(event('a'))}\n`),
    )
    await using client = testClient(server.url)
    for await (const each of client.watch(watched)) {
      expect(each).toEqual(event('a'))
      break
    }
    await vi.waitFor(() => expect(server.connections[0]?.destroyed).toBe(true))
  })

  it('holds the server back while its reader is slow', async () => {
    const line = `${JSON.stringify({ type: 'ADDED', object: { text: 'x'.repeat(60_000) } })}\n`
    let written = 0
    await using server = await startServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const write = () => {
        while (written < 1_000) {
          written++
          if (!response.write(line)) return void response.once('drain', write)
        }
        response.end()
      }
      write()
    })
    await using client = testClient(server.url)
    const events = client.watch(watched)[Symbol.asyncIterator]()
    await events.next()
    // Until nothing more goes through: two looks in a row that see the same.
    let before = -1
    await vi.waitFor(
      () => {
        const stopped = written === before
        before = written
        expect(stopped).toBe(true)
      },
      { timeout: 5_000, interval: 100 },
    )
    expect(written).toBeLessThan(500)
    let count = 1
    while (!(await events.next()).done) count++
    expect(count).toBe(1_000)
  })
})
