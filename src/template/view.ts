/**
 * Views: how a template reads data that it must neither change nor misspell.
 *
 * A map is read through a proxy over an empty shadow, beside the frozen data: a name that is neither there nor declared by the schema is
 * refused, with the name that was probably meant. Where no schema declares the names (none is given, or below
 * x-kubernetes-preserve-unknown-fields) a missing name reads as undefined, and only its insertion is refused. A list is a frozen list of
 * views. `unwrap` gives the data back.
 */
import { nearest } from '../api/nearest.ts'
import { TemplateError, UndefinedError } from './error.ts'
import { isSecretHandle } from './secret.ts'

/** A structural OpenAPI schema or a JSON schema, as far as names are concerned. */
export interface Schema {
  readonly type?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema | readonly Schema[]
  readonly [keyword: string]: unknown
}

/** What reading tells the render. */
export interface ReadObserver {
  /** Called for each read: the render counts it against its deadline. */
  tick(): void
  /** The last name that read as undefined. */
  missing: { path: string; key: string; remedy: string | undefined } | undefined
}

/** An observer that is told of each read before the render is. */
export const toldOfReads = (observer: ReadObserver, told: () => void): ReadObserver => ({
  tick() {
    told()
    observer.tick()
  },
  get missing() {
    return observer.missing
  },
  set missing(name) {
    observer.missing = name
  },
})

export interface ViewOptions {
  schema?: Schema | undefined
  path: string
  observer: ReadObserver
  /** A missing name reads as null: for observed dependents in status.yaml.eta. */
  nullable?: boolean
  /** Told each name of this map that is read, or asked for, and not those below; undefined: the map as a whole. */
  told?: ((key: string | undefined) => void) | undefined
  /** Told what is read of this value and of everything below it; of a map or a list that is not read whole, only that it is there. */
  noted?: ReadNote | undefined
}

/** A value by its path: that of a name, `…*` for the names of a map, `…=` for a map or a list as a whole. */
export type ReadNote = (path: string, value: unknown) => void

const raw = Symbol('raw')
/** Of a list: tells that it is read whole. */
const told = Symbol('told')

/** The data behind a view; any other value as it is. */
export function unwrap(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || isSecretHandle(value)) return value
  const { [raw]: data, [told]: tell } = value as { [raw]?: unknown; [told]?: () => void }
  if (data === undefined) return value
  tell?.()
  return data
}

/** A view of a JSON value; scalars are themselves. */
export function view(value: unknown, options: ViewOptions): unknown {
  if (value === null || typeof value !== 'object' || isSecretHandle(value)) return value
  if (!Array.isArray(value)) return new Proxy(Object.create(null), new MapView(value as Readonly<Record<string, unknown>>, options))
  const { items } = options.schema ?? {}
  const schema = Array.isArray(items) ? undefined : (items as Schema | undefined)
  const { noted, path } = options
  const list = value.map((item, index) => view(item, { ...options, schema, path: `${path}[${index}]` }))
  // Values, and no getter of its own: a list with one would have a shape that no other list has.
  Object.defineProperty(list, raw, { value })
  if (noted) Object.defineProperty(list, told, { value: () => noted(`${path}=`, value) })
  return Object.freeze(list)
}

const openKeywords = ['patternProperties', '$ref', 'allOf', 'anyOf', 'oneOf', 'if']

/** What reading a value by its name tells of it, before anything in it is read. */
const outlineOf = (value: unknown): unknown => {
  if (value === null || typeof value !== 'object') return value ?? null
  return Array.isArray(value) ? value.map(outlineOf) : {}
}

/** Whether the schema declares every name that a map can have. */
function isClosed(schema: Schema | undefined): schema is Schema & { properties: Readonly<Record<string, Schema>> } {
  if (!schema?.properties || schema['x-kubernetes-preserve-unknown-fields'] === true) return false
  if (schema.additionalProperties !== undefined && schema.additionalProperties !== false) return false
  return !openKeywords.some((keyword) => keyword in schema)
}

const ownSchema = (schemas: Readonly<Record<string, Schema>> | undefined, key: string): Schema | undefined =>
  schemas && Object.hasOwn(schemas, key) ? schemas[key] : undefined

