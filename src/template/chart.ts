/**
 * A chart: a program made of templates.
 *
 * Compiling finds what is wrong without any custom resource; rendering is a function of its inputs alone. A chart keeps the trees of the
 * shapes that it has rendered, and nothing of the values.
 */
import { readyWhenAnnotation } from '../api/names.ts'
import { type GroupVersionKind, gvkOf } from '../api/object.ts'
import type { Position, Problem } from '../api/problem.ts'
import type { GenerateNeed } from '../reconcile/generated.ts'
import { type Lookup, lookupId } from '../reconcile/lookup.ts'
import type { Answer, Inputs, Program, RenderedDocument, StatusAnswer } from '../reconcile/program.ts'
import { emptyMap, type Node, toValue } from '../yaml/node.ts'
import { readYaml } from '../yaml/read.ts'
import { alwaysRendered, type WrittenKind } from './always.ts'
import { ShapeCache } from './cache.ts'
import { type ChartFile, type ChartFiles, sortFiles } from './chart-files.ts'
import { compileTemplate, type InputFunctions, type Template } from './compile.ts'
import { contextMembers } from './context.ts'
import { duplicates, toDocuments } from './document.ts'
import { TemplateError, UnknownError } from './error.ts'
import type { Library } from './functions/library.ts'
import { generateFunctions, takenFromGenerated } from './generate.ts'
import { lookupFunctions, type LookupOptions, secretNamed } from './lookup.ts'
import { placeSecrets, secretScope, strayInStatus } from './secret-places.ts'
import { Budget, type Clock, defaultLimits, type Limits } from './limits.ts'
import { isMap, type Override, parseOverridePath, type Values } from './merge.ts'
import { Gates } from './ready-when.ts'
import { Render, type RenderedTree } from './render.ts'
import { literalDocumentKinds, literalKinds, literalStatus, literalText, misplacedInserts } from './skeleton.ts'
import { ownedNames, toStatus } from './status.ts'
import { omit } from './value.ts'
import { compileValuesSchema, validateValues, type ValueSources, valuesFor } from './values.ts'
import type { ContextMembers, ReadObserver, Schema } from './view.ts'

export interface ChartOptions {
  /** Every file of the chart, by its path within the chart (`templates/web.yaml.eta`). */
  files: ReadonlyMap<string, string | Uint8Array>
  /** The chart's directory, as a user should see it: problems name files below it. */
  path: string
  /** The structural OpenAPI schema of the custom resource (openAPIV3Schema), if it is known. */
  schema?: Schema | undefined
  /** Keys are names or Helm `--set` paths; variables are substituted already. */
  overrideValues?: Values | undefined
  /** Where a key of overrideValues stands. */
  overridePosition?: ((key: string) => Position | undefined) | undefined
  /** The functions that templates can call, from `createLibrary`. */
  library: Library
  /** For deadlines only; a render cannot read it. */
  clock: Clock
  limits?: Partial<Limits>
  /** Room for cached shapes, in bytes. */
  cacheBytes?: number
}

export interface Chart extends Program {
  readonly name: string
  readonly version: string
  /** The files under crds/. They are never dependents. */
  readonly crds: readonly ChartFile[]
  /** `it.values` for these inputs, and what values.schema.json has against it. */
  values(inputs: Inputs): { values: Values; problems: Problem[] }
}

const defaultCacheBytes = 32 * 1024 * 1024

/** Compiles a chart. Without problems of severity error there is a chart; it never throws for what a file contains. */
export function compileChart(options: ChartOptions): { chart?: Chart; problems: Problem[] } {
  const files = sortFiles(options.files, options.path)
  const problems = [...files.problems]
  const about = readMap(files.chart, problems)
  const values = readMap(files.values, problems)
  if (about) problems.push(...checkChartFile(about.value, files.chart as ChartFile))
  const valuesSchema = readSchema(files.schema, problems)
  const overrides = readOverrides(options, problems)
  const programs = compileFiles(files, options, problems)
  const statics = readStatics(files.documents, problems)
  if (problems.some(({ severity }) => severity !== 'warning')) return { problems }

  const sources: ValueSources = {
    chart: { values: values?.value ?? emptyMap(), node: values?.node, file: files.values?.path ?? '' },
    overrides,
    overridePosition: options.overridePosition ?? (() => undefined),
  }
  const chart = new CompiledChart({
    about: about?.value ?? emptyMap(),
    crds: files.crds,
    files: Object.assign(emptyMap<unknown>(), Object.fromEntries(files.files)),
    sources,
    valuesSchema: valuesSchema?.schema,
    validate: valuesSchema?.validate,
    schema: options.schema,
    statics,
    ...programs,
    clock: options.clock,
    limits: { ...defaultLimits, ...options.limits },
    cache: new ShapeCache(options.cacheBytes ?? defaultCacheBytes),
    gates: new Gates({ library: options.library, limits: { ...defaultLimits, ...options.limits }, clock: options.clock }),
    kinds: kindsOf(statics, [...programs.templates, ...programs.partials.values()]),
    always: [...writtenIn(statics), ...programs.templates.flatMap(alwaysRendered)],
  })
  return { chart, problems }
}

