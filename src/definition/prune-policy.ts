/** `prune` of a watch: which deletes need approval. */
import { nearest } from '../api/nearest.ts'
import { type GroupVersionKind, groupKind } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import { defaultPrunePolicy, type PrunePolicy } from '../reconcile/holds.ts'
import type { Node } from '../yaml/node.ts'
import type { Watch } from './definition.ts'

const names = ['protected', 'maxPerRevision'] as const
const namesText = 'it has: protected, maxPerRevision'

/** A kind, with its group or without. */
const kindPattern = /^[A-Z][A-Za-z0-9]*(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$/

/** What is left out has its default; what is wrong is added to the problems and has it too. */
export function readPrunePolicy(node: Node | undefined, problems: Problem[]): PrunePolicy {
  if (node === undefined) return defaultPrunePolicy
  const invalid = (at: Node, message: string, remedy: string): undefined =>
    void problems.push({ code: 'WATCH_INVALID', message, at: at.at, remedy })
  if (node.kind !== 'mapping') {
    invalid(node, 'prune is a map', namesText)
    return defaultPrunePolicy
  }
  for (const { key } of node.entries) {
    if ((names as readonly string[]).includes(key.text)) continue
    const near = nearest(key.text, names)
    const remedy = near ? `did you mean "${near}"?` : namesText
    problems.push({ code: 'WATCH_UNKNOWN_KEY', message: `"${key.text}" is not a field of prune`, at: key.at, remedy })
  }
  const valueOf = (name: (typeof names)[number]): Node | undefined => node.entries.find(({ key }) => key.text === name)?.value
  const limit = valueOf('maxPerRevision')
  const count = limit?.kind === 'scalar' && Number.isSafeInteger(limit.value) && (limit.value as number) >= 0 ? limit.value : undefined
  if (limit && count === undefined)
    invalid(limit, 'prune.maxPerRevision is a whole number', 'e.g. 10; 0 asks for approval of every delete that no spec caused')
  const kinds = valueOf('protected')
  return {
    protected: kinds ? readKinds(kinds, invalid) : defaultPrunePolicy.protected,
    maxPerRevision: (count as number | undefined) ?? defaultPrunePolicy.maxPerRevision,
  }
}

function readKinds(node: Node, invalid: (at: Node, message: string, remedy: string) => void): string[] {
  if (node.kind !== 'sequence') {
    invalid(node, 'prune.protected is a list of kinds', 'e.g. [StatefulSet, Database.example.com]; [] protects none')
    return [...defaultPrunePolicy.protected]
  }
  return node.items.flatMap((item) => {
    if (item.kind === 'scalar' && typeof item.value === 'string' && kindPattern.test(item.value)) return [item.value]
    invalid(item, 'an item of prune.protected is a kind', 'write Kind, or Kind.group where only that of one group is meant')
    return []
  })
}

/**
 * Warnings for protected kinds that nobody has: what is mistyped protects nothing, and has taken the place of the default.
 *
 * @param known what the cluster serves, and what charts render
 * @param unread whether the cluster does not tell what this group has
 */
export function unknownProtected(
  { prune, position }: Pick<Watch, 'prune' | 'position'>,
  known: readonly Pick<GroupVersionKind, 'group' | 'kind'>[],
  unread: (group: string) => boolean,
): Problem[] {
  const names = new Set(known.flatMap((kind) => [kind.kind, groupKind(kind)]))
  return prune.protected.flatMap((name): Problem[] => {
    const [, group] = /^[^.]*\.(.*)$/.exec(name) ?? []
    if (names.has(name) || (group !== undefined && unread(group))) return []
    const near = nearest(name, names)
    return [
      {
        code: 'PROTECTED_KIND_UNKNOWN',
        severity: 'warning',
        message: `prune.protected names ${name}, which neither the cluster nor a chart has: it protects nothing`,
        at: position,
        remedy: near ? `did you mean ${near}?` : 'write it as Kind or Kind.group, as the cluster has it',
      },
    ]
  })
}
