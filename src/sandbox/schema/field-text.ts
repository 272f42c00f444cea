/** Reads the text of one field of the types' table. (The notation: tables/types.ts.) */
import { goName, goTypeOf } from './go-type.ts'
import {
  anySchema,
  resourceQuantity,
  type ListSchema,
  type PatchRule,
  type ScalarType,
  type Schema,
  type StructField,
  type StructSchema,
} from './schema.ts'

/** What names of types stand for. `schemas` holds what was read before, by its text. */
export interface Scope {
  type(fullName: string): StructSchema
  struct(fullName: string, atomic: boolean): StructSchema
  readonly schemas: Map<string, Schema>
}

const basic: Readonly<Record<string, ScalarType>> = {
  string: 'string',
  bool: 'boolean',
  int32: 'integer',
  int64: 'integer',
  uint8: 'integer',
  float64: 'number',
}

const apimachinery = 'io.k8s.apimachinery.pkg'
const rawExtension = `${apimachinery}.runtime.RawExtension`
const rawSchema: Schema = { kind: 'any', atomic: true }
const apiextensions = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1'

/** Types that read and write their JSON themselves. */
const custom: Readonly<Record<string, ScalarType | 'any'>> = {
  [`${apimachinery}.api.resource.Quantity`]: 'quantity',
  [`${apimachinery}.apis.meta.v1.Time`]: 'time',
  [`${apimachinery}.apis.meta.v1.MicroTime`]: 'microTime',
  [`${apimachinery}.util.intstr.IntOrString`]: 'intOrString',
  [`${apimachinery}.apis.meta.v1.FieldsV1`]: 'any',
  [rawExtension]: 'any',
  [`${apiextensions}.JSON`]: 'any',
}

const either: Readonly<Record<string, 'boolean' | 'list' | 'strings'>> = {
  [`${apiextensions}.JSONSchemaPropsOrBool`]: 'boolean',
  [`${apiextensions}.JSONSchemaPropsOrArray`]: 'list',
  [`${apiextensions}.JSONSchemaPropsOrStringArray`]: 'strings',
}

interface Markers {
  listType: ListSchema['listType']
  keys: readonly string[]
  mapType: 'atomic' | 'granular' | undefined
}

export function parseField(name: string, text: string, scope: Scope): StructField {
  // Only a default may contain spaces, and it stands last.
  const [before = '', keyDefault] = text.split(' default=')
  const [type = '', number = '', ...rest] = before.split(' ')
  const options = new Set(rest.filter((each) => !each.includes('=')))
  const settings = rest.filter((each) => each.includes('=')).map((each) => each.split('=') as [string, string])
  const setting = (wanted: string): string | undefined => settings.find(([key]) => key === wanted)?.[1]
  const inlined = settings.flatMap(([key, value]) => {
    const [struct = '', at] = value.split(':')
    return key === 'in' ? [{ name: struct, number: Number(at) }] : []
  })
  const pointer = type.startsWith('*')
  const patch = setting('patch')
  return {
    name,
    schema: parseType(pointer ? type.slice(1) : type, markersOf(options, setting('keys')), scope),
    required: options.has('required'),
    ...(patch !== undefined && { patch: parsePatch(patch) }),
    ...(keyDefault !== undefined && { keyDefault: JSON.parse(keyDefault) as string | number | boolean }),
    omit: options.has('!') ? 'never' : pointer || keptEmpty.has(text) ? 'absent' : 'empty',
    ...(pointer && { pointer }),
    number: Number(number),
    ...(inlined.length > 0 && { inlined }),
  }
}

/** Lists whose emptiness is looked at, and refused, before anything is written. (pkg/apis/autoscaling/validation, validateScalingRules) */
const keptEmpty: ReadonlySet<string> = new Set(['[]io.k8s.api.autoscaling.v2.HPAScalingPolicy 2'])

const markersOf = (options: ReadonlySet<string>, keys: string | undefined): Markers => ({
  listType: keys !== undefined ? 'map' : options.has('set') ? 'set' : 'atomic',
  keys: keys?.split(',') ?? [],
  mapType: options.has('atomic') ? 'atomic' : options.has('granular') ? 'granular' : undefined,
})

function parsePatch(text: string): PatchRule {
  const [strategies = '', mergeKey] = text.split(':')
  return { strategies: strategies.split(',') as unknown as PatchRule['strategies'], ...(mergeKey !== undefined && { mergeKey }) }
}

const plain: Markers = { listType: 'atomic', keys: [], mapType: undefined }

function parseType(text: string, markers: Markers, scope: Scope): Schema {
  const key = `${text} ${markers.listType} ${markers.keys.join()} ${markers.mapType ?? ''}`
  let schema = scope.schemas.get(key)
  if (schema === undefined) {
    schema = readType(text, markers, scope)
    scope.schemas.set(key, schema)
  }
  return schema
}

function readType(text: string, markers: Markers, scope: Scope): Schema {
  const renamed = /^([\w.]+)=(.*)$/.exec(text)
  if (renamed !== null) return named(parseType(renamed[2] as string, markers, scope), renamed[1] as string)
  if (text === '[]uint8') return { kind: 'scalar', type: 'bytes', goType: text }
  if (text.startsWith('[]')) {
    const items = parseType(text.slice(2), plain, scope)
    return { kind: 'list', items, listType: markers.listType, keys: markers.keys, goType: `[]${goTypeOf(items)}` }
  }
  const map = /^map\[([^\]]*)\](.*)$/.exec(text)
  if (map !== null) {
    const values = parseType(map[2] as string, plain, scope)
    return { kind: 'map', values, atomic: markers.mapType === 'atomic', goType: `map[${map[1]}]${goTypeOf(values)}` }
  }
  const scalar = basic[text] ?? custom[text]
  if (scalar === 'any') return text === rawExtension ? rawSchema : anySchema
  if (scalar !== undefined) return { kind: 'scalar', type: scalar, goType: basic[text] ? text : goName(text) }
  const or = either[text]
  if (or !== undefined) return { kind: 'any', either: { struct: scope.type(`${apiextensions}.JSONSchemaProps`), or } }
  return markers.mapType === undefined ? scope.type(text) : scope.struct(text, markers.mapType === 'atomic')
}

/** Named types that are scalars, lists or maps. */
function named(schema: Schema, goType: string): Schema {
  switch (schema.kind) {
    case 'scalar':
    case 'list':
      return { ...schema, goType }
    case 'map':
      return { ...schema, goType, ...(goType === 'v1.ResourceList' && { values: resourceQuantity }) }
    case 'struct':
    case 'any':
      throw new RangeError(`${goType} is no name for a ${schema.kind}`)
  }
}
