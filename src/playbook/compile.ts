/**
 * From the files of a playbook to a compiled one.
 *
 * The playbook stands in a folder of its own: `templates/` beside it holds what its steps apply, `functions.js` functions of its own, `crds/` the
 * definition of its kind, and other YAML files what it includes. All problems of all files are found in one go; nothing is evaluated yet.
 */
import { canonicalJson } from '../api/canonical.ts'
import { nearest } from '../api/nearest.ts'
import type { GroupVersionKind } from '../api/object.ts'
import { formatPosition, type Position, type Problem } from '../api/problem.ts'
import { ShapeCache } from '../template/cache.ts'
import { type Chart, compileChart } from '../template/chart.ts'
import { type ChartFile, sortFiles } from '../template/chart-files.ts'
import type { ChartPassOptions } from '../template/chart-pass.ts'
import type { Template } from '../template/compile.ts'
import { TemplateError } from '../template/error.ts'
import { knownFunction } from '../template/functions/known.ts'
import type { Library } from '../template/functions/library.ts'
import { type Clock, defaultLimits, type Limits } from '../template/limits.ts'
import { Gates } from '../template/ready-when.ts'
import { secretScope } from '../template/secret-places.ts'
import { omit } from '../template/value.ts'
import type { Schema } from '../template/view.ts'
import { emptyMap, member, type PlainMap } from '../yaml/node.ts'
import { Applies } from './apply.ts'
import { Code, type NamedPart } from './code.ts'
import { type EvaluationOptions, type PlaybookNames, WholeScope } from './evaluation.ts'
import { Fields } from './fields.ts'
import { stepKinds } from './kinds/kinds.ts'
import { CurrentBudget, compileFunctions } from './project-functions.ts'
import type { WalkScopeOf } from './scope.ts'
import { Source, type SourceNode } from './source.ts'
import type { CompiledPlaybook, Doing, Schedule, Step, StepKind, Value } from './step.ts'
import { StepCompiler } from './steps.ts'
import { asDuration, asText, Expression, TaggedValue } from './values.ts'

export interface PlaybookFiles {
  /** Every file of the playbook's folder, by its path within it. */
  files: ReadonlyMap<string, string | Uint8Array>
  /** The playbook's own: `etcd.yaml`. */
  file: string
  /** The folder, as a user should see it: problems name files below it. */
  path: string
  /** Where somebody names the playbook. */
  position?: Position | undefined
}

export interface PlaybookOptions extends PlaybookFiles {
  /** The structural schema of the custom resource, if it is known. */
  schema?: Schema | undefined
  /** Over the playbook's vars. */
  vars?: PlainMap | undefined
  /** Where one of these stands. */
  varPosition?: ((name: string) => Position | undefined) | undefined
  /** The files of a chart's folder that a step names, relative to the playbook. */
  charts?: ((path: string) => { files: ReadonlyMap<string, string | Uint8Array>; path: string; problems: readonly Problem[] }) | undefined
  /** Kinds of steps beside those that there are. */
  kinds?: readonly StepKind[] | undefined
  library: Library
  /** For deadlines only; a walk cannot read it. */
  clock: Clock
  limits?: Partial<Limits> | undefined
  sha256: (text: string) => string
}

const topKeys = ['name', 'vars', 'steps', 'schedules', 'delete', 'include']
const scheduleKeys = ['cron', 'timeZone', 'when', 'missed', 'overlap', 'steps']
const cacheBytes = 32 * 1024 * 1024
const defaultRemoval = 10 * 60_000

/** Without problems of severity error there is a playbook, and what makes the scopes of its walks; never throws for what a file contains. */
export function compilePlaybook(options: PlaybookOptions): { playbook?: CompiledPlaybook; scopeOf?: WalkScopeOf; problems: Problem[] } {
  const compiler = new PlaybookCompiler(options)
  return compiler.compile()
}

/** What the files of a playbook hold, one after another. */
interface Gathered {
  vars: { name: string; value: Value; at: Position }[]
  steps: Step[]
  schedules: Schedule[]
  remove: Step[]
  removes: boolean
  removeTimeout: number | undefined
}

