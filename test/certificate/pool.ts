/** Processes that play, each one run at a time. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Play } from '../../src/testing/crashes/certificate.ts'
import type { CrashResult, Reference } from '../../src/testing/crashes/play.ts'
import type { Ground } from './grounds.ts'
import type { Done, Task } from './worker.ts'

export interface Pool extends Play, AsyncDisposable {}

export function startPool(ground: Ground): Pool {
  const all: ChildProcess[] = []
  const free: ChildProcess[] = []

  async function run(task: Task): Promise<Reference | CrashResult> {
    const worker = free.pop() ?? start()
    const { promise, resolve, reject } = Promise.withResolvers<Done>()
    const ended = (code: number | null): void => reject(new Error(`a process that plays ended with ${code}`))
    worker.once('message', resolve).once('exit', ended)
    worker.send(task)
    const done = await promise.finally(() => worker.off('exit', ended).off('message', resolve))
    free.push(worker)
    if ('error' in done) throw new Error(done.error)
    return done.result
  }

  function start(): ChildProcess {
    // Maps are sent as they are.
    const worker = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), { serialization: 'advanced' })
    all.push(worker)
    return worker
  }

  return {
    reference: async (history) => (await run({ ground, history })) as Reference,
    crash: async (history, reference, point) => (await run({ ground, history, crash: { reference, point } })) as CrashResult,
    [Symbol.asyncDispose]: async () => {
      for (const worker of all) worker.kill()
    },
  }
}
