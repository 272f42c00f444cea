/**
 * A watch that goes wrong: its lines, some of them dropped, late or doubled, and its end, too early.
 *
 * The order of the lines stays: what comes after a late one waits for it. A real server never changes the order either.
 */
import { BrokenConnection } from '../server/broken-connection.ts'
import { expired } from '../status/api-error.ts'
import { draw } from './distribution.ts'
import type { FaultEffect, WatchEventType } from './fault.ts'
import type { MatchedRequest } from './match.ts'
import type { FaultTable } from './table.ts'

type Cut = Extract<FaultEffect, { kind: 'cut' }>

export interface WatchFaults {
  readonly table: FaultTable
  readonly request: MatchedRequest
  readonly cut: Cut | undefined
  /** Resolves when so many milliseconds have passed; rejects when the sandbox closes. */
  wait(milliseconds: number): Promise<void>
  /** Calls back after so many milliseconds; the answer takes the call back. */
  after(milliseconds: number, callback: () => void): () => void
  /** Breaks the connection; undefined where there is no socket. */
  readonly destroy: (() => void) | undefined
}

const eventKinds = ['drop', 'delay', 'duplicate'] as const

export function faultyWatch(lines: ReadableStream<Uint8Array>, faults: WatchFaults): ReadableStream<Uint8Array> {
  const { cut } = faults
  const reader = lines.getReader()
  const encoder = new TextEncoder()
  const decoder = new TextDecoder()
  let left = cut?.afterEvents ?? Infinity
  let stopTimer = (): void => {}
  let rest = ''
  let ended = false

  const end = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    if (ended) return
    ended = true
    stopTimer()
    void reader.cancel().catch(() => {})
    switch (cut?.how ?? 'end') {
      case 'break':
        if (faults.destroy) faults.destroy()
        else controller.error(new BrokenConnection())
        return
      case 'expire':
        controller.enqueue(encoder.encode(expiredLine))
        break
      case 'end':
    }
    controller.close()
  }

  /** What is told of some lines. */
  const told = async (some: readonly string[]): Promise<string> => {
    let text = ''
    for (const line of some) {
      for (const each of await affected(line, faults)) {
        if (ended || left <= 0) return text
        text += `${each}\n`
        left--
      }
    }
    return text
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (left <= 0) return end(controller)
        if (cut?.afterMilliseconds !== undefined) stopTimer = faults.after(cut.afterMilliseconds, () => end(controller))
      },
      async pull(controller) {
        // What was told before a break has been read by now.
        if (left <= 0) return end(controller)
        for (let text = ''; text === '' && !ended; ) {
          const { done, value } = await reader.read()
          if (ended) return
          if (done) {
            ended = true
            stopTimer()
            controller.close()
            return
          }
          const complete = (rest + decoder.decode(value, { stream: true })).split('\n')
          rest = complete.pop() ?? ''
          text = await told(complete)
          if (text !== '' && !ended) controller.enqueue(encoder.encode(text))
          if (left <= 0 && cut?.how !== 'break') return end(controller)
        }
      },
      cancel: async (reason) => {
        ended = true
        stopTimer()
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

/** What becomes of one line: nothing, itself, itself several times; after the delays that concern it. */
async function affected(line: string, { table, request, wait }: WatchFaults): Promise<readonly string[]> {
  if (!table.has(eventKinds)) return [line]
  const { type, namespace, name } = eventOf(line)
  const event = { ...request, namespace, name }
  const concerns = ({ events }: { readonly events?: readonly WatchEventType[] }): boolean =>
    events ? (events as readonly string[]).includes(type) : type !== 'BOOKMARK' && type !== 'ERROR'
  for (const { fault, random } of table.each(['delay'], event, concerns)) await wait(draw(fault.milliseconds, random))
  if (table.first(['drop'], event, concerns)) return []
  const twice = table.first(['duplicate'], event, concerns)
  return twice ? Array.from({ length: 1 + (twice.fault.copies ?? 1) }, () => line) : [line]
}

interface LineObject {
  readonly metadata?: { readonly namespace?: string; readonly name?: string }
  /** Of a table. */
  readonly rows?: readonly { readonly object?: LineObject | null }[]
}

function eventOf(line: string): { type: string; namespace: string; name: string } {
  const { type, object } = JSON.parse(line) as { type: string; object?: LineObject }
  const { namespace = '', name = '' } = object?.rows?.[0]?.object?.metadata ?? object?.metadata ?? {}
  return { type, namespace, name }
}

const expiredLine = `${JSON.stringify({ type: 'ERROR', object: expired('The provided resource version is too old.').status() })}\n`
