/**
 * Watches whose custom resources are dependents of others: one kind renders objects of a kind that is watched too.
 *
 * Kinds that render each other without any condition would never end, and that is told before anything runs. Where a condition, a selector
 * or a computed kind decides, only the cluster shows whether it ends; there the depth is limited (see reconcile/composition.ts).
 */
import { type GroupVersionKind, groupKind } from '../api/object.ts'
import { formatPosition, type Position, type Problem } from '../api/problem.ts'
import type { Program } from '../reconcile/program.ts'
import { isSelective } from './overlap.ts'
import type { Watch } from './definition.ts'

type Composing = Pick<Watch, 'kind' | 'position' | 'selector' | 'namespaceSelector'> & { program: Pick<Program, 'always'> }

/** One step of a circle: this kind renders the next one, here. */
interface Step {
  kind: GroupVersionKind
  at: Position
}

/** Every circle of kinds that render each other always, told once, at the first of its watches. */
export function circles(watches: readonly Composing[]): Problem[] {
  // What one watch of several, or one with a selector, renders may be nobody's.
  const byKind = Map.groupBy(watches, ({ kind }) => groupKind(kind))
  const watchOf = (kind: GroupVersionKind): Composing | undefined => {
    const [watch, ...others] = byKind.get(groupKind(kind)) ?? []
    return watch && others.length === 0 && !isSelective(watch) ? watch : undefined
  }
  const told = new Set<Composing>()
  const problems: Problem[] = []
  const walk = (watch: Composing, path: readonly { watch: Composing; step: Step }[]): void => {
    const start = path.findIndex((each) => each.watch === watch)
    if (start >= 0) {
      const circle = path.slice(start)
      if (!circle.some((each) => told.has(each.watch)))
        problems.push(
          endless(
            circle.map(({ step }) => step),
            watch.position,
          ),
        )
      for (const each of circle) told.add(each.watch)
      return
    }
    if (told.has(watch)) return
    for (const { kind, at } of watch.program.always ?? []) {
      const next = watchOf(kind)
      if (next) walk(next, [...path, { watch, step: { kind: watch.kind, at } }])
    }
  }
  for (const watch of watches) if (watchOf(watch.kind)) walk(watch, [])
  return problems
}

function endless(circle: readonly Step[], at: Position): Problem {
  const [first] = circle as [Step]
  const steps = circle.map((step, index) => {
    const next = circle[index + 1] ?? first
    return `${groupKind(step.kind)} renders ${groupKind(next.kind)} (${formatPosition(step.at)})`
  })
  return {
    code: 'WATCH_CIRCLE',
    message: `these kinds render each other without end: ${steps.join(', ')}`,
    at,
    remedy: 'leave one of them out, or render it under a condition that ends',
  }
}
