/**
 * A history: what happens around one small operator, step by step, as data.
 *
 *   title: what is no longer rendered is deleted
 *   project: operator                      # the folder of watches.yaml, beside the history
 *   steps:
 *     - title: a shelf with two books
 *       apply: [{ apiVersion: …, kind: Shelf, … }]
 *     - title: one book less
 *       patch: { spec: { books: [one] } }
 *       of: { apiVersion: shelves.example.com/v1, kind: Shelf, name: shelf }
 *
 * An object may be the path of a file with objects. `project` may name a file of watches. `flags` are those of `fairlead run`; with `--install-crds` no definition is there before.
 * With `scope: cluster` the operator works in all namespaces, so that the history needs a cluster of its own.
 *
 * In every text `${namespace}` stands for the namespace of the run, and `${NAME}` for each further one that `namespaces` names.
 */
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { JsonObject, JsonValue, KubernetesObject } from '../../api/object.ts'
import { formatProblem } from '../../api/problem.ts'
import { parseYaml } from '../../yaml/read.ts'

/** Which object a step is about. */
export interface Target {
  apiVersion: string
  kind: string
  name: string
  /** Default: the namespace of the run; nothing for a kind without namespaces. */
  namespace?: string
}

/** A change of the operator's project, made while it does not run. */
export interface ProjectChange {
  /** Files that go. */
  remove?: readonly string[]
  /** Texts in files that give way to others. */
  replace?: readonly { file: string; text: string; by: string }[]
}

export type Action =
  /** Server-side apply, forced. */
  | { kind: 'apply'; objects: readonly KubernetesObject[]; manager: string }
  /** A plain create, as of `kubectl create`. */
  | { kind: 'create'; objects: readonly KubernetesObject[]; manager: string }
  | { kind: 'patch'; of: Target; patch: JsonObject; manager: string; subresource?: string }
  | { kind: 'delete'; of: Target; cascade?: Cascade }
  /** The operator stops; the project changes, and what else is given happens; it starts again, with other flags if they are given. */
  | { kind: 'restart'; project: ProjectChange; meanwhile: readonly Action[]; flags?: readonly Flag[] }

/** What becomes of the dependents, as of `kubectl delete --cascade`. */
export type Cascade = (typeof cascades)[number]
const cascades = ['background', 'foreground', 'orphan'] as const

/** Of `fairlead run`. */
export type Flag = (typeof flags)[number]
const flags = ['--install-crds', '--release-orphans'] as const

export interface Step {
  title: string
  action: Action
}

export interface History {
  /** The name of its folder. */
  name: string
  title: string
  /** Absolute path of the folder of watches.yaml, or of a file of watches. */
  project: string
  flags: readonly Flag[]
  /** Where the operator works: in the namespaces of the run, or in all of a cluster that the run has for itself. */
  scope: 'namespaces' | 'cluster'
  /** Names of further namespaces, in which the operator works too. */
  namespaces: readonly string[]
  /** What is there before the operator starts. */
  before: readonly Action[]
  steps: readonly Step[]
}

type Written = { readonly [field: string]: JsonValue | undefined }

const allowed = {
  history: ['title', 'project', 'flags', 'scope', 'namespaces', 'before', 'steps'],
  action: ['title', 'apply', 'create', 'patch', 'delete', 'restart', 'meanwhile', 'flags', 'of', 'manager', 'subresource', 'cascade'],
} as const

/** Reads a history file. @throws Error that names the file and the step, for one that cannot be played */
export function readHistory(file: string): History {
  const { values, problems } = parseYaml(file, readFileSync(file, 'utf8'))
  if (problems.length > 0) throw new Error(problems.map(formatProblem).join('\n'))
  const history = values[0] as Written
  const fail = (message: string): never => {
    throw new Error(`${file}: ${message}`)
  }
  checkFields(history, allowed.history, fail)
  const steps = (history['steps'] ?? fail('there are no steps')) as unknown as Written[]
  const before = (history['before'] ?? []) as unknown as Written[]
  return {
    name: basename(dirname(file)),
    title: String(history['title'] ?? fail('it has no title')),
    project: join(dirname(file), String(history['project'] ?? 'operator')),
    flags: flagsIn(history['flags'] ?? [], fail),
    scope: oneOf(['namespaces', 'cluster'], history['scope'] ?? 'namespaces', fail),
    namespaces: (history['namespaces'] ?? []) as unknown as string[],
    before: before.map((action, index) => actionOf(action, dirname(file), (message) => fail(`before ${index + 1}: ${message}`))),
    steps: steps.map((step, index) => {
      const failStep = (message: string): never => fail(`step ${index + 1}: ${message}`)
      return { title: String(step['title'] ?? failStep('it has no title')), action: actionOf(step, dirname(file), failStep) }
    }),
  }
}

