/**
 * Schemas of the built-in types, read from the table when they are asked for.
 *
 * A struct reads its fields when they are first looked at, so that a type may contain itself and a server that never sees a kind never pays
 * for it. The same type is always the same object.
 */
import type { GroupVersionKind } from '../../api/object.ts'
import type { TypesTable } from '../tables/types.ts'
import { parseField } from './field-text.ts'
import type { Schema, StructField, StructSchema } from './schema.ts'

export interface Types {
  /** The type with this name in the OpenAPI documents. Throws a RangeError if there is none. */
  type(fullName: string): StructSchema
  /** The type of a kind; undefined for one that is not built in. */
  typeOf(kind: Readonly<GroupVersionKind>): StructSchema | undefined
  /** All kinds, those of all groups with the group `*` and an empty version. */
  kinds(): Iterable<GroupVersionKind>
}

export function createTypes(table: TypesTable): Types {
  const structs = new Map<string, StructSchema>()
  const schemas = new Map<string, Schema>()

  const struct = (fullName: string, atomic: boolean): StructSchema => {
    const key = atomic ? `${fullName} atomic` : fullName
    let found = structs.get(key)
    if (found === undefined) {
      const entry = Object.hasOwn(table.types, fullName) ? table.types[fullName] : undefined
      if (entry === undefined) throw new RangeError(`there is no built-in type ${fullName}`)
      found = new BuiltInStruct(fullName, atomic, () => fieldsOf(entry.fields))
      structs.set(key, found)
    }
    return found
  }
  const type = (fullName: string): StructSchema => struct(fullName, table.types[fullName]?.atomic === true)
  const fieldsOf = (texts: Readonly<Record<string, string>>): ReadonlyMap<string, StructField> =>
    new Map(Object.entries(texts).map(([name, text]) => [name, parseField(name, text, { type, struct, schemas })]))

  const kindName = (name: string): string | undefined => (Object.hasOwn(table.kinds, name) ? table.kinds[name] : undefined)
  return {
    type,
    typeOf({ group, version, kind }) {
      const fullName = kindName(`${group}/${version}/${kind}`) ?? kindName(`*/${kind}`)
      return fullName === undefined ? undefined : type(fullName)
    },
    *kinds() {
      for (const name of Object.keys(table.kinds)) {
        const parts = name.split('/')
        const kind = parts.pop() as string
        yield { group: parts[0] as string, version: parts[1] ?? '', kind }
      }
    },
  }
}

class BuiltInStruct implements StructSchema {
  readonly kind = 'struct'
  readonly typeName: string
  readonly fullName: string
  readonly atomic: boolean
  readonly preserveUnknown = false
  readonly #read: () => ReadonlyMap<string, StructField>
  #fields: ReadonlyMap<string, StructField> | undefined

  constructor(fullName: string, atomic: boolean, read: () => ReadonlyMap<string, StructField>) {
    this.typeName = fullName.slice(fullName.lastIndexOf('.') + 1)
    this.fullName = fullName
    this.atomic = atomic
    this.#read = read
  }

  get fields(): ReadonlyMap<string, StructField> {
    this.#fields ??= this.#read()
    return this.#fields
  }
}
