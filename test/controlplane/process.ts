/**
 * One component of a control plane as a process.
 *
 * Its standard input is a pipe that this process holds: the component ends when the pipe does, so it cannot outlive the test run, not
 * even one that was killed with SIGKILL. It runs in a process group of its own, so Ctrl-C reaches it through us only.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import type { Writable } from 'node:stream'

export interface ComponentProcess {
  readonly name: string
  readonly pid: number
  /** Resolves with the reason ("exit 1", "SIGKILL") when the process is gone; never rejects. */
  readonly ended: Promise<string>
  /** The reason, once the process is gone. */
  readonly end: string | undefined
  /** Sends the signal and resolves when the process is gone. What does not follow a SIGTERM within 15 seconds is killed. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Closes the process's standard input. */
  release(): void
  /** The last lines that it wrote. */
  log(): string
}

const patience = 15_000

/** Starts `binary` with `args`; what it prints is appended to the file `logPath`. */
export function startProcess(name: string, binary: string, args: readonly string[], logPath: string): ComponentProcess {
  const log = openSync(logPath, 'a')
  const child = spawn(binary, args, { stdio: ['pipe', log, log], detached: true }) as ChildProcessByStdio<Writable, null, null>
  closeSync(log)
  let end: string | undefined
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve((end = error.message)))
    child.on('exit', (code, signal) => resolve((end = signal ?? `exit ${code}`)))
  })
  child.stdin.on('error', () => {})
  // A test that forgot to stop its control plane must not keep its runner waiting.
  child.unref()
  ;(child.stdin as Writable & { unref?(): void }).unref?.()
  return {
    name,
    pid: child.pid ?? 0,
    ended,
    get end() {
      return end
    },
    async stop(signal) {
      if (end !== undefined) return
      child.ref()
      child.kill(signal)
      const kill = setTimeout(() => child.kill('SIGKILL'), patience)
      await ended
      clearTimeout(kill)
    },
    release() {
      child.ref()
      child.stdin.end()
    },
    log: () => readFileSync(logPath, 'utf8').trimEnd().split('\n').slice(-20).join('\n'),
  }
}

/** The command lines of all processes of this machine that name the directory. The tools and the control plane's program are for Linux, so there is a /proc. */
export function processesOf(directory: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      } catch {
        return ''
      }
    })
    .filter((line) => line.includes(directory))
}
