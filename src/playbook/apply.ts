/** `apply`: objects that are written out, from template files, or of a whole chart. */
import { nearest } from '../api/nearest.ts'
import { type GroupVersionKind, gvkOf, isMap } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import type { RenderedDocument } from '../reconcile/program.ts'
import type { Chart } from '../template/chart.ts'
import type { ChartFile } from '../template/chart-files.ts'
import { kindsOf, staticTree } from '../template/chart-reading.ts'
import type { Template } from '../template/compile.ts'
import { duplicates, toDocuments } from '../template/document.ts'
import { TemplateError } from '../template/error.ts'
import { takenFromGenerated } from '../template/generate.ts'
import type { Gates } from '../template/ready-when.ts'
import type { RenderedTree } from '../template/render.ts'
import { placeSecrets } from '../template/secret-places.ts'
import { misplacedInserts, replicatedIn, type WrittenObject } from '../template/skeleton.ts'
import { describeValue } from '../template/value.ts'
import { view } from '../template/view.ts'
import { member, type Node, toValue } from '../yaml/node.ts'
import { readYaml } from '../yaml/read.ts'
import type { Code } from './code.ts'
import { type Evaluation, evaluationOf } from './evaluation.ts'
import { Fields } from './fields.ts'
import type { Source, SourceNode } from './source.ts'
import type { Doing } from './step.ts'
import { TaggedValue } from './values.ts'

export interface ApplyOptions {
  /** Template files and static documents of the playbook, by the names that steps give them. */
  templates: ReadonlyMap<string, ChartFile>
  /** The chart of a folder as a step names it; undefined with a problem. */
  chart: (path: string, at: Problem['at']) => Chart | undefined
  gates: Gates
  code: Code
  problems: Problem[]
}

type Apply = Extract<Doing, { kind: 'apply' }>
type Part = (evaluation: Evaluation) => readonly RenderedTree[]

/** Compiles what stands under the key; the files that several steps use are compiled once. */
export class Applies {
  readonly #options: ApplyOptions
  readonly #compiled = new Map<string, { part: Part; kinds: readonly GroupVersionKind[] } | undefined>()
  /** What is applied with a number of replicas, as far as its text shows it. */
  readonly replicated: WrittenObject[] = []

  constructor(options: ApplyOptions) {
    this.#options = options
  }

  compile(source: Source, node: SourceNode, mark: string): Apply {
    const { code, problems, gates } = this.#options
    const objects: SourceNode[] = []
    const files: { part: Part; kinds: readonly GroupVersionKind[] }[] = []
    let chart: Chart | undefined
    let values: TaggedValue | undefined
    let prune = true
    if (node.kind === 'sequence') objects.push(...node.items)
    else if (member(node, 'kind') || member(node, 'apiVersion')) objects.push(node)
    else if (node.kind === 'mapping') {
      const fields = new Fields(source, node, problems)
      objects.push(...fields.list('objects'))
      prune = fields.boolean('prune') ?? true
      const given = fields.get('values')
      if (given) values = new TaggedValue(source, given, code)
      for (const item of fields.list('templates')) {
        const compiled = item.kind === 'scalar' ? this.#file(item.text, source, item) : undefined
        if (compiled) files.push(compiled)
      }
      const path = fields.text('chart')
      if (path !== undefined) chart = this.#options.chart(path, source.at((fields.get('chart') as SourceNode).at))
      if (!['objects', 'templates', 'chart'].some((name) => fields.get(name)))
        problems.push({
          code: 'PLAYBOOK_INVALID',
          message: 'the step applies nothing',
          at: source.at(node.at),
          remedy: 'it has an object, objects, templates or a chart',
        })
    }
    for (const object of objects) this.replicated.push(...replicatedObject(object, source))
    const trees = objects.map((object) => new TaggedValue(source, object, code))
    const kinds = [...objects.flatMap((object) => kindOf(object)), ...files.flatMap((file) => file.kinds), ...(chart?.kinds ?? [])]
    return {
      kind: 'apply',
      mark,
      kinds,
      prune,
      render(scope) {
        const evaluation = evaluationOf(scope)
        const given = values ? values.evaluate(scope) : undefined
        if (given !== undefined && given !== null && !isMap(given))
          throw new TemplateError('TEMPLATE_VALUE', `values is a map, not ${describeValue(given)}`, { at: values?.at })
        const own = evaluation.over({ values: () => view(given ?? {}, { path: 'it.values', observer: evaluation.render }) })
        const rendered = [...trees.map((tree) => tree.tree(own)), ...files.flatMap(({ part }) => part(own))]
        return documentsOf(
          rendered,
          own,
          gates,
          chart && evaluation.absorb(chart.render(evaluation.inputs, (given ?? {}) as Record<string, unknown>)),
        )
      },
    }
  }

