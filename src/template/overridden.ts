/** What a custom resource says and what does not count, since the watch's overrideValues win. */
import { equalJson } from '../api/equal.ts'
import { isMap } from '../api/object.ts'
import { type Values } from './merge.ts'
import { joinPath } from './view.ts'

/**
 * The paths (`spec.image.tag`, `spec.colours[0]`) of what the values have otherwise than the spec; never a value, since an override may come
 * from a Secret of the operator's environment. Sorted: the order of members says nothing.
 *
 * @param values made of the spec: without overrides they agree with it
 */
export const overriddenPaths = (spec: Values, values: Values): string[] => [...differing('spec', spec, values)].sort()

function* differing(path: string, said: unknown, counts: unknown): Generator<string> {
  if (isMap(said) && isMap(counts)) for (const key of Object.keys(said)) yield* differing(joinPath(path, key), said[key], counts[key])
  else if (Array.isArray(said) && Array.isArray(counts))
    for (const [index, item] of said.entries()) yield* differing(`${path}[${index}]`, item, counts[index])
  // Null takes the chart's own value away.
  else if (!equalJson(said ?? null, counts ?? null)) yield path
}
