/** The operator as users run it, in a process of its own; its log is read line by line and heard. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Failed } from './failed.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Operator {
  /** Resolves with the first line from number `since` on whose message matches; rejects when the signal aborts. */
  said(pattern: RegExp, options: { readonly since: number; readonly signal: AbortSignal }): Promise<void>
  /** How many lines it has written. */
  readonly lines: number
  /** Resolves with `exit code 1` or a signal's name. */
  readonly ended: Promise<string>
  /** Asks it to end, and resolves when it has. */
  stop(): Promise<void>
}

/** Ends the process when its standard input does: it does not outlive this one, however that ends. */
const endWithInput = 'data:text/javascript,process.stdin.on("end", () => process.kill(process.pid)).resume().unref()'

/** @param heard is told every line of the log: its level and message */
export function runOperator(args: readonly string[], kubeconfig: string, heard: (level: string, message: string) => void): Operator {
  // In a group of its own Ctrl-C does not reach it: it is stopped once, by us.
  const child = spawn(process.execPath, ['--import', endWithInput, 'src/main.ts', ...args, '--log-format', 'json'], {
    cwd: root,
    // Not the user's FAIRLEAD_ variables, which would change what is shown.
    env: { PATH: process.env['PATH'], KUBECONFIG: kubeconfig },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  const messages: string[] = []
  const grown = new EventTarget()
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (text) => {
      const { level, message } = entry(text)
      messages.push(message)
      heard(level, message)
      grown.dispatchEvent(new Event('grown'))
    })
  const ended = once(child, 'close').then(([code, signal]) => (code === null ? String(signal) : `exit code ${String(code)}`))
  return {
    get lines() {
      return messages.length
    },
    ended,
    async said(pattern, { since, signal }) {
      while (!messages.slice(since).some((message) => pattern.test(message))) {
        await once(grown, 'grown', { signal }).catch(() => {
          throw new Failed(`the operator did not log ${String(pattern)} in time`)
        })
      }
    },
    async stop() {
      child.kill()
      await ended
    },
  }
}

/** What is no line of the log is shown as it is. */
function entry(text: string): { level: string; message: string } {
  try {
    const { level, msg } = JSON.parse(text) as { level: string; msg: string }
    return { level, message: msg }
  } catch {
    return { level: 'error', message: text }
  }
}
