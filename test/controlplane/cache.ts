/**
 * Things that are slow to make and the same for every checkout: made once, kept outside the repository.
 *
 * An entry is a folder. It appears by one rename when it is complete, so nobody ever sees half of it; a lock file with the maker's
 * process id keeps two test runs from doing the same work, and a maker that died is noticed by its process id.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** Reports progress to whoever waits, a line at a time. */
export type Say = (line: string) => void

/** `$XDG_CACHE_HOME/fairlead/controlplane`, by default below ~/.cache. */
export const cacheFolder = (): string => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'fairlead', 'controlplane')

/**
 * The folder `name` of the cache, made by `make` if it is not there. `make` gets an empty folder to fill; when it throws, nothing is
 * kept and the error is passed on.
 */
export async function cached(name: string, make: (folder: string) => Promise<void>, say: Say): Promise<string> {
  const folder = join(cacheFolder(), name)
  if (existsSync(folder)) return folder
  mkdirSync(dirname(folder), { recursive: true })
  const unlock = await lock(`${folder}.lock`, () => existsSync(folder), say)
  if (unlock === undefined) return folder
  try {
    for (const entry of readdirSync(dirname(folder)))
      if (entry.startsWith(`${basename(folder)}.making-`)) rmSync(join(dirname(folder), entry), { recursive: true, force: true })
    const making = `${folder}.making-${process.pid}`
    mkdirSync(making)
    try {
      await make(making)
      renameSync(making, folder)
    } finally {
      rmSync(making, { recursive: true, force: true })
    }
  } finally {
    unlock()
  }
  return folder
}

/** Resolves with the function that unlocks, or with undefined when the work was done by another process meanwhile. */
async function lock(path: string, done: () => boolean, say: Say): Promise<(() => void) | undefined> {
  const claim = `${path}.${randomUUID()}`
  // A link appears with its content, where a new file would be empty for a moment.
  writeFileSync(claim, String(process.pid))
  try {
    for (let waiting = false; ; waiting = true) {
      try {
        linkSync(claim, path)
        if (!done()) return () => rmSync(path, { force: true })
        rmSync(path, { force: true })
        return undefined
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      }
      if (done()) return undefined
      const holder = holderOf(path)
      if (holder !== undefined && !alive(holder)) rmSync(path, { force: true })
      else if (!waiting) say(`waiting for process ${holder ?? 'that just ended'}, which is making the same`)
      await pause(200)
    }
  } finally {
    rmSync(claim, { force: true })
  }
}

function holderOf(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
