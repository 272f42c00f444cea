/** Names that a walk fills in as it goes: `it.steps.members`, `it.set.born`. What is read is what has been found by then. */
import { TemplateError, UndefinedError, UnknownError } from '../template/error.ts'
import { didYouMean, joinPath, type ReadObserver, view } from '../template/view.ts'
import type { Known } from './scope.ts'

export interface NamesOptions {
  /** `it.steps` */
  path: string
  /** Every name that there can be; any other is refused. */
  names: () => Iterable<string>
  /** What stands under a name so far; undefined: nothing. */
  read: (name: string) => Known | undefined
  observer: ReadObserver
}

export function namesView({ path, names, read, observer }: NamesOptions): object {
  const views = new Map<string, { of: unknown; view: unknown }>()
  const get = (key: string): unknown => {
    observer.tick()
    const full = joinPath(path, key)
    const known = read(key)
    if (known?.kind === 'unknown') throw new UnknownError(known.reason)
    const value = known?.value
    if (value === undefined) {
      const all = [...names()]
      if (!known && !all.includes(key)) throw new UndefinedError(full, key, didYouMean(key, all))
      observer.missing = { path: full, key, remedy: undefined }
      return undefined
    }
    const seen = views.get(key)
    if (seen && seen.of === value) return seen.view
    const made = view(value, { path: full, observer })
    views.set(key, { of: value, view: made })
    return made
  }
  const has = (key: string): boolean => {
    const known = read(key)
    return known?.kind === 'unknown' || known?.value !== undefined
  }
  return new Proxy(Object.create(null), {
    get: (_target, key) => (typeof key === 'symbol' || key === 'toJSON' ? undefined : get(key)),
    has: (_target, key) => typeof key === 'string' && has(key),
    ownKeys: () => [...new Set(names())].filter(has),
    getOwnPropertyDescriptor: (_target, key) =>
      typeof key === 'string' && has(key) ? { value: get(key), enumerable: true, configurable: true } : undefined,
    set: () => refuse(path),
    defineProperty: () => refuse(path),
    deleteProperty: () => refuse(path),
  })
}

const refuse = (path: string): never => {
  throw new TemplateError('TEMPLATE_VALUE', `${path} cannot be changed`, { remedy: '`set` and `remember` steps give names to values' })
}