  #file(name: string, source: Source, node: SourceNode): { part: Part; kinds: readonly GroupVersionKind[] } | undefined {
    if (this.#compiled.has(name)) return this.#compiled.get(name)
    const { templates, problems } = this.#options
    const file = templates.get(name)
    if (!file) {
      const near = nearest(name, templates.keys())
      problems.push({
        code: 'FILE_MISSING',
        message: `there is no template ${name}`,
        at: source.at(node.at),
        remedy: near ? `did you mean ${near}?` : 'templates stand in the folder templates/ beside the playbook',
      })
    }
    const compiled = file && (file.path.endsWith('.eta') ? this.#template(file) : documents(file, problems))
    this.#compiled.set(name, compiled)
    return compiled
  }

  #template(file: ChartFile): { part: Part; kinds: readonly GroupVersionKind[] } | undefined {
    const { code, problems } = this.#options
    const compiled: Template | undefined = code.file(file.path, file.text)
    if (!compiled) return undefined
    problems.push(...misplacedInserts(compiled))
    this.replicated.push(...replicatedIn(compiled))
    return { part: ({ render, members }) => render.documents(compiled, members), kinds: kindsOf([], [compiled]) }
  }
}

function documents(file: ChartFile, problems: Problem[]): { part: Part; kinds: readonly GroupVersionKind[] } {
  const { documents: nodes, problems: found } = readYaml(file.path, file.text)
  problems.push(...found, ...nodes.flatMap((node) => toDocuments(staticTree(node)).problems))
  return { part: () => nodes.map(staticTree), kinds: kindsOf(nodes as readonly Node[], []) }
}

function documentsOf(
  trees: readonly RenderedTree[],
  { pass, inputs }: Evaluation,
  gates: Gates,
  chart: ReturnType<Evaluation['absorb']> | undefined,
): { documents: readonly RenderedDocument[]; problems: readonly Problem[] } {
  if (chart?.kind === 'problems') return { documents: [], problems: chart.problems }
  const checked = trees.map(toDocuments)
  const rendered = checked.flatMap((each) => each.documents).map((document) => gates.gated(document))
  for (const _document of rendered) pass.budget.document()
  const all = [...rendered, ...(chart?.documents ?? [])]
  const problems = [
    ...checked.flatMap((each) => each.problems),
    ...(pass.readSecrets ? rendered.flatMap(placeSecrets) : []),
    ...duplicates(all, inputs.primary.metadata.namespace),
    ...takenFromGenerated(all, inputs),
  ]
  return { documents: all, problems: problems.map((problem) => pass.revealed.maskedProblem(problem)) }
}

/** The text of a scalar, with its tags as WrittenObject has them. */
export const writtenText = (node: SourceNode | undefined): string | undefined =>
  node?.kind === 'scalar' ? node.text.replaceAll(/<%=\s*(.*?)\s*%>/g, '<%=$1%>') : undefined

function replicatedObject(object: SourceNode, source: Source): WrittenObject[] {
  const replicas = member(member(object, 'spec'), 'replicas')
  const [kind, name] = [writtenText(member(object, 'kind')), writtenText(member(member(object, 'metadata'), 'name'))]
  return replicas && kind !== undefined && name !== undefined ? [{ kind, name, at: source.at(replicas.at) }] : []
}

/** The kind of an object that is written out, where no tag stands in it. */
function kindOf(object: SourceNode): GroupVersionKind[] {
  const [apiVersion, kind] = ['apiVersion', 'kind'].map((key) => {
    const node = member(object, key)
    const value = node && toValue(node)
    return typeof value === 'string' && !value.includes('<%') ? value : undefined
  })
  return apiVersion && kind ? [gvkOf({ apiVersion, kind })] : []
}
