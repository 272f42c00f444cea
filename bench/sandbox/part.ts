/**
 * A part of the benchmark in a process of its own, on a core of its own where `taskset` is there to say so.
 *
 * It sends messages until it ends, and ends when this process lets go of it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'

export class Part<Message> implements AsyncDisposable {
  readonly #child: ChildProcess

  constructor(script: string, args: readonly string[], flags: readonly string[] = []) {
    const node = [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      ...flags,
      fileURLToPath(new URL(script, import.meta.url)),
      ...args,
    ]
    const [program, ...rest] = [...onFirstCore, ...node] as [string, ...string[]]
    this.#child = spawn(program, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  }

  /** The next message; rejects where the part ends before. */
  async next(): Promise<Message> {
    return await new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`a part of the benchmark ended with ${code}`))
      this.#child.once('exit', ended)
      this.#child.once('message', (message) => {
        this.#child.off('exit', ended)
        resolve(message as Message)
      })
    })
  }

  async ask(message: string): Promise<Message> {
    const answer = this.next()
    this.#child.send(message)
    return await answer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill()
    await ended
  }
}

/** Whether servers have a core for themselves: the load generator then works on another. */
export const isPinned = cpus().length > 1 && spawnSync('taskset', ['--version']).status === 0

const onFirstCore = isPinned ? ['taskset', '-c', '0'] : []

/** Runs a part to its end; its only message is its result. */
export async function resultOf<Result>(script: string, args: readonly string[], flags: readonly string[] = []): Promise<Result> {
  await using part = new Part<Result>(script, args, flags)
  return await part.next()
}
