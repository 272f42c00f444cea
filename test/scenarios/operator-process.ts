/** The operator as users run it: the real binary in a process of its own, its log read line by line. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'
import { switchEnvironment } from '../switches/environment.ts'

export interface LogLine {
  level: string
  time: string
  msg: string
  [field: string]: unknown
}

export interface OperatorOptions {
  kubeconfig: string
  /** Path of watches.yaml; default: the repository's own. */
  watches?: string
  namespaces?: readonly string[]
  /** More flags. */
  args?: readonly string[]
  environment?: Record<string, string>
  /** The scenario makes watches lose events: audits may have something to put right. */
  losesEvents?: boolean
}

export const repository = fileURLToPath(new URL('../..', import.meta.url))

/** What Node made of the sources, kept from one start to the next: half a second of a processor each. It goes by their content. */
export const compileCache = { NODE_COMPILE_CACHE: `${repository}/node_modules/.cache/fairlead-compile` }
const binary = fileURLToPath(new URL('../../bin/fairlead.js', import.meta.url))

export class OperatorProcess {
  readonly lines: LogLine[] = []
  /** What was printed that is not a line of the log. */
  readonly other: string[] = []
  readonly exited: Promise<number | null>
  readonly #losesEvents: boolean
  readonly #child: ChildProcess
  readonly #waiting = new Set<() => void>()

  constructor({
    kubeconfig,
    watches = `${repository}/watches.yaml`,
    namespaces = [],
    args = [],
    environment = {},
    losesEvents = false,
  }: OperatorOptions) {
    this.#losesEvents = losesEvents
    const flags = [
      '--kubeconfig',
      kubeconfig,
      '--watches',
      watches,
      '--health-address',
      '127.0.0.1:0',
      '--metrics-address',
      '127.0.0.1:0',
      '--log-format',
      'json',
    ]
    this.#child = spawn(process.execPath, [binary, 'run', ...flags, ...namespaces.flatMap((name) => ['--namespace', name]), ...args], {
      cwd: repository,
      env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...compileCache, ...switchEnvironment(), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#take(line))
    }
    this.exited = once(this.#child, 'exit').then(([code]) => {
      this.#wake()
      return code as number | null
    })
  }

  get pid(): number {
    return this.#child.pid as number
  }

  #take(line: string): void {
    try {
      this.lines.push(JSON.parse(line) as LogLine)
    } catch {
      this.other.push(line)
    }
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
  }

  /** The first line whose message matches, from `since` (a number of lines) on; rejects after the deadline with the log. */
  async line(pattern: RegExp, { timeout = 20_000, since = 0 } = {}): Promise<LogLine> {
    const deadline = AbortSignal.timeout(timeout)
    for (;;) {
      const found = this.lines.slice(since).find(({ msg }) => pattern.test(msg))
      if (found) return found
      if (deadline.aborted || this.#child.exitCode !== null) throw new Error(`no line matches ${pattern}; the log:\n${this.text}`)
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#waiting.add(resolve)
      deadline.addEventListener('abort', () => resolve(), { once: true })
      await promise
      this.#waiting.delete(resolve)
    }
  }

  /** The exit code of an operator that is to end by itself; rejects after the deadline, in milliseconds, with the log. */
  async ended(timeout = 30_000): Promise<number | null> {
    const deadline = AbortSignal.timeout(timeout)
    const late = once(deadline, 'abort').then(() => {
      throw new Error(`the operator still runs; the log:\n${this.text}`)
    })
    return await Promise.race([this.exited, late])
  }

  /** The whole log, for a message. */
  get text(): string {
    return [...this.lines.map(({ level, msg }) => `${level} ${msg}`), ...this.other].join('\n')
  }

  /** Where /healthz and /readyz are. */
  async healthUrl(): Promise<string> {
    const { health } = await this.line(/answers \/healthz/)
    return health as string
  }

  async metricsUrl(): Promise<string> {
    const { metrics } = await this.line(/answers \/healthz/)
    return metrics as string
  }

  /** Resolves when /readyz answers 200. */
  async ready(timeout = 20_000): Promise<void> {
    const url = `${await this.healthUrl()}/readyz`
    const end = Date.now() + timeout
    for (let answer = ''; ; ) {
      try {
        const response = await fetch(url)
        answer = await response.text()
        if (response.ok) return
      } catch (error) {
        // Whoever ends stops answering before.
        answer = String(error)
      }
      if (!this.running) throw new Error(`the operator ended before it was ready: ${this.lines.at(-1)?.msg}\n${this.text}`)
      if (Date.now() > end) throw new Error(`the operator is not ready: ${answer}\n${this.text}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Asks for an audit of every cache; resolves to the line that tells what came of it. */
  async audit(timeout = 20_000): Promise<LogLine> {
    const since = this.lines.length
    this.#child.kill('SIGUSR2')
    return await this.line(/^audited /, { timeout, since })
  }

  /** Throws if the caches of the process, as long as it runs, are not what the server holds, or were found not to be before. */
  async expectNoRepairs(): Promise<void> {
    const metrics = this.lines.find(({ msg }) => /answers .*\/metrics/.test(msg))?.['metrics']
    // What is for those with a token cannot be read here.
    if (this.#losesEvents || !this.running || metrics === undefined || (metrics as string).startsWith('https:')) return
    const read = async (): Promise<string> => await (await fetch(`${metrics as string}/metrics`)).text()
    if (!/^fairlead_informer_state\{.*state="synced"\} 1$/m.test(await read())) return
    await this.audit()
    const repaired = (await read()).split('\n').filter((line) => /^fairlead_audit_repairs_total\{.*\} [^0]/.test(line))
    if (repaired.length > 0) throw new Error(`no watch may lose an event here: ${repaired.join(', ')}\n${this.text}`)
  }

  /** Sends the signal, if the process still runs, and resolves to the exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.running) this.#child.kill(signal)
    return await this.exited
  }
}