class PlaybookCompiler {
  readonly #options: PlaybookOptions
  readonly #problems: Problem[] = []
  readonly #root: string
  readonly #code: Code
  readonly #steps: StepCompiler
  readonly #applies: Applies
  readonly #parts: ChartPassOptions
  readonly #current = new CurrentBudget()
  readonly #sources = new Map<string, Source | undefined>()
  readonly #charts = new Map<string, Chart | undefined>()
  readonly #gathered: Gathered = { vars: [], steps: [], schedules: [], remove: [], removes: false, removeTimeout: undefined }

  constructor(options: PlaybookOptions) {
    this.#options = options
    const { path, library, clock, schema } = options
    this.#root = path === '' || path.endsWith('/') ? path : `${path}/`
    const limits = { ...defaultLimits, ...options.limits }
    // The folder is laid out like a chart's, but for Chart.yaml.
    const sorted = sortFiles(options.files, path)
    const scope = this.#scope(library, sorted.files.get('functions.js'))
    this.#code = new Code(scope, this.#problems, [...sorted.partials.keys()])
    const partials = new Map<string, Template>()
    for (const [name, { path: file, text }] of sorted.partials) {
      const partial = this.#code.file(file, text)
      if (partial) partials.set(name, partial)
    }
    const templates = new Map<string, ChartFile>()
    for (const file of [...sorted.templates, ...sorted.documents])
      templates.set(file.path.slice(this.#root.length).replace(/^templates\//, ''), file)
    const others = [...sorted.files].filter(([name]) => name !== 'functions.js' && name !== options.file)
    this.#parts = {
      about: emptyMap<unknown>(),
      files: Object.assign(emptyMap<unknown>(), Object.fromEntries(others)),
      partials,
      valuesSchema: undefined,
      schema,
      clock,
      limits,
      cache: new ShapeCache(cacheBytes),
    }
    this.#applies = new Applies({
      templates,
      chart: (folder, at) => this.#chart(folder, at),
      gates: new Gates({ library, limits, clock }),
      code: this.#code,
      problems: this.#problems,
    })
    this.#steps = new StepCompiler({
      kinds: [...stepKinds, ...(options.kinds ?? [])],
      code: this.#code,
      applies: this.#applies,
      problems: this.#problems,
      include: (file, at) => this.#included(file, at),
    })
  }

  compile(): { playbook?: CompiledPlaybook; scopeOf?: WalkScopeOf; problems: Problem[] } {
    const { file, sha256, files, vars: over = {} } = this.#options
    const source = this.#source(file, this.#options.position ?? { file: `${this.#root}${file}` })
    const root = source && this.#read(source)
    if (!source || !root) return { problems: this.#problems }
    const fields = this.#file(source, root, [file])
    const name = fields?.text('name')
    if (fields && name === undefined && !fields.get('name'))
      this.#problems.push({
        code: 'PLAYBOOK_INVALID',
        message: 'the playbook has no name',
        at: source.at(root.at),
        remedy: 'e.g. name: etcd',
      })
    const { steps, schedules, remove, removes, removeTimeout } = this.#gathered
    const vars = this.#vars()
    this.#resolveRuns()
    const names: PlaybookNames = {
      vars,
      steps: new Set(this.#steps.ids.keys()),
      set: this.#steps.set,
      memory: this.#steps.memory,
      schedules: new Set(schedules.map((schedule) => schedule.name)),
    }
    this.#checkReferences(names)
    this.#checkScales()
    if (steps.length + schedules.length === 0 && this.#problems.length === 0)
      this.#problems.push({ code: 'PLAYBOOK_INVALID', message: 'the playbook has no steps', at: source.at(root.at), severity: 'warning' })
    if (name === undefined || this.#problems.some(({ severity }) => severity !== 'warning')) return { problems: this.#problems }
    const playbook: CompiledPlaybook = {
      name,
      revision: sha256(
        canonicalJson({
          over,
          files: [...files].map(([path, content]) => [path, typeof content === 'string' ? content : [...content].join()]),
        }),
      ),
      file: source.file,
      vars,
      steps,
      schedules,
      remove: removes ? { steps: remove, timeout: removeTimeout ?? defaultRemoval } : undefined,
      kinds: kindsIn([...steps, ...schedules.flatMap((schedule) => schedule.steps), ...remove]),
    }
    const evaluation: EvaluationOptions = { parts: this.#parts, names, file: source.file }
    const scopeOf: WalkScopeOf = (_playbook, inputs, found) => {
      const scope = new WholeScope(evaluation, inputs, found)
      this.#current.budget = scope.pass.budget
      return scope
    }
    return { playbook, scopeOf, problems: this.#problems }
  }

  /** The names that code can use. */
  #scope(library: Library, functions: string | undefined): Library {
    const fail = (message: unknown): never => {
      throw new TemplateError('TEMPLATE_FAILED', String(message))
    }
    const scope = { ...library, ...secretScope(library), known: knownFunction, omit, fail } as unknown as Library
    if (functions === undefined) return scope
    const compiled = compileFunctions({ file: `${this.#root}functions.js`, text: functions, library: scope, current: this.#current })
    this.#problems.push(...compiled.problems)
    return { ...scope, ...compiled.functions }
  }

  #source(file: string, at: Position): Source | undefined {
    if (this.#sources.has(file)) return this.#sources.get(file)
    const content = this.#options.files.get(file)
    const source = typeof content === 'string' ? new Source(`${this.#root}${file}`, content) : undefined
    if (!source) {
      const near = nearest(
        file,
        [...this.#options.files.keys()].filter((name) => /\.ya?ml$/.test(name) && !this.#sources.has(name)),
      )
      this.#problems.push({
        code: 'FILE_MISSING',
        message: `there is no file ${file} in the folder of the playbook`,
        at,
        ...(near && near !== file && { remedy: `did you mean ${near}?` }),
      })
    }
    this.#sources.set(file, source)
    return source
  }

  #read(source: Source): SourceNode | undefined {
    const { root, problems } = source.read()
    this.#problems.push(...problems)
    if (problems.length > 0) return undefined
    if (!root) this.#problems.push({ code: 'PLAYBOOK_INVALID', message: 'the file is empty', at: { file: source.file } })
    return root
  }

  /** A file that is a playbook, or a part of one. */
  #file(source: Source, root: SourceNode, trail: readonly string[]): Fields | undefined {
    if (root.kind !== 'mapping') {
      this.#problems.push({
        code: 'PLAYBOOK_INVALID',
        message: 'a playbook is a map',
        at: source.at(root.at),
        remedy: `it has: ${topKeys.join(', ')}`,
      })
      return undefined
    }
    const fields = new Fields(source, root, this.#problems)
    fields.refuseUnknown('a playbook', topKeys)
    for (const node of fields.list('include')) this.#include(source, node, trail)
    for (const { key, keyAt, value } of fields.map('vars')) {
      if (this.#gathered.vars.some(({ name }) => name === key))
        this.#problems.push({ code: 'PLAYBOOK_INVALID', message: `the var ${key} stands twice`, at: keyAt })
      else this.#gathered.vars.push({ name: key, value: new TaggedValue(source, value, this.#code), at: keyAt })
    }
    this.#gathered.steps.push(...this.#steps.steps(source, fields.list('steps')))
    for (const { key, keyAt, value } of fields.map('schedules')) this.#schedule(source, key, keyAt, value)
    this.#removal(source, fields)
    return fields
  }

  #include(source: Source, node: SourceNode, trail: readonly string[]): void {
    const at = source.at(node.at)
    if (node.kind !== 'scalar' || typeof node.value !== 'string') {
      this.#problems.push({ code: 'PLAYBOOK_INVALID', message: 'include is a list of files', at })
      return
    }
    if (trail.includes(node.value)) {
      this.#problems.push({ code: 'PLAYBOOK_INVALID', message: `${node.value} includes itself`, at })
      return
    }
    const included = this.#source(node.value, at)
    const root = included && this.#read(included)
    if (included && root) this.#file(included, root, [...trail, node.value])
  }

  /** The steps of a file: a list, or those of a map that has nothing else. */
  #included(file: string, at: Position): { source: Source; steps: readonly SourceNode[] } | undefined {
    const source = this.#source(file, at)
    const root = source && this.#read(source)
    if (!source || !root) return undefined
    if (root.kind === 'sequence') return { source, steps: root.items }
    const steps = member(root, 'steps')
    if (root.kind === 'mapping' && root.entries.length === 1 && steps?.kind === 'sequence') return { source, steps: steps.items }
    this.#problems.push({
      code: 'PLAYBOOK_INVALID',
      message: `${file} is included by a step, and is no list of steps`,
      at,
      remedy: 'what has more is included at the top: include: [ … ]',
    })
    return undefined
  }

  #schedule(source: Source, name: string, at: Position, node: SourceNode): void {
    const invalid = (message: string, remedy?: string): void =>
      void this.#problems.push({ code: 'PLAYBOOK_INVALID', message, at, ...(remedy && { remedy }) })
    if (node.kind !== 'mapping') return invalid(`the schedule ${name} is a map`, `it has: ${scheduleKeys.join(', ')}`)
    if (!/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/i.test(name))
      return invalid(`"${name}" is no name of a schedule`, 'it has at most 40 letters, digits and dashes')
    if (this.#gathered.schedules.some((schedule) => schedule.name === name)) return invalid(`the schedule ${name} stands twice`)
    const fields = new Fields(source, node, this.#problems)
    fields.refuseUnknown('a schedule', scheduleKeys)
    const cron = fields.get('cron')
    if (!cron) return invalid(`the schedule ${name} has no cron`, 'e.g. cron: "0 3 * * *"')
    const [timeZone, when, within] = [fields.get('timeZone'), fields.get('when'), member(fields.get('missed'), 'within')]
    const missed = fields.get('missed')
    if (missed && !within) invalid('missed is a map with within', 'e.g. missed: { within: 1h }')
    const text = (value: SourceNode): Value<string> => asText(new TaggedValue(source, value, this.#code))
    this.#gathered.schedules.push({
      name,
      at,
      cron: text(cron),
      timeZone: timeZone && text(timeZone),
      when: when && Expression.of(source, when, this.#code, this.#problems)?.condition(),
      missedWithin: within && asDuration(new TaggedValue(source, within, this.#code)),
      overlap: fields.oneOf('overlap', ['skip', 'queue', 'replace']) ?? 'skip',
      steps: this.#steps.steps(source, fields.list('steps'), { prefix: `${name}/`, files: [] }),
    })
  }

  /** A list of steps, or a map with steps and a timeout. */
  #removal(source: Source, fields: Fields): void {
    const node = fields.get('delete')
    if (!node) return
    this.#gathered.removes = true
    const place = { prefix: 'delete/', files: [] }
    if (node.kind !== 'mapping') {
      this.#gathered.remove.push(...this.#steps.steps(source, fields.list('delete'), place))
      return
    }
    const inner = new Fields(source, node, this.#problems)
    inner.refuseUnknown('delete', ['steps', 'timeout'])
    this.#gathered.removeTimeout = inner.duration('timeout') ?? this.#gathered.removeTimeout
    this.#gathered.remove.push(...this.#steps.steps(source, inner.list('steps'), place))
  }

  /** Those of the playbook, with the values that somebody gives them from outside. */
  #vars(): CompiledPlaybook['vars'] {
    const { vars: over = {}, varPosition } = this.#options
    const { vars } = this.#gathered
    const names = vars.map(({ name }) => name)
    for (const name of Object.keys(over)) {
      if (names.includes(name)) continue
      const near = nearest(name, names)
      const at = varPosition?.(name)
      this.#problems.push({
        code: 'WATCH_INVALID',
        message: `the playbook has no var ${name}`,
        ...(at && { at }),
        remedy: near ? `did you mean "${near}"?` : names.length > 0 ? `it has: ${names.join(', ')}` : 'it has none',
      })
    }
    return vars.map(({ name, value }) =>
      Object.hasOwn(over, name) ? { name, value: { at: varPosition?.(name) ?? value.at, evaluate: () => over[name] } } : { name, value },
    )
  }

  #resolveRuns(): void {
    const { schedules } = this.#gathered
    for (const { lane, at, resolve } of this.#steps.runs) {
      const schedule = schedules.find(({ name }) => name === lane)
      if (!schedule) {
        const near = nearest(
          lane,
          schedules.map(({ name }) => name),
        )
        this.#problems.push({
          code: 'PLAYBOOK_INVALID',
          message: `there is no schedule ${lane}`,
          at,
          remedy: near ? `did you mean "${near}"?` : 'run names a schedule, whose steps it walks',
        })
      } else resolve(schedule.steps)
    }
    for (const schedule of schedules)
      if (runsItself(schedule.steps, new Set([schedule.name])))
        this.#problems.push({ code: 'PLAYBOOK_INVALID', message: `the schedule ${schedule.name} runs itself`, at: schedule.at })
  }

  /** What code reads of the playbook has to be there. */
  #checkReferences(names: PlaybookNames): void {
    const known: Readonly<Record<NamedPart, readonly string[]>> = {
      vars: names.vars.map(({ name }) => name),
      steps: [...names.steps],
      failed: [...names.steps],
      set: [...names.set],
      memory: [...names.memory],
      schedules: [...names.schedules],
    }
    const told = new Set<string>()
    for (const { part, name, at } of this.#code.references) {
      const place = `${part} ${name} ${at.file} ${at.line} ${at.column}`
      if (known[part].includes(name) || told.has(place)) continue
      told.add(place)
      const near = nearest(name, known[part])
      this.#problems.push({
        code: 'TEMPLATE_UNDEFINED',
        message: missing[part](name),
        at,
        remedy: near ? `did you mean "${near}"?` : whereNamed[part],
      })
    }
  }

  /** What says how many there are is one place: else each pass would undo the other. */
  #checkScales(): void {
    for (const { kind, name, at } of this.#steps.scaled) {
      const applied = this.#applies.replicated.find((each) => each.kind === kind && each.name === name)
      if (!applied) continue
      const place = formatPosition(applied.at)
      this.#problems.push({
        code: 'PLAYBOOK_INVALID',
        message: `${kind}/${name} is applied with replicas at ${place}, and cannot be scaled too`,
        at,
        remedy: 'leave replicas out there, or insert the number there',
      })
    }
  }

  #chart(folder: string, at: Problem['at']): Chart | undefined {
    if (this.#charts.has(folder)) return this.#charts.get(folder)
    const { charts, schema, library, clock, limits } = this.#options
    const read = charts?.(folder)
    const unreadable = read?.problems.find(({ severity }) => severity !== 'warning')
    if (!read || unreadable)
      this.#problems.push({
        code: 'FILE_MISSING',
        message: `the chart ${folder} cannot be read${unreadable ? `: ${unreadable.message}` : ''}`,
        ...(at && { at }),
        remedy: 'chart is a folder, relative to the playbook',
      })
    const compiled =
      read && !unreadable
        ? compileChart({ files: read.files, path: read.path, schema, library, clock, ...(limits && { limits }) })
        : undefined
    this.#problems.push(...(compiled?.problems ?? []))
    this.#charts.set(folder, compiled?.chart)
    return compiled?.chart
  }
}

