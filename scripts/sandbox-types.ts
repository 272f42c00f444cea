/**
 * Makes the table src/sandbox/tables/types.json: the Go types of the API by reflection (test/controlplane/types.go), joined with what only the
 * OpenAPI documents of a server tell: list types and their keys, map types, required fields, defaults of keys.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TypeEntry, TypesTable } from '../src/sandbox/tables/types.ts'
import { controlPlaneBinary } from '../test/controlplane/binary.ts'
import type { Requester } from '../test/controlplane/request.ts'

/** (test/controlplane/types.go) */
interface GoTypes {
  kinds: Record<string, string>
  types: Record<string, GoType>
}

interface GoType {
  name: string
  model?: string
  custom?: boolean
  fields?: GoField[]
  of?: GoShape
}

interface GoField {
  name: string
  options?: string[]
  embedded?: string[]
  protobuf?: string
  patchStrategy?: string
  patchMergeKey?: string
  shape: GoShape
}

interface GoShape {
  kind: string
  type?: string
  key?: GoShape
  elem?: GoShape
}

interface Definition {
  required?: string[]
  properties?: Record<string, Definition>
  default?: unknown
  items?: unknown
  additionalProperties?: unknown
  'x-kubernetes-list-type'?: string
  'x-kubernetes-list-map-keys'?: string[]
  'x-kubernetes-map-type'?: string
}

type Definitions = Record<string, Definition>

/** Kinds that are registered in every group: requests' options and events of a watch. */
const everywhere = new Set(['CreateOptions', 'DeleteOptions', 'GetOptions', 'ListOptions', 'PatchOptions', 'UpdateOptions', 'WatchEvent'])

/** @param groupVersions Those that the table is to hold, e.g. `apps/v1`, `v1`. */
export async function recordTypes(server: Requester, groupVersions: readonly string[]): Promise<TypesTable> {
  const read = async <Body>(path: string): Promise<Body> => {
    const { status, body } = await server.send<Body>('GET', path)
    if (status !== 200) throw new Error(`GET ${path}: ${status}`)
    return body
  }
  const { gitVersion } = await read<{ gitVersion: string }>('/version')
  const { definitions } = await read<{ definitions: Definitions }>('/openapi/v2')
  const defaults: Definitions = {}
  for (const each of groupVersions) {
    const path = each.includes('/') ? `apis/${each}` : `api/${each}`
    const { components } = await read<{ components: { schemas: Definitions } }>(`/openapi/v3/${path}`)
    Object.assign(defaults, components.schemas)
  }
  const served = new Set([...groupVersions, 'meta.k8s.io/v1'])
  return { kubernetes: gitVersion, ...tableOf(await reflectedTypes(), served, definitions, defaults) }
}

