/**
 * Routing: which watch of a kind takes an object.
 *
 * The first one whose selectors match. A watch whose namespaceSelector cannot be judged now, since nobody knows the labels of the
 * namespace, ends the search: a later watch must not take what may belong to an earlier one.
 *
 * Where a second watch selects the object as well, nobody is to write: the first one would take over what the second has made, and give it
 * back when the labels of a namespace change. Only a watch without selectors is second to all others by design.
 */
import type { KubernetesObject } from '../api/object.ts'
import { matchesSelector } from '../api/selectors.ts'
import type { Watch } from './definition.ts'
import { isSelective } from './overlap.ts'

/** The labels of a namespace; `unknown` where they cannot be known now. */
export type LabelsOfNamespace = (namespace: string) => Readonly<Record<string, string>> | 'unknown'

type Selecting = Pick<Watch, 'selector' | 'namespaceSelector'>

/** @param labelsOf undefined without a cluster: then every namespace counts as selected */
export function route<Each extends Selecting>(
  watches: readonly Each[],
  object: KubernetesObject,
  labelsOf: LabelsOfNamespace | undefined,
): Each | 'unknown' | undefined {
  for (const watch of watches) {
    const selected = selects(watch, object, labelsOf)
    if (selected !== false) return selected === 'unknown' ? selected : watch
  }
  return undefined
}

/** All watches that select the object, but for one that takes the rest; `unknown` where that depends on labels that nobody knows. */
export function selecting<Each extends Selecting>(
  watches: readonly Each[],
  object: KubernetesObject,
  labelsOf: LabelsOfNamespace,
): readonly Each[] | 'unknown' {
  const selected: Each[] = []
  for (const watch of watches) {
    const answer = isSelective(watch) && selects(watch, object, labelsOf)
    if (answer === 'unknown') return answer
    if (answer) selected.push(watch)
  }
  return selected
}

function selects(
  { selector, namespaceSelector }: Selecting,
  { metadata }: KubernetesObject,
  labelsOf: LabelsOfNamespace | undefined,
): boolean | 'unknown' {
  if (selector && !matchesSelector(selector, metadata.labels)) return false
  if (!namespaceSelector || !labelsOf) return true
  // An object outside namespaces is in none that could be selected.
  if (metadata.namespace === undefined) return false
  const labels = labelsOf(metadata.namespace)
  return labels === 'unknown' ? labels : matchesSelector(namespaceSelector, labels)
}