interface Programs {
  templates: readonly Template[]
  partials: ReadonlyMap<string, Template>
  status: Template | undefined
}

interface Parts extends Programs {
  about: Values
  crds: readonly ChartFile[]
  files: Values
  sources: ValueSources
  valuesSchema: Schema | undefined
  validate: ReturnType<typeof compileValuesSchema> | undefined
  schema: Schema | undefined
  statics: readonly Node[]
  clock: Clock
  limits: Limits
  cache: ShapeCache
  gates: Gates
  kinds: readonly GroupVersionKind[]
  always: readonly WrittenKind[]
}

class CompiledChart implements Chart {
  readonly kinds: readonly GroupVersionKind[]
  readonly always: readonly WrittenKind[]
  readonly name: string
  readonly version: string
  readonly crds: readonly ChartFile[]
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
    this.kinds = parts.kinds
    this.always = parts.always
    this.name = String(parts.about.name)
    this.version = String(parts.about.version)
    this.crds = parts.crds
  }

  values(inputs: Inputs): { values: Values; problems: Problem[] } {
    const { sources, validate } = this.#parts
    const spec = isMap(inputs.primary.spec) ? inputs.primary.spec : emptyMap<unknown>()
    const values = valuesFor(sources, spec)
    return { values, problems: validate ? validateValues(validate, values, sources, spec) : [] }
  }

  next(inputs: Inputs): Answer {
    const { values, problems } = this.values(inputs)
    if (problems.length > 0) return { kind: 'problems', problems }
    const { templates, statics } = this.#parts
    const pass = this.#pass(inputs, values, false)
    const documents: RenderedDocument[] = []
    const add = (tree: RenderedTree): void => {
      const checked = toDocuments(tree)
      for (const document of checked.documents) {
        pass.budget.document()
        documents.push(this.#gated(document))
      }
      problems.push(...checked.problems)
    }
    for (const template of templates) {
      const problem = pass.attempt(() => pass.render.documents(template, pass.members).forEach(add), template)
      if (problem) problems.push(problem)
    }
    const { lacking } = pass
    if (lacking) return pass.answer(lacking)
    if (pass.unknown.size > 0) return pass.answer({ kind: 'unknown', reads: [...pass.unknown] })
    if (pass.readSecrets) problems.push(...documents.flatMap(placeSecrets))
    for (const node of statics) {
      const problem = pass.attempt(() => add(staticTree(node)), node.at)
      if (problem) problems.push(problem)
    }
    problems.push(...duplicates(documents, inputs.primary.metadata.namespace), ...takenFromGenerated(documents, inputs))
    return pass.answer(problems.length > 0 ? { kind: 'problems', problems } : { kind: 'rendered', documents, readNow: pass.readNow })
  }

  /** With its readiness gate, where that is an expression that nothing was inserted into. */
  #gated(document: RenderedDocument): RenderedDocument {
    const text = document.object.metadata.annotations?.[readyWhenAnnotation]
    const path = ['metadata', 'annotations', readyWhenAnnotation]
    if (typeof text !== 'string' || text.trimStart().startsWith('{') || document.isLiteral?.(path) === false) return document
    return { ...document, gate: this.#parts.gates.of(text) }
  }

  status(inputs: Inputs): StatusAnswer {
    const template = this.#parts.status
    if (!template) return { kind: 'status', status: {}, readNow: false }
    const { values, problems } = this.values(inputs)
    if (problems.length > 0) return { kind: 'problems', problems }
    const pass = this.#pass(inputs, values, true)
    let trees: RenderedTree[] = []
    const problem = pass.attempt(() => void (trees = pass.render.documents(template, pass.members)), template)
    const { lacking } = pass
    if (lacking) return pass.answer(lacking)
    if (pass.unknown.size > 0) return pass.answer({ kind: 'unknown', reads: [...pass.unknown] })
    if (problem) return pass.answer({ kind: 'problems', problems: [problem] })
    const stray = pass.readSecrets ? trees.flatMap(strayInStatus) : []
    if (stray.length > 0) return pass.answer({ kind: 'problems', problems: stray })
    const checked = toStatus(trees)
    return pass.answer(
      checked.problems.length > 0
        ? { kind: 'problems', problems: checked.problems }
        : { kind: 'status', status: checked.status, readNow: pass.readNow },
    )
  }

  #pass(inputs: Inputs, values: Values, nullable: boolean): Pass {
    return new Pass(this.#parts, inputs, values, nullable)
  }
}

