/**
 * How values come together: chart values, then the custom resource's spec, then overrideValues. Maps merge by key, lists and scalars
 * replace, null deletes. (helm, chartutil.CoalesceTables) Nothing that goes in is changed; unchanged parts are shared.
 */
import { isMap } from '../api/object.ts'
import { emptyMap } from '../yaml/node.ts'

export type Values = Readonly<Record<string, unknown>>

export function mergeValues(base: Values, over: Values): Values {
  const merged = emptyMap<unknown>()
  for (const key of Object.keys(base)) merged[key] = base[key]
  for (const key of Object.keys(over)) {
    const value = over[key]
    if (value === null || value === undefined) delete merged[key]
    else if (isMap(value)) {
      const own = merged[key]
      merged[key] = mergeValues(isMap(own) ? own : emptyMap(), value)
    } else merged[key] = value
  }
  return merged
}

/** One entry of overrideValues: where it goes, and what. */
export interface Override {
  /** As it was written. */
  key: string
  path: readonly (string | number)[]
  value: unknown
}

const segment = /(?:\\[^]|[^.[\]\\])+|\[(\d+)\]|(\.)/y

/** One index of gigantic size would make a list of that length. (Helm, strvals: MaxIndex) */
const greatestIndex = 65_536

/** Reads a key of overrideValues as a Helm `--set` path (`a.b[0].c`, a dot escaped as `\.`); undefined where it is none. */
export function parseOverridePath(key: string): (string | number)[] | undefined {
  const path: (string | number)[] = []
  let expectName = true
  segment.lastIndex = 0
  while (segment.lastIndex < key.length) {
    const match = segment.exec(key)
    if (!match) return undefined
    if (match[2] !== undefined) {
      if (expectName) return undefined
      expectName = true
    } else if (match[1] !== undefined) {
      if (expectName || Number(match[1]) > greatestIndex) return undefined
      path.push(Number(match[1]))
    } else {
      if (!expectName) return undefined
      path.push(match[0].replace(/\\([^])/g, '$1'))
      expectName = false
    }
  }
  return expectName ? undefined : path
}

export function applyOverride(values: Values, { path, value }: Override): Values {
  return put(values, path, value) as Values
}

function put(target: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined)
    return isMap(value) && isMap(target) ? mergeValues(target, value) : isMap(value) ? mergeValues(emptyMap(), value) : value
  if (typeof step === 'number') {
    const list: unknown[] = Array.isArray(target) ? [...target] : []
    while (list.length <= step) list.push(null)
    list[step] = put(list[step], rest, value)
    return list
  }
  const map = emptyMap<unknown>()
  if (isMap(target)) for (const key of Object.keys(target)) map[key] = target[key]
  const next = put(map[step], rest, value)
  if (next === null || next === undefined) delete map[step]
  else map[step] = next
  return map
}
