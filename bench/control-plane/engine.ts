/** The engine under measurement: the real binary in a process of its own, looked at from outside. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface EngineOptions {
  /** Path of the program: the sources' launcher or the bundle's. */
  program: string
  watches: string
  kubeconfig: string
  namespace: string
  /** Where its log goes. */
  log: string
  args: readonly string[]
  /** For node itself: a profiler's. */
  nodeArgs: readonly string[]
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

/** Resident memory in bytes. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
}

export class Engine {
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  readonly log: string

  constructor({ program, watches, kubeconfig, namespace, log, args, nodeArgs }: EngineOptions) {
    this.log = log
    const output = openSync(log, 'a')
    // The image sets it, and only a process that starts can be told.
    const arenas = process.env['MALLOC_ARENA_MAX']
    const flags = [
      'run',
      '--watches',
      watches,
      '--kubeconfig',
      kubeconfig,
      '--namespace',
      namespace,
      '--health-address',
      '127.0.0.1:0',
      '--metrics-address',
      '127.0.0.1:0',
      '--log-format',
      'json',
    ]
    this.#child = spawn(process.execPath, [...nodeArgs, program, ...flags, ...args], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...(arenas !== undefined && { MALLOC_ARENA_MAX: arenas }) },
      stdio: ['ignore', output, output],
    })
    this.#exited = once(this.#child, 'exit')
  }

  get pid(): number {
    return this.#child.pid as number
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal)
    await this.#exited
  }
}
