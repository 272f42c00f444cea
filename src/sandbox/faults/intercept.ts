/**
 * Where faults happen: around each request, between the client and the server.
 *
 *   client ─▶ hooks ─▶ latency ─▶ breaks ─▶ [ audit: refusals ─▶ server ] ─▶ breaks ─▶ latency ─▶ faults of watches ─▶ client
 *
 * Many faults of one kind add up where they can (latency, faults of events); of those that end a request, the first one acts.
 */
import type { Clock, Milliseconds } from '../../api/clock.ts'
import { checkAllowed, requestAttributes } from '../authorization/authorization.ts'
import { errorAnswer } from '../server/app.ts'
import { BrokenConnection } from '../server/broken-connection.ts'
import type { Answer, Exchange } from '../server/exchange.ts'
import type { RequestInfo } from '../server/request-info.ts'
import { draw } from './distribution.ts'
import { refusalOf } from './errors.ts'
import { type RequestHook, runHook } from './hooks.ts'
import type { MatchedRequest } from './match.ts'
import { type Faults, FaultTable } from './table.ts'
import { faultyWatch } from './watch-faults.ts'

export interface InterceptorOptions {
  readonly clock: Clock
  readonly seed: number
  /** The version of the last write. */
  version(): number
  /** Around what the server itself answers, refusals included. */
  audit?: ((exchange: Exchange, info: RequestInfo | undefined, answer: () => Promise<Answer>) => Promise<Answer>) | undefined
}

/** `asOf`: the version at which a read is to be answered. */
export type Serve = (asOf?: number) => Promise<Answer>

export class Interceptor {
  readonly #table: FaultTable
  readonly #options: InterceptorOptions
  readonly #hooks = new Set<RequestHook>()
  readonly #waits = new Set<() => void>()

  constructor(options: InterceptorOptions) {
    this.#options = options
    this.#table = new FaultTable(options.seed)
  }

  get faults(): Faults {
    return this.#table
  }

  /** The hook that was added first is the outermost. The answer takes it away. */
  onRequest(hook: RequestHook): () => void {
    this.#hooks.add(hook)
    return () => this.#hooks.delete(hook)
  }

  /** Breaks off all that waits. */
  stop(): void {
    for (const breakOff of this.#waits) breakOff()
  }

  /** Throws BrokenConnection where the connection is to break. */
  async intercept(exchange: Exchange, info: RequestInfo | undefined, serve: Serve): Promise<Answer> {
    if (this.#table.isEmpty && this.#hooks.size === 0) return await this.#audited(exchange, info, serve)
    const seen = matchedRequest(exchange, info)
    let next = (): Promise<Answer> => this.#withFaults(exchange, info, seen, serve)
    for (const hook of [...this.#hooks].reverse()) {
      const inner = next
      next = () => runHook(hook, exchange, info, seen, inner)
    }
    return await next()
  }

  async #withFaults(exchange: Exchange, info: RequestInfo | undefined, seen: MatchedRequest, serve: Serve): Promise<Answer> {
    const table = this.#table
    for (const { fault, random } of table.each(['latency'], seen, ({ when }) => when !== 'after'))
      await this.#wait(draw(fault.milliseconds, random), exchange.signal)
    if (table.first(['break'], seen, ({ when }) => when === 'before')) throw new BrokenConnection()

    const answer = await this.#audited(
      exchange,
      info,
      async () => (await this.#refused(exchange, info, seen)) ?? (await serve(this.#asOf(exchange, info, seen))),
    )

    if (table.first(['break'], seen, ({ when }) => when === 'after')) {
      if (answer.body instanceof ReadableStream) await answer.body.cancel()
      throw new BrokenConnection()
    }
    for (const { fault, random } of table.each(['latency'], seen, ({ when }) => when === 'after'))
      await this.#wait(draw(fault.milliseconds, random), exchange.signal)
    if (!(answer.body instanceof ReadableStream) || info?.verb !== 'watch') return answer
    const body = faultyWatch(answer.body, {
      table,
      request: seen,
      cut: table.first(['cut'], seen)?.fault,
      wait: (milliseconds) => this.#wait(milliseconds, exchange.signal),
      after: (milliseconds, callback) => this.#options.clock.after(milliseconds, callback),
      destroy: exchange.destroy,
    })
    return { ...answer, body }
  }

  async #refused(exchange: Exchange, info: RequestInfo | undefined, seen: MatchedRequest): Promise<Answer | undefined> {
    const found = this.#table.first(['error', 'forbid'], seen)
    if (!found) return undefined
    if (found.fault.kind === 'error') return await refusalOf(found.fault, exchange, info)
    const { user, method, path } = exchange
    try {
      checkAllowed(() => ({ allowed: false, reason: '' }), requestAttributes(user, info, path, method))
    } catch (error) {
      return errorAnswer(error)
    }
    return undefined
  }

  /** The version that a read is to be answered at; undefined for the current one. */
  #asOf({ query }: Exchange, info: RequestInfo | undefined, seen: MatchedRequest): number | undefined {
    if ((info?.verb !== 'get' && info?.verb !== 'list') || query.has('continue')) return undefined
    const found = this.#table.first(['stale'], seen)
    if (!found) return undefined
    const { behind, version } = found.fault
    const current = this.#options.version()
    return Math.min(current, version === undefined ? current - (behind ?? 0) : Number(version))
  }

  async #audited(exchange: Exchange, info: RequestInfo | undefined, answer: () => Promise<Answer>): Promise<Answer> {
    const { audit } = this.#options
    return audit ? await audit(exchange, info, answer) : await answer()
  }

  async #wait(milliseconds: Milliseconds, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    await new Promise<void>((resolve, reject) => {
      const breakOff = (): void => {
        done()
        reject(new BrokenConnection())
      }
      const cancel = clock.after(milliseconds, () => {
        done()
        resolve()
      })
      const done = (): void => {
        cancel()
        this.#waits.delete(breakOff)
        signal.removeEventListener('abort', breakOff)
      }
      this.#waits.add(breakOff)
      signal.addEventListener('abort', breakOff)
    })
  }
}

const matchedRequest = ({ method, path, user, header }: Exchange, info: RequestInfo | undefined): MatchedRequest => ({
  verb: info?.verb ?? method.toLowerCase(),
  group: info?.group ?? '',
  resource: info?.resource ?? '',
  subresource: info?.subresource ?? '',
  namespace: info?.namespace ?? '',
  name: info?.name ?? '',
  user: user.username,
  userAgent: header('user-agent') ?? '',
  path,
})
