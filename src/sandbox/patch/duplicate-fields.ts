/** Fields that a patch names twice, as strict decoding reports them. (sigs.k8s.io/json, UnmarshalStrict) */
import type { JsonValue } from '../../api/object.ts'
import { isRegular, type JsonNode, parseJson } from '../schema/json-text.ts'

/** `duplicate field "spec.replicas"` for each. `value`: what JSON.parse made of the text. */
export function duplicateFields(text: string, value: JsonValue): string[] {
  if (isRegular(text, value)) return []
  const problems: string[] = []
  collect(parseJson(text), '', problems)
  return problems
}

function collect(node: JsonNode, path: string, problems: string[]): void {
  if (node.kind === 'array') node.items.forEach((item, at) => collect(item, `${path}[${at}]`, problems))
  if (node.kind !== 'object') return
  const seen = new Set<string>()
  for (const [name, value] of node.entries) {
    const below = path === '' ? name : `${path}.${name}`
    if (seen.has(name)) problems.push(`duplicate field ${JSON.stringify(below)}`)
    seen.add(name)
    collect(value, below, problems)
  }
}
