/** Small charts for tests: files in, documents or printed problems out. */
import { createHash } from 'node:crypto'
import type { KubernetesObject } from '../../src/api/object.ts'
import { formatProblem, type Problem } from '../../src/api/problem.ts'
import type { Inputs, RenderedDocument } from '../../src/reconcile/program.ts'
import { type Chart, type ChartOptions, compileChart } from '../../src/template/chart.ts'
import { createLibrary } from '../../src/template/functions/library.ts'

export const library = createLibrary({ sha256: (text) => createHash('sha256').update(text).digest('hex') })

export const chartFile = 'apiVersion: v2\nname: app\nversion: "0.1.0"\n'

export function compile(
  files: Record<string, string | Uint8Array>,
  options: Partial<ChartOptions> = {},
): { chart?: Chart; problems: Problem[] } {
  return compileChart({
    files: new Map(Object.entries({ 'Chart.yaml': chartFile, ...files })),
    path: 'charts/app',
    library,
    clock: { now: () => 0 },
    ...options,
  })
}

export const printed = (problems: readonly Problem[]): string[] => problems.map(formatProblem)

/** The problems that keep a chart from being compiled, as printed. */
export const loadErrors = (files: Record<string, string | Uint8Array>, options: Partial<ChartOptions> = {}): string[] =>
  printed(compile(files, options).problems)

export function chartOf(files: Record<string, string | Uint8Array>, options: Partial<ChartOptions> = {}): Chart {
  const { chart, problems } = compile(files, options)
  if (!chart) throw new Error(printed(problems).join('\n'))
  return chart
}

export function inputsFor(spec: unknown = {}, more: Partial<Inputs> & { primary?: Partial<KubernetesObject> } = {}): Inputs {
  const { primary, ...others } = more
  return {
    resources: [],
    unknown: {},
    capabilities: { kubeVersion: { version: 'v1.36.3', major: '1', minor: '36' }, apiVersions: ['v1', 'apps/v1'] },
    now: Date.UTC(2026, 2, 1, 2, 3, 4),
    ...others,
    primary: {
      apiVersion: 'app.company.com/v1alpha1',
      kind: 'App',
      metadata: { name: 'shop', namespace: 'market', uid: '1' },
      spec,
      ...primary,
    } as KubernetesObject,
  }
}

export function render(chart: Chart, inputs: Inputs = inputsFor()): readonly RenderedDocument[] {
  const answer = chart.next(inputs)
  if (answer.kind !== 'rendered') throw new Error(answer.kind === 'problems' ? printed(answer.problems).join('\n') : JSON.stringify(answer))
  return answer.documents
}

export function renderErrors(chart: Chart, inputs: Inputs = inputsFor()): string[] {
  const answer = chart.next(inputs)
  return answer.kind === 'problems' ? printed(answer.problems) : [answer.kind]
}

const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: sample }\n'

/** A chart of one ConfigMap whose further lines are given. */
export const bodyFiles = (body: string, files: Record<string, string> = {}): Record<string, string> => ({
  'templates/web.yaml.eta': head + body,
  ...files,
})

/** What the body renders to, without the head's fields. */
export function renderBody(
  body: string,
  spec: unknown = {},
  files: Record<string, string> = {},
  options: Partial<ChartOptions> = {},
): Record<string, unknown> {
  const [document] = render(chartOf(bodyFiles(body, files), options), inputsFor(spec))
  const { apiVersion: _, kind: __, metadata: ___, ...rest } = (document as RenderedDocument).object
  return rest
}

/** What is wrong with the body when it is compiled or rendered, without the file's name and the code. */
export function bodyErrors(
  body: string,
  spec: unknown = {},
  files: Record<string, string> = {},
  options: Partial<ChartOptions> = {},
): string[] {
  const { chart, problems } = compile(bodyFiles(body, files), options)
  const errors = chart ? renderErrors(chart, inputsFor(spec)) : printed(problems)
  return errors.map((error) => error.replace('charts/app/templates/web.yaml.eta:', '').replace(/ \([A-Z_]+\)$/, ''))
}

/** The field `data` of the first document. */
export const dataOf = (documents: readonly RenderedDocument[]): unknown => (documents[0] as RenderedDocument).object.data
