/**
 * The runs of containers: how long each lasts, how it ends, and when the next begins.
 *
 *   running ──end──▶ ended, or where the pod's policy says so ──▶ waiting ──back-off──▶ running
 *
 * The first restart comes at once, the next after 10 s, then each after twice the time, up to 5 minutes. (pkg/kubelet, kuberuntime: doBackOff)
 */
import type { Container, Pod } from '../controllers/pods.ts'
import { type ContainerEnd, durationOf } from './script.ts'

/** Times are milliseconds since the epoch. */
export interface EndedRun {
  readonly exitCode: number
  readonly reason: string
  readonly message: string
  readonly startedAt: number
  readonly finishedAt: number
}

export type ContainerRun =
  | { readonly kind: 'running'; readonly startedAt: number }
  | ({ readonly kind: 'ended' } & EndedRun)
  /** `pause`: how long, in milliseconds. */
  | { readonly kind: 'waiting'; readonly until: number; readonly pause: number }

export interface ContainerRuns {
  readonly run: ContainerRun
  readonly restarts: number
  /** The run before. */
  readonly last: EndedRun | undefined
}

/** `final`: whatever the pod's policy, it is not started again. */
export type PlannedEnd = ContainerEnd & { readonly final?: boolean }

interface Life extends ContainerRuns {
  readonly end: PlannedEnd | undefined
}

const firstPause = 10_000
const longestPause = 300_000
/** Bytes. (kubelet, MaxContainerTerminationMessageLength) */
const longestMessage = 4_096

export class PodRuns {
  /** By the pod's uid and the container's name. */
  readonly #lives = new Map<string, Map<string, Life>>()

  /**
   * The containers of a pod as they are now. `end` tells how the next run of one ends, undefined: not by itself.
   * `wake`: milliseconds until one of them changes.
   */
  advance(
    { metadata, spec }: Pod,
    now: number,
    end: (container: Container) => PlannedEnd | undefined,
  ): { readonly runs: readonly ContainerRuns[]; readonly wake: number | undefined } {
    const lives = this.#lives.get(metadata.uid ?? '') ?? new Map<string, Life>()
    this.#lives.set(metadata.uid ?? '', lives)
    let wake: number | undefined
    const runs = spec.containers.map((container) => {
      let life: Life = lives.get(container.name) ?? {
        run: { kind: 'running', startedAt: now },
        restarts: 0,
        last: undefined,
        end: end(container),
      }
      for (let due = dueOf(life); due !== undefined; due = dueOf(life)) {
        if (due > now) {
          wake = Math.min(wake ?? Infinity, due - now)
          break
        }
        life = next(life, due, spec.restartPolicy, () => end(container))
      }
      lives.set(container.name, life)
      return life
    })
    return { runs, wake }
  }

  forget(uid: string): void {
    this.#lives.delete(uid)
  }
}

/** When a container changes by itself. */
function dueOf({ run, end }: Life): number | undefined {
  switch (run.kind) {
    case 'running':
      return end && run.startedAt + durationOf(end.delay)
    case 'waiting':
      return run.until
    case 'ended':
      return undefined
  }
}

function next({ run, end = {}, restarts, last }: Life, at: number, policy: string | undefined, draw: () => PlannedEnd | undefined): Life {
  if (run.kind !== 'running') return { run: { kind: 'running', startedAt: at }, restarts: restarts + 1, last, end: draw() }
  const { exitCode = 0, terminationMessage = '', reason = exitCode === 0 ? 'Completed' : 'Error' } = end
  const ended: EndedRun = { exitCode, reason, message: lastBytes(terminationMessage), startedAt: run.startedAt, finishedAt: at }
  const again = !end.final && (policy === 'OnFailure' ? exitCode !== 0 : policy !== 'Never')
  if (!again) return { run: { kind: 'ended', ...ended }, restarts, last, end: undefined }
  const pause = restarts === 0 ? 0 : Math.min(firstPause * 2 ** (restarts - 1), longestPause)
  return { run: { kind: 'waiting', until: at + pause, pause }, restarts, last: ended, end: undefined }
}

function lastBytes(text: string): string {
  const bytes = new TextEncoder().encode(text)
  return bytes.length <= longestMessage ? text : new TextDecoder().decode(bytes.subarray(bytes.length - longestMessage))
}
