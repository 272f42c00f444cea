/**
 * A watch as a stream of lines.
 *
 * It ends when its time is over, when its kind is no longer served, when the client goes away, and when the client reads so slowly that too
 * much waits for it.
 * (apiserver, endpoints/handlers/watch.go)
 */
import type { KubernetesObject } from '../../api/object.ts'
import type { SandboxClock } from '../clock.ts'
import { isBuiltIn, type Resource } from '../registry/resource.ts'
import type { Watch, WatchEvent } from '../registry/watch.ts'
import { normaliseStruct } from '../schema/normalise.ts'
import { apiVersionOf } from '../../api/object.ts'
import type { Answer } from './exchange.ts'
import { jsonType } from './exchange.ts'
import type { Representation } from './negotiation.ts'
import type { IncludeObject, Representations } from './representation.ts'

export interface WatchStreamOptions {
  readonly resource: Resource
  readonly representation: Representation
  readonly include: IncludeObject
  readonly representations: Representations
  readonly clock: SandboxClock
  readonly timeoutSeconds: number
  readonly bookmarks: boolean
  readonly signal: AbortSignal
  /** Calls when the kind is no longer served; the result takes that back. */
  whenRemoved(call: () => void): () => void
  /** Starts the watch; what is known already comes before it returns. */
  open(sink: (event: WatchEvent) => void): Watch
}

/** A bookmark comes this often where the client wants some. */
const bookmarkMilliseconds = 60_000
/** Shortly before the end of a watch there is one more. */
const lastBookmarkMilliseconds = 2_000
const mostWaitingLines = 20_000

export function watchAnswer(options: WatchStreamOptions): Answer {
  const { resource, representation, include, representations, clock, timeoutSeconds, bookmarks, signal } = options
  const encoder = new TextEncoder()
  let first = true
  let ended = false
  let end = (): void => {}
  // While a read waits for the next event, the process waits with it.
  let release = (): void => {}

  const line = (event: WatchEvent): string => {
    switch (event.type) {
      case 'ERROR':
        return `{"type":"ERROR","object":${JSON.stringify(event.status)}}\n`
      case 'BOOKMARK':
        return representations.event('BOOKMARK', bookmark(resource, event), resource, asBookmark(representation), include, false)
      default: {
        const text = representations.event(event.type, event.object, resource, representation, include, first)
        first = false
        return text
      }
    }
  }

  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // What comes at once goes out as one piece.
        let opening: string[] | undefined = []
        let failed = false
        const send = (text: string): void => {
          release()
          controller.enqueue(encoder.encode(text))
        }
        const watch = options.open((event) => {
          if (event.type === 'ERROR') failed = true
          if (opening) opening.push(line(event))
          else if (!ended) {
            send(line(event))
            if ((controller.desiredSize ?? 0) < -mostWaitingLines) end()
          }
        })
        const stops: (() => void)[] = [() => watch.stop(), options.whenRemoved(() => end())]
        end = () => {
          if (ended) return
          ended = true
          release()
          for (const stop of stops) stop()
          signal.removeEventListener('abort', end)
          try {
            controller.close()
          } catch {
            // The client has closed it already.
          }
        }
        if (opening.length > 0) send(opening.join(''))
        opening = undefined
        if (failed || signal.aborted) return end()
        signal.addEventListener('abort', end)
        stops.push(clock.after(timeoutSeconds * 1000, end))
        if (!bookmarks) return
        const mark = (): void => {
          if (!ended) send(line({ type: 'BOOKMARK', resourceVersion: watch.resourceVersion(), initialEventsEnd: false }))
        }
        const every = (): void => {
          stops[3] = clock.after(bookmarkMilliseconds, () => {
            mark()
            every()
          })
        }
        every()
        if (timeoutSeconds * 1000 > lastBookmarkMilliseconds)
          stops.push(clock.after(timeoutSeconds * 1000 - lastBookmarkMilliseconds, mark))
      },
      pull() {
        release()
        release = clock.hold()
      },
      cancel() {
        end()
      },
    },
    { highWaterMark: 0 },
  )
  return { status: 200, headers: { 'content-type': jsonType, 'transfer-encoding': 'chunked' }, body }
}

/** Nothing but a version; of a built-in kind with the fields that are never left out. */
const bookmark = (
  resource: Resource,
  { resourceVersion, initialEventsEnd }: Extract<WatchEvent, { type: 'BOOKMARK' }>,
): KubernetesObject => ({
  ...(isBuiltIn(resource) && resource.schema.kind === 'struct' && normaliseStruct(resource.schema, {}, { unknownFields: false })),
  kind: resource.kind,
  apiVersion: apiVersionOf(resource),
  metadata: {
    resourceVersion,
    ...(initialEventsEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }),
  } as unknown as KubernetesObject['metadata'],
})

const asBookmark = (representation: Representation): Representation =>
  representation.as === 'table' ? { ...representation, as: 'object' } : representation
