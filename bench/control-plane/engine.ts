/** The engine under measurement: the real binary in a process of its own, looked at from outside. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Metrics } from '../../test/scenarios/metrics.ts'

export interface EngineOptions {
  /** Path of the program: the sources' launcher or the bundle's. */
  program: string
  watches: string
  kubeconfig: string
  /** Those that it is limited to; none: all. */
  namespaces: readonly string[]
  /** Where its log goes. */
  log: string
  args: readonly string[]
  /** For node itself: a profiler's. */
  nodeArgs: readonly string[]
  /** Besides PATH and HOME. */
  environment?: Readonly<Record<string, string>>
}

export const userAgent = 'fairlead/'

/** Clock ticks a second of /proc; 100 on every Linux that Node runs on. */
const ticks = 100

/** CPU seconds, user and system, that a process has used. (proc_pid_stat(5), fields 14 and 15) */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticks
}

/** Resident memory in bytes, and the most that it has been. */
export const residentBytes = (pid: number): number => statusBytes(pid, 'VmRSS')
export const mostResidentBytes = (pid: number): number => statusBytes(pid, 'VmHWM')

const statusBytes = (pid: number, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

export class Engine {
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  readonly log: string
  #metricsUrl: string | undefined

  constructor({ program, watches, kubeconfig, namespaces, log, args, nodeArgs, environment }: EngineOptions) {
    this.log = log
    const output = openSync(log, 'w')
    // The image sets it, and only a process that starts can be told.
    const arenas = process.env['MALLOC_ARENA_MAX']
    const flags = [
      'run',
      '--watches',
      watches,
      '--kubeconfig',
      kubeconfig,
      ...namespaces.flatMap((namespace) => ['--namespace', namespace]),
      '--health-address',
      '127.0.0.1:0',
      '--metrics-address',
      '127.0.0.1:0',
      '--log-format',
      'json',
    ]
    this.#child = spawn(process.execPath, [...nodeArgs, program, ...flags, ...args], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: '/nonexistent',
        ...(arenas !== undefined && { MALLOC_ARENA_MAX: arenas }),
        ...environment,
      },
      stdio: ['ignore', output, output],
    })
    this.#exited = once(this.#child, 'exit')
    // A measurement that fails leaves none behind.
    process.once('exit', () => this.#child.kill('SIGKILL'))
  }

  get pid(): number {
    return this.#child.pid as number
  }

  /** What it has read and written so far, in bytes: nearly all of it through its sockets, as they carry it. (proc_pid_io(5)) */
  traffic(): { read: number; written: number } {
    const counters = readFileSync(`/proc/${this.pid}/io`, 'utf8')
    const counter = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(counters)?.[1])
    return { read: counter('rchar'), written: counter('wchar') }
  }

  /** What it tells of itself; undefined as long as it does not say where. */
  async metrics(): Promise<Metrics | undefined> {
    this.#metricsUrl ??= /"metrics":"([^"]+)"/.exec(readFileSync(this.log, 'utf8'))?.[1]
    return this.#metricsUrl === undefined ? undefined : new Metrics(await (await fetch(`${this.#metricsUrl}/metrics`)).text())
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal)
    await this.#exited
  }
}
