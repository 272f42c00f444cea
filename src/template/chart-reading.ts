/** What a chart's files say, each read on its own; what is wrong with one is a problem that names it. */
import { type GroupVersionKind, gvkOf, isMap } from '../api/object.ts'
import type { Position, Problem } from '../api/problem.ts'
import { type Node, toValue } from '../yaml/node.ts'
import { readYaml } from '../yaml/read.ts'
import type { WrittenKind } from './always.ts'
import type { ChartFile, ChartFiles } from './chart-files.ts'
import { compileTemplate, type Template } from './compile.ts'
import { toDocuments } from './document.ts'
import { TemplateError } from './error.ts'
import { goTemplateIn, tagInStatic } from './foreign-tags.ts'
import type { Library } from './functions/library.ts'
import { type Values } from './merge.ts'
import type { RenderedTree } from './render.ts'
import { secretScope } from './secret-places.ts'
import { literalDocumentKinds, literalKinds, literalStatus, literalText, misplacedInserts } from './skeleton.ts'
import { ownedNames } from './status.ts'
import { omit } from './value.ts'
import { compileValuesSchema } from './values.ts'
import type { Schema } from './view.ts'

/** The tree of a static document; fresh, as every rendered one. */
export function staticTree(root: Node): RenderedTree {
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

export function readMap(file: ChartFile | undefined, problems: Problem[]): { value: Values; node: Node } | undefined {
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

export function checkChartFile(about: Values, file: ChartFile): Problem[] {
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

export function readSchema(
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

/** A chart that can render nothing is no mistake while it is being written, and one wherever it was to take the place of another. */
export const withoutDocuments = ({ templates, documents }: ChartFiles, path: string): Problem[] =>
  templates.length + documents.length > 0
    ? []
    : [
        {
          code: 'CHART_INVALID',
          severity: 'warning',
          message: 'the chart has neither templates nor static documents, so it renders nothing',
          at: { file: path },
          remedy: 'a template is a file templates/NAME.yaml.eta',
        },
      ]

/** The templates of a chart, compiled. */
export interface Programs {
  templates: readonly Template[]
  partials: ReadonlyMap<string, Template>
  status: Template | undefined
}

export function compileFiles(files: ChartFiles, library: Library, problems: Problem[]): Programs {
  const fail = (message: unknown): never => {
    throw new TemplateError('TEMPLATE_FAILED', String(message))
  }
  const scope = { ...library, ...secretScope(library), omit, fail }
  const names = [...files.partials.keys()]
  let id = 0
  const compile = (file: ChartFile, nullable = false): Template | undefined => {
    const foreign = goTemplateIn(file, true)
    if (foreign) problems.push(foreign)
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

export function readStatics(files: readonly ChartFile[], problems: Problem[]): Node[] {
  return files.flatMap((file) => {
    const { documents, problems: found } = readYaml(file.path, file.text)
    const foreign = goTemplateIn(file, found.length === 0) ?? tagInStatic(file)
    if (foreign) problems.push(foreign)
    if (foreign && foreign.severity !== 'warning') return []
    problems.push(...found, ...documents.flatMap((node) => toDocuments(staticTree(node)).problems))
    return documents
  })
}

/** The kinds of documents without tags. */
export const writtenIn = (statics: readonly Node[]): WrittenKind[] =>
  statics.flatMap((node) =>
    toDocuments(staticTree(node)).documents.map(({ object, positionOf }) => ({ kind: gvkOf(object), at: positionOf(['kind']) })),
  )

export function kindsOf(statics: readonly Node[], templates: readonly Template[]): GroupVersionKind[] {
  const kinds = new Map<string, GroupVersionKind>()
  const literal = [
    ...writtenIn(statics).map(({ kind }) => kind),
    // Branches that are no YAML together have only their text to be read.
    ...templates.flatMap((template) => [...literalKinds(literalText(template)), ...literalDocumentKinds(template)]),
  ]
  for (const kind of literal) kinds.set(`${kind.group}/${kind.version}/${kind.kind}`, kind)
  return [...kinds.values()]
}
