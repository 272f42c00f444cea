/**
 * `kubectl exec`: a command in a container, answered by a script.
 *
 *   pod, container, script (or a refusal, as the server words it) ─▶ session: the client's input ─▶ result, after its delay
 *
 * (registry/core/pod/rest/subresources.go, ExecREST)
 */
import type { Clock } from '../../api/clock.ts'
import type { Pod } from '../controllers/pods.ts'
import { ApiError, badRequest, internalError } from '../status/api-error.ts'
import { quoted } from '../status/go-text.ts'
import { containerOf, statusOf } from './container.ts'
import { durationOf, type ExecInput, type ExecResult, type ScriptedContainer } from './script.ts'
import type { PodScripts } from './scripts.ts'

/** Runs the command once. Rejects with an ApiError where no script answers it, and with the signal's reason once that is aborted. */
export type ExecSession = (streams: Pick<ExecInput, 'stdin' | 'signal'>) => Promise<ExecResult>

/** @param name the container's; empty: the only one @throws ApiError (400) */
export function execTarget(pod: Pod, name: string): ScriptedContainer {
  const container = containerOf(pod, name)
  if (!pod.spec.nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`)
  return { pod, container }
}

/** @throws ApiError (500, 501) */
export function openExec(of: ScriptedContainer, command: readonly string[], scripts: PodScripts, clock: Clock): ExecSession {
  const { pod, container } = of
  const unscripted = (): ApiError =>
    new ApiError(
      501,
      'NotImplemented',
      `nothing runs in the sandbox: no script answers ${JSON.stringify(command)} in container ${quoted(container.name)} of pod ${quoted(pod.metadata.name)}`,
    )
  if (!scripts.answers(of)) throw unscripted()
  if (!statusOf(pod, container)?.state?.running)
    throw internalError(`unable to upgrade connection: container not found (${quoted(container.name)})`)
  return async (streams) => {
    const result = await scripts.exec(command, { ...of, ...streams })
    if (!result) throw unscripted()
    await passed(clock, durationOf(result.delay), streams.signal)
    return result
  }
}

async function passed(clock: Clock, delay: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (delay === 0) return
  await new Promise<void>((resolve, reject) => {
    const leave = (): void => {
      cancel()
      reject(signal.reason as Error)
    }
    const cancel = clock.after(delay, () => {
      signal.removeEventListener('abort', leave)
      resolve()
    })
    signal.addEventListener('abort', leave, { once: true })
  })
}
