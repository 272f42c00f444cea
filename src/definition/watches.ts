/**
 * watches.yaml: a list of watches, read strictly.
 *
 * The fields are those of the Helm operator's file, so that an existing one is read as it is; what that operator ignores silently (a misspelt
 * field, a value of the wrong type) is an error here, with the line it stands on. All problems of the file are found in one go.
 */
import { parseDuration, parsePeriod } from '../api/duration.ts'
import { nearest } from '../api/nearest.ts'
import type { GroupVersionKind } from '../api/object.ts'
import type { Position, Problem } from '../api/problem.ts'
import { type LabelSelector, parseSelector } from '../api/selectors.ts'
import { type AdoptionPolicy, adoptionPolicies } from '../reconcile/adoption.ts'
import { defaultDeletionTime, deletionPolicies, type DeletionPolicy } from '../reconcile/deletion-policy.ts'
import { type MappingNode, type Node, nodeAt, type PlainMap, toValue } from '../yaml/node.ts'
import { readYaml } from '../yaml/read.ts'
import { type FieldPolicy, fieldPolicies } from '../reconcile/field-policy.ts'
import { type ConditionStyle, conditionStyles } from '../reconcile/condition-style.ts'
import type { PrunePolicy } from '../reconcile/holds.ts'
import { overlaps } from './overlap.ts'
import { readBlacklist, readFinalizer } from './playbook-fields.ts'
import { readPrunePolicy } from './prune-policy.ts'
import { type Environment, substitute } from './variables.ts'

/** What a watch runs, as it is written: relative to watches.yaml. */
export type ProgramEntry =
  | { sort: 'chart'; folder: string }
  /** `file` is in the folder. */
  | { sort: 'playbook'; folder: string; file: string }

/** One entry as it is written; the chart or playbook is not read yet. */
export interface WatchEntry {
  kind: GroupVersionKind
  position: Position
  program: ProgramEntry
  programPosition: Position
  /** Over the vars of a playbook, with the variables filled in. */
  vars: PlainMap
  varPosition: (name: string) => Position | undefined
  manageStatus: boolean
  watchClusterScopedResources: boolean
  watchAnnotationsChanges: boolean
  blacklist: readonly GroupVersionKind[]
  finalizer: string | undefined
  /** With the variables filled in; top-level keys may be `--set` paths. */
  overrideValues: PlainMap
  /** Where a top-level key of overrideValues stands. */
  overridePosition: (key: string) => Position | undefined
  selector: LabelSelector | undefined
  namespaceSelector: LabelSelector | undefined
  namespaceSelectorPosition: Position | undefined
  reconcilePeriod: number | undefined
  watchDependentResources: boolean
  maxConcurrentReconciles: number | undefined
  fieldPolicy: FieldPolicy
  adoption: AdoptionPolicy
  deletionPolicy: DeletionPolicy
  waitForDeletion: number
  conditions: ConditionStyle | undefined
  prune: PrunePolicy
}

const fieldNames = [
  'group',
  'version',
  'kind',
  'chart',
  'playbook',
  'overrideValues',
  'vars',
  'selector',
  'namespaceSelector',
  'reconcilePeriod',
  'watchDependentResources',
  'maxConcurrentReconciles',
  'fieldPolicy',
  'adoption',
  'deletionPolicy',
  'waitForDeletion',
  'conditions',
  'prune',
  'manageStatus',
  'watchClusterScopedResources',
  'watchAnnotationsChanges',
  'blacklist',
  'finalizer',
  'dryRunOption',
] as const

const styles = Object.keys(conditionStyles) as ConditionStyle[]

type FieldName = (typeof fieldNames)[number]
const isFieldName = (name: string): name is FieldName => (fieldNames as readonly string[]).includes(name)

