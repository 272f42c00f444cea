import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createSocket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { makeCertificate } from '../../../src/operator/certificate.ts'
import { httpRequests } from '../../../src/operator/requests/http.ts'
import { effectsStage, secret } from '../effects-stage.ts'
import { around, effect } from './around.ts'

interface Received {
  method: string | undefined
  url: string | undefined
  headers: IncomingMessage['headers']
  body: string
}

/** A server that notes what it is asked. */
async function server(answer: RequestListener = (_request, response) => void response.end('{"ok":true}'), tls?: object) {
  const received: Received[] = []
  const listener: RequestListener = (request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      received.push({ method: request.method, url: request.url, headers: request.headers, body })
      answer(request, response)
    })
  }
  const listening = tls ? createTlsServer(tls, listener) : createServer(listener)
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  const { port } = listening.address() as AddressInfo
  return {
    received,
    port,
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      listening.closeAllConnections()
      await new Promise((resolve) => listening.close(resolve))
    },
  }
}

const stageWith = async (options: Partial<Parameters<typeof httpRequests>[0]> = {}) => {
  const stage = await effectsStage()
  const http = httpRequests({ allowHosts: [], dnsServer: undefined, ...options })
  const shop = await stage.primary('shop')
  return {
    stage,
    shop,
    run: (inputs: object, more = {}, signal?: AbortSignal) => http.run(effect('http', inputs, more), around(shop, stage.context, signal)),
    async [Symbol.asyncDispose]() {
      await http.close?.()
      await stage[Symbol.asyncDispose]()
    },
  }
}

