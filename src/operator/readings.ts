/**
 * Reads of what is no object of the cluster: answers that hold for a while, and are fetched anew beside the passes.
 *
 *   wanted by a walk ──▶ fetched ──▶ answered ──`every` later──▶ fetched again ──▶ …
 *                           └──▶ failed ──back-off, at most a minute──▶ fetched again
 *   dropped after an act ──▶ as if it had never been read
 *   wanted no more ──▶ forgotten
 *
 * The primary is woken by an answer that differs from the one before, and by the first. An answer that is older than an act of the primary is
 * never told.
 */
import { canonicalJson } from '../api/canonical.ts'
import type { Milliseconds } from '../api/clock.ts'
import type { KubernetesObject } from '../api/object.ts'
import type { Reading, ReadRequest, Response } from '../reconcile/walk.ts'
import { carryOut, type CarryOutOptions } from './requests/carry-out.ts'
import { type BreakOff, failed, mostAnswerBytes, type RequestContext, requestOfRead } from './requests/request.ts'

export interface ReadingsOptions extends CarryOutOptions {
  /** Milliseconds since the epoch. */
  now: () => Milliseconds
  /** What the primary with this UID reads has changed. */
  wake: (primaryUid: string) => void
  /** Reads at a time; default 64. */
  most?: number
}

const firstPause = 1_000
const longestPause = 60_000

interface Read {
  uid: string
  request: ReadRequest
  primary: KubernetesObject
  context: RequestContext
  reading: Reading | undefined
  failures: number
  /** While it waits for its time. */
  cancel: (() => void) | undefined
  /** While it is being read. */
  running: AbortController | undefined
}

export class Readings {
  readonly #options: Required<ReadingsOptions>
  readonly #reads = new Map<string, Map<string, Read>>()
  readonly #due = new Set<Read>()
  readonly #running = new Set<Promise<void>>()
  readonly #versions = new Map<string, number>()
  #changes = 0
  #stopping = false

  constructor(options: ReadingsOptions) {
    this.#options = { most: 64, ...options }
  }

  /** What is known, by the reads' ids. A reading counts for the request of its hash alone. */
  of(primaryUid: string): Readonly<Record<string, Reading>> {
    const reads = [...(this.#reads.get(primaryUid)?.values() ?? [])]
    return Object.fromEntries(reads.flatMap(({ request, reading }) => (reading ? [[request.id, reading] as const] : [])))
  }

  /** Another text whenever an answer is another one; how old it is does not count. */
  versionOf(primaryUid: string): string {
    return String(this.#versions.get(primaryUid) ?? '')
  }

  /** Every read that the last walk came by: those that are due begin, and others are forgotten. */
  want(primary: KubernetesObject, requests: readonly ReadRequest[], context: RequestContext): void {
    const uid = primary.metadata.uid as string
    const before = this.#reads.get(uid)
    if (this.#stopping || (!before && requests.length === 0)) return
    const wanted = new Map<string, Read>()
    for (const request of requests) {
      const known = before?.get(request.id)
      if (known?.request.hash === request.hash) {
        wanted.set(request.id, Object.assign(known, { request, primary, context }))
        if (!known.cancel && !known.running) this.#due.add(known)
        continue
      }
      if (known) end(known)
      const read: Read = { uid, request, primary, context, reading: undefined, failures: 0, cancel: undefined, running: undefined }
      wanted.set(request.id, read)
      this.#due.add(read)
    }
    for (const [id, read] of before ?? []) if (!wanted.has(id)) this.#end(read)
    if (wanted.size > 0) this.#reads.set(uid, wanted)
    else this.forget(uid)
    this.#fill()
  }

  /** An act may have changed what was read: none of it is known any more, until the next walk wants it. */
  drop(primaryUid: string): void {
    const reads = this.#reads.get(primaryUid)
    if (!reads) return
    for (const read of reads.values()) {
      this.#end(read)
      read.reading = undefined
      read.failures = 0
    }
    this.#changed(primaryUid)
  }

  /** The primary is gone, or reads nothing any more. */
  forget(primaryUid: string): void {
    for (const read of this.#reads.get(primaryUid)?.values() ?? []) this.#end(read)
    this.#reads.delete(primaryUid)
    this.#versions.delete(primaryUid)
  }

  /** Breaks off what is being read. */
  async stop(): Promise<void> {
    this.#stopping = true
    for (const uid of [...this.#reads.keys()]) this.forget(uid)
    await Promise.all(this.#running)
  }

  #end(read: Read): void {
    this.#due.delete(read)
    end(read)
  }

  #fill(): void {
    for (const read of this.#due) {
      if (this.#stopping || this.#running.size >= this.#options.most) return
      this.#due.delete(read)
      const run = this.#run(read)
      this.#running.add(run)
      void run.then(() => {
        this.#running.delete(run)
        this.#fill()
      })
    }
  }

  async #run(read: Read): Promise<void> {
    const { request, primary, context } = read
    const controller = new AbortController()
    read.running = controller
    const at = this.#options.now()
    const { step } = request
    const response = await carryOut(requestOfRead(request), { primary, context, step }, controller, this.#options)
    // Another one is wanted by now, or none.
    if (read.running !== controller) return
    read.running = undefined
    this.#take(read, { hash: request.hash, at, response: bounded(response) })
  }

  #take(read: Read, reading: Reading): void {
    const { clock } = this.#options
    const isSame = read.reading !== undefined && canonicalJson(read.reading.response) === canonicalJson(reading.response)
    read.reading = reading
    read.failures = reading.response.kind === 'answered' ? 0 : read.failures + 1
    const pause = read.failures === 0 ? read.request.every : Math.min(longestPause, firstPause * 2 ** (read.failures - 1))
    read.cancel = clock.after(pause, () => {
      read.cancel = undefined
      this.#due.add(read)
      this.#fill()
    })
    if (isSame) return
    this.#changed(read.uid)
    this.#options.wake(read.uid)
  }

  #changed(uid: string): void {
    if (this.#reads.has(uid)) this.#versions.set(uid, ++this.#changes)
  }
}

function end(read: Read): void {
  read.cancel?.()
  read.cancel = undefined
  read.running?.abort('cancelled' satisfies BreakOff)
  read.running = undefined
}

/** What is kept has a limit, whoever answers. */
function bounded(response: Response): Response {
  const size = 'value' in response && response.value ? Buffer.byteLength(JSON.stringify(response.value)) : 0
  if (size <= 2 * mostAnswerBytes) return response
  return failed(`the answer is larger than ${mostAnswerBytes / 1024} KiB`)
}
