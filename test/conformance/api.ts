/** What a case is given: it sends requests to one server and keeps every answer for the comparison. */
import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { eventually } from '../controlplane/eventually.ts'
import type { Line, Step, StepOptions } from './case.ts'
import { fillBody, parseLine, type Scope } from './line.ts'
import { Transport, type Endpoint } from './transport.ts'

/** An answer of any status. */
export interface Answer<Body = AnyBody> {
  status: number
  headers: Record<string, string | string[] | undefined>
  /** Parsed if it is JSON, the list of events if it is a watch, else the text. */
  body: Body
}

/** Objects, lists and Statuses, as far as a case looks into them. */
// oxlint-disable-next-line typescript/no-explicit-any -- a case reads what it has just been answered, whatever its kind
export type AnyBody = any

/** What was asked and what came back: one line of what is compared. */
export interface Entry {
  asked: string
  [part: string]: unknown
}

/** All that a case was answered by one server. */
export interface Recording {
  entries: Entry[]
  /** Names that are the server's or the run's own, to be masked: `{ 'conformance-12ab': 'NAMESPACE' }`. */
  names: Record<string, string>
}

export interface RequestOptions extends StepOptions {
  query?: Readonly<Record<string, string | number | boolean>>
  body?: unknown
}

/** An open watch. */
export interface Watch {
  /** Resolves when that many more events have come, and keeps them; rejects after 40 s. */
  take(count: number): Promise<AnyBody[]>
  /** Keeps the events up to the first that fits, that one included. */
  until(fits: (event: AnyBody) => boolean): Promise<AnyBody[]>
  close(): void
}

/** Headers that are compared. The others are of the connection, or an identity of the request. */
const comparedHeaders = ['content-type', 'warning', 'retry-after', 'location', 'allow', 'www-authenticate', 'cache-control', 'vary']
const serverError = 500
const deadline = 40_000

/** The vowel keeps it apart from the hashes that controllers put into names. */
export const newWord = (): string => `xa${randomBytes(3).toString('hex')}`

export class Api {
  readonly recording: Recording
  /** A word that no other case has, for the names of what is outside of namespaces; also `{id}` in lines and bodies. */
  readonly id: string
  readonly endpoint: Endpoint
  readonly #transport: Transport
  readonly #namespace: string
  readonly #made = new Set<string>()
  readonly #watches: AbortController[] = []
  #opened: Promise<string> | undefined