/** The entries that could be read, in their order, and everything that is wrong with the file. */
export function readWatches(file: string, text: string, environment: Environment): { entries: WatchEntry[]; problems: Problem[] } {
  const { documents, problems } = readYaml(file, text)
  const [root, second] = documents
  if (problems.length > 0) return { entries: [], problems }
  const example = 'e.g. "- {group: app.company.com, version: v1alpha1, kind: App, chart: charts/app}"'
  if (root === undefined) {
    problems.push({ code: 'WATCH_INVALID', message: 'the file is empty', at: { file }, remedy: `it needs at least one watch, ${example}` })
    return { entries: [], problems }
  }
  if (second !== undefined)
    problems.push({
      code: 'WATCH_INVALID',
      message: 'the file has a second document',
      at: second.at,
      remedy: 'put all watches in one list',
    })
  if (root.kind !== 'sequence') {
    problems.push({
      code: 'WATCH_INVALID',
      message: `watches.yaml is a list of watches, not ${nameOf(root)}`,
      at: root.at,
      remedy: `begin each watch with "- ", ${example}`,
    })
    return { entries: [], problems }
  }
  if (root.items.length === 0)
    problems.push({
      code: 'WATCH_INVALID',
      // What the last watch has left can only be let go of by a start without it.
      severity: 'warning',
      message: 'the list has no watch, so nothing is served',
      at: root.at,
      remedy: `a watch is ${example.slice('e.g. '.length)}`,
    })
  const entries = root.items.map((item) => readEntry(item, environment, problems)).filter((entry) => entry !== undefined)
  problems.push(...overlaps(entries))
  return { entries, problems }
}

function readEntry(node: Node, environment: Environment, problems: Problem[]): WatchEntry | undefined {
  if (node.kind !== 'mapping') {
    problems.push({
      code: 'WATCH_INVALID',
      message: `a watch is a map, not ${nameOf(node)}`,
      at: node.at,
      remedy: `it has: ${fieldNames.join(', ')}`,
    })
    return undefined
  }
  const fields = new Fields(node, problems)
  fields.refuseUnknown()
  const group = fields.text('group', groupPattern, 'a DNS name in lower case, e.g. app.company.com', false) ?? ''
  const version = fields.text('version', versionPattern, 'a name in lower case, e.g. v1alpha1', true)
  const kind = fields.text('kind', kindPattern, 'a name that begins with a capital letter, e.g. App', true)
  const program = readProgram(fields, node, problems)
  const keyIn = (name: FieldName) => (key: string) => {
    const map = fields.get(name)
    return map?.kind === 'mapping' ? map.entries.find((entry) => entry.key.text === key)?.key.at : undefined
  }
  const entry = {
    position: node.at,
    programPosition: (fields.get('chart') ?? fields.get('playbook') ?? node).at,
    overrideValues: fields.values('overrideValues', environment),
    overridePosition: keyIn('overrideValues'),
    vars: fields.values('vars', environment),
    varPosition: keyIn('vars'),
    manageStatus: fields.boolean('manageStatus') ?? true,
    watchClusterScopedResources: fields.boolean('watchClusterScopedResources') ?? true,
    watchAnnotationsChanges: fields.boolean('watchAnnotationsChanges') ?? false,
    blacklist: readBlacklist(fields.get('blacklist'), problems),
    finalizer: readFinalizer(fields.get('finalizer'), problems),
    selector: fields.selector('selector'),
    namespaceSelector: fields.selector('namespaceSelector'),
    namespaceSelectorPosition: fields.get('namespaceSelector')?.at,
    reconcilePeriod: fields.duration('reconcilePeriod', { parse: parsePeriod, what: 'a duration of 1s or more' }),
    watchDependentResources: fields.boolean('watchDependentResources') ?? true,
    maxConcurrentReconciles: fields.positive('maxConcurrentReconciles'),
    fieldPolicy: fields.oneOf('fieldPolicy', fieldPolicies) ?? 'force',
    adoption: fields.oneOf('adoption', adoptionPolicies) ?? 'never',
    deletionPolicy: fields.oneOf('deletionPolicy', deletionPolicies) ?? 'background',
    waitForDeletion: fields.duration('waitForDeletion') ?? defaultDeletionTime,
    conditions: fields.oneOf('conditions', styles),
    prune: readPrunePolicy(fields.get('prune'), problems),
  }
  fields.warnIgnored('dryRunOption', 'templates never ask the cluster while they render, so there is no dry run to choose')
  return version === undefined || kind === undefined || program === undefined
    ? undefined
    : { ...entry, kind: { group, version, kind }, program }
}

