import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type HttpOptions, type ReadyCheck, serveHttp } from '../../src/operator/health.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A free port of this machine. */
const local = { host: '127.0.0.1', port: 0 }

const metrics = { text: () => Promise.resolve('fairlead_passes_total 1\n'), contentType: 'text/plain; version=0.0.4; charset=utf-8' }

async function serve(options: Partial<HttpOptions> = {}) {
  const started = await serveHttp({ healthAddress: local, metricsAddress: undefined, checks: () => [], metrics, ...options })
  if (started.kind === 'problems') throw new Error(JSON.stringify(started.problems))
  closing.push(started.close)
  return started
}

async function get(url: string, init?: RequestInit) {
  const response = await fetch(url, init)
  return { code: response.status, type: response.headers.get('content-type'), text: await response.text(), headers: response.headers }
}

/** A server of somebody else on a free port. */
async function occupy(): Promise<{ host: string; port: number }> {
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(() => resolve())))
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

describe('the pages', () => {
  it.each([
    [local, { host: '127.0.0.2', port: 0 }, ['/healthz', '/readyz', '/metrics']],
    [local, local, ['/healthz', '/readyz', '/metrics']],
    [local, undefined, ['/healthz', '/readyz']],
    [undefined, local, ['/metrics']],
    [undefined, undefined, []],
  ])('for health on %j and metrics on %j are %j', async (healthAddress, metricsAddress, pages) => {
    expect(await serve({ healthAddress, metricsAddress })).toMatchObject({ pages })
  })
})

describe('/healthz', () => {
  it('is fine as long as the process answers, also while it is not ready', async () => {
    const { healthUrl } = await serve({ checks: () => [{ name: 'credentials', check: () => 'expired' }] })
    expect(await get(`${healthUrl}/healthz`)).toMatchObject({ code: 200, text: 'ok\n' })
  })
})

describe('/readyz', () => {
  const fine: ReadyCheck = { name: 'credentials', check: () => undefined }
  const starting: ReadyCheck = { name: 'informer App.example.com', check: () => 'starting' }

  it('is fine when every check passes', async () => {
    const { healthUrl } = await serve({ checks: () => [fine] })
    expect(await get(`${healthUrl}/readyz`)).toMatchObject({ code: 200, text: 'ok\n' })
  })

  it('names the checks that fail', async () => {
    const { healthUrl } = await serve({ checks: () => [fine, starting] })
    expect(await get(`${healthUrl}/readyz`)).toMatchObject({ code: 503, text: '[-] informer App.example.com: starting\nnot ready\n' })
  })

  it('lists every check with ?verbose', async () => {
    const checks = [fine, starting]
    const { healthUrl } = await serve({ checks: () => checks })
    expect(await get(`${healthUrl}/readyz?verbose`)).toMatchObject({
      code: 503,
      text: '[+] credentials: ok\n[-] informer App.example.com: starting\nnot ready\n',
    })
    checks.pop()
    expect(await get(`${healthUrl}/readyz?verbose=1`)).toMatchObject({ code: 200, text: '[+] credentials: ok\nready\n' })
  })

  it('is not ready when a check throws, and does not tell what', async () => {
    const { healthUrl } = await serve({
      checks: () => [
        {
          name: 'broken',
          check: () => {
            throw new Error('hunter2')
          },
        },
      ],
    })
    expect(await get(`${healthUrl}/readyz`)).toMatchObject({ code: 503, text: '[-] broken: the check itself failed\nnot ready\n' })
  })
})

describe('/metrics', () => {
  it('has the exposition and its type', async () => {
    const { metricsUrl, healthUrl } = await serve({ healthAddress: undefined, metricsAddress: local })
    expect(healthUrl).toBeUndefined()
    expect(await get(`${metricsUrl}/metrics`)).toMatchObject({ code: 200, text: 'fairlead_passes_total 1\n', type: metrics.contentType })
  })

  it('is a 500 without details when it cannot be made', async () => {
    const { metricsUrl } = await serve({
      metricsAddress: local,
      metrics: { ...metrics, text: () => Promise.reject(new Error('hunter2')) },
    })
    expect(await get(`${metricsUrl}/metrics`)).toMatchObject({ code: 500, text: 'the page could not be made\n' })
  })
})

