/**
 * Inserted values: what may be inserted, and the fresh copy that goes into the tree.
 *
 * A copy shares nothing with the custom resource, the cache or the template, so whoever gets the tree may change it.
 */
import { emptyMap } from '../yaml/node.ts'
import { TemplateError } from './error.ts'
import type { Budget } from './limits.ts'
import { isSecretHandle, type SecretHandle } from './secret.ts'
import { joinPath, unwrap } from './view.ts'

/** Drops the key or the item that it stands for. */
export const omit: unique symbol = Symbol('omit')

export type Inserted = null | boolean | number | string | typeof omit | SecretHandle | Inserted[] | { [key: string]: Inserted }

/** A value as it is inserted: checked, and copied where it is a map or a list. `path` names it in errors. */
export function copyValue(value: unknown, budget: Budget, path = '', depth = 0): Inserted {
  budget.node()
  switch (typeof value) {
    case 'string':
      budget.characters(value.length)
      return value
    case 'boolean':
      return value
    case 'number':
      if (!Number.isFinite(value)) throw refused(path, `is ${value}`)
      return value
    case 'object':
      break
    case 'symbol':
      if (value === omit) return omit
      throw refused(path, 'is a symbol')
    case 'undefined':
      throw new TemplateError('TEMPLATE_UNDEFINED', `the inserted value${path && ` has undefined at ${path}`}`, {
        remedy: 'omit drops a key',
      })
    default:
      throw refused(path, `is a ${typeof value}`)
  }
  if (value === null || isSecretHandle(value)) return value
  budget.depth(depth, 'inserted values')
  const data = unwrap(value) as object
  // What a view stands for is JSON from a cache: undefined members are as good as absent there.
  const isData = data !== value
  if (Array.isArray(data)) {
    const list: Inserted[] = []
    for (const [index, item] of data.entries()) {
      const copy = copyValue(item, budget, `${path}[${index}]`, depth + 1)
      if (copy !== omit) list.push(copy)
    }
    return list
  }
  const prototype = Object.getPrototypeOf(data)
  if (prototype !== null && prototype !== Object.prototype && !isData)
    throw refused(path, `is a ${prototype.constructor?.name ?? 'special object'}`)
  const map = emptyMap<Inserted>()
  for (const key of Object.keys(data)) {
    const item = (data as Record<string, unknown>)[key]
    if (item === undefined && isData) continue
    budget.characters(key.length)
    const copy = isData ? copyData(item, budget, depth + 1) : copyValue(item, budget, joinPath(path, key), depth + 1)
    if (copy !== omit) map[key] = copy
  }
  return map
}

/** The quick way for what is known to be JSON. */
function copyData(value: unknown, budget: Budget, depth: number): Inserted {
  budget.node()
  if (typeof value === 'string') budget.characters(value.length)
  if (value === null || typeof value !== 'object' || isSecretHandle(value)) return value as Inserted
  budget.depth(depth, 'inserted values')
  if (Array.isArray(value)) return value.map((item) => copyData(item, budget, depth + 1))
  const map = emptyMap<Inserted>()
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key]
    if (item === undefined) continue
    budget.characters(key.length)
    map[key] = copyData(item, budget, depth + 1)
  }
  return map
}

const refused = (path: string, why: string): TemplateError =>
  new TemplateError('TEMPLATE_VALUE', path ? `the inserted value ${why} at ${path}` : `the inserted value ${why}`, {
    remedy: 'a value is a string, number, boolean, null, list or map',
  })

export const describeValue = (value: unknown): string =>
  value === omit
    ? 'omit'
    : value === null
      ? 'null'
      : isSecretHandle(value)
        ? 'a secret'
        : Array.isArray(value)
          ? 'a list'
          : typeof value === 'object'
            ? 'a map'
            : `a ${typeof value}`