/** A chart or a playbook, and of the values those that it takes. */
function readProgram(fields: Fields, node: MappingNode, problems: Problem[]): ProgramEntry | undefined {
  const [chart, playbook] = [fields.get('chart'), fields.get('playbook')]
  const invalid = (at: Position, message: string, remedy: string): undefined =>
    void problems.push({ code: 'WATCH_INVALID', message, at, remedy })
  if (chart && playbook)
    return invalid(
      playbook.at,
      'a watch has a chart or a playbook, and not both',
      'make two watches of it, with selectors, or apply the chart in the playbook',
    )
  if (!chart && !playbook) return invalid(node.at, 'the watch has no chart and no playbook', 'give it the folder of a chart, or a playbook')
  if (chart) {
    const vars = fields.get('vars')
    if (vars) invalid(vars.at, 'vars are for playbooks', 'values of a chart stand under overrideValues')
    const folder = fields.text('chart', /^[^\0]+$/, 'the folder of a chart', true)
    return folder === undefined ? undefined : { sort: 'chart', folder }
  }
  const values = fields.get('overrideValues')
  if (values) invalid(values.at, 'overrideValues are for charts', 'values of a playbook stand under vars')
  const path = fields.text('playbook', /^[^\0]+$/, 'the file of a playbook', true)?.replace(/(?<=.)\/$/, '')
  if (path === undefined) return undefined
  const slash = path.lastIndexOf('/')
  if (!/\.ya?ml$/.test(path)) return { sort: 'playbook', folder: path, file: 'playbook.yaml' }
  if (slash <= 0 || path.slice(0, slash) === '.')
    return invalid((playbook as Node).at, 'a playbook stands in a folder of its own', 'e.g. playbook: playbooks/app.yaml')
  return { sort: 'playbook', folder: path.slice(0, slash), file: path.slice(slash + 1) }
}

const groupPattern = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$/
const versionPattern = /^[a-z]([-a-z0-9]*[a-z0-9])?$/
const kindPattern = /^[A-Z][A-Za-z0-9]*$/

/** Reads the fields of one watch; what is wrong is added to the problems, and the field counts as absent. */
class Fields {
  readonly #node: MappingNode
  readonly #problems: Problem[]

  constructor(node: MappingNode, problems: Problem[]) {
    this.#node = node
    this.#problems = problems
  }

  /** The value of a field; a field that holds nothing counts as absent. */
  get(name: FieldName): Node | undefined {
    const value = this.#node.entries.find(({ key }) => key.text === name)?.value
    return value?.kind === 'scalar' && value.value === null ? undefined : value
  }

