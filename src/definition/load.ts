/**
 * Loading a definition: watches.yaml and every chart and playbook that it names, to compiled programs.
 *
 * Every problem of every file is found in one go. With an error there is no definition; warnings leave it usable.
 */
import { dirname, isAbsolute, join, normalize } from 'node:path'
import { canonicalJson } from '../api/canonical.ts'
import { isClusterKind } from '../api/cluster-kinds.ts'
import type { Problem } from '../api/problem.ts'
import { compilePlaybook } from '../playbook/compile.ts'
import { PlaybookProgram } from '../playbook/program.ts'
import type { Program } from '../reconcile/program.ts'
import { compileChart } from '../template/chart.ts'
import { createLibrary, type Library } from '../template/functions/library.ts'
import { circles } from './composition.ts'
import { findCrd } from './crd.ts'
import type { Definition, Watch } from './definition.ts'
import { type Folder, isFolder, readFolder, readText } from './files.ts'
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
  const folders = new Folders(dirname(watchesFile))
  const library = createLibrary({ sha256 })
  const watches: Watch[] = []
  for (const entry of entries) {
    const loaded = loadWatch(entry, { folders, library, sha256 })
    problems.push(...loaded.problems)
    if (loaded.watch) watches.push(loaded.watch)
  }
  if (!problems.some(isError)) problems.push(...circles(watches))
  if (problems.some(isError)) return { problems }
  const vars = entries.map((entry) => entry.vars)
  const content = {
    rendering,
    text,
    overrides: entries.map((entry) => entry.overrideValues),
    charts: folders.contents(),
    ...(vars.some((each) => Object.keys(each).length > 0) && { vars }),
  }
  return { definition: { watches, hash: sha256(canonicalJson(content)) }, problems }
}

/** Raised when the same files render to something else than before: what is missing then was dropped by a new revision. */
const rendering = 1

export const isError = ({ severity }: Problem): boolean => severity !== 'warning'

const missingWatches = (problem: Problem): Problem => ({
  ...problem,
  remedy: problem.remedy ?? 'run the command in the folder of watches.yaml, or name the file with --watches',
})

/** The folders of all charts and playbooks, each read once even where several watches share it. */
class Folders {
  readonly #base: string
  readonly #read = new Map<string, Folder>()

  constructor(base: string) {
    this.#base = base
  }

  /** @param name as watches.yaml has it, or relative to watches.yaml */
  read(name: string): { path: string; files: Folder['files']; problems: Problem[] } {
    const path = this.pathOf(name)
    const known = this.#read.get(name)
    // What is wrong in it was told with the first watch that names it.
    if (known) return { path, files: known.files, problems: [] }
    const folder = readFolder(path)
    this.#read.set(name, folder)
    return { path, ...folder }
  }

  pathOf(name: string): string {
    return (isAbsolute(name) ? normalize(name) : join(this.#base, name)).replace(/(?<=.)\/$/, '')
  }

  /** Whether there is such a folder beside watches.yaml. */
  has(name: string): boolean {
    return isFolder(this.pathOf(name))
  }

  /** By the names in watches.yaml, so that the same project has the same hash wherever it lies. */
  contents(): unknown {
    const textOf = (content: string | Uint8Array): string =>
      typeof content === 'string' ? content : Buffer.from(content).toString('latin1')
    return [...this.#read].map(([name, { files }]) => [name, [...files].map(([path, content]) => [path, textOf(content)])])
  }
}

interface Loading {
  folders: Folders
  library: Library
  sha256: (text: string) => string
}

function loadWatch(entry: WatchEntry, loading: Loading): { watch?: Watch; problems: Problem[] } {
  const { sort, folder } = entry.program
  const { path, files, problems: unreadable } = loading.folders.read(folder)
  const problems = unreadable.map((problem) => atProgram(problem, path, entry))
  if (problems.some(isError)) return { problems }
  const { crd, problems: crdProblems } =
    sort === 'chart' ? findCrd(files, entry.kind, (file) => join(path, file)) : crdOfPlaybook(entry, loading)
  const { program, problems: found } = loadProgram(entry, crd, loading)
  problems.push(...crdProblems, ...found, ...selectingNothing(entry, crd ? !crd.namespaced : isClusterKind(entry.kind)))
  if (!program) return { problems }
  const { program: _written, programPosition: _at, vars: _vars, varPosition: _varAt, ...options } = entry
  return { problems, watch: { ...options, program, chartPath: path, crd } }
}

function loadProgram(
  entry: WatchEntry,
  crd: Watch['crd'],
  { folders, library, sha256 }: Loading,
): { program?: Program; problems: Problem[] } {
  const { folder } = entry.program
  const { path, files } = folders.read(folder)
  // Renders are timed with the clock, and cannot read it.
  const common = { files, path, schema: crd?.schema, library, clock: performance }
  if (entry.program.sort === 'chart') {
    const { overrideValues, overridePosition } = entry
    const { chart, problems } = compileChart({ ...common, overrideValues, overridePosition })
    return { ...(chart && { program: chart }), problems }
  }
  const { vars, varPosition, programPosition: position } = entry
  const charts = (name: string): ReturnType<Folders['read']> => folders.read(isAbsolute(name) ? name : join(folder, name))
  const { playbook, scopeOf, problems } = compilePlaybook({
    ...common,
    file: entry.program.file,
    position,
    vars,
    varPosition,
    charts,
    sha256,
  })
  return { ...(playbook && scopeOf && { program: new PlaybookProgram({ playbook, scopeOf, sha256 }) }), problems }
}

/** In the playbook's own folder, or in `crds/` beside watches.yaml, which several playbooks can share. */
function crdOfPlaybook({ program: { folder }, kind }: WatchEntry, { folders }: Loading): ReturnType<typeof findCrd> {
  const { path, files } = folders.read(folder)
  const own = [...files.keys()].some((file) => file.startsWith('crds/'))
  if (own || !folders.has('crds')) return findCrd(files, kind, (file) => join(path, file), 'folder of the playbook')
  const shared = folders.read('crds')
  const found = findCrd(
    new Map([...shared.files].map(([file, content]) => [`crds/${file}`, content])),
    kind,
    (file) => join(shared.path, file.replace(/^crds\/?/, '')),
    'project',
  )
  return { ...found, problems: [...shared.problems, ...found.problems] }
}

/** A folder that is not there is the fault of the line that names it. */
const atProgram = (problem: Problem, path: string, { program: { sort }, programPosition }: WatchEntry): Problem =>
  problem.at?.file === path
    ? {
        ...problem,
        message: `${path}: ${problem.message}`,
        at: programPosition,
        remedy:
          sort === 'chart'
            ? 'chart is a folder, relative to watches.yaml'
            : 'playbook is a file in a folder of its own, relative to watches.yaml',
      }
    : problem
