/**
 * `kubectl logs`: the lines that a script gives a container, each at its time, as a kubelet sends them.
 *
 * A container that no script tells of has printed nothing. (pkg/kubelet/kuberuntime/logs: ReadLogs)
 */
import type { SandboxClock } from '../clock.ts'
import type { Pod } from '../controllers/pods.ts'
import type { Answer } from '../server/exchange.ts'
import { containerOf, runOf } from './container.ts'
import type { LogOptions } from './log-options.ts'
import { durationOf } from './script.ts'
import type { PodScripts } from './scripts.ts'

export interface LogRequest {
  /** As it was when the request came. */
  readonly pod: Pod
  readonly options: LogOptions
  readonly scripts: PodScripts
  readonly clock: SandboxClock
  readonly signal: AbortSignal
  /** The pod as it is now; undefined once it is gone. */
  current(): Pod | undefined
  /** Calls back after each change of the pod; the answer ends that. */
  whenChanged(call: () => void): () => void
}

interface TimedLine {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly text: string
}

/** @throws ApiError (400) */
export function logAnswer(request: LogRequest): Answer {
  const { pod, options, clock, scripts } = request
  const container = containerOf(pod, options.container)
  // There is nobody to ask, and nothing to wait for.
  if (!pod.spec.nodeName) return { status: 204, headers: {}, body: null }
  const { startedAt, finishedAt } = runOf(pod, container, options.previous)
  const start = Date.parse(startedAt)
  const lines = (scripts.log({ pod, container }, options.previous) ?? [])
    .map(({ line, after }): TimedLine => ({ at: start + durationOf(after), text: line }))
    .toSorted((one, other) => one.at - other.at)
  // Statuses tell whole seconds.
  const end = finishedAt === undefined ? clock.now() : Math.min(clock.now(), Date.parse(finishedAt) + 999)
  const printed = lines.filter(({ at }) => at <= end)
  const writer = new LogWriter(options)
  const beginning = writer.write(printed.slice(options.tailLines === undefined ? 0 : Math.max(0, printed.length - options.tailLines)))
  if (!options.follow || finishedAt !== undefined || writer.isFull) return answer(beginning)
  const hasEnded = (): boolean => {
    const now = request.current()
    if (now?.metadata.uid !== pod.metadata.uid) return true
    try {
      const run = runOf(now as Pod, container, false)
      return run.finishedAt !== undefined || run.startedAt !== startedAt
    } catch {
      // It waits to be started again.
      return true
    }
  }
  return answer(follow(request, beginning, lines.slice(printed.length), writer, hasEnded))
}

const answer = (body: Answer['body']): Answer => ({ status: 200, headers: { 'content-type': 'text/plain' }, body })

class LogWriter {
  readonly #options: LogOptions
  #left: number

  constructor(options: LogOptions) {
    this.#options = options
    this.#left = options.limitBytes ?? Infinity
  }

  get isFull(): boolean {
    return this.#left <= 0
  }

  write(lines: readonly TimedLine[]): Uint8Array<ArrayBuffer> {
    const { since = -Infinity, timestamps } = this.#options
    const wanted = lines.filter(({ at }) => at >= since)
    const text = wanted.map(({ at, text: line }) => `${timestamps ? `${stamp(at)} ` : ''}${line}\n`).join('')
    const bytes = new TextEncoder().encode(text).slice(0, Number.isFinite(this.#left) ? this.#left : undefined)
    this.#left -= bytes.length
    return bytes
  }
}

/** With nine digits of a second. */
const stamp = (at: number): string => new Date(at).toISOString().replace('Z', '000000Z')

/** What was printed, then each line as its time comes, until the container has ended or the client goes. */
function follow(
  { clock, signal, whenChanged }: LogRequest,
  beginning: Uint8Array,
  rest: readonly TimedLine[],
  writer: LogWriter,
  hasEnded: () => boolean,
): ReadableStream<Uint8Array> {
  // While a read waits for the next line, the process waits with it.
  let release = (): void => {}
  let stop = (): void => {}
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const stops: (() => void)[] = []
        let ended = false
        stop = () => {
          if (ended) return
          ended = true
          release()
          signal.removeEventListener('abort', stop)
          for (const each of stops) each()
          try {
            controller.close()
          } catch {
            // The client has closed it already.
          }
        }
        const send = (bytes: Uint8Array): void => {
          if (ended) return
          release()
          if (bytes.length > 0) controller.enqueue(bytes)
          if (writer.isFull) stop()
        }
        send(beginning)
        if (signal.aborted) return stop()
        signal.addEventListener('abort', stop)
        stops.push(whenChanged(() => hasEnded() && stop()))
        for (const line of rest) stops.push(clock.after(line.at - clock.now(), () => send(writer.write([line]))))
      },
      pull() {
        release()
        release = clock.hold()
      },
      cancel() {
        stop()
      },
    },
    { highWaterMark: 0 },
  )
}
