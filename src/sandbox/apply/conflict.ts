/**
 * Fields of others that an apply without force would have changed. (apimachinery, managedfields/internal/conflict.go)
 */
import { formatPath, type Path } from '../../fields/path.ts'
import { emptySet, type FieldSet, fromPaths, has } from '../../fields/set.ts'
import { type ApiError, applyConflict } from '../status/api-error.ts'
import { quoted } from '../status/go-text.ts'
import { identifierOf, type Manager } from './manager.ts'
import { compareText, pathsInOrder } from './wire-order.ts'

export interface Conflict {
  readonly manager: Manager
  readonly path: Path
}

/** Thrown inside an apply; the caller makes an answer of it or forces. */
export class Conflicts extends Error {
  readonly conflicts: readonly Conflict[]

  constructor(conflicts: readonly Conflict[]) {
    super('conflicts')
    this.conflicts = conflicts
  }

  set(): FieldSet {
    return this.conflicts.length === 0 ? emptySet : fromPaths(this.conflicts.map(({ path }) => path))
  }

  /** Those that the set does not have. */
  without(allowed: FieldSet): Conflicts {
    return new Conflicts(this.conflicts.filter(({ path }) => !has(allowed, path)))
  }
}

/** Sorted by the identifier of the manager. */
export const conflictsOf = (sets: ReadonlyMap<string, { manager: Manager; set: FieldSet }>): Conflicts =>
  new Conflicts(
    [...sets.keys()].sort(compareText).flatMap((identifier) => {
      const { manager, set } = sets.get(identifier) as { manager: Manager; set: FieldSet }
      return [...pathsInOrder(set)].map((path) => ({ manager, path }))
    }),
  )

/** The answer to the client: code 409. */
export function conflictError({ conflicts }: Conflicts): ApiError {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${nameOf(manager)}`,
    field: formatPath(path),
  }))
  return applyConflict(messageOf(conflicts), causes)
}

function messageOf(conflicts: readonly Conflict[]): string {
  const [first] = conflicts
  if (first && conflicts.length === 1)
    return `Apply failed with 1 conflict: conflict with ${nameOf(first.manager)}: ${formatPath(first.path)}`
  const lines: string[] = []
  let before: string | undefined
  for (const { manager, path } of conflicts) {
    const identifier = identifierOf(manager)
    if (identifier !== before) lines.push(`conflicts with ${nameOf(manager)}:`)
    before = identifier
    lines.push(`- ${formatPath(path)}`)
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}

function nameOf({ name, operation, apiVersion, subresource }: Manager): string {
  const who = subresource ? `${quoted(name)} with subresource ${quoted(subresource)}` : quoted(name)
  return operation === 'Update' ? `${who} using ${apiVersion}` : who
}
