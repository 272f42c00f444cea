/**
 * Programs in containers, as far as a test scripts them: what one is said to have printed reaches the client as from a real container.
 *
 *   client ──upgrade──▶ the server, or a hook with `execAnswer` ──▶ session ◀─▶ frames: input, output, how it ended ──▶ closed
 *
 * Each frame begins with the number of its channel. (apimachinery, util/remotecommand, constants.go; websocket.go)
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { ExecSession } from '../programs/exec.ts'
import type { ExecResult } from '../programs/script.ts'
import { notImplemented } from '../status/api-error.ts'
import { asApiError } from './body.ts'
import type { Answer, Upgrade } from './exchange.ts'
import { isTrue } from './request-info.ts'

const resultType = 'application/vnd.fairlead.sandbox.exec+json'
const sessionType = 'application/vnd.fairlead.sandbox.exec-session'

/** The answer of a hook to `kubectl exec`: what the program printed and how it ended. It comes at once, whatever its `delay`. */
export const execAnswer = (result: ExecResult): Response =>
  new Response(JSON.stringify(result), { headers: { 'content-type': resultType } })

const accepted: Answer = { status: 200, headers: { 'content-type': sessionType }, body: null }

/** The newest that both know; kubectl asks for the first. */
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io']
const channels = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const

/** Answers requests that want another protocol: with a session where there is one, else with the plain answer. */
export function answerUpgrades(fetch: (request: Request, environment: object) => Response | Promise<Response>) {
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
  })
  return async (incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    socket.on('error', () => socket.destroy())
    const wanted = incoming.headers['upgrade']?.toLowerCase()
    let session: ExecSession | undefined
    const upgrade: Upgrade = {
      accept(given) {
        if (wanted !== 'websocket') throw notImplemented(`exec over ${wanted}, only over WebSocket (${protocols.join(', ')})`)
        session = given
        return accepted
      },
    }
    try {
      const request = requestOf(incoming)
      const response = await fetch(request, { incoming, upgrade })
      const type = response.headers.get('content-type')
      const result = type === resultType && wanted === 'websocket' ? ((await response.clone().json()) as ExecResult) : undefined
      const open = result ? async () => result : type === sessionType ? session : undefined
      if (!open) return writePlain(socket, response)
      const { searchParams } = new URL(request.url)
      sockets.handleUpgrade(incoming, socket, head, (client) => void serve(client, open, searchParams))
    } catch {
      // A fault has broken the connection.
      socket.destroy()
    }
  }
}

function requestOf({ url = '/', method = 'GET', headers }: IncomingMessage): Request {
  const names = Object.entries(headers).filter(([name]) => name !== 'connection' && name !== 'upgrade' && !name.startsWith(':'))
  return new Request(new URL(url, 'http://sandbox'), {
    method,
    headers: names.flatMap(([name, value]) => [value ?? []].flat().map((one): [string, string] => [name, one])),
  })
}

/** Runs the session to its end and tells the client how it was. */
async function serve(client: WebSocket, session: ExecSession, query: URLSearchParams): Promise<void> {
  const gone = new AbortController()
  const input = inputOf(client, isTrue(query.get('stdin')))
  client.on('close', () => gone.abort(new Error('the client has gone')))
  client.on('error', () => client.terminate())
  const send = (channel: number, text: string): void => client.send(Buffer.concat([Buffer.of(channel), Buffer.from(text)]))
  try {
    const { stdout = '', stderr = '', exitCode = 0 } = await session({ stdin: async () => await input, signal: gone.signal })
    // A terminal has one stream for both.
    const terminal = isTrue(query.get('tty'))
    if (wants(query, 'stdout') && stdout) send(channels.stdout, stdout)
    if ((terminal || wants(query, 'stderr')) && stderr) send(terminal ? channels.stdout : channels.stderr, stderr)
    send(channels.status, JSON.stringify(statusOf(exitCode)))
  } catch (error) {
    if (!gone.signal.aborted) send(channels.status, JSON.stringify(asApiError(error).status()))
  }
  client.close(1000)
}

/** Both are told to whoever does not say. (api/core/v1, PodExecOptions) */
const wants = (query: URLSearchParams, stream: 'stdout' | 'stderr'): boolean => query.get(stream) === null || isTrue(query.get(stream))

/** All that comes on the channel of the input, until the client closes it or goes. What else comes, such as the size of a terminal, means nothing here. */
async function inputOf(client: WebSocket, open: boolean): Promise<string> {
  if (!open) return ''
  const parts: Uint8Array[] = []
  await new Promise<void>((resolve) => {
    client.on('message', (data: RawData) => {
      const frame = data as Buffer
      if (frame[0] === channels.stdin) parts.push(frame.subarray(1))
      else if (frame[0] === channels.close && frame[1] === channels.stdin) resolve()
    })
    client.on('close', () => resolve())
  })
  return Buffer.concat(parts).toString()
}

const statusOf = (exitCode: number): object =>
  exitCode === 0
    ? { metadata: {}, status: 'Success' }
    : {
        metadata: {},
        status: 'Failure',
        message: `command terminated with non-zero exit code: exit status ${exitCode}`,
        reason: 'NonZeroExitCode',
        details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
      }

/** The answer to a request that stays what it is. */
async function writePlain(socket: Duplex, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer())
  const headers = [...response.headers].filter(([name]) => name !== 'content-length' && name !== 'transfer-encoding')
  const lines = [
    `HTTP/1.1 ${response.status} ${response.statusText || 'Answer'}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `content-length: ${body.length}`,
    'connection: close',
  ]
  socket.end(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]))
}
