/**
 * Maps. Every result is a new map; arguments are never changed.
 *
 * Results are built from entries, never by assignment: a key named `__proto__` is a key like any other.
 */
import { isMap } from '../../api/object.ts'
import type { LibraryFunction } from './signature.ts'

type Dictionary = { readonly [key: string]: unknown }

const map = { name: 'map', type: 'map' } as const
const entriesOf = (value: Dictionary): [string, unknown][] => Object.keys(value).map((key) => [key, value[key]])

/** Later maps win; null deletes; lists and scalars replace. The rule of `it.values`. */
function mergeTwo(first: Dictionary, second: Dictionary): Dictionary {
  const merged = new Map(entriesOf(first))
  for (const [key, value] of entriesOf(second)) {
    const before = merged.get(key)
    if (value === null) merged.delete(key)
    else merged.set(key, isMap(value) ? mergeTwo(isMap(before) ? before : {}, value) : value)
  }
  return Object.fromEntries(merged)
}

const steps = (path: string | readonly (string | number)[]): readonly (string | number)[] => (typeof path === 'string' ? [path] : path)

/** Own members only, so that `constructor` is not there unless somebody put it there. */
function find(value: unknown, path: readonly (string | number)[]): { found: boolean; value?: unknown } {
  let here = value
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return { found: false }
    here = (here as Dictionary)[step]
  }
  return { found: true, value: here }
}

export const mapFunctions: readonly LibraryFunction[] = [
  {
    name: 'merge',
    summary: 'The maps merged by key at every depth. Later ones win, lists and scalars replace, a null in a later one deletes.',
    parameters: [{ name: 'maps', type: 'map', rest: true }],
    result: 'map',
    examples: [
      { call: 'merge({ a: { x: 1, y: 2 } }, { a: { y: 3 }, b: [4] })', gives: { a: { x: 1, y: 3 }, b: [4] } },
      { call: 'merge({ a: 1, b: 2 }, { a: null })', gives: { b: 2 } },
    ],
    create:
      () =>
      (first: Dictionary = {}, ...others: Dictionary[]) =>
        others.reduce(mergeTwo, Object.fromEntries(entriesOf(first))),
  },
  {
    name: 'pick',
    summary: 'The map with only these keys, as far as they are there.',
    parameters: [map, { name: 'keys', type: 'list' }],
    result: 'map',
    examples: [{ call: "pick({ cpu: '1', memory: '1Gi', disk: '5Gi' }, ['cpu', 'memory'])", gives: { cpu: '1', memory: '1Gi' } }],
    create: () => (from: Dictionary, keys: readonly unknown[]) => Object.fromEntries(entriesOf(from).filter(([key]) => keys.includes(key))),
  },
  {
    name: 'omitKeys',
    summary: 'The map without these keys.',
    parameters: [map, { name: 'keys', type: 'list' }],
    result: 'map',
    examples: [{ call: "omitKeys({ a: 1, b: 2 }, ['b'])", gives: { a: 1 } }],
    create: () => (from: Dictionary, keys: readonly unknown[]) =>
      Object.fromEntries(entriesOf(from).filter(([key]) => !keys.includes(key))),
  },
  {
    name: 'mapValues',
    summary: 'The map with each value replaced by what `change(value, key)` returns.',
    parameters: [map, { name: 'change', type: 'function' }],
    result: 'map',
    examples: [{ call: 'mapValues({ a: 1 }, (value, key) => `${key}=${value}`)', gives: { a: 'a=1' } }],
    create: () => (from: Dictionary, change: (value: unknown, key: string) => unknown) =>
      Object.fromEntries(entriesOf(from).map(([key, value]) => [key, change(value, key)])),
  },
  {
    name: 'mapKeys',
    summary: 'The map with each key replaced by what `change(key, value)` returns.',
    parameters: [map, { name: 'change', type: 'function' }],
    result: 'map',
    examples: [{ call: 'mapKeys({ maxFiles: 1 }, (key) => snakeCase(key).toUpperCase())', gives: { MAX_FILES: 1 } }],
    create: () => (from: Dictionary, change: (key: string, value: unknown) => unknown) =>
      Object.fromEntries(entriesOf(from).map(([key, value]) => [String(change(key, value)), value])),
  },
  {
    name: 'sortKeys',
    summary: 'The map with its keys in the order of their code units, at the top level.',
    parameters: [map],
    result: 'map',
    examples: [{ call: 'Object.keys(sortKeys({ b: 1, a: 2 }))', gives: ['a', 'b'] }],
    create: () => (from: Dictionary) => Object.fromEntries(entriesOf(from).sort(([one], [other]) => (one < other ? -1 : 1))),
  },
  {
    name: 'get',
    summary: 'The value at a path, or `fallback` (null if none is given) where something on the way is missing.',
    parameters: [
      { name: 'value', type: 'any' },
      { name: 'path', type: 'path' },
      { name: 'fallback', type: 'any', optional: true },
    ],
    result: 'any value',
    examples: [
      { call: "get({ a: [{ b: 1 }] }, ['a', 0, 'b'])", gives: 1 },
      { call: "get({ 'app.kubernetes.io/name': 'shop' }, 'app.kubernetes.io/name')", gives: 'shop' },
      { call: "get({}, ['constructor', 'name'], 'none')", gives: 'none' },
    ],
    create:
      () =>
      (value: unknown, path: string | readonly (string | number)[], fallback: unknown = null) => {
        const { found, value: there } = find(value, steps(path))
        return found ? there : fallback
      },
  },
  {
    name: 'has',
    summary: 'Whether something stands at a path, also null.',
    parameters: [
      { name: 'value', type: 'any' },
      { name: 'path', type: 'path' },
    ],
    result: 'boolean',
    examples: [
      { call: "has({ a: { b: null } }, ['a', 'b'])", gives: true },
      { call: "has({ a: 1 }, 'b')", gives: false },
    ],
    create: () => (value: unknown, path: string | readonly (string | number)[]) => find(value, steps(path)).found,
  },
]
