/** Whether what a watch asks for fits the scope of its kind: known from the project's files, or only from the cluster. */
import { groupKind } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import type { Watch } from './definition.ts'

type Scoped = Pick<Watch, 'kind' | 'namespaceSelector' | 'namespaceSelectorPosition'>

/** Custom resources outside namespaces are in none that could be selected. */
export function selectingNothing({ kind, namespaceSelector, namespaceSelectorPosition: at }: Scoped, clusterScoped: boolean): Problem[] {
  if (!namespaceSelector || !clusterScoped) return []
  const message = `namespaceSelector selects no ${groupKind(kind)}: the kind lives outside namespaces`
  return [{ code: 'WATCH_INVALID', message, ...(at && { at }), remedy: 'remove it; selector goes by the labels of the objects themselves' }]
}
