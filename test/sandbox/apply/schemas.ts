/** Schemas for tests, written as short as the thing they say. */
import { types } from './built-in.ts'
import type { ListSchema, MapSchema, ScalarType, Schema, StructField, StructSchema } from '../../../src/sandbox/schema/schema.ts'
import { anySchema } from '../../../src/sandbox/schema/schema.ts'

export const scalar = (type: ScalarType): Schema => ({ kind: 'scalar', type, goType: '' })
export const text = scalar('string')
export const number = scalar('integer')
export const any = anySchema

type Fields = Readonly<Record<string, Schema | Partial<StructField>>>

export function struct(fields: Fields, options: Partial<StructSchema> = {}): StructSchema {
  return {
    kind: 'struct',
    typeName: '',
    fullName: '',
    atomic: false,
    preserveUnknown: false,
    fields: new Map(
      Object.entries(fields).map(([name, given]) => {
        const field = 'kind' in given ? { schema: given } : given
        return [name, { name, schema: any, required: false, omit: 'absent', number: 0, ...field } satisfies StructField]
      }),
    ),
    ...options,
  }
}

export const map = (values: Schema, atomic = false): MapSchema => ({ kind: 'map', values, atomic })
export const atomicList = (items: Schema): ListSchema => ({ kind: 'list', items, listType: 'atomic', keys: [] })
export const setList = (items: Schema = text): ListSchema => ({ kind: 'list', items, listType: 'set', keys: [] })
export const mapList = (keys: readonly string[], fields: Fields): ListSchema => ({
  kind: 'list',
  items: struct(fields),
  listType: 'map',
  keys,
})

/** A custom kind with one field of everything that apply treats in its own way. */
export const thing: StructSchema = struct({
  apiVersion: text,
  kind: text,
  metadata: types.type('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'),
  spec: struct({
    replicas: number,
    text,
    items: mapList(['name'], { name: text, value: text, other: text, opts: map(text), deep: struct({ a: text, b: text }) }),
    ports: mapList(['port', 'protocol'], { port: number, protocol: { schema: text, keyDefault: 'TCP' }, name: text }),
    loose: mapList(['name', 'protocol'], { name: text, protocol: text, value: text }),
    tags: setList(),
    numbers: setList(number),
    args: atomicList(text),
    atomicMap: map(text, true),
    atomicStruct: struct({ a: text, b: text }, { atomic: true }),
    map: map(text),
    maps: map(struct({ a: text, b: number })),
    structs: struct({ inner: struct({ a: text, list: mapList(['name'], { name: text }) }) }),
    free: struct({}, { preserveUnknown: true }),
    half: struct({ known: text }, { preserveUnknown: true }),
    any,
    port: scalar('intOrString'),
  }),
  status: struct({ replicas: number, phase: text }),
})

const thingSpec = thing.fields.get('spec')?.schema as StructSchema

/** The same with `items` and `map` as atomic values. */
export const atomicThing: StructSchema = struct({
  ...Object.fromEntries([...thing.fields].map(([name, { schema }]) => [name, schema])),
  spec: struct({
    ...Object.fromEntries([...thingSpec.fields].map(([name, { schema }]) => [name, schema])),
    items: atomicList(any),
    map: map(text, true),
    structs: struct({ inner: any }, { atomic: true }),
  }),
})
