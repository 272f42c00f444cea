/**
 * Selections: what of each kind the watches take.
 *
 * They are remembered from one start of an operator to the next: a custom resource that the watches took, and that those of a changed file
 * do not take any more, would else be left without a word.
 */
import { canonicalJson } from '../api/canonical.ts'
import { groupKind, type KubernetesObject } from '../api/object.ts'
import { type LabelSelector, parseSelector } from '../api/selectors.ts'
import type { Watch } from './definition.ts'
import { type LabelsOfNamespace, route } from './routing.ts'

/** What one watch takes. */
export type Selection = Pick<Watch, 'selector' | 'namespaceSelector'> & {
  /** Those that the operator is limited to; undefined: all. */
  namespaces?: readonly string[]
}

/** By kind (`App.app.company.com`), one for each watch of it. */
export type Selections = Readonly<Record<string, readonly Selection[]>>

/** @param namespaces those that the operator is limited to; empty: all */
export const selectionsOf = (
  watches: readonly Pick<Watch, 'kind' | 'selector' | 'namespaceSelector'>[],
  namespaces: readonly string[] = [],
): Selections =>
  Object.fromEntries(
    [...Map.groupBy(watches, ({ kind }) => groupKind(kind))].map(([kind, each]) => [
      kind,
      each.map(({ selector, namespaceSelector }) => ({ selector, namespaceSelector, ...(namespaces.length > 0 && { namespaces }) })),
    ]),
  )

/** Whether both take the same, in whatever order; nothing is the same as what is not known. */
export const isSameSelection = (one: readonly Selection[] | undefined, other: readonly Selection[]): boolean =>
  one !== undefined && canonicalJson(textsOf(one)) === canonicalJson(textsOf(other))

export interface Change {
  before: readonly Selection[]
  now: readonly Selection[]
  labelsOf: LabelsOfNamespace
}

/** Whether an object was taken and is not any more. What depends on labels of a namespace that nobody knows is not dropped. */
export const isDropped = (object: KubernetesObject, { before, now, labelsOf }: Change): boolean =>
  typeof route(before.filter(reaches(object)), object, labelsOf) === 'object' &&
  route(now.filter(reaches(object)), object, labelsOf) === undefined

/** Whether an object was taken and its namespace is out of sight now. */
export const isOutOfSight = (object: KubernetesObject, change: Change): boolean =>
  !change.now.some(reaches(object)) && isDropped(object, change)

const reaches =
  ({ metadata: { namespace } }: KubernetesObject) =>
  ({ namespaces }: Selection): boolean =>
    namespace === undefined || !namespaces || namespaces.includes(namespace)

/** The namespaces that any of them reaches; empty: all. */
export const namespacesOf = (selections: readonly Selection[]): string[] => {
  const reached = selections.map(({ namespaces }) => namespaces)
  return reached.includes(undefined) ? [] : [...new Set(reached.flatMap((each) => each ?? []))]
}

/** Whether labels of namespaces count. */
export const selectsNamespaces = (selections: readonly Selection[]): boolean =>
  selections.some(({ namespaceSelector }) => namespaceSelector !== undefined)

/** `{"App.app.company.com":[{"selector":{"matchLabels":{"tier":"gold"}}}]}` */
export const formatSelections = (selections: Selections): string => JSON.stringify(selections)

/** Reads it back. Nothing is known of a kind of which it does not hold what it should. */
export function parseSelections(text: string | undefined): Selections {
  try {
    const kinds = Object.entries(JSON.parse(text ?? '{}') as Record<string, unknown>)
    return Object.fromEntries(
      kinds.flatMap(([kind, each]) => {
        const selections = Array.isArray(each) ? each.map(parseSelection) : [undefined]
        return selections.includes(undefined) ? [] : [[kind, selections as Selection[]]]
      }),
    )
  } catch {
    return {}
  }
}

function parseSelection(value: unknown): Selection | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { selector, namespaceSelector, namespaces } = value as Record<string, unknown>
  const parts = [selector, namespaceSelector]
  if (parts.some((part) => part !== undefined && parseSelector(part).problems.length > 0)) return undefined
  if (namespaces !== undefined && !(Array.isArray(namespaces) && namespaces.every((name) => typeof name === 'string'))) return undefined
  return {
    selector: selector as LabelSelector | undefined,
    namespaceSelector: namespaceSelector as LabelSelector | undefined,
    ...(namespaces && { namespaces }),
  }
}

const textsOf = (selections: readonly Selection[]): string[] =>
  selections
    .map(({ selector, namespaceSelector, namespaces = [] }) =>
      canonicalJson([selector ?? null, namespaceSelector ?? null, namespaces.toSorted()]),
    )
    .sort()