/** What one render holds together: its budget, the names of `it`, and what it read. */
class Pass {
  readonly budget: Budget
  readonly render: Render
  readonly members: ContextMembers
  readonly unknown = new Set<string>()
  readonly needs: Lookup[] = []
  readonly generate: GenerateNeed[] = []
  readonly #lookups = new Map<string, Lookup>()
  readNow = false
  readCapabilities = false
  /** Secret values were read, so where they went has to be looked at. */
  readSecrets = false

  constructor(parts: Parts, inputs: Inputs, values: Values, nullable: boolean) {
    this.budget = new Budget(parts.limits, parts.clock)
    const { cache, partials } = parts
    const functions = (observer: ReadObserver): InputFunctions => this.#functions(inputs, observer, nullable)
    this.render = new Render({ partials, cache, budget: this.budget, functions, nullable })
    this.members = contextMembers({
      inputs,
      values,
      schema: parts.schema,
      valuesSchema: parts.valuesSchema,
      chart: parts.about,
      files: parts.files,
      render: this.render,
      readNow: () => void (this.readNow = true),
      readCapabilities: () => void (this.readCapabilities = true),
      readUnknown: (kind) => void this.unknown.add(kind),
      readSecret: () => void (this.readSecrets = true),
      nullable,
    })
  }

