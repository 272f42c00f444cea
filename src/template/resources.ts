/** `it.resources['Deployment/web']`: the observed dependents by kind and name, by longer names where that is ambiguous. */
import { gvkOf, groupKind, type KubernetesObject } from '../api/object.ts'
import { isSecret } from '../reconcile/desired.ts'
import { TemplateError, UnknownError } from './error.ts'
import { withSecretHandles } from './secret.ts'
import { type ReadNote, type ReadObserver, view } from './view.ts'

export interface ResourceOptions {
  resources: readonly KubernetesObject[]
  /** Kinds (`Deployment.apps`) that cannot be known now. */
  unknown: Readonly<Record<string, string>>
  /** Told each unknown kind that is read. */
  readUnknown: (kind: string) => void
  /** Told when a Secret is read. */
  readSecret: () => void
  observer: ReadObserver
  noted: ReadNote
  nullable: boolean
}

/** `Kind/name`, `Kind.group/name`, `Kind/namespace/name`, `Kind.group/namespace/name`. */
export function resourcesView(options: ResourceOptions): object {
  const { resources, observer, noted, nullable } = options
  const known = new Map<string, unknown>()
  const longName = (object: KubernetesObject): string =>
    [groupKind(gvkOf(object)), object.metadata.namespace, object.metadata.name].filter((part) => part !== undefined).join('/')
  const checkUnknown = (kind?: string): void => {
    const unknown = Object.keys(options.unknown).filter((name) => kind === undefined || name === kind || name.split('.')[0] === kind)
    for (const name of unknown) options.readUnknown(name)
    if (unknown.length > 0) throw new UnknownError(`${unknown.join(', ')} cannot be known now`)
  }
  const read = (key: string): unknown => {
    const path = `it.resources[${JSON.stringify(key)}]`
    const [kind, ...names] = key.split('/')
    if (!kind || names.length < 1 || names.length > 2 || names.includes(''))
      throw new TemplateError('TEMPLATE_VALUE', `${path}: a dependent is named 'Kind/name'`, {
        remedy: "'Kind.group/namespace/name' is the long form",
      })
    checkUnknown(kind)
    const [name, namespace] = names.toReversed()
    const matches = resources.filter((object) => {
      if (object.metadata.name !== name || (namespace !== undefined && object.metadata.namespace !== namespace)) return false
      return kind === object.kind || kind === groupKind(gvkOf(object))
    })
    if (matches.length > 1)
      throw new TemplateError('TEMPLATE_VALUE', `${path} is ambiguous`, {
        remedy: `use one of ${matches.map((object) => `'${longName(object)}'`).join(', ')}`,
      })
    const [found] = matches
    // What a Secret holds is nothing to make digests of.
    const isHidden = found !== undefined && isSecret(found)
    noted(path, found && (isHidden ? [found.metadata.uid, found.metadata.resourceVersion] : {}))
    return found ? view(withSecretHandles(found, options.readSecret), { path, observer, nullable, ...(!isHidden && { noted }) }) : null
  }
  return new Proxy(Object.create(null), {
    get(_target, key) {
      if (typeof key === 'symbol' || key === 'toJSON') return undefined
      observer.tick()
      if (!known.has(key)) known.set(key, read(key))
      return known.get(key)
    },
    has: (_target, key) => typeof key === 'string' && read(key) !== null,
    ownKeys() {
      checkUnknown()
      const names = resources.map(longName)
      noted('it.resources.*', names.toSorted())
      return names
    },
    getOwnPropertyDescriptor(_target, key) {
      return typeof key === 'string' ? { value: read(key), enumerable: true, configurable: true } : undefined
    },
    set: () => refuse(),
    defineProperty: () => refuse(),
    deleteProperty: () => refuse(),
  })
}

const refuse = (): never => {
  throw new TemplateError('TEMPLATE_VALUE', 'it.resources cannot be changed')
}
