/**
 * Programs in containers, as far as a test scripts them: what one is said to have printed reaches the client as from a real container.
 *
 *   client ──upgrade──▶ hook answers with `execAnswer` ──▶ frames: what it printed, how it ended ──▶ closed
 *
 * Each frame begins with the number of its channel. What the client sends is not read. (apimachinery, util/remotecommand, constants.go)
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'

export interface ExecResult {
  readonly stdout?: string
  readonly stderr?: string
  /** Default: 0. */
  readonly exitCode?: number
}

const contentType = 'application/vnd.fairlead.sandbox.exec+json'

/** The answer of a hook to `kubectl exec`: what the program printed and how it ended. */
export const execAnswer = (result: ExecResult): Response =>
  new Response(JSON.stringify(result), { headers: { 'content-type': contentType } })

/** The newest that both know; kubectl asks for the first. */
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io']
const [stdoutChannel, stderrChannel, statusChannel] = [1, 2, 3]

/** Answers requests that want another protocol: with frames where that is what was scripted, else with the plain answer. */
export function answerUpgrades(fetch: (request: Request, environment: object) => Response | Promise<Response>) {
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
  })
  return async (incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    socket.on('error', () => socket.destroy())
    try {
      const response = await fetch(requestOf(incoming), { incoming })
      if (response.headers.get('content-type') !== contentType || incoming.headers['upgrade']?.toLowerCase() !== 'websocket')
        return writePlain(socket, response)
      const result = (await response.json()) as ExecResult
      sockets.handleUpgrade(incoming, socket, head, (client) => {
        for (const [channel, bytes] of framesOf(result)) client.send(Buffer.concat([Buffer.of(channel), bytes]))
        client.close(1000)
      })
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

function framesOf({ stdout, stderr, exitCode = 0 }: ExecResult): [number, Buffer][] {
  const printed: [number, string | undefined][] = [
    [stdoutChannel, stdout],
    [stderrChannel, stderr],
    [statusChannel, JSON.stringify(statusOf(exitCode))],
  ]
  return printed.flatMap(([channel, text]): [number, Buffer][] => (text === undefined ? [] : [[channel, Buffer.from(text)]]))
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
