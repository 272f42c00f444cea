/** Objects of one kind by namespace and label, so that what a selector selects is found without looking at all of them. */
import type { KubernetesObject } from '../../api/object.ts'
import { type LabelSelector, matchesSelector } from '../../api/selectors.ts'
import type { Change } from './controller.ts'

type Objects = Map<string, KubernetesObject>

export class LabelIndex {
  readonly #byNamespace = new Map<string, Objects>()
  readonly #byLabel = new Map<string, Objects>()

  observe({ type, object, previous }: Change): void {
    const { namespace = '', name } = object.metadata
    const stale = previous ?? (type === 'DELETED' ? object : undefined)
    if (stale) for (const shelf of labelsOf(stale)) removeFrom(this.#byLabel, shelf, name)
    if (type === 'DELETED') return removeFrom(this.#byNamespace, namespace, name)
    addTo(this.#byNamespace, namespace, object)
    for (const shelf of labelsOf(object)) addTo(this.#byLabel, shelf, object)
  }

  in(namespace: string): KubernetesObject[] {
    return [...(this.#byNamespace.get(namespace)?.values() ?? [])]
  }

  /** What the selector selects in the namespace. */
  selected(namespace: string, selector: LabelSelector): KubernetesObject[] {
    const pairs = Object.entries(selector.matchLabels ?? {})
    const shelves = pairs.map(([key, value]) => this.#byLabel.get(shelfOf(namespace, key, value)))
    if (shelves.some((shelf) => shelf === undefined)) return []
    const smallest = shelves.reduce(
      (least, shelf) => (least && shelf && least.size <= shelf.size ? least : shelf),
      this.#byNamespace.get(namespace),
    )
    return [...(smallest?.values() ?? [])].filter(({ metadata }) => matchesSelector(selector, metadata.labels))
  }
}

const shelfOf = (namespace: string, key: string, value: string): string => `${namespace}\n${key}\n${value}`
const labelsOf = ({ metadata }: KubernetesObject): string[] =>
  Object.entries(metadata.labels ?? {}).map(([key, value]) => shelfOf(metadata.namespace ?? '', key, value))

function addTo(shelves: Map<string, Objects>, key: string, object: KubernetesObject): void {
  const shelf = shelves.get(key)
  if (shelf) shelf.set(object.metadata.name, object)
  else shelves.set(key, new Map([[object.metadata.name, object]]))
}

function removeFrom(shelves: Map<string, Objects>, key: string, name: string): void {
  const shelf = shelves.get(key)
  shelf?.delete(name)
  if (shelf?.size === 0) shelves.delete(key)
}
