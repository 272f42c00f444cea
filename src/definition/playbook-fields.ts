/** Fields of a watch that came with playbooks: what is wrong is added to the problems, and the field counts as absent. */
import { type GroupVersionKind, isMap } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import { type Node, toValue } from '../yaml/node.ts'

/** Kinds as group, version and kind. */
export function readBlacklist(node: Node | undefined, problems: Problem[]): GroupVersionKind[] {
  if (!node) return []
  const invalid = (at: Node, message: string): undefined =>
    void problems.push({
      code: 'WATCH_INVALID',
      message,
      at: at.at,
      remedy: 'e.g. blacklist: [{ group: apps, version: v1, kind: Deployment }]',
    })
  if (node.kind !== 'sequence') {
    invalid(node, 'blacklist is a list of kinds')
    return []
  }
  return node.items.flatMap((item) => {
    const value = toValue(item)
    const { group = '', version, kind, ...others } = isMap(value) ? (value as Record<string, unknown>) : {}
    const [strange] = Object.keys(others)
    if (strange !== undefined) invalid(item, `an item of blacklist has group, version and kind, and no ${strange}`)
    else if (typeof version === 'string' && typeof kind === 'string' && typeof group === 'string') return [{ group, version, kind }]
    else invalid(item, 'an item of blacklist is a map with group, version and kind')
    return []
  })
}

/** (apimachinery, ValidateFinalizerName: a qualified name; a name of Kubernetes itself needs none, and is not for others) */
const finalizerPattern = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/

export function readFinalizer(node: Node | undefined, problems: Problem[]): string | undefined {
  if (!node) return undefined
  const value = toValue(node)
  const { name, ...others } = isMap(value) ? (value as Record<string, unknown>) : {}
  if (typeof name === 'string' && finalizerPattern.test(name) && Object.keys(others).length === 0) return name
  problems.push({
    code: 'WATCH_INVALID',
    message: 'finalizer is a map with a name',
    at: node.at,
    remedy: 'e.g. finalizer: { name: app.company.com/cleanup }',
  })
  return undefined
}
