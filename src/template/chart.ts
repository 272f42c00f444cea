/**
 * A chart: a program made of templates.
 *
 * Compiling finds what is wrong without any custom resource; rendering is a function of its inputs alone. A chart keeps the trees of the
 * shapes that it has rendered, and nothing of the values.
 */
import { type GroupVersionKind, isMap } from '../api/object.ts'
import type { Position, Problem } from '../api/problem.ts'
import type { Answer, Inputs, Program, RenderedDocument, StatusAnswer } from '../reconcile/program.ts'
import { emptyMap, type Node } from '../yaml/node.ts'
import { alwaysRendered, type WrittenKind } from './always.ts'
import { ShapeCache } from './cache.ts'
import { type ChartFile, sortFiles } from './chart-files.ts'
import { ChartPass, type ChartPassOptions } from './chart-pass.ts'
import {
  checkChartFile,
  compileFiles,
  kindsOf,
  type Programs,
  readMap,
  readSchema,
  readStatics,
  staticTree,
  withoutDocuments,
  writtenIn,
} from './chart-reading.ts'
import { duplicates, toDocuments } from './document.ts'
import type { Library } from './functions/library.ts'
import { takenFromGenerated } from './generate.ts'
import { type Clock, defaultLimits, type Limits } from './limits.ts'
import { mergeValues, type Override, parseOverridePath, type Values } from './merge.ts'
import { overriddenPaths } from './overridden.ts'
import { Gates } from './ready-when.ts'
import type { RenderedTree } from './render.ts'
import { placeSecrets, revealedKinds, strayInStatus } from './secret-places.ts'
import { toStatus } from './status.ts'
import { type compileValuesSchema, validateValues, type ValueSources, valuesFor } from './values.ts'
import type { Schema } from './view.ts'

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
  /** `it.values` for these inputs, and what values.schema.json has against it; `over` stands above all others. */
  values(inputs: Inputs, over?: Values): { values: Values; problems: Problem[] }
  /** As `next`, with values over those of the chart and the custom resource. */
  render(inputs: Inputs, over: Values): Answer
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
  const programs = compileFiles(files, options.library, problems)
  const statics = readStatics(files.documents, problems)
  if (problems.some(({ severity }) => severity !== 'warning')) return { problems }
  problems.push(...withoutDocuments(files, options.path))

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

interface Parts extends Programs, ChartPassOptions {
  crds: readonly ChartFile[]
  sources: ValueSources
  validate: ReturnType<typeof compileValuesSchema> | undefined
  statics: readonly Node[]
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

  values(inputs: Inputs, over?: Values): { values: Values; problems: Problem[] } {
    const { sources, validate } = this.#parts
    const spec = isMap(inputs.primary.spec) ? inputs.primary.spec : emptyMap<unknown>()
    const own = valuesFor(sources, spec)
    const values = over ? mergeValues(own, over) : own
    return { values, problems: validate ? validateValues(validate, values, sources, spec) : [] }
  }

  next(inputs: Inputs): Answer {
    return this.render(inputs)
  }

  render(inputs: Inputs, over?: Values): Answer {
    const { values, problems } = this.values(inputs, over)
    if (problems.length > 0) return { kind: 'problems', problems }
    const { templates, statics, gates } = this.#parts
    const pass = this.#pass(inputs, values, false)
    const documents: RenderedDocument[] = []
    const add = (tree: RenderedTree): void => {
      const checked = toDocuments(tree)
      for (const document of checked.documents) {
        pass.budget.document()
        documents.push(gates.gated(document))
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
    if (pass.readSecrets) problems.push(...documents.flatMap(placeSecrets), ...revealedKinds(documents, pass.revealed))
    for (const node of statics) {
      const problem = pass.attempt(() => add(staticTree(node)), node.at)
      if (problem) problems.push(problem)
    }
    problems.push(...duplicates(documents, inputs.primary.metadata.namespace), ...takenFromGenerated(documents, inputs))
    if (problems.length > 0) return pass.answer({ kind: 'problems', problems })
    const { readNow, readInputs, values: read, unread, names } = pass
    return pass.answer({
      kind: 'rendered',
      documents,
      readNow,
      readInputs,
      values: read,
      unread,
      ...(names.size > 0 && { names: Object.fromEntries(names) }),
      ...this.#overridden(inputs, values),
    })
  }

  #overridden({ primary: { spec } }: Inputs, values: Values): { overridden?: readonly string[] } {
    const paths = isMap(spec) && this.#parts.sources.overrides.length > 0 ? overriddenPaths(spec, values) : []
    return paths.length > 0 ? { overridden: paths } : {}
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

  #pass(inputs: Inputs, values: Values, nullable: boolean): ChartPass {
    return new ChartPass(this.#parts, inputs, values, nullable)
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
