/** A saved state in a file. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { checkState, type SavedState } from './state.ts'
import { StateError } from './state-error.ts'

/**
 * Writes a state to a file, as JSON. The file is whole at every moment: what was there before stays until the new one is written.
 *
 * @throws StateError where the file cannot be written
 */
export async function writeState(path: string, state: SavedState): Promise<void> {
  const unfinished = `${path}.${process.pid}.${Math.random().toString(36).slice(2, 8)}.tmp`
  try {
    await writeFile(unfinished, `${JSON.stringify(state)}\n`, { mode: 0o600 })
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw new StateError(
      path,
      `cannot be written: ${(error as Error).message}`,
      'name a file in a folder that is there and can be written to',
      {
        cause: error,
      },
    )
  }
}

/**
 * Reads a state from a file that `writeState` wrote.
 *
 * @throws StateError where there is no such file, or it holds something else: which, what is wrong, what to do
 */
export async function readState(path: string): Promise<SavedState> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new StateError(path, `cannot be read: ${(error as Error).message}`, 'write it with writeState(path, sandbox.save())', {
      cause: error,
    })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new StateError(path, `is not JSON: ${(error as Error).message}`, 'write it again with writeState(path, sandbox.save())', {
      cause: error,
    })
  }
  return checkState(value, path)
}
