/**
 * What stands between one life of an operator and the API server: it names each call, and ends the life at the one that is asked for.
 *
 *   before   the call is not forwarded
 *   during   it is forwarded, and the server's answer is thrown away
 *   after    its answer is handed over, and nothing more
 *
 * From then on no byte passes in either direction: to the server a process that was killed looks the same. A watch or a list is a call like
 * any other; a watch is answered when it is open.
 */
import { Agent as HttpAgent, createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { CallName, Moment } from './calls.ts'

/** A server, and who asks. */
export interface ServerAccess {
  /** Scheme, host and port. */
  url: string
  /** The certificate authority, PEM. */
  ca?: string
  token: string
}

export interface ProxyOptions {
  server: ServerAccess
  /** Names a call. */
  name: (method: string, url: string) => CallName
  /** When the life ends at this call; undefined: not here. */
  crashAt: (call: CallName) => Moment | undefined
  /** The life has ended: nothing of it reaches the server any more. */
  onCrash: () => void
}

export interface CrashProxy {
  /** Where the operator finds its server. */
  readonly url: string
  /** Resolves when for so many milliseconds no call was on its way and no event of a watch came. */
  quiet(milliseconds: number): Promise<void>
  /** Lets nothing pass any more. */
  close(): Promise<void>
}

/** Listens on a port of this machine. Rejects if it cannot. */
export async function openProxy({ server, name, crashAt, onCrash }: ProxyOptions): Promise<CrashProxy> {
  const { send, close: closeUpstream } = upstreamOf(server)
  let dead = false
  let underWay = 0
  let lastActive = performance.now()
  const active = (): void => void (lastActive = performance.now())

  const die = (): void => {
    if (dead) return
    dead = true
    listener.closeAllConnections()
    listener.close()
    onCrash()
  }

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const { method = 'GET', url = '/', headers } = request
    const moment = crashAt(name(method, url))
    active()
    if (moment === 'before') return die()
    const isWatch = /[?&]watch=(true|1)\b/.test(url)
    let open = true
    const ended = (): void => {
      if (open && !isWatch) underWay--
      open = false
      active()
      // What the server has been told it carries out, also for a process that is gone.
      if (dead && underWay === 0) closeUpstream()
    }
    if (!isWatch) underWay++
    const sent = send(method, url, { ...headers, host: undefined, authorization: `Bearer ${server.token}` }, (answer) => {
      if (moment === 'during') die()
      if (dead) {
        answer.destroy()
        return ended()
      }
      active()
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      response.flushHeaders()
      if (isWatch && moment === 'after') return void setImmediate(die)
      answer.on('data', active)
      answer.on('error', () => response.destroy())
      response.on('close', () => {
        ended()
        answer.destroy()
        if (moment === 'after') die()
      })
      answer.pipe(response)
    })
    sent.on('error', () => {
      ended()
      request.socket.destroy()
    })
    if (isWatch) response.on('close', () => sent.destroy())
    request.pipe(sent)
  }

  const listener = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    if (dead) request.socket.destroy()
    else serve(request, response)
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  listener.once('error', reject)
  listener.listen(0, '127.0.0.1', resolve)
  await promise

  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    async quiet(milliseconds) {
      for (;;) {
        const rest = underWay > 0 ? milliseconds : milliseconds - (performance.now() - lastActive)
        if (rest <= 0 || dead) return
        await new Promise((wake) => setTimeout(wake, Math.ceil(rest)))
      }
    },
    async close() {
      dead = true
      const closed = new Promise<void>((wake) => listener.close(() => wake()))
      listener.closeAllConnections()
      await closed
      if (underWay === 0) closeUpstream()
    },
  }
}

interface Upstream {
  send: (
    method: string,
    path: string,
    headers: Record<string, string | string[] | undefined>,
    answered: (answer: IncomingMessage) => void,
  ) => ReturnType<typeof httpRequest>
  close: () => void
}

function upstreamOf({ url, ca }: ServerAccess): Upstream {
  const { protocol, hostname, port } = new URL(url)
  const secure = protocol === 'https:'
  const agent = secure ? new HttpsAgent({ keepAlive: true, ...(ca !== undefined && { ca }) }) : new HttpAgent({ keepAlive: true })
  return {
    send: (method, path, headers, answered) => {
      const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as Record<string, string>
      return (secure ? httpsRequest : httpRequest)({ agent, method, hostname, port, path, headers: given }, answered)
    },
    close: () => agent.destroy(),
  }
}