const missing: Readonly<Record<NamedPart, (name: string) => string>> = {
  vars: (name) => `there is no var ${name}`,
  steps: (name) => `no step has the id ${name}`,
  failed: (name) => `no step has the id ${name}`,
  set: (name) => `no step sets ${name}`,
  memory: (name) => `no step remembers ${name}`,
  schedules: (name) => `there is no schedule ${name}`,
}

const whereNamed: Readonly<Record<NamedPart, string>> = {
  vars: 'it.vars has what stands under vars',
  steps: 'a step that others read has an id',
  failed: 'a block that others ask for has an id',
  set: 'it.set has what `set` steps give names to',
  memory: 'it.memory has what `remember` steps give names to',
  schedules: 'it.schedules has what stands under schedules',
}

/** The steps and those in their blocks. */
function* within(steps: readonly Step[]): Generator<Step> {
  for (const step of steps) {
    yield step
    if (step.does.kind === 'block') yield* within([...step.does.block, ...step.does.rescue, ...step.does.always])
  }
}

function runsItself(steps: readonly Step[], lanes: ReadonlySet<string>): boolean {
  return [...within(steps)].some(
    ({ does }) => does.kind === 'run' && (lanes.has(does.lane) || runsItself(does.steps, new Set([...lanes, does.lane]))),
  )
}

function kindsIn(steps: readonly Step[]): GroupVersionKind[] {
  const kinds = new Map<string, GroupVersionKind>()
  const applied = (does: Doing): readonly GroupVersionKind[] => (does.kind === 'apply' ? does.kinds : [])
  for (const { does } of within(steps)) for (const kind of applied(does)) kinds.set(`${kind.group}/${kind.version}/${kind.kind}`, kind)
  return [...kinds.values()]
}