describe('addresses', () => {
  it('that are the same share a server', async () => {
    const { healthUrl, metricsUrl } = await serve({ metricsAddress: local })
    expect(metricsUrl).toBe(healthUrl)
    expect((await get(`${healthUrl}/metrics`)).code).toBe(200)
    expect((await get(`${healthUrl}/healthz`)).code).toBe(200)
  })

  it('that differ have a server each, with only its own pages', async () => {
    const { healthUrl, metricsUrl } = await serve({ metricsAddress: { host: 'localhost', port: 0 } })
    expect(metricsUrl).not.toBe(healthUrl)
    expect((await get(`${healthUrl}/metrics`)).code).toBe(404)
    expect(await get(`${metricsUrl}/readyz`)).toMatchObject({ code: 404, text: 'there is: /metrics\n' })
  })

  it('that are the same cannot be plain HTTP for health and TLS for the metrics', async () => {
    const same = { host: '127.0.0.1', port: 8080 }
    const certificate = { current: { cert: '', key: '' }, follow: () => () => undefined }
    const started = await serveHttp({ healthAddress: same, metricsAddress: same, checks: () => [], metrics, certificate })
    expect(started).toMatchObject({
      kind: 'problems',
      problems: [{ message: expect.stringContaining('--health-address is the same') as string }],
    })
  })

  it('that are left out serve nothing', async () => {
    expect(await serve({ healthAddress: undefined, metricsAddress: undefined })).toMatchObject({
      healthUrl: undefined,
      metricsUrl: undefined,
    })
  })

  it('where another process listens are a problem, and nothing is left running', async () => {
    const taken = await occupy()
    const free = await occupy()
    await closing.pop()?.()
    const started = await serveHttp({ healthAddress: free, metricsAddress: taken, checks: () => [], metrics })
    expect(started).toEqual({
      kind: 'problems',
      problems: [
        {
          code: 'OPTION_INVALID',
          message: `--metrics-address 127.0.0.1:${taken.port}: another process listens there`,
          remedy: 'choose another port, port 0 for a free one, or "off"',
        },
      ],
    })
    await expect(fetch(`http://127.0.0.1:${free.port}/healthz`)).rejects.toThrow()
  })

  it('that this machine does not have are a problem', async () => {
    const started = await serveHttp({ healthAddress: { host: '192.0.2.1', port: 0 }, metricsAddress: undefined, checks: () => [], metrics })
    expect(started).toMatchObject({
      kind: 'problems',
      problems: [{ message: '--health-address 192.0.2.1:0: this machine does not have the address' }],
    })
  })
})

describe('requests', () => {
  it('of other methods are refused', async () => {
    const { healthUrl } = await serve()
    const { code, headers } = await get(`${healthUrl}/healthz`, { method: 'POST', body: 'x' })
    expect([code, headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  it('for the head get no body', async () => {
    const { healthUrl } = await serve()
    expect(await get(`${healthUrl}/healthz`, { method: 'HEAD' })).toMatchObject({ code: 200, text: '' })
  })

  it.each(['/', '/healthz/', '/__proto__', '/constructor', '//healthz', '/%'])('for %s find nothing', async (path) => {
    const { healthUrl } = await serve()
    expect((await get(`${healthUrl}${path}`)).code).toBe(404)
  })
})

it('closing ends connections that are still open', async () => {
  const { healthUrl, close } = await serve()
  const socket = connect(Number(new URL(healthUrl as string).port), '127.0.0.1')
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await new Promise((resolve) => {
    socket.once('data', resolve)
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
  })
  await close()
  await closed
  await expect(fetch(`${healthUrl}/healthz`)).rejects.toThrow()
})
