/**
 * `command`: a program in the operator's own container, without a shell and without the operator's environment but for the path by which
 * programs are found. Off, unless the operator is told to allow it: whoever writes playbooks then acts as the operator.
 */
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import type { CommandInputs } from '../../reconcile/requests.ts'
import type { Response } from '../../reconcile/walk.ts'
import { Printed } from './printed.ts'
import { brokenOff, failed, mostAnswerBytes, type RequestKind, unanswered, jsonOf } from './request.ts'
import { asInputs, SecretMissing, withSecrets } from './secrets.ts'

/** Milliseconds from SIGTERM to SIGKILL. */
const grace = 2_000

type End = { kind: 'exited'; code: number | null } | { kind: 'notStarted'; code: string } | { kind: 'tooMuch' }

export function commandRequests({ isAllowed }: { isAllowed: boolean }): RequestKind {
  return {
    kind: 'command',
    timeout: 60_000,
    async run(request, around): Promise<Response> {
      if (!isAllowed) return failed('the operator does not allow commands (--allow-commands)')
      let inputs: CommandInputs
      try {
        inputs = await withSecrets(asInputs<CommandInputs>(request.inputs), around)
      } catch (error) {
        if (error instanceof SecretMissing) return failed(error.message)
        throw error
      }
      const { signal, clock } = around
      const [program, ...args] = inputs.command as readonly string[]
      if (program === undefined) return failed('the command is empty')
      const env = { PATH: process.env['PATH'], ...(inputs.env as Record<string, string> | undefined) }
      const child = spawn(program, args, { env, cwd: tmpdir(), shell: false, stdio: 'pipe', windowsHide: true })
      const [stdout, stderr] = [new Printed(), new Printed()]
      const { promise, resolve } = Promise.withResolvers<End>()
      let forget: (() => void) | undefined
      const stop = (): void => {
        child.kill('SIGTERM')
        forget = clock.after(grace, () => child.kill('SIGKILL'))
      }
      const print = (to: Printed) => (bytes: Buffer) => {
        if (to.add(bytes) !== 'tooMuch') return
        stop()
        resolve({ kind: 'tooMuch' })
      }
      child.stdout.on('data', print(stdout))
      child.stderr.on('data', print(stderr))
      // A program that does not read its input ends it.
      child.stdin.on('error', () => {})
      child.stdin.end(inputs.stdin ?? '')
      child.on('error', (error: NodeJS.ErrnoException) => resolve({ kind: 'notStarted', code: error.code ?? error.name }))
      child.on('close', (code) => {
        forget?.()
        resolve({ kind: 'exited', code })
      })
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      const end = await promise
      signal.removeEventListener('abort', stop)
      const title = `command ${typeof asInputs<CommandInputs>(request.inputs).command[0] === 'string' ? program : ''}`.trim()
      if (end.kind === 'notStarted') return failed(`${title}: it cannot be started (${end.code})`)
      if (end.kind === 'tooMuch') return unanswered(`${title}: it prints more than ${mostAnswerBytes / 1024} KiB`, request)
      if (signal.aborted) return unanswered(`${title}: ${brokenOff(signal, request)}`, request)
      if (end.code === null) return unanswered(`${title}: a signal has ended it`, request)
      const value = { exitCode: end.code, stdout: stdout.text, stderr: stderr.text, json: jsonOf(stdout.text) }
      return end.code === 0 ? { kind: 'answered', value } : failed(`${title}: exit code ${end.code}`, value)
    },
  }
}
