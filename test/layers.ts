/**
 * The layers of src/, as data, and what breaks them.
 *
 * A folder imports itself and the folders named here, nothing else. The order of the table is the order of the layers: everything a
 * folder may import stands above it, so the table itself cannot hold a cycle.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

interface Layer {
  imports: readonly string[]
  /** No `node:` module: the folder runs in a browser. */
  portable?: true
  /** No clock, no randomness, no process either: the same arguments give the same answer. */
  pure?: true
}

const middle = ['playbook', 'template', 'reconcile', 'fields', 'yaml', 'api']
const shell = ['kube', 'cache', 'queue', ...middle]

export const layers: Readonly<Record<string, Layer>> = {
  api: { imports: [], portable: true, pure: true },
  fields: { imports: ['api'], portable: true, pure: true },
  yaml: { imports: ['api'], portable: true, pure: true },
  reconcile: { imports: ['fields', 'yaml', 'api'], portable: true, pure: true },
  template: { imports: ['reconcile', 'fields', 'yaml', 'api'], portable: true, pure: true },
  playbook: { imports: ['template', 'reconcile', 'fields', 'yaml', 'api'], portable: true, pure: true },
  definition: { imports: middle },
  sandbox: { imports: ['fields', 'yaml', 'api'] },
  kube: { imports: ['api'] },
  cache: { imports: ['kube', 'api'] },
  queue: { imports: ['api'], portable: true },
  operator: { imports: ['definition', ...shell] },
  testing: { imports: ['sandbox', 'operator', 'definition', ...shell] },
  commands: { imports: ['operator', 'definition', ...shell] },
  'main.ts': { imports: ['commands', 'api'] },
}

/** A source file by its path below src/, with what it imports as it is written there. */
export interface SourceFile {
  path: string
  text: string
}

export const folderOf = (path: string): string => path.split('/')[0] as string

export function readSources(root: string): SourceFile[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

const statement = /^(?:import|export)\b(?:[^'";]*?\bfrom)?\s*'([^']+)'/gm
/** Types are erased before anything runs. */
const erased = /^(?:import|export) type\b/
const expression = /\bimport\(\s*'([^']+)'/g

/** The module names of all imports and re-exports of a file, those of types too, and of `import()` with a literal. */
const importsOf = (text: string): string[] => [...text.matchAll(statement), ...text.matchAll(expression)].map((match) => match[1] as string)

/** Those that another module has to be loaded for before this one. */
const loadsOf = (text: string): string[] =>
  [...text.matchAll(statement)].filter(([matched]) => !erased.test(matched)).map((match) => match[1] as string)

const impurities = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(|\bprocess\.\w|\bglobalThis\.process\b/

/** One line for each import that a layer forbids, each clock or dice in a pure folder, and each circle of imports. */
export function violations(files: readonly SourceFile[]): string[] {
  return [...files.flatMap(layerViolations), ...files.flatMap(impureLines), ...circles(files)]
}

function layerViolations({ path, text }: SourceFile): string[] {
  const folder = folderOf(path)
  const layer = layers[folder]
  if (!layer) return [`src/${path}: "${folder}" has no layer; add it to test/layers.ts`]
  return importsOf(text).flatMap((name) => {
    if (name.startsWith('node:')) return layer.portable ? [`src/${path} imports ${name}: ${folder} has to run without Node`] : []
    if (!name.startsWith('.')) return []
    const target = normalize(join(dirname(path), name))
    if (target === '../package.json') return layer.pure ? [`src/${path} imports ${name}: ${folder} takes its data as arguments`] : []
    const targetFolder = folderOf(target)
    if (targetFolder === folder || layer.imports.includes(targetFolder)) return []
    return [`src/${path} imports ${name}: ${folder} may import only ${layer.imports.join(', ') || 'itself'}`]
  })
}

function impureLines({ path, text }: SourceFile): string[] {
  if (!layers[folderOf(path)]?.pure) return []
  return text.split('\n').flatMap((line, index) => {
    const code = line.replace(/^\s*(?:\*|\/\*).*|\s\/\/.*/, '')
    const found = impurities.exec(code)
    return found ? [`src/${path}:${index + 1} uses ${found[0]}: time, randomness and the process come in as arguments`] : []
  })
}

/** Each circle of modules that wait for each other, once, as the path that closes it. */
function circles(files: readonly SourceFile[]): string[] {
  const targets = new Map(
    files.map(({ path, text }) => [
      path,
      loadsOf(text)
        .filter((name) => name.startsWith('.'))
        .map((name) => normalize(join(dirname(path), name))),
    ]),
  )
  const finished = new Set<string>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) {
      found.push(`circle of imports: ${[...trail.slice(start), path].map((file) => `src/${file}`).join(' → ')}`)
      return
    }
    if (finished.has(path)) return
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path])
    finished.add(path)
  }
  for (const { path } of files) visit(path, [])
  return found
}
