/**
 * Routing: which watch of a kind takes an object.
 *
 * The first one whose selectors match. A watch whose namespaceSelector cannot be judged now, since nobody knows the labels of the
 * namespace, ends the search: a later watch must not take what may belong to an earlier one.
 */
import type { KubernetesObject } from '../api/object.ts'
import { matchesSelector } from '../api/selectors.ts'
import type { Watch } from './definition.ts'

/** The labels of a namespace; `unknown` where they cannot be known now. */
export type LabelsOfNamespace = (namespace: string) => Readonly<Record<string, string>> | 'unknown'

/** @param labelsOf undefined without a cluster: then every namespace counts as selected */
export function route<Each extends Pick<Watch, 'selector' | 'namespaceSelector'>>(
  watches: readonly Each[],
  { metadata }: KubernetesObject,
  labelsOf: LabelsOfNamespace | undefined,
): Each | 'unknown' | undefined {
  for (const watch of watches) {
    if (watch.selector && !matchesSelector(watch.selector, metadata.labels)) continue
    if (!watch.namespaceSelector || !labelsOf) return watch
    // An object outside namespaces is in none that could be selected.
    if (metadata.namespace === undefined) continue
    const labels = labelsOf(metadata.namespace)
    if (labels === 'unknown') return 'unknown'
    if (matchesSelector(watch.namespaceSelector, labels)) return watch
  }
  return undefined
}
