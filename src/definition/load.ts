/**
 * Loading a definition: watches.yaml and every chart that it names, to compiled programs.
 *
 * Every problem of every file is found in one go. With an error there is no definition; warnings leave it usable.
 */
import { dirname, isAbsolute, join, normalize } from 'node:path'
import { canonicalJson } from '../api/canonical.ts'
import { isClusterKind } from '../api/cluster-kinds.ts'
import type { Position, Problem } from '../api/problem.ts'
import { compileChart } from '../template/chart.ts'
import { createLibrary, type Library } from '../template/functions/library.ts'
import { circles } from './composition.ts'
import { findCrd } from './crd.ts'
import type { Definition, Watch } from './definition.ts'
import { type Folder, readFolder, readText } from './files.ts'
import { selectingNothing } from './scope.ts'
import type { Environment } from './variables.ts'
import { readWatches, type WatchEntry } from './watches.ts'

export interface LoadOptions {
  /** Path of watches.yaml; chart paths in it are relative to its folder. */
  watchesFile: string
  /** What `${NAME}` in overrideValues reads. */
  environment: Environment
  /** Lower-case hexadecimal SHA-256 of the UTF-8 bytes of a text. */
  sha256: (text: string) => string
}

/** The definition unless a problem is an error, and all problems in the order in which they were found. */
export function loadDefinition({ watchesFile, environment, sha256 }: LoadOptions): { definition?: Definition; problems: Problem[] } {
  const { text, problem } = readText(watchesFile)
  if (problem) return { problems: [missingWatches(problem)] }
  const { entries, problems } = readWatches(watchesFile, text, environment)
  const charts = new ChartFiles(dirname(watchesFile))
  const library = createLibrary({ sha256 })
  const watches: Watch[] = []
  for (const entry of entries) {
    const loaded = loadWatch(entry, charts, library)
    problems.push(...loaded.problems)
    if (loaded.watch) watches.push(loaded.watch)
  }
  if (!problems.some(isError)) problems.push(...circles(watches))
  if (problems.some(isError)) return { problems }
  const content = { rendering, text, overrides: entries.map((entry) => entry.overrideValues), charts: charts.contents() }
  return { definition: { watches, hash: sha256(canonicalJson(content)) }, problems }
}

/** Raised when the same files render to something else than before: what is missing then was dropped by a new revision. */
const rendering = 1

export const isError = ({ severity }: Problem): boolean => severity !== 'warning'

const missingWatches = (problem: Problem): Problem => ({
  ...problem,
  remedy: problem.remedy ?? 'run the command in the folder of watches.yaml, or name the file with --watches',
})

/** The folders of all charts, each read once even where several watches share it. */
class ChartFiles {
  readonly #base: string
  readonly #read = new Map<string, Folder>()

  constructor(base: string) {
    this.#base = base
  }

  read(chart: string): { path: string; files: Folder['files']; problems: Problem[] } {
    const path = (isAbsolute(chart) ? normalize(chart) : join(this.#base, chart)).replace(/(?<=.)\/$/, '')
    const known = this.#read.get(chart)
    // What is wrong in it was told with the first watch that names it.
    if (known) return { path, files: known.files, problems: [] }
    const folder = readFolder(path)
    this.#read.set(chart, folder)
    return { path, ...folder }
  }

  /** By the names in watches.yaml, so that the same project has the same hash wherever it lies. */
  contents(): unknown {
    const textOf = (content: string | Uint8Array): string =>
      typeof content === 'string' ? content : Buffer.from(content).toString('latin1')
    return [...this.#read].map(([chart, { files }]) => [chart, [...files].map(([path, content]) => [path, textOf(content)])])
  }
}

function loadWatch(entry: WatchEntry, charts: ChartFiles, library: Library): { watch?: Watch; problems: Problem[] } {
  const { path, files, problems: unreadable } = charts.read(entry.chart)
  const problems = unreadable.map((problem) => atChart(problem, path, entry.chartPosition))
  if (problems.some(isError)) return { problems }
  const { crd, problems: crdProblems } = findCrd(files, entry.kind, (file) => join(path, file))
  const { chart, problems: chartProblems } = compileChart({
    files,
    path,
    schema: crd?.schema,
    overrideValues: entry.overrideValues,
    overridePosition: entry.overridePosition,
    library,
    // Renders are timed with it, and cannot read it.
    clock: performance,
  })
  problems.push(...crdProblems, ...chartProblems, ...selectingNothing(entry, crd ? !crd.namespaced : isClusterKind(entry.kind)))
  if (!chart) return { problems }
  return { problems, watch: { ...entry, program: chart, chartPath: path, crd } }
}

/** A folder that is not there is the fault of the line that names it. */
const atChart = (problem: Problem, path: string, position: Position): Problem =>
  problem.at?.file === path
    ? { ...problem, message: `${path}: ${problem.message}`, at: position, remedy: 'chart is a folder, relative to watches.yaml' }
    : problem
