/** What a test says to the programs in pods: `sandbox.pods`. */
import type { SandboxClock } from '../clock.ts'
import type { Pod } from '../controllers/pods.ts'
import { notFound } from '../status/api-error.ts'
import { execTarget, openExec } from './exec.ts'
import type { ExecResult, PodScript } from './script.ts'
import type { PodScripts, ScriptHandle } from './scripts.ts'

export interface ExecOptions {
  /** Default: `default`. */
  readonly namespace?: string
  readonly name: string
  /** Default: the only one. */
  readonly container?: string
  readonly command: readonly string[]
  readonly stdin?: string
}

export interface Pods {
  /**
   * Says what containers print and how they end. What is added last is asked first; of the scripts of one call, the first.
   * Throws a TypeError or RangeError, and adds none, where one is not right.
   */
  script(...scripts: readonly PodScript[]): ScriptHandle
  /** Runs a command without a socket. Rejects with an ApiError, whose `code` and message are the server's, where it would refuse. */
  exec(options: ExecOptions): Promise<Required<Omit<ExecResult, 'delay'>>>
}

export const createPods = (
  scripts: PodScripts,
  clock: SandboxClock,
  signal: AbortSignal,
  find: (namespace: string, name: string) => Pod | undefined,
): Pods => ({
  script: (...added) => scripts.add(...added),
  async exec({ namespace = 'default', name, container = '', command, stdin = '' }) {
    const pod = find(namespace, name)
    if (!pod) throw notFound({ group: '', resource: 'pods' }, name)
    const session = openExec(execTarget(pod, container), command, scripts, clock)
    const release = clock.hold()
    try {
      const { stdout = '', stderr = '', exitCode = 0 } = await session({ stdin: async () => stdin, signal })
      return { stdout, stderr, exitCode }
    } finally {
      release()
    }
  },
})