  refuseUnknown(): void {
    for (const { key } of this.#node.entries) {
      if (isFieldName(key.text)) continue
      const near = nearest(key.text, fieldNames)
      this.#problems.push({
        code: 'WATCH_UNKNOWN_KEY',
        message: `"${key.text}" is not a field of a watch`,
        at: key.at,
        remedy: near ? `did you mean "${near}"?` : `a watch has: ${fieldNames.join(', ')}`,
      })
    }
  }

  text(name: FieldName, pattern: RegExp, allowed: string, required: boolean): string | undefined {
    const node = this.get(name)
    if (node === undefined) {
      if (required) this.#invalid(this.#node, `the watch has no ${name}`, `give it ${allowed}`)
      return undefined
    }
    if (node.kind !== 'scalar' || typeof node.value !== 'string') {
      const quoted = node.kind === 'scalar' ? `; in quotes it would be text: "${node.text}"` : ''
      return this.#invalid(node, `${name} is text, not ${nameOf(node)}`, `give it ${allowed}${quoted}`)
    }
    return pattern.test(node.value)
      ? node.value
      : this.#invalid(node, `"${node.value}" cannot be the ${name} of a watch`, `it is ${allowed}`)
  }

  boolean(name: FieldName): boolean | undefined {
    const node = this.get(name)
    if (node === undefined || (node.kind === 'scalar' && typeof node.value === 'boolean')) return node?.value as boolean | undefined
    return this.#invalid(node, `${name} is true or false, not ${nameOf(node)}`, 'write it without quotes')
  }

  oneOf<Choice extends string>(name: FieldName, choices: readonly Choice[]): Choice | undefined {
    const node = this.get(name)
    if (node === undefined) return undefined
    const chosen = node.kind === 'scalar' ? choices.find((choice) => choice === node.value) : undefined
    if (chosen !== undefined) return chosen
    const near = node.kind === 'scalar' ? nearest(node.text, choices) : undefined
    const allowed = `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
    return this.#invalid(node, `${name} is ${allowed}, not ${nameOf(node)}`, near ? `did you mean "${near}"?` : `e.g. ${choices[0]}`)
  }

  positive(name: FieldName): number | undefined {
    const node = this.get(name)
    if (node === undefined) return undefined
    if (node.kind === 'scalar' && Number.isSafeInteger(node.value) && (node.value as number) > 0) return node.value as number
    return this.#invalid(node, `${name} is a whole number above 0, not ${nameOf(node)}`, 'e.g. 4')
  }

  duration(name: FieldName, { parse = parseDuration, what = 'a duration' } = {}): number | undefined {
    const node = this.get(name)
    if (node === undefined) return undefined
    // 0 is the one duration that needs no unit, with quotes or without.
    const milliseconds = node.kind === 'scalar' && (typeof node.value === 'string' || node.value === 0) ? parse(node.text) : undefined
    if (milliseconds !== undefined && milliseconds >= 0) return milliseconds
    return this.#invalid(node, `${name} is ${what}, not ${nameOf(node)}`, 'e.g. 30s, 1m30s, 2h; "0" turns it off')
  }

  selector(name: FieldName): LabelSelector | undefined {
    const node = this.get(name)
    if (node === undefined) return undefined
    const { selector, problems } = parseSelector(toValue(node))
    for (const { path, message, remedy } of problems)
      this.#problems.push({ code: 'WATCH_INVALID', message, at: nodeAt(node, path).at, remedy })
    return selector
  }

  /** A map of values, with variables filled in. */
  values(name: 'overrideValues' | 'vars', environment: Environment): PlainMap {
    const node = this.get(name)
    if (node === undefined) return {}
    if (node.kind === 'mapping') return substitute(node, environment, this.#problems) as PlainMap
    this.#invalid(node, `${name} is a map, not ${nameOf(node)}`, `e.g. ${name}: { ${name === 'vars' ? 'tag' : 'image.tag'}: "1.4" }`)
    return {}
  }

  warnIgnored(name: FieldName, reason: string): void {
    const node = this.get(name)
    if (node)
      this.#problems.push({
        code: 'WATCH_IGNORED_FIELD',
        message: `${name} has no effect`,
        at: node.at,
        remedy: reason,
        severity: 'warning',
      })
  }

  #invalid(node: Node, message: string, remedy: string): undefined {
    this.#problems.push({ code: 'WATCH_INVALID', message, at: node.at, remedy })
  }
}

function nameOf(node: Node): string {
  if (node.kind === 'mapping') return 'a map'
  if (node.kind === 'sequence') return 'a list'
  if (node.value === null) return 'nothing'
  return typeof node.value === 'string'
    ? `"${node.value.length > 40 ? `${node.value.slice(0, 40)}…` : node.value}"`
    : `the ${typeof node.value} ${node.text}`
}
