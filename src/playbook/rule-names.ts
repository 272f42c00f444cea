/** What a rule of JSON Logic reads of `it`: each name as a path, but for those within the rules over items, which read the item. */
import { isMap, type JsonValue } from '../api/object.ts'

/** Operators whose further arguments are rules over one item. */
const overItems = new Set(['map', 'filter', 'reduce', 'all', 'none', 'some'])

export function namesInRule(rule: JsonValue): string[][] {
  if (Array.isArray(rule)) return (rule as readonly JsonValue[]).flatMap(namesInRule)
  if (!isMap(rule)) return []
  return Object.entries(rule).flatMap(([operator, given]) => {
    const list = (Array.isArray(given) ? given : [given]) as readonly JsonValue[]
    if (operator === 'get') return list.every((step) => typeof step === 'string' || typeof step === 'number') ? [list.map(String)] : []
    if (operator !== 'var') return (overItems.has(operator) ? list.slice(0, 1) : list).flatMap(namesInRule)
    const [path] = list
    return typeof path === 'string' && path !== '' ? [path.split('.')] : list.flatMap(namesInRule)
  })
}
