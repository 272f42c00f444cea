/**
 * Loading a definition: watches.yaml and every chart that it names, to compiled programs.
 *
 * Every problem of every file is found in one go. With an error there is no definition; warnings leave it usable.
 */
import { dirname, join } from 'node:path'
import { canonicalJson } from '../api/canonical.ts'
import type { Position, Problem } from '../api/problem.ts'
import { compileChart } from '../template/chart.ts'
import { createLibrary } from '../template/functions/library.ts'
import { findCrd } from './crd.ts'
import type { Definition, Watch } from './definition.ts'
import { readFolder, readText } from './files.ts'
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
  if (problems.some(isError)) return { problems }
  return { definition: { watches, hash: sha256(canonicalJson({ text, overrides: entries.map((entry) => entry.overrideValues), charts: charts.contents() })) }, problems }
}

export const isError = ({ severity }: Problem): boolean => severity !== 'warning'

const missingWatches = (problem: Problem): Problem => ({
  ...problem,
  remedy: problem.remedy ?? 'run the command in the folder of watches.yaml, or name the file with --watches',
})

/** The folders of all charts, each read once even where several watches share it. */
class ChartFiles {
  readonly #base: string
  readonly #read = new Map<string, ReturnType<typeof readFolder>>()

  constructor(base: string) {
    this.#base = base
  }

  read(chart: string): { path: string; files: ReadonlyMap<string, string>; problems: Problem[] } {
    const path = chart.startsWith('/') ? chart : join(this.#base, chart)
    const known = this.#read.get(path)
    if (known) return { path, files: known.files, problems: [] }
    const folder = readFolder(path)
    this.#read.set(path, folder)
    return { path, ...folder }
  }

  contents(): unknown {
    return [...this.#read].map(([path, { files }]) => [path, Object.fromEntries(files)])
  }
}

function loadWatch(entry: WatchEntry, charts: ChartFiles, library: ReturnType<typeof createLibrary>): { watch?: Watch; problems: Problem[] } {
  const { path, files, problems: unreadable } = charts.read(entry.chart)
  const problems = unreadable.map((problem) => atChart(problem, path, entry.chartPosition))
  if (problems.some(isError)) return { problems }
  const { crd, problems: crdProblems } = findCrd(files, entry.kind, (file) => join(path, file))
  const { chart, problems: chartProblems } = compileChart({
    files,
    path,
    schema: crd?.schema,
    overrideValues: entry.overrideValues,
    library,
  })
  problems.push(...crdProblems, ...chartProblems)
  if (!chart) return { problems }
  return { problems, watch: { ...entry, program: chart, chartPath: path, crd } }
}

/** A folder that is not there is the fault of the line that names it. */
const atChart = (problem: Problem, path: string, position: Position): Problem =>
  problem.at?.file === path
    ? { ...problem, message: `${path}: ${problem.message}`, at: position, remedy: 'chart is a folder, relative to watches.yaml' }
    : problem
