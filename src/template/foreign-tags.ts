/** Tags that a file of a chart cannot have: told as what they are, before the file fails as something else. */
import type { Problem } from '../api/problem.ts'
import { lineLocator } from '../yaml/read.ts'
import type { ChartFile } from './chart-files.ts'

/** What only a chart of Helm says; other text with `{{`, such as an alert rule, may be meant as it is. */
const helm = /\{\{-?(?:[^}]*[\s(])?\.(?:Values|Release|Chart|Files|Capabilities)\b|\{\{-?\s*include\s+["`]/
const anyGoTemplate = /\{\{/
/** A tag of ours that reads its inputs. */
const ownTag = /<%[-_]?\s*(?:=|\.\.\.)?[^%]*\bit\./

/** A Go template. Where the file is YAML all the same, it may be somebody else's to render. */
export const goTemplateIn = (file: ChartFile, isYaml: boolean): Problem | undefined =>
  found(file, file.path.endsWith('.tpl') ? anyGoTemplate : helm, {
    message: `Go templates are not supported yet: "{{" in ${nameOf(file)}`,
    remedy: `write it ${file.path.endsWith('.eta') ? '' : `as ${nameOf(file).replace(/\.tpl$/, '')}.eta `}with <%= %>`,
    isError: !isYaml,
  })

/** A tag in a file that is taken as it is. */
export const tagInStatic = (file: ChartFile): Problem | undefined =>
  found(file, ownTag, {
    message: `${nameOf(file)} is a static document, and its tags are text`,
    remedy: `name it ${nameOf(file)}.eta`,
    isError: true,
  })

/** What to do about text that is no YAML, where a Go template is the likely reason. */
export const remedyForGoTemplate = (text: string): string | undefined =>
  helm.test(text) ? 'it holds a Go template, {{ … }}: write <%= %> in its place' : undefined

const nameOf = ({ path }: ChartFile): string => path.slice(path.lastIndexOf('/') + 1)

function found(
  { path, text }: ChartFile,
  pattern: RegExp,
  says: { message: string; remedy: string; isError: boolean },
): Problem | undefined {
  const { message, remedy, isError } = says
  const index = text.search(pattern)
  if (index < 0) return undefined
  const at = { file: path, ...lineLocator(text)(index) }
  return { code: 'CHART_INVALID', message, at, remedy, ...(!isError && { severity: 'warning' }) }
}