async function reflectedTypes(): Promise<GoTypes> {
  const binary = await controlPlaneBinary((line) => console.error(line))
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-types-'))
  try {
    const file = join(folder, 'types.json')
    const { status } = spawnSync(binary, ['types', file], { stdio: 'inherit' })
    if (status !== 0) throw new Error(`${binary} types: exit ${status}`)
    return JSON.parse(readFileSync(file, 'utf8')) as GoTypes
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function tableOf(
  go: GoTypes,
  served: ReadonlySet<string>,
  definitions: Definitions,
  defaults: Definitions,
): Omit<TypesTable, 'kubernetes'> {
  const kinds = new Map<string, string>()
  const types = new Map<string, TypeEntry>()
  const typeOf = (key: string): GoType => go.types[key] ?? fail(`${key} was not reflected`)

  const add = (key: string): string => {
    const type = typeOf(key)
    const model = type.model ?? fail(`${key} has no name in the OpenAPI documents`)
    if (types.has(model)) return model
    if (type.custom) return model
    // A type may contain itself.
    types.set(model, { fields: {} })
    const definition = definitions[model] ?? {}
    const fields = (type.fields ?? []).map((field): [string, string] => [field.name, fieldText(field, definition)])
    checkNames(model, fields, definitions[model])
    types.set(model, {
      ...(definition['x-kubernetes-map-type'] === 'atomic' && { atomic: true }),
      fields: Object.fromEntries(fields),
    })
    return model
  }

  const text = (shape: GoShape): string => {
    switch (shape.kind) {
      case 'ptr':
        return `*${text(elem(shape))}`
      case 'slice':
        return `[]${text(elem(shape))}`
      case 'map':
        return `map[${goName(shape.key as GoShape)}]${text(elem(shape))}`
      case 'named': {
        const { of } = typeOf(shape.type as string)
        return of ? `${goName(shape)}=${text(of)}` : add(shape.type as string)
      }
      default:
        return shape.kind
    }
  }

  const fieldText = (field: GoField, { required = [], properties = {} }: Definition): string => {
    const known = properties[field.name] ?? {}
    const parts = [text(field.shape), ...numbers(field)]
    if (!omitted(field)) parts.push('!')
    if (required.includes(field.name)) parts.push('required')
    const listType = known['x-kubernetes-list-type']
    if (listType === 'set') parts.push('set')
    if (listType === 'map') {
      const keys = known['x-kubernetes-list-map-keys'] ?? fail(`${field.name} has no keys`)
      parts.push(`keys=${keys.join()}`)
      const items = modelOf(field.shape)
      for (const key of keys) {
        const value = defaults[items]?.properties?.[key]?.default
        if (value !== undefined) keyDefaults.push([items, key, value])
      }
    }
    if (known['x-kubernetes-map-type']) parts.push(known['x-kubernetes-map-type'])
    for (const nested of [known.items, known.additionalProperties])
      if (JSON.stringify(nested ?? {}).includes('x-kubernetes-list-type":"map')) fail(`${field.name}: a nested list of maps`)
    if (field.patchStrategy) parts.push(`patch=${field.patchStrategy}${field.patchMergeKey ? `:${field.patchMergeKey}` : ''}`)
    return parts.join(' ')
  }

  /** Whether the server leaves the field out when it is zero: Go never takes a struct for empty, except with omitzero. */
  const omitted = ({ options = [], shape }: GoField): boolean => {
    if (options.includes('omitzero')) return true
    if (!options.includes('omitempty')) return false
    return shape.kind !== 'named' || typeOf(shape.type as string).of !== undefined
  }

  const modelOf = (shape: GoShape): string =>
    shape.kind === 'named' && typeOf(shape.type as string).model
      ? (typeOf(shape.type as string).model as string)
      : modelOf(elem(typeOfShape(shape)))
  const typeOfShape = (shape: GoShape): GoShape => (shape.kind === 'named' ? (typeOf(shape.type as string).of as GoShape) : shape)
  const goName = (shape: GoShape): string => (shape.kind === 'named' ? packageName(shape.type as string) : shape.kind)
  const keyDefaults: [model: string, key: string, value: unknown][] = []

  for (const [name, key] of Object.entries(go.kinds).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [group, version, kind] = name.split('/') as [string, string, string]
    if (!served.has(group ? `${group}/${version}` : version)) continue
    kinds.set(everywhere.has(kind) ? `*/${kind}` : name, add(key))
  }
  for (const [model, key, value] of keyDefaults) {
    const fields = types.get(model)?.fields ?? fail(`${model} is not in the table`)
    const field = fields[key] ?? fail(`${model} has no ${key}`)
    if (!field.includes(' default=')) fields[key] = `${field} default=${JSON.stringify(value)}`
  }
  return {
    kinds: Object.fromEntries([...kinds].sort(([a], [b]) => (a < b ? -1 : 1))),
    types: Object.fromEntries([...types].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/** `2 in=VolumeSource:2`, the first being the field's own number, the second that of the message that it is inlined from. */
function numbers({ protobuf = '', embedded = [] }: GoField): string[] {
  const all = protobuf.split(';').map((tag) => /^\w+,(\d+)/.exec(tag)?.[1] ?? '0')
  const own = all.pop() as string
  return [
    own,
    ...embedded.filter((name) => name !== 'TypeMeta').map((name, index) => `in=${name}:${all[index] ?? fail(`${name} has no number`)}`),
  ]
}

/** Names that the documents and the Go type do not share would be a mistake of this script. */
function checkNames(model: string, fields: readonly [string, string][], definition: Definition | undefined): void {
  const names = fields.map(([name]) => name)
  if (new Set(names).size < names.length) fail(`${model} has a field twice`)
  for (const name of names) if (name in Object.prototype) fail(`${model} has a field that every object has: ${name}`)
  if (definition?.properties === undefined) return
  const documented = Object.keys(definition.properties)
  if (documented.sort().join() !== names.sort().join())
    fail(`${model}: the server documents ${documented.join()}, its Go type has ${names.join()}`)
}

/** `k8s.io/api/core/v1.PodPhase` → `v1.PodPhase` */
const packageName = (key: string): string => key.slice(key.lastIndexOf('/') + 1)

const elem = (shape: GoShape): GoShape => shape.elem ?? fail(`${shape.kind} has no elements`)

const fail = (message: string): never => {
  throw new Error(message)
}
