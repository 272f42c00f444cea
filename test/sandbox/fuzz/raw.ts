/** Requests as bytes on a socket, also such as no client would write, and answers as bytes. */
import { connect } from 'node:net'
import type { FuzzAnswer } from './answers.ts'
import type { Chance } from './chance.ts'
import type { FuzzRequest } from './requests.ts'

/** The request as it lies on the wire; now and then broken. */
export function bytesOf({ method, path, headers, body }: FuzzRequest, chance: Chance): Buffer {
  const content = body === undefined ? Buffer.alloc(0) : Buffer.from(body as string)
  const broken = (probability: number, right: string, wrong: readonly string[]): string =>
    chance.one(probability) ? chance.pick(wrong) : right
  const length = broken(0.03, `content-length: ${content.length}\r\n`, [
    '',
    'content-length: -1\r\n',
    'content-length: x\r\n',
    'content-length: 1\r\ncontent-length: 2\r\n',
    'content-length: 99999999999999999999\r\n',
    'transfer-encoding: chunked\r\n',
    'transfer-encoding: chunked\r\ncontent-length: 5\r\n',
    `content-length: ${Math.max(0, content.length - 3)}\r\n`,
  ])
  const lines = [
    `${broken(0.03, method, ['', 'GE T', 'TRACE', 'CONNECT', 'G\u0000T', 'x'.repeat(9000), 'PRI'])} ${broken(0.05, path, odd)} ${broken(0.02, 'HTTP/1.1', ['HTTP/1.0', 'HTTP/2.0', 'HTTP/9', 'x', ''])}\r\n`,
    broken(0.02, 'host: sandbox\r\n', ['', 'host: a\r\nhost: b\r\n', 'host: a/b?c\r\n', 'host: [\r\n', 'host:\r\n']),
    'connection: close\r\n',
    length,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`),
    broken(0.02, '', [
      `x: ${'y'.repeat(100_000)}\r\n`,
      ': x\r\n',
      'a b: c\r\n',
      'x\r\n',
      ' folded\r\n',
      'x: \u0000\r\n',
      'expect: 100-continue\r\n',
      'upgrade: websocket\r\n',
    ]),
  ]
  return Buffer.concat([Buffer.from(`${lines.join('')}\r\n`), content])
}

const odd = [
  '',
  '*',
  'x',
  'http://other/api/v1',
  '//api/v1',
  '/api/v1/../v1/nodes',
  '/api/v1/%2e%2e/%2e%2e/',
  '/api\\v1',
  '/\u0001',
  '/é',
  '/%',
  '/api/v1/namespaces/%zz',
  '/?',
  '/#a',
  `/${'x'.repeat(20_000)}`,
  '/api/v1/pods?watch=1&timeoutSeconds=1#x',
  '?',
  '/api/v1/nodes HTTP/1.1\r\nx: y',
]

const patience = 10_000

/** What comes back until the server closes the connection; undefined where that is nothing at all. Rejects if it does not close it. */
export async function exchanged(port: number, bytes: Buffer): Promise<FuzzAnswer | undefined> {
  const text = await new Promise<string>((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes))
    socket.setTimeout(patience, () => socket.destroy(new Error('the connection stays open')))
    socket.on('data', (chunk) => chunks.push(chunk))
    // The server may close before it has read everything.
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(Buffer.concat(chunks).toString()) : reject(error),
    )
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
  })
  return text === '' ? undefined : { ...parsed(text), method: bytes.subarray(0, bytes.indexOf(' ')).toString() }
}

function parsed(text: string): FuzzAnswer {
  if (text.startsWith('HTTP/1.1 100 Continue\r\n\r\n')) return parsed(text.slice(text.indexOf('\r\n\r\n') + 4))
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, Math.max(0, end)).split('\r\n')
  const [, status] = /^HTTP\/1\.1 (\d{3}) [\x20-\x7e]*$/.exec(first) ?? []
  if (status === undefined) throw new Error(`no answer of HTTP: ${text.slice(0, 200)}`)
  const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]))
  const rest = text.slice(end + 4)
  // Node's own answer to what is no request has neither a type nor a body.
  return {
    status: Number(status),
    contentType: headers.get('content-type') ?? (rest === '' ? 'text/plain' : ''),
    text: headers.get('transfer-encoding') === 'chunked' ? unchunked(rest) : rest,
  }
}

function unchunked(text: string): string {
  const bytes = Buffer.from(text)
  const parts: Buffer[] = []
  for (let at = 0; ; ) {
    const line = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.subarray(at, line).toString(), 16)
    if (line < 0 || !(size >= 0)) throw new Error('an answer with broken chunks')
    if (size === 0) return Buffer.concat(parts).toString()
    parts.push(bytes.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
}
