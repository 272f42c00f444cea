/**
 * Watches of one kind that get in each other's way.
 *
 * All versions of a kind are the same objects, so the version makes no difference. Two watches may stand beside each other where no object
 * can be selected by both, and the last one of a kind may be without any selector: it takes the rest. What depends on the labels that
 * namespaces will have cannot be told from the file; such an object is told by a condition (see routing.ts).
 */
import { type GroupVersionKind, groupKind } from '../api/object.ts'
import { formatPosition, type Position, type Problem } from '../api/problem.ts'
import { commonLabels } from '../api/selector-overlap.ts'
import { type LabelSelector, provablyCovers } from '../api/selectors.ts'

interface Selecting {
  kind: GroupVersionKind
  position: Position
  selector: LabelSelector | undefined
  namespaceSelector: LabelSelector | undefined
}

/** Whether a watch takes only some objects; one that takes all gets what the others of its kind leave. */
export const isSelective = ({ selector, namespaceSelector }: Pick<Selecting, 'selector' | 'namespaceSelector'>): boolean =>
  selector !== undefined || namespaceSelector !== undefined

/** Every pair of watches that cannot stand beside each other, told at the later one. */
export function overlaps(entries: readonly Selecting[]): Problem[] {
  return entries.flatMap((entry, index): Problem[] => {
    const earlier = entries.slice(0, index).filter((other) => groupKind(other.kind) === groupKind(entry.kind))
    const all = earlier.find((other) => !isSelective(other))
    if (all) {
      const message = `${groupKind(entry.kind)} is watched already at ${formatPosition(all.position)}, which takes every object of it`
      const remedy = isSelective(entry) ? 'put it after this one' : 'remove one, or give the first a selector'
      return [{ code: 'WATCH_DUPLICATE', message, at: entry.position, remedy }]
    }
    return isSelective(entry) ? earlier.flatMap((other) => overlap(other, entry) ?? []) : []
  })
}

function overlap(one: Selecting, other: Selecting): Problem | undefined {
  const labels = commonLabels(one.selector, other.selector)
  const namespaceLabels = commonLabels(one.namespaceSelector, other.namespaceSelector)
  if (!labels || !namespaceLabels) return undefined
  const byNamespace = one.namespaceSelector !== undefined || other.namespaceSelector !== undefined
  // Namespaces are few, and may never have such labels.
  if (byNamespace && !covers(one, other) && !covers(other, one)) return undefined
  const place = Object.keys(namespaceLabels).length > 0 ? ` in a namespace with the labels ${written(namespaceLabels)}` : ''
  const which = Object.keys(labels).length > 0 ? `with the labels ${written(labels)}` : 'without labels'
  return {
    code: 'WATCH_OVERLAP',
    message: `${groupKind(other.kind)} ${which}${place} is selected here and by the watch at ${formatPosition(one.position)}`,
    at: other.position,
    remedy: 'let one exclude what the other selects, with NotIn or DoesNotExist in matchExpressions',
  }
}

const written = (labels: Record<string, string>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')

/** Whether all that the one watch selects is selected by the other too. */
const covers = (wide: Selecting, narrow: Selecting): boolean =>
  coversAll(wide.selector, narrow.selector) && coversAll(wide.namespaceSelector, narrow.namespaceSelector)

const coversAll = (wide: LabelSelector | undefined, narrow: LabelSelector | undefined): boolean =>
  wide === undefined || provablyCovers(wide, narrow ?? {})