const isName = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u
/** `it.spec` and `image` → `it.spec.image`; other names in brackets. */
export const joinPath = (path: string, key: string): string => (isName.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`)

/** The remedy for a name that is not among the candidates. */
export function didYouMean(key: string, candidates: Iterable<string>): string | undefined {
  const near = nearest(key, candidates)
  return near === undefined ? undefined : `did you mean ${JSON.stringify(near)}?`
}

const refuseChange = (path: string): never => {
  throw new TemplateError('TEMPLATE_VALUE', `${path} cannot be changed`, {
    remedy: 'make a new value: { ...map, key: value } or list.map(…)',
  })
}

class MapView implements ProxyHandler<object> {
  readonly #data: Readonly<Record<string, unknown>>
  readonly #options: ViewOptions
  #children: Map<string, unknown> | undefined

  constructor(data: Readonly<Record<string, unknown>>, options: ViewOptions) {
    this.#data = data
    this.#options = options
  }

  get(_target: object, key: string | symbol): unknown {
    if (typeof key === 'symbol') return this.#symbol(key)
    const { observer } = this.#options
    observer.tick()
    this.#options.told?.(key)
    this.#note(key)
    if (!Object.hasOwn(this.#data, key) || this.#data[key] === undefined) return this.#missing(key)
    const value = this.#data[key]
    if (value === null || typeof value !== 'object') {
      // An empty name of a string or number needs no view.
      return value
    }
    let child = this.#children?.get(key)
    if (child === undefined) {
      child = view(value, { ...this.#options, told: undefined, schema: this.#schemaOf(key), path: joinPath(this.#options.path, key) })
      this.#children ??= new Map()
      this.#children.set(key, child)
    }
    return child
  }

  has(_target: object, key: string | symbol): boolean {
    this.#options.observer.tick()
    this.#options.told?.(String(key))
    this.#note(key)
    return Object.hasOwn(this.#data, key)
  }

  ownKeys(): string[] {
    this.#options.observer.tick()
    this.#options.told?.(undefined)
    const names = Object.keys(this.#data)
    this.#options.noted?.(`${this.#options.path}.*`, names)
    return names
  }

  getOwnPropertyDescriptor(target: object, key: string | symbol): PropertyDescriptor | undefined {
    this.#options.observer.tick()
    this.#options.told?.(String(key))
    this.#note(key)
    if (typeof key === 'symbol' || !Object.hasOwn(this.#data, key)) return undefined
    return { value: this.get(target, key), writable: true, enumerable: true, configurable: true }
  }

  set(_target: object, key: string | symbol): boolean {
    return refuseChange(joinPath(this.#options.path, String(key)))
  }
  deleteProperty(_target: object, key: string | symbol): boolean {
    return refuseChange(joinPath(this.#options.path, String(key)))
  }
  defineProperty(_target: object, key: string | symbol): boolean {
    return refuseChange(joinPath(this.#options.path, String(key)))
  }
  setPrototypeOf(): boolean {
    return refuseChange(this.#options.path)
  }
  preventExtensions(): boolean {
    // The shadow stays extensible: a view of names that it does not have is allowed only so.
    return false
  }

  #note(key: string | symbol): void {
    const { noted, path } = this.#options
    if (noted && typeof key === 'string') noted(joinPath(path, key), Object.hasOwn(this.#data, key) ? outlineOf(this.#data[key]) : null)
  }

  #schemaOf(key: string): Schema | undefined {
    const { schema } = this.#options
    return (
      ownSchema(schema?.properties, key) ?? (typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined)
    )
  }

  #symbol(key: symbol): unknown {
    if (key === raw) {
      this.#options.observer.tick()
      this.#options.told?.(undefined)
      this.#options.noted?.(`${this.#options.path}=`, this.#data)
      return this.#data
    }
    if (key !== Symbol.toPrimitive) return undefined
    return () => {
      throw new TemplateError('TEMPLATE_VALUE', `${this.#options.path} is a map and cannot stand in a text`, {
        remedy: 'textOf() or toJson() makes a text of it',
      })
    }
  }

  #missing(key: string): undefined | null {
    // JSON.stringify asks every object for this name.
    if (key === 'toJSON') return undefined
    const { schema, path, observer, nullable } = this.#options
    if (nullable) return null
    const declared = ownSchema(schema?.properties, key) !== undefined
    const names = isClosed(schema) ? [...Object.keys(this.#data), ...Object.keys(schema.properties)] : Object.keys(this.#data)
    const full = joinPath(path, key)
    if (isClosed(schema) && !declared) throw new UndefinedError(full, key, didYouMean(key, names))
    observer.missing = { path: full, key, remedy: declared ? undefined : didYouMean(key, names) }
    return undefined
  }
}

export type ContextMembers = Readonly<Record<string, () => unknown>>

const context = Symbol('context')

/** The members of a context that a template passes on as a whole. */
export const membersOf = (value: object): ContextMembers | undefined => (value as { [context]?: ContextMembers })[context]

/** Names whose reading has consequences: `{ ...it }` does not take them along. */
const notEnumerated = new Set(['now', 'resources'])

/** The names of `it`: computed when first read; a name that is not among them is refused. */
export function contextView(members: ContextMembers, observer: ReadObserver): object {
  const known = new Map<string, unknown>()
  return new Proxy(Object.create(null), {
    get(_target, key) {
      if (key === context) return members
      if (typeof key === 'symbol' || key === 'toJSON') return undefined
      observer.tick()
      if (known.has(key)) return known.get(key)
      const member = Object.hasOwn(members, key) ? members[key] : undefined
      if (!member) throw new UndefinedError(joinPath('it', key), key, didYouMean(key, Object.keys(members)))
      const value = member()
      known.set(key, value)
      return value
    },
    has: (_target, key) => Object.hasOwn(members, key),
    ownKeys: () => Object.keys(members),
    getOwnPropertyDescriptor(_target, key) {
      if (typeof key === 'symbol' || !Object.hasOwn(members, key)) return undefined
      if (notEnumerated.has(key)) return { value: undefined, enumerable: false, configurable: true }
      return { value: this.get?.(_target, key, undefined), enumerable: true, configurable: true }
    },
    set: (_target, key) => refuseChange(joinPath('it', String(key))),
    defineProperty: (_target, key) => refuseChange(joinPath('it', String(key))),
    deleteProperty: (_target, key) => refuseChange(joinPath('it', String(key))),
  })
}