describe('http', () => {
  it('sends method, headers and JSON with the key of the act, and answers with status, headers, JSON and text', async () => {
    await using api = await server((_request, response) => {
      response.writeHead(201, { 'content-type': 'application/json', date: 'now', 'set-cookie': 'a=b', location: '/members/1' })
      response.end('{"id":1}')
    })
    await using it = await stageWith()
    const response = await it.run({ method: 'POST', url: `${api.url}/members?full=1`, headers: { 'X-Team': 'blue' }, body: { name: 'a' } })
    expect(response).toEqual({
      kind: 'answered',
      value: { status: 201, headers: { 'content-type': 'application/json', location: '/members/1' }, json: { id: 1 }, text: '{"id":1}' },
    })
    expect(api.received).toMatchObject([
      {
        method: 'POST',
        url: '/members?full=1',
        body: '{"name":"a"}',
        headers: { 'content-type': 'application/json', 'x-team': 'blue', 'idempotency-key': '0123456789abcdef0123456789abcdef' },
      },
    ])
  })

  it('sends the same key with each try of an act, and none with a read', async () => {
    await using api = await server()
    await using it = await stageWith()
    for (const isRepeated of [false, true]) await it.run({ method: 'POST', url: api.url }, { isRepeated })
    await it.run({ method: 'GET', url: api.url }, { idempotencyKey: undefined })
    expect(api.received.map(({ headers }) => headers['idempotency-key'])).toEqual([
      '0123456789abcdef0123456789abcdef',
      '0123456789abcdef0123456789abcdef',
      undefined,
    ])
  })

  it('has failed with the answer where its status is none that is expected, a redirect too, which is not followed', async () => {
    await using api = await server((request, response) => {
      response.writeHead(request.url === '/gone' ? 404 : 302, { location: '/elsewhere' })
      response.end('no')
    })
    await using it = await stageWith()
    expect(await it.run({ method: 'POST', url: `${api.url}/moved?token=hunter2` })).toMatchObject({
      kind: 'failed',
      message: `POST ${api.url}/moved: answered 302`,
      value: { status: 302, json: null, text: 'no', headers: { location: '/elsewhere' } },
    })
    expect(await it.run({ method: 'DELETE', url: `${api.url}/gone`, expect: [200, 404] })).toMatchObject({ kind: 'answered' })
    expect(api.received).toHaveLength(2)
  })

  it('resolves values of Secrets when it sends them, and never tells them', async () => {
    await using api = await server((_request, response) => void response.writeHead(500).end('hunter2'))
    await using it = await stageWith()
    await it.stage.create(secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, stringData: { password: 'hunter2' } })
    const password = { secretRef: { name: 'db', key: 'password' } }
    const response = await it.run({
      method: 'POST',
      url: { secretText: [`${api.url}/`, password] },
      headers: { authorization: { secretText: ['Basic ', { secretRef: { namespace: 'default', name: 'db', key: 'password' } }] } },
      body: { deep: [{ password }] },
    })
    expect(api.received).toMatchObject([
      { url: '/hunter2', headers: { authorization: 'Basic hunter2' }, body: '{"deep":[{"password":"hunter2"}]}' },
    ])
    expect(response).toMatchObject({ kind: 'failed', message: 'POST of an address in a Secret: answered 500' })
    const missing = await it.run({ method: 'POST', url: api.url, body: { secretRef: { name: 'db', key: 'user' } } })
    expect(missing).toEqual({ kind: 'failed', message: `POST ${api.url}/: Secret default/db has no key "user"` })
    expect(api.received).toHaveLength(1)
  })

  it('is unknown where the answer of an act is lost, and has failed where nothing can have come there, or nothing was to be changed', async () => {
    await using api = await server((request) => void request.socket.destroy())
    await using it = await stageWith()
    expect(await it.run({ method: 'POST', url: api.url })).toMatchObject({ kind: 'unknown' })
    expect(await it.run({ method: 'GET', url: api.url })).toMatchObject({ kind: 'failed' })
    expect(await it.run({ method: 'POST', url: api.url }, { idempotencyKey: undefined })).toMatchObject({ kind: 'failed' })
    await api[Symbol.asyncDispose]().catch(() => {})
    expect(await it.run({ method: 'POST', url: api.url })).toEqual({ kind: 'failed', message: `POST ${api.url}/: ConnectionRefused` })
  })

  it('is unknown when it takes too long', async () => {
    await using api = await server(() => {})
    await using it = await stageWith()
    const controller = new AbortController()
    const running = it.run({ method: 'POST', url: api.url }, { timeout: 1_500 }, controller.signal)
    await it.stage.eventually(() => api.received.length === 1)
    controller.abort('timeout')
    expect(await running).toEqual({ kind: 'unknown', message: `POST ${api.url}/: no answer within 1.5s` })
  })

  it('has failed where the answer is larger than 256 KiB, without reading all of it', async () => {
    await using api = await server((_request, response) => void response.end('x'.repeat(300_000)))
    await using it = await stageWith()
    expect(await it.run({ method: 'GET', url: api.url })).toMatchObject({
      kind: 'failed',
      message: `GET ${api.url}/: the answer 200 is larger than 256 KiB`,
    })
  })

  it('goes to no link-local address, whatever name leads there, and with an allow-list only where that says', async () => {
    await using api = await server()
    await using it = await stageWith()
    for (const host of ['169.254.169.254', '0xa9fea9fe', '[fd00:ec2::254]', '[::ffff:169.254.169.254]', '[fe80::1]'])
      expect(await it.run({ method: 'GET', url: `http://${host}/latest/meta-data` })).toMatchObject({
        kind: 'failed',
        message: expect.stringContaining('is a link-local address'),
      })
    await using limited = await stageWith({ allowHosts: ['127.0.0.1', '*.example.com'] })
    expect(await limited.run({ method: 'GET', url: api.url })).toMatchObject({ kind: 'answered' })
    expect(await limited.run({ method: 'GET', url: `http://localhost:${api.port}` })).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('the host localhost is not one that the operator allows (--http-allow-host)'),
    })
    expect(await it.run({ method: 'GET', url: 'file:///etc/passwd' })).toMatchObject({
      message: expect.stringContaining('the address is no http or https URL'),
    })
  })

  it('asks the DNS server that it is told first, and goes to no link-local address that it names', async () => {
    await using api = await server()
    await using dns = await nameServer({ 'members.test': '127.0.0.1', 'metadata.test': '169.254.169.254' })
    await using it = await stageWith({ dnsServer: `127.0.0.1:${dns.port}` })
    expect(await it.run({ method: 'GET', url: `http://members.test:${api.port}/` })).toMatchObject({ kind: 'answered' })
    expect(await it.run({ method: 'GET', url: `http://localhost:${api.port}/` })).toMatchObject({ kind: 'answered' })
    expect(await it.run({ method: 'GET', url: 'http://metadata.test/' })).toMatchObject({
      kind: 'failed',
      message: 'GET http://metadata.test/: metadata.test has no address that is allowed',
    })
  })

  it('speaks TLS with the authority and the certificate of a Secret, and with no other server', async () => {
    const [notBefore, notAfter] = [new Date(Date.now() - 60_000), new Date(Date.now() + 3_600_000)]
    const made = { dnsNames: [], ipAddresses: ['127.0.0.1'], notBefore, notAfter }
    const ca = await makeCertificate({ ...made, commonName: 'ca', isAuthority: true, issuer: undefined })
    const own = await makeCertificate({ ...made, commonName: 'server', isAuthority: false, issuer: ca })
    const clients = await makeCertificate({ ...made, commonName: 'client', isAuthority: false, issuer: ca })
    const tls = { cert: own.certificate, key: own.privateKey, ca: ca.certificate, requestCert: true, rejectUnauthorized: true }
    await using api = await server(undefined, tls)
    await using it = await stageWith()
    const stringData = { 'ca.crt': ca.certificate, 'tls.crt': clients.certificate, 'tls.key': clients.privateKey }
    await it.stage.create(secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'tls' }, stringData })
    expect(await it.run({ method: 'POST', url: api.url, tls: { secret: 'tls' } })).toMatchObject({ kind: 'answered' })
    expect(await it.run({ method: 'POST', url: api.url })).toMatchObject({ kind: 'failed', message: expect.stringContaining('TLS: ') })
    expect(await it.run({ method: 'POST', url: api.url, tls: { secret: 'none' } })).toMatchObject({
      message: `POST ${api.url}/: Secret default/none is not there`,
    })
    expect(api.received).toHaveLength(1)
  })
})

/** Answers questions for addresses of version 4. (RFC 1035) */
async function nameServer(addresses: Record<string, string>) {
  const socket = createSocket('udp4')
  socket.on('message', (query, peer) => {
    const labels: string[] = []
    let at = 12
    for (let size = query[at] as number; size > 0; size = query[at] as number) {
      labels.push(query.subarray(at + 1, at + 1 + size).toString())
      at += size + 1
    }
    const question = query.subarray(12, at + 5)
    const address = query.readUInt16BE(at + 1) === 1 ? addresses[labels.join('.')] : undefined
    const header = Buffer.from(query.subarray(0, 12))
    header.writeUInt16BE(addresses[labels.join('.')] ? 0x8180 : 0x8183, 2)
    header.writeUInt16BE(address ? 1 : 0, 6)
    header.writeUInt32BE(0, 8)
    const record = address ? [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)] : []
    socket.send(Buffer.concat([header, question, Buffer.from(record)]), peer.port, peer.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return { port: socket.address().port, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())) }
}
