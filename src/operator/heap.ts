/**
 * V8's settings for a process that runs for months and mostly waits.
 *
 * V8 lets its young generation grow to 64 MB under load, and that stays resident. A pass drops nearly everything that it makes within
 * milliseconds, so a small one is emptied just as cheaply.
 */
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
