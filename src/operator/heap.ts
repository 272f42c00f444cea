/**
 * V8's settings for a process that runs for months and mostly waits.
 *
 * V8 lets its young generation grow to 64 MB under load, and that stays resident. A pass drops nearly everything that it makes within
 * milliseconds, so a small one is emptied just as cheaply.
 *
 * What a burst has left, garbage and pages with little in them, stays until the next collection, and a process that rests allocates too
 * little for one. V8 has a timer of its own for that, but it goes by the rate of allocation that it saw last, which was the burst's.
 */
import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'

/**
 * Keeps the young generation at about the size that it has now; to be called at the start, before there is load.
 * `nodeOptions` are those that Node was started with: sizes that they name are left to them, as in the image.
 */
export function keepYoungGenerationSmall(nodeOptions: readonly string[]): void {
  if (nodeOptions.some((option) => /semi[-_]space/.test(option))) return
  // V8 reads the limit itself (--max-semi-space-size) only when the process starts, and the factor at each growth.
  setFlagsFromString('--semi-space-growth-factor=1')
}

/** Of the time of the event loop: a lease and somebody who reads the metrics are less. */
const restingShare = 0.05

/** How many looks in a row V8 is told to save memory: its timer comes every 8 s, and a collection leads to another one. */
const longestSaving = 15

/**
 * Has V8 collect and compact when the process comes to rest, some 10 s after its last work; for as long as that runs.
 *
 * @param every milliseconds between two looks at whether it rests
 */
export function giveBackAtRest(every = 2_000): void {
  let before = performance.eventLoopUtilization()
  let rested = 0
  let saves = false
  setInterval(() => {
    const now = performance.eventLoopUtilization()
    rested = performance.eventLoopUtilization(now, before).utilization < restingShare ? rested + 1 : 0
    before = now
    // Not for as long as it rests: a collection that compacts takes several times as long, and single events come then, too.
    const isSaving = rested > 0 && rested <= longestSaving
    if (isSaving !== saves) setFlagsFromString(isSaving ? '--optimize-for-size' : '--no-optimize-for-size')
    saves = isSaving
  }, every).unref()
}
