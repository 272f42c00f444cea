import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { cached, cacheFolder } from './cache.ts'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cache-test-'))
  vi.stubEnv('XDG_CACHE_HOME', home)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true, force: true })
})

const silent = (): void => {}
const writeResult = async (folder: string): Promise<void> => writeFileSync(join(folder, 'result'), 'made')

describe('an entry of the cache', () => {
  it('is made once and found after', async () => {
    const make = vi.fn(writeResult)
    const folder = await cached('entry', make, silent)
    expect(await cached('entry', make, silent)).toBe(folder)
    expect(make).toHaveBeenCalledTimes(1)
    expect(readFileSync(join(folder, 'result'), 'utf8')).toBe('made')
    expect(readdirSync(cacheFolder())).toEqual(['entry'])
  })

  it('is made once when two ask at the same time', async () => {
    let finish = silent
    const finished = new Promise<void>((resolve) => (finish = resolve))
    const make = vi.fn(async (folder: string) => {
      await finished
      await writeResult(folder)
    })
    const said: string[] = []
    const first = cached('entry', make, silent)
    const second = cached('entry', make, (line) => {
      said.push(line)
      finish()
    })
    expect(await first).toBe(await second)
    expect(make).toHaveBeenCalledTimes(1)
    expect(said).toEqual([`waiting for process ${process.pid}, which is making the same`])
  })

  it('does not exist after its making failed, and can be made again', async () => {
    const failing = async (folder: string): Promise<void> => {
      await writeResult(folder)
      throw new Error('no space left')
    }
    await expect(cached('entry', failing, silent)).rejects.toThrow('no space left')
    expect(readdirSync(cacheFolder())).toEqual([])
    expect(existsSync(join(await cached('entry', writeResult, silent), 'result'))).toBe(true)
  })

  it('is made although a maker was killed in the middle', async () => {
    const dead = spawnSync(process.execPath, ['--version']).pid
    mkdirSync(join(cacheFolder(), `entry.making-${dead}`), { recursive: true })
    writeFileSync(join(cacheFolder(), 'entry.lock'), String(dead))
    await cached('entry', writeResult, silent)
    expect(readdirSync(cacheFolder())).toEqual(['entry'])
  })
})
