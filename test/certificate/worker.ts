/** Plays what it is told to in a process of its own: runs take a core, more than they wait. */
import type { CrashPoint } from '../../src/testing/crashes/calls.ts'
import type { History } from '../../src/testing/crashes/history.ts'
import { type CrashResult, playCrash, playReference, type Reference } from '../../src/testing/crashes/play.ts'
import { type Ground, stageOn } from './grounds.ts'

export interface Task {
  ground: Ground
  history: History
  /** Without it, the run without a crash. */
  crash?: { reference: Reference; point: CrashPoint }
}

export type Done = { result: Reference | CrashResult } | { error: string }

process.on('message', (task: Task) => void answer(task))

async function answer({ ground, history, crash }: Task): Promise<void> {
  process.send?.(await play().catch((error: unknown): Done => ({ error: textOf(error) })))

  async function play(): Promise<Done> {
    // In the same process it can be seen when an operator is at rest.
    if (!crash) return { result: await playReference(history, stageOn({ ...ground, binary: false })) }
    return { result: await playCrash(history, stageOn(ground), crash.reference, crash.point) }
  }
}

/** What went wrong first, where tidying up went wrong too. */
function textOf(error: unknown): string {
  if (error instanceof SuppressedError) return `${textOf(error.suppressed)}\n${textOf(error.error)}`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
