/** The histories of the certificate: crashes.yaml in the folders of the scenarios. */
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type History, readHistory } from '../../src/testing/crashes/history.ts'

const scenarios = fileURLToPath(new URL('../scenarios', import.meta.url))

/** All of them, or those of these names. @throws Error for a name that none has */
export function histories(names?: readonly string[]): History[] {
  const files = readdirSync(scenarios, { withFileTypes: true }).flatMap((entry) => {
    const file = `${scenarios}/${entry.name}/crashes.yaml`
    return entry.isDirectory() && existsSync(file) ? [file] : []
  })
  const all = files.sort().map(readHistory)
  const unknown = names?.filter((name) => !all.some((history) => history.name === name)) ?? []
  if (unknown.length > 0) throw new Error(`there is no history ${unknown.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}`)
  return names ? all.filter(({ name }) => names.includes(name)) : all
}
