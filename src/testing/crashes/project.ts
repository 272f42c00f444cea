/** A project as the operator is started with it: a copy in a folder of its own, which a history changes while the operator is down. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { formatProblem } from '../../api/problem.ts'
import type { Definition } from '../../definition/definition.ts'
import { loadDefinition } from '../../definition/load.ts'
import { sha256 } from '../../operator/assembly.ts'
import type { ProjectChange } from './history.ts'

export class Project implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'fairlead-crashes-'))
  /** Path of watches.yaml. */
  readonly watches = join(this.#folder, 'watches.yaml')

  /** @param original the folder of watches.yaml, which is copied with the charts that it names */
  constructor(original: string) {
    const watches = join(original, 'watches.yaml')
    cpSync(watches, this.watches)
    for (const { chartPath } of load(watches).watches)
      cpSync(chartPath, join(this.#folder, relative(original, chartPath)), { recursive: true })
  }

  /** @throws Error for a text that is not in its file */
  change({ remove = [], replace = [] }: ProjectChange): void {
    for (const file of remove) rmSync(join(this.#folder, file))
    for (const { file, text, by } of replace) {
      const path = join(this.#folder, file)
      const before = readFileSync(path, 'utf8')
      if (!before.includes(text)) throw new Error(`${file} has no ${JSON.stringify(text)}`)
      writeFileSync(
        path,
        before.replace(text, () => by),
      )
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** @throws Error with all that is wrong in it */
export function load(watches: string): Definition {
  const { definition, problems } = loadDefinition({ watchesFile: watches, environment: {}, sha256 })
  if (!definition) throw new Error(problems.map(formatProblem).join('\n'))
  return definition
}
