/** The files of a chart directory by what they are for, in Helm's layout. */
import type { Problem } from '../api/problem.ts'
import { goTemplateIn } from './foreign-tags.ts'

export interface ChartFile {
  /** As a user should see it. */
  path: string
  text: string
}

export interface ChartFiles {
  chart?: ChartFile
  values?: ChartFile
  schema?: ChartFile
  status?: ChartFile
  templates: ChartFile[]
  /** `_name.eta` by name. */
  partials: Map<string, ChartFile>
  /** Plain YAML in templates/. */
  documents: ChartFile[]
  crds: ChartFile[]
  /** All other files by their path within the chart: `it.files`. */
  files: Map<string, string>
  problems: Problem[]
}

/**
 * @param files by their path within the chart.
 * @param path the chart's directory, as a user should see it.
 */
export function sortFiles(files: ReadonlyMap<string, string | Uint8Array>, path: string): ChartFiles {
  const sorted: ChartFiles = { templates: [], partials: new Map(), documents: [], crds: [], files: new Map(), problems: [] }
  const root = path === '' || path.endsWith('/') ? path : `${path}/`
  const decoder = new TextDecoder()
  for (const name of [...files.keys()].sort()) {
    const content = files.get(name) as string | Uint8Array
    place(sorted, name, { path: `${root}${name}`, text: typeof content === 'string' ? content : decoder.decode(content) })
  }
  if (!sorted.chart)
    sorted.problems.push({
      code: 'CHART_INVALID',
      message: 'there is no Chart.yaml',
      at: { file: `${root}Chart.yaml` },
      remedy: 'it holds at least a name and a version',
    })
  return sorted
}

function place(sorted: ChartFiles, name: string, file: ChartFile): void {
  const base = name.slice(name.lastIndexOf('/') + 1)
  const invalid = (message: string, remedy?: string): void =>
    void sorted.problems.push({ code: 'CHART_INVALID', message, at: { file: file.path }, ...(remedy && { remedy }) })
  switch (name) {
    case 'Chart.yaml':
      sorted.chart = file
      return
    case 'values.yaml':
      sorted.values = file
      return
    case 'values.schema.json':
      sorted.schema = file
      return
    case 'status.yaml.eta':
      sorted.status = file
      return
  }
  if (name.startsWith('charts/')) {
    if (!sorted.problems.some(({ message }) => message.startsWith('subcharts')))
      invalid('subcharts are not supported yet', 'move the templates of the subchart into this chart')
  } else if (name.startsWith('crds/')) {
    if (/\.(ya?ml|json)$/.test(name)) sorted.crds.push(file)
  } else if (!name.startsWith('templates/')) sorted.files.set(name, file.text)
  else if (base.endsWith('.eta')) {
    if (!base.startsWith('_')) {
      sorted.templates.push(file)
      return
    }
    const partial = base.slice(1).replace(/(\.ya?ml)?\.eta$/, '')
    const other = sorted.partials.get(partial)
    if (other) invalid(`the partial ${JSON.stringify(partial)} stands in two files: also in ${other.path}`)
    else sorted.partials.set(partial, file)
  } else if (/\.(ya?ml|tpl)$/.test(base)) {
    if (!base.endsWith('.tpl')) sorted.documents.push(file)
    else {
      const problem = goTemplateIn(file, false)
      if (problem) sorted.problems.push(problem)
    }
  }
}
