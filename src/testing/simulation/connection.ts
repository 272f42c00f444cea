/**
 * The client's connections, led to a sandbox in the same process: no socket, no TLS, no time but the sandbox's.
 *
 * All else of the client is as it is in production: how it sends again, what it takes for which error, how it reads a watch.
 */
import type { Dispatcher } from 'undici'
import DispatcherClass from 'undici/lib/dispatcher/dispatcher.js'
import type { Agents } from '../../kube/agents.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'

export interface SandboxConnection {
  /** Counts up with each request and each piece of an answer. */
  readonly activity: number
  /** For `createClient`. */
  connect(): Agents
  /** Breaks everything off, as the end of the process would: no answer arrives any more, and no request leaves. */
  sever(): void
}

export function connectToSandbox(sandbox: Pick<Sandbox, 'fetch'>): SandboxConnection {
  const traffic = { activity: 0 }
  const severed = new AbortController()
  const dispatcher = () => new SandboxDispatcher(sandbox, traffic, severed.signal) as unknown as Dispatcher
  return {
    get activity() {
      return traffic.activity
    },
    connect: () => ({ requests: dispatcher(), watches: dispatcher() }),
    sever: () => severed.abort(),
  }
}

class SandboxDispatcher extends DispatcherClass {
  readonly #sandbox: Pick<Sandbox, 'fetch'>
  readonly #traffic: { activity: number }
  readonly #severed: AbortSignal
  readonly #closing = new AbortController()

  constructor(sandbox: Pick<Sandbox, 'fetch'>, traffic: { activity: number }, severed: AbortSignal) {
    super()
    this.#sandbox = sandbox
    this.#traffic = traffic
    this.#severed = severed
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    void this.#answer(options, handler)
    return true
  }

  override async destroy(): Promise<void> {
    this.#closing.abort()
  }

  override async close(): Promise<void> {
    this.#closing.abort()
  }

  async #answer(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): Promise<void> {
    if (this.#severed.aborted) return
    const control = new Control()
    const stop = (): void => control.abort(socketError())
    this.#closing.signal.addEventListener('abort', stop, { once: true })
    this.#severed.addEventListener('abort', stop, { once: true })
    this.#traffic.activity++
    try {
      handler.onRequestStart?.(control, null)
      control.signal.throwIfAborted()
      const init = { method: options.method, headers: options.headers as Record<string, string>, signal: control.signal }
      const body = options.body as string | null
      const answer = await this.#sandbox.fetch(options.path, !body ? init : { ...init, body })
      control.signal.throwIfAborted()
      this.#traffic.activity++
      handler.onResponseStart?.(control, answer.status, Object.fromEntries(answer.headers), answer.statusText)
      if (answer.body) await this.#pass(answer.body, control, handler)
      handler.onResponseEnd?.(control, {})
    } catch (error) {
      if (this.#severed.aborted) return
      handler.onResponseError?.(control, control.reason ?? socketError(error))
    } finally {
      this.#traffic.activity++
      this.#closing.signal.removeEventListener('abort', stop)
      this.#severed.removeEventListener('abort', stop)
    }
  }

  async #pass(body: ReadableStream<Uint8Array>, control: Control, handler: Dispatcher.DispatchHandler): Promise<void> {
    const reader = body.getReader()
    const cancel = (): void => void reader.cancel().catch(() => {})
    control.signal.addEventListener('abort', cancel, { once: true })
    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (this.#severed.aborted) return
        control.signal.throwIfAborted()
        if (done) return
        this.#traffic.activity++
        await control.resumed
        handler.onResponseData?.(control, Buffer.from(value))
      }
    } finally {
      control.signal.removeEventListener('abort', cancel)
    }
  }
}

/** What undici lets a handler do with its request. */
class Control implements Dispatcher.DispatchController {
  readonly #aborting = new AbortController()
  #paused: PromiseWithResolvers<void> | undefined

  get signal(): AbortSignal {
    return this.#aborting.signal
  }

  get aborted(): boolean {
    return this.#aborting.signal.aborted
  }

  get reason(): Error | null {
    return this.aborted ? this.#aborting.signal.reason : null
  }

  get paused(): boolean {
    return this.#paused !== undefined
  }

  get resumed(): Promise<void> | undefined {
    return this.#paused?.promise
  }

  abort(reason: Error): void {
    this.#aborting.abort(reason)
    this.resume()
  }

  pause(): void {
    this.#paused ??= Promise.withResolvers<void>()
  }

  resume(): void {
    this.#paused?.resolve()
    this.#paused = undefined
  }
}

/** A connection that breaks while it is used: what was asked for may have been done. */
const socketError = (cause?: unknown): Error =>
  Object.assign(new Error('the connection broke', { cause }), { name: 'SocketError', code: 'UND_ERR_SOCKET' })