  /** `word` tells this case's names from those of others: eight letters or digits, the first a letter. */
  constructor(endpoint: Endpoint, word: string = newWord()) {
    this.endpoint = endpoint
    this.id = word
    this.#namespace = `ns-${word}`
    this.#transport = new Transport(endpoint)
    this.recording = { entries: [], names: { [this.#namespace]: 'NAMESPACE', [word]: 'ID', [endpoint.server]: 'SERVER' } }
  }

  /** The case's namespace, made when it is first needed; it has its default service account and the certificate's ConfigMap. */
  async namespace(): Promise<string> {
    this.#opened ??= this.#open()
    return await this.#opened
  }

  /** One request in the short notation, or a step of a case. */
  async send(line: Line, body?: unknown, options: StepOptions = {}): Promise<Answer> {
    const answer = await this.#ask(line, body, options)
    const { status, headers } = answer
    this.keep({
      asked: line,
      status,
      headers: Object.fromEntries(comparedHeaders.filter((name) => name in headers).map((name) => [name, headers[name]])),
      body: options.pick === undefined ? answer.body : options.pick(answer.body as never),
    })
    return answer
  }

  /** The same with its parts by name. */
  async request(method: string, path: string, { query = {}, body, ...options }: RequestOptions = {}): Promise<Answer> {
    const search = new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)])).toString()
    return await this.send(`${method} ${path}${search && `?${search}`}`, body, options)
  }

  /** The same, but the answer is not compared; for what only prepares. It throws if the answer is an error. */
  async prepare(line: Line, body?: unknown, options: StepOptions = {}): Promise<Answer> {
    const answer = await this.#ask(line, body, options)
    if (answer.status >= 400) throw new Error(`${line} was answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    return answer
  }

  async step(step: Step): Promise<Answer> {
    return typeof step === 'string' ? await this.send(step) : await this.send(...(step as [Line, unknown, StepOptions?]))
  }

  /** Opens a watch: `await api.watch('v1/configmaps?resourceVersion=5')`. Resolves when the server has begun to answer. */
  async watch(line: Line, options: StepOptions = {}): Promise<Watch> {
    const target = await parseLine(`WATCH ${line}`, this.#scope)
    const abort = new AbortController()
    this.#watches.push(abort)
    const headers = { accept: options.accept ?? 'application/json', 'user-agent': 'conformance', ...options.headers }
    const answer = await this.#transport.open({ method: 'GET', path: target.path, headers }, abort.signal)
    const events: AnyBody[] = []
    let ended = false
    let wake = (): void => {}
    answer.on('error', () => {})
    const lines = createInterface({ input: answer })
    lines.on('line', (text) => (events.push(JSON.parse(text)), wake()))
    lines.on('close', () => ((ended = true), wake()))
    lines.on('error', () => {})
    const until = async (enough: () => number): Promise<AnyBody[]> => {
      const late = AbortSignal.timeout(deadline)
      for (;;) {
        const count = enough()
        if (count > 0 || ended) {
          const taken = events.splice(0, count > 0 ? count : events.length)
          this.keep({ asked: `watch ${line}`, status: answer.statusCode, events: taken })
          return taken
        }
        if (late.aborted) throw new Error(`watch ${line}: only ${JSON.stringify(events)} within ${deadline / 1000} s`)
        await new Promise<void>((resolve) => {
          wake = resolve
          late.addEventListener('abort', () => resolve(), { once: true })
        })
      }
    }
    return {
      take: async (count) => await until(() => (events.length >= count ? count : 0)),
      until: async (fits) => await until(() => events.findIndex(fits) + 1),
      close: () => abort.abort(),
    }
  }

  /** Anything else that is compared, such as what a client printed. */
  keep(entry: Entry): void {
    this.recording.entries.push(entry)
  }

  /** A name that is this run's own: it is replaced by `word` before answers are compared. */
  mask(name: string, word: string): void {
    this.recording.names[name] = word
  }

  /**
   * Deletes what the case has made outside of namespaces; does not wait for it. Namespaces stay: hundreds that go at once would keep the
   * real server's controllers busy for longer than the suite takes.
   */
  async close(): Promise<void> {
    for (const watch of this.#watches) watch.abort()
    for (const path of [...this.#made].reverse()) await this.#ask(`DELETE ${path}`, undefined, {}).catch(() => {})
    this.#transport.close()
  }

  get #scope(): Scope {
    return { namespace: async () => await this.namespace(), id: this.id }
  }

  async #ask(line: Line, body: unknown, { headers = {}, accept, contentType, until }: StepOptions): Promise<Answer> {
    const target = await parseLine(line, this.#scope)
    const content = body instanceof Uint8Array ? body : await fillBody(body, this.#scope)
    const type = contentType ?? target.contentType ?? 'application/json'
    const request = {
      method: target.method,
      path: target.path,
      headers: {
        accept: accept ?? target.accept ?? 'application/json',
        'user-agent': 'conformance',
        ...(content !== undefined && { 'content-type': type }),
        ...headers,
      },
      body: content,
    }
    const once = async (): Promise<Answer> => {
      const raw = await this.#transport.send(request)
      return {
        status: raw.status,
        headers: raw.headers,
        body: parsed(raw.content, String(raw.headers['content-type'] ?? ''), target.query),
      }
    }
    const answer =
      until === undefined
        ? await once()
        : await eventually(
            async () =>
              await once().then((last) => (until(last.body as never) ? last : Promise.reject(new Error(JSON.stringify(last.body))))),
            {
              timeout: deadline,
              interval: 25,
              describe: `${line} answers what ${until.toString()} wants`,
            },
          )
    this.#remember(target.method, target.path, answer)
    return answer
  }

  /** An object outside of namespaces is there until somebody deletes it. */
  #remember(method: string, path: string, { status, body }: Answer): void {
    if (status !== 201 || path.includes('dryRun')) return
    const [place = ''] = path.split('?')
    if (place.startsWith('/api/v1/namespaces') || /\/namespaces\/[^/]+\/./.test(place) || typeof body?.metadata?.name !== 'string') return
    this.#made.add(method === 'POST' ? `${place}/${body.metadata.name}` : place)
  }

  async #open(): Promise<string> {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.#namespace } }
    const scope = { namespace: async () => await Promise.resolve(this.#namespace), id: this.id }
    const ask = async (method: string, path: string, body?: object): Promise<number> => {
      const content = await fillBody(body, scope)
      const headers = { 'content-type': 'application/json', 'user-agent': 'conformance-namespace' }
      const { status, content: text } = await this.#transport.send({ method, path, headers, body: content })
      if (status >= serverError) throw new Error(`${method} ${path} was answered ${status}: ${text}`)
      return status
    }
    const path = `/api/v1/namespaces/${this.#namespace}`
    await ask('POST', '/api/v1/namespaces', namespace)
    for (const awaited of ['serviceaccounts/default', 'configmaps/kube-root-ca.crt'])
      await eventually(async () => (await ask('GET', `${path}/${awaited}`)) === 200, { interval: 5, describe: `${awaited} in ${path}` })
    return this.#namespace
  }
}

/** A watch answers with one JSON text in each line. */
function parsed(content: string, contentType: string, query: string): unknown {
  if (!contentType.includes('json')) return content
  try {
    if (!/(^|&)watch\b/.test(query)) return JSON.parse(content)
    if (!content.startsWith('{"type":')) return JSON.parse(content)
    return content
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line))
  } catch {
    return content
  }
}