function actionOf(step: Written, folder: string, fail: (message: string) => never): Action {
  checkFields(step, allowed.action, fail)
  const manager = String(step['manager'] ?? 'history')
  const kinds = (['apply', 'create', 'patch', 'delete', 'restart'] as const).filter((kind) => step[kind] !== undefined)
  const [kind] = kinds
  if (!kind || kinds.length > 1) return fail('it does one of apply, create, patch, delete, restart')
  const value = step[kind] as unknown
  switch (kind) {
    case 'apply':
    case 'create':
      return { kind, objects: (value as JsonValue[]).flatMap((each) => objectsOf(each, folder, fail)), manager }
    case 'patch': {
      const of = (step['of'] ?? fail('it does not say what is patched')) as unknown as Target
      const subresource = step['subresource']
      return { kind, of, patch: value as JsonObject, manager, ...(subresource !== undefined && { subresource: String(subresource) }) }
    }
    case 'delete': {
      const cascade = step['cascade']
      return { kind, of: value as Target, ...(cascade !== undefined && { cascade: oneOf(cascades, cascade, fail) }) }
    }
    case 'restart':
      return {
        kind,
        project: value as ProjectChange,
        meanwhile: ((step['meanwhile'] ?? []) as unknown as Written[]).map((each) => actionOf(each, folder, fail)),
        ...(step['flags'] !== undefined && { flags: flagsIn(step['flags'], fail) }),
      }
  }
}

/** An object, or those of a file beside the history. */
function objectsOf(given: JsonValue, folder: string, fail: (message: string) => never): KubernetesObject[] {
  if (typeof given !== 'string') return [given as unknown as KubernetesObject]
  const file = join(folder, given)
  const { values, problems } = parseYaml(file, readFileSync(file, 'utf8'))
  return problems.length > 0 ? fail(problems.map(formatProblem).join('\n')) : (values as unknown as KubernetesObject[])
}

function checkFields(value: Written, fields: readonly string[], fail: (message: string) => never): void {
  for (const field of Object.keys(value)) if (!fields.includes(field)) fail(`"${field}" is none of ${fields.join(', ')}`)
}

const flagsIn = (value: JsonValue, fail: (message: string) => never): Flag[] =>
  (value as JsonValue[]).map((each) => oneOf(flags, each, fail))

function oneOf<T extends string>(allowedTexts: readonly T[], value: JsonValue, fail: (message: string) => never): T {
  return allowedTexts.find((each) => each === value) ?? fail(`${JSON.stringify(value)} is none of ${allowedTexts.join(', ')}`)
}

/** The same with every `${NAME}` replaced. */
export function withNames<T>(value: T, names: Readonly<Record<string, string>>): T {
  if (typeof value === 'string') return value.replace(/\$\{(\w+)\}/g, (text, name: string) => names[name] ?? text) as T
  if (Array.isArray(value)) return value.map((each: unknown) => withNames(each, names)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withNames(each as unknown, names)])) as T
}

/** By the names in its texts: the namespaces of a run, the operator's own first. */
export const namespacesOf = ({ namespaces }: History, namespace: string): Record<string, string> => ({
  namespace,
  ...Object.fromEntries(namespaces.map((name) => [name, `${namespace}-${name}`])),
})

/** Where the operator works: these namespaces of a run, or with none everywhere. */
export const workplaceOf = ({ scope }: History, namespaces: Readonly<Record<string, string>>): string[] =>
  scope === 'cluster' ? [] : Object.values(namespaces)

/** Who writes for a history. */
export function managersOf({ before, steps }: History): ReadonlySet<string> {
  const of = (action: Action): string[] =>
    action.kind === 'restart' ? action.meanwhile.flatMap(of) : 'manager' in action ? [action.manager] : []
  return new Set([...before, ...steps.map(({ action }) => action)].flatMap(of))
}