  #functions(inputs: Inputs, observer: ReadObserver, nullable: boolean): InputFunctions {
    const readSecret = (): void => void (this.readSecrets = true)
    const lookup: LookupOptions = {
      results: inputs.lookups ?? {},
      read: (read) => void this.#lookups.set(lookupId(read), read),
      need: (need) => void this.needs.push(need),
      readUnknown: (name) => void this.unknown.add(name),
      readSecret,
      observer,
      nullable,
    }
    const generate = generateFunctions({
      values: inputs.generated ?? {},
      namespace: inputs.primary.metadata.namespace,
      need: (need) => void this.generate.push(need),
      readSecret,
      secretNamed: (name) => secretNamed(inputs.primary.metadata.namespace, name, lookup),
      observer,
    })
    return { ...lookupFunctions(lookup), generate }
  }

  /** What the snapshot lacks, if it lacks anything. */
  get lacking(): { kind: 'needs'; needs: readonly Lookup[]; generate?: readonly GenerateNeed[] } | undefined {
    if (this.needs.length + this.generate.length === 0) return undefined
    return { kind: 'needs', needs: this.needs, ...(this.generate.length > 0 ? { generate: this.generate } : {}) }
  }

  /** The answer, with what was read for it. */
  answer<T extends Answer | StatusAnswer>(answer: T): T {
    if (this.#lookups.size === 0 && !this.readCapabilities) return answer
    return { ...answer, lookups: [...this.#lookups.values()], ...(this.readCapabilities && { readCapabilities: true }) }
  }

  /** Runs a part of the render; what a template can cause becomes a problem. */
  attempt(run: () => void, { file }: { file: string }): Problem | undefined {
    try {
      run()
      return undefined
    } catch (error) {
      if (error instanceof UnknownError) return undefined
      const at = { file }
      if (error instanceof TemplateError) return { at, ...error.toProblem() }
      if (error instanceof RangeError) return { code: 'TEMPLATE_LIMIT', message: 'values are nested too deep', at }
      throw error
    }
  }
}

/** The tree of a static document; fresh, as every rendered one. */
function staticTree(root: Node): RenderedTree {
  const positionOf = (path: readonly (string | number)[]): Position => {
    let node = root
    for (const step of path) {
      const next =
        node.kind === 'sequence'
          ? node.items[Number(step)]
          : node.kind === 'mapping'
            ? node.entries.find(({ key }) => key.text === String(step))?.value
            : undefined
      if (!next) break
      node = next
    }
    return node.at
  }
  return { value: toValue(root), position: root.at, positionOf, isLiteral: () => true }
}

function readMap(file: ChartFile | undefined, problems: Problem[]): { value: Values; node: Node } | undefined {
  if (!file) return undefined
  const { documents, problems: found } = readYaml(file.path, file.text)
  problems.push(...found)
  const [node, second] = documents
  if (second) problems.push({ code: 'CHART_INVALID', message: 'the file holds more than one document', at: second.at })
  if (!node) return undefined
  const value = toValue(node)
  if (isMap(value)) return { value, node }
  problems.push({ code: 'CHART_INVALID', message: 'the file has to hold a map', at: node.at })
  return undefined
}

function checkChartFile(about: Values, file: ChartFile): Problem[] {
  const problems: Problem[] = []
  const invalid = (message: string, remedy?: string): void =>
    void problems.push({ code: 'CHART_INVALID', message, at: { file: file.path }, ...(remedy && { remedy }) })
  for (const field of ['name', 'version'])
    if (typeof about[field] !== 'string' || about[field] === '')
      invalid(`${field} has to be a string`, field === 'version' ? 'put it in quotes, for example "0.1.0"' : undefined)
  if (about.apiVersion !== 'v2') invalid(`apiVersion has to be v2${about.apiVersion === undefined ? ', and is missing' : ''}`)
  if (Array.isArray(about.dependencies) && about.dependencies.length > 0)
    invalid('dependencies are not supported yet', 'move the templates of the subchart into this chart')
  return problems
}

function readSchema(
  file: ChartFile | undefined,
  problems: Problem[],
): { schema: Schema; validate: ReturnType<typeof compileValuesSchema> } | undefined {
  if (!file) return undefined
  try {
    const schema = JSON.parse(file.text) as Schema
    return { schema, validate: compileValuesSchema(schema) }
  } catch (error) {
    problems.push({ code: 'CHART_INVALID', message: `the schema cannot be used: ${(error as Error).message}`, at: { file: file.path } })
    return undefined
  }
}

function readOverrides({ overrideValues = {}, overridePosition }: ChartOptions, problems: Problem[]): Override[] {
  return Object.keys(overrideValues).flatMap((key) => {
    const path = parseOverridePath(key)
    if (path) return [{ key, path, value: overrideValues[key] }]
    const at = overridePosition?.(key)
    problems.push({
      code: 'WATCH_INVALID',
      message: `${JSON.stringify(key)} is no path of a value`,
      ...(at && { at }),
      remedy: 'write a path like a.b[0].c',
    })
    return []
  })
}

function compileFiles(files: ChartFiles, { library }: ChartOptions, problems: Problem[]): Programs {
  const fail = (message: unknown): never => {
    throw new TemplateError('TEMPLATE_FAILED', String(message))
  }
  const scope = { ...library, ...secretScope(library), omit, fail }
  const names = [...files.partials.keys()]
  let id = 0
  const compile = (file: ChartFile, nullable = false): Template | undefined => {
    const { template, problems: found } = compileTemplate(file.path, file.text, { id: id++, scope, partials: names, nullable })
    problems.push(...found, ...(template ? misplacedInserts(template) : []))
    return template
  }
  const partials = new Map<string, Template>()
  for (const [name, file] of files.partials) {
    const template = compile(file)
    if (template) partials.set(name, template)
  }
  const templates = files.templates.map((file) => compile(file)).filter((template) => template !== undefined)
  const status = files.status && compile(files.status, true)
  if (status) {
    const { keys, conditionTypes } = literalStatus(status)
    problems.push(...ownedNames(keys, conditionTypes))
  }
  return { templates, partials, status }
}

function readStatics(files: readonly ChartFile[], problems: Problem[]): Node[] {
  return files.flatMap(({ path, text }) => {
    const { documents, problems: found } = readYaml(path, text)
    problems.push(...found, ...documents.flatMap((node) => toDocuments(staticTree(node)).problems))
    return documents
  })
}

/** The kinds of documents without tags. */
const writtenIn = (statics: readonly Node[]): WrittenKind[] =>
  statics.flatMap((node) =>
    toDocuments(staticTree(node)).documents.map(({ object, positionOf }) => ({ kind: gvkOf(object), at: positionOf(['kind']) })),
  )

function kindsOf(statics: readonly Node[], templates: readonly Template[]): GroupVersionKind[] {
  const kinds = new Map<string, GroupVersionKind>()
  const literal = [
    ...writtenIn(statics).map(({ kind }) => kind),
    // Branches that are no YAML together have only their text to be read.
    ...templates.flatMap((template) => [...literalKinds(literalText(template)), ...literalDocumentKinds(template)]),
  ]
  for (const kind of literal) kinds.set(`${kind.group}/${kind.version}/${kind.kind}`, kind)
  return [...kinds.values()]
}
