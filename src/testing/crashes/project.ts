/**
 * A project as the operator is started with it: the folder of a history with the changes that were made to it while the operator was down.
 *
 * The same changes are compiled once for all runs; a folder of its own is made only for an operator that reads one.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { formatProblem } from '../../api/problem.ts'
import type { Definition } from '../../definition/definition.ts'
import { loadDefinition } from '../../definition/load.ts'
import { sha256 } from '../../operator/assembly.ts'
import type { ProjectChange } from './history.ts'

/** By the original and all changes. */
const compiled = new Map<string, Definition>()

export class Project implements Disposable {
  readonly #original: string
  /** The name of the file of watches in it. */
  readonly #file: string
  readonly #changes: ProjectChange[] = []
  #folder: string | undefined

  /** @param original the folder of watches.yaml, or a file of watches */
  constructor(original: string) {
    const isFile = original.endsWith('.yaml')
    this.#original = isFile ? dirname(original) : original
    this.#file = isFile ? basename(original) : 'watches.yaml'
  }

  /** @throws Error with all that is wrong in it */
  get definition(): Definition {
    const key = JSON.stringify([this.#original, this.#file, this.#changes])
    const known = compiled.get(key)
    if (known) return known
    const definition = load(this.#changes.length === 0 ? join(this.#original, this.#file) : this.watches)
    compiled.set(key, definition)
    return definition
  }

  /** Path of its file of watches: of a copy, beside the charts that it names. @throws Error for a change that cannot be made */
  get watches(): string {
    this.#folder ??= this.#copy()
    return join(this.#folder, this.#file)
  }

  change(change: ProjectChange): void {
    this.#changes.push(change)
    if (this.#folder !== undefined) make(change, this.#folder)
  }

  #copy(): string {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-crashes-'))
    const watches = join(this.#original, this.#file)
    cpSync(watches, join(folder, this.#file))
    for (const { chartPath } of load(watches).watches)
      cpSync(chartPath, join(folder, relative(this.#original, chartPath)), { recursive: true })
    for (const change of this.#changes) make(change, folder)
    return folder
  }

  [Symbol.dispose](): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** @throws Error for a text that is not in its file */
function make({ remove = [], replace = [] }: ProjectChange, folder: string): void {
  for (const file of remove) rmSync(join(folder, file))
  for (const { file, text, by } of replace) {
    const path = join(folder, file)
    const before = readFileSync(path, 'utf8')
    if (!before.includes(text)) throw new Error(`${file} has no ${JSON.stringify(text)}`)
    writeFileSync(
      path,
      before.replace(text, () => by),
    )
  }
}

/** @throws Error with all that is wrong in it */
export function load(watches: string): Definition {
  const { definition, problems } = loadDefinition({ watchesFile: watches, environment: {}, sha256 })
  if (!definition) throw new Error(problems.map(formatProblem).join('\n'))
  return definition
}
