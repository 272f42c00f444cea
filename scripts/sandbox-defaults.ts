/**
 * Finds out what a server fills in: the table src/sandbox/tables/defaults.json.
 *
 * Each probe is created as a dry run, and the answer compared with what was sent. What a field of a Go type got in every place where it was
 * absent is its default; what it got in some places only depends on something else, and is left to the code in src/sandbox/defaults.
 */
import { gvkOf, type JsonObject, type JsonValue } from '../src/api/object.ts'
import { isAbsent } from '../src/sandbox/defaults/absence.ts'
import { decode } from '../src/sandbox/schema/decode.ts'
import type { Schema, StructSchema } from '../src/sandbox/schema/schema.ts'
import { createTypes } from '../src/sandbox/schema/types.ts'
import type { TypesTable } from '../src/sandbox/tables/types.ts'
import type { DefaultsTable } from '../src/sandbox/tables/defaults.ts'
import type { Requester } from '../test/controlplane/request.ts'
import { parents, probeNamespace, probes } from './sandbox-probes.ts'

/** What admission and the strategies of the kinds fill in: not defaults of a type. `Type.field`. */
export const preparedFields: ReadonlySet<string> = new Set([
  'PodSpec.nodeName',
  'PodSpec.preemptionPolicy',
  'PodSpec.priority',
  'PodSpec.serviceAccount',
  'PodSpec.serviceAccountName',
  'PodSpec.tolerations',
  'PodSpec.volumes',
  'Container.volumeMounts',
  'PersistentVolumeStatus.lastPhaseTransitionTime',
  'PersistentVolumeStatus.phase',
  'ServiceSpec.clusterIP',
  'ServiceSpec.clusterIPs',
  'ServiceSpec.healthCheckNodePort',
  'ServiceSpec.ipFamilies',
  'ServiceSpec.ipFamilyPolicy',
  'ServicePort.nodePort',
  'PersistentVolumeClaimSpec.dataSource',
  'PersistentVolumeClaimSpec.dataSourceRef',
  'NamespaceSpec.finalizers',
  'NodeSpec.taints',
  'JobSpec.selector',
  'TokenRequestSpec.audiences',
  'Secret.data',
  'Secret.stringData',
  'APIServiceStatus.conditions',
  'FlowSchemaStatus.conditions',
  'PriorityLevelConfigurationStatus.conditions',
  'CustomResourceDefinitionSpec.preserveUnknownFields',
])

/** Names that follow from others: rules know them, and no table can. */
const derivedFields = new Set([
  'ReplicationControllerSpec.selector',
  'HorizontalPodAutoscalerSpec.targetCPUUtilizationPercentage',
  'CustomResourceDefinitionNames.listKind',
  'CustomResourceDefinitionNames.singular',
  'CustomResourceDefinitionStatus.storedVersions',
  'LabelSelector.matchLabels',
])

/** What the server writes by itself, field for field. */
export const writtenBySystem: ReadonlySet<string> = new Set(['ObjectMeta', 'PodStatus', 'TokenRequestStatus'])

/** What a field got where it was absent, by its JSON text; undefined for nothing. */
type Values = Map<string, JsonValue | undefined>

/** By `type field`: the values everywhere, and those by `kind path` of the places that no list leads to. */
type Observations = Map<string, { all: Values; places: Map<string, Values> }>

/** @param typesTable Recorded from the same server. */
export async function recordDefaults(server: Requester, typesTable: TypesTable): Promise<DefaultsTable> {
  await server.send('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: probeNamespace } } })
  for (const { path, object } of parents) await server.send('POST', path, { body: object })
  const types = createTypes(typesTable)
  const seen: Observations = new Map()
  for (const probe of probes) {
    const { status, body } = await server.send(probe.method, probe.path, {
      query: { dryRun: 'All', fieldValidation: 'Strict' },
      body: probe.object,
    })
    if (status >= 300) throw new Error(`${String(probe.object.kind)}: ${body.message}: ${JSON.stringify(probe.object)}`)
    const schema = types.typeOf(gvkOf(body))
    if (!schema) throw new Error(`there is no type for ${body.apiVersion} ${body.kind}`)
    // Zero values that are always written are no defaults.
    const sent = decode(schema, probe.object, [])
    observe(sent, body as unknown as JsonObject, schema, [schema.fullName], seen)
  }
  await server.send('DELETE', `/api/v1/namespaces/${probeNamespace}`)
  return { kubernetes: typesTable.kubernetes, types: constantDefaults(seen) }
}

/**
 * Notes what every field of `struct` that `sent` lacks has in `got`, and goes on with those that both have.
 *
 * @param place The type of the object and the fields from there to here; undefined if a list or a map lies between.
 */
function observe(sent: JsonObject, got: JsonObject, struct: StructSchema, place: readonly string[] | undefined, seen: Observations): void {
  if (writtenBySystem.has(struct.typeName)) return
  for (const field of struct.fields.values()) {
    const { name, schema } = field
    const inside = place && [...place, name]
    if (isAbsent(field, sent[name])) {
      const key = `${struct.fullName} ${name}`
      const found = entry(seen, key, () => ({ all: new Map(), places: new Map() }))
      const value = isAbsent(field, got[name]) ? undefined : got[name]
      found.all.set(JSON.stringify(value) ?? '', value)
      if (inside)
        entry(found.places, `${inside[0]} ${inside.slice(1).join('.')}`, (): Values => new Map()).set(JSON.stringify(value) ?? '', value)
    } else visit(sent[name], got[name], schema, inside, seen)
  }
}

function visit(
  sent: JsonValue | undefined,
  got: JsonValue | undefined,
  schema: Schema,
  place: readonly string[] | undefined,
  seen: Observations,
): void {
  if (schema.kind === 'struct' && isObject(sent) && isObject(got)) observe(sent, got, schema, place, seen)
  if (schema.kind === 'list' && Array.isArray(sent) && Array.isArray(got)) {
    sent.forEach((item: JsonValue, index) => visit(item, (got as JsonValue[])[index], schema.items, undefined, seen))
  }
  if (schema.kind === 'map' && isObject(sent) && isObject(got)) {
    for (const [key, value] of Object.entries(sent)) visit(value, got[key], schema.values, undefined, seen)
  }
}

const isObject = (value: JsonValue | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

function entry<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const found = map.get(key) ?? make()
  map.set(key, found)
  return found
}

/** A default of the type if it is the same wherever the type stands; else of the kinds in which it always is the same. */
function constantDefaults(seen: Observations): DefaultsTable['types'] {
  const types: Record<string, Record<string, JsonValue>> = {}
  const settle = (key: string, values: Values): boolean => {
    const [type, path] = key.split(' ') as [string, string]
    const [value] = values.values()
    if (values.size > 1) return false
    if (value !== undefined) (types[type] ??= {})[path] = value
    return true
  }
  for (const [key, { all, places }] of [...seen].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const name = key.slice(key.lastIndexOf('.') + 1).replace(' ', '.')
    if (preparedFields.has(name) || derivedFields.has(name)) continue
    if (settle(key, all)) continue
    const open = [...places].filter(([place, values]) => !settle(place, values))
    if (open.length > 0 || places.size === 0)
      console.error(`${key} depends on more: ${[...all.keys()].map((text) => text || 'nothing').join(' | ')}`)
  }
  return types
}
