/**
 * Finds out what a server fills in: the table src/sandbox/tables/defaults.json.
 *
 * Each probe is created as a dry run, and the answer compared with what was sent. What a field of a Go type got in every place where it was
 * absent is its default; what it got in some places only depends on something else, and is left to the code in src/sandbox/defaults.
 */
import type { JsonObject, JsonValue } from '../src/api/object.ts'
import type { DefaultsTable } from '../src/sandbox/tables/defaults.ts'
import type { Requester } from '../test/controlplane/request.ts'
import { type Probe, probeNamespace, probes } from './sandbox-probes.ts'

/** What is filled in by admission and by the strategies of the kinds: not a default of the type. `Type.field`. */
const notDefaults = new Set([
  'PodSpec.preemptionPolicy',
  'PodSpec.priority',
  'PodSpec.serviceAccount',
  'PodSpec.serviceAccountName',
  'PodSpec.tolerations',
  'PodSpec.volumes',
  'Container.volumeMounts',
  'PodStatus.phase',
  'PodStatus.qosClass',
  'PodStatus.observedGeneration',
  'ServiceSpec.clusterIP',
  'ServiceSpec.clusterIPs',
  'ServiceSpec.ipFamilies',
  'ServiceSpec.ipFamilyPolicy',
  'ServicePort.nodePort',
  'PersistentVolumeClaimSpec.dataSourceRef',
  'NamespaceSpec.finalizers',
  'NodeSpec.taints',
  'JobSpec.selector',
  'APIServiceStatus.conditions',
  'FlowSchemaStatus.conditions',
  'PriorityLevelConfigurationStatus.conditions',
  'CustomResourceDefinitionSpec.preserveUnknownFields',
])

interface OpenApiSchema {
  $ref?: string
  allOf?: OpenApiSchema[]
  items?: OpenApiSchema
  additionalProperties?: OpenApiSchema
  properties?: Record<string, OpenApiSchema>
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[]
}

/** What each field got where it was absent; undefined for nothing. */
type Observations = Map<string, Map<string, JsonValue | undefined>>

export async function recordDefaults(server: Requester, kubernetes: string): Promise<DefaultsTable> {
  await server.send('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: probeNamespace } } })
  const schemas = new Map<string, Record<string, OpenApiSchema>>()
  const seen: Observations = new Map()
  for (const probe of probes) {
    const apiVersion = String(probe.object.apiVersion)
    let known = schemas.get(apiVersion)
    if (!known) {
      known = await openApiSchemas(server, apiVersion)
      schemas.set(apiVersion, known)
    }
    const { status, body } = await server.send('POST', pathOf(probe), {
      query: { dryRun: 'All', fieldValidation: 'Strict' },
      body: probe.object,
    })
    if (status !== 201) throw new Error(`${String(probe.object.kind)}: ${body.message}: ${JSON.stringify(probe.object)}`)
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
    const root = Object.entries(known).find(([, schema]) =>
      schema['x-kubernetes-group-version-kind']?.some(
        (kind) => kind.group === group && kind.version === version && kind.kind === body.kind,
      ),
    )
    if (!root) throw new Error(`no schema for ${apiVersion} ${body.kind}`)
    observe(probe.object, body as unknown as JsonObject, root[0], known, seen)
  }
  await server.send('DELETE', `/api/v1/namespaces/${probeNamespace}`)
  return { kubernetes, types: constantDefaults(seen) }
}

const openApiSchemas = async (server: Requester, apiVersion: string): Promise<Record<string, OpenApiSchema>> => {
  const path = `/openapi/v3/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}`
  const { body } = await server.send<{ components: { schemas: Record<string, OpenApiSchema> } }>('GET', path)
  return body.components.schemas
}

export function pathOf({ resource, namespaced, object }: Probe): string {
  const apiVersion = String(object.apiVersion)
  return `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}/${namespaced ? `namespaces/${probeNamespace}/` : ''}${resource}`
}

/** Notes what every field of `type` that `sent` lacks has in `got`, and goes on with those that both have. */
function observe(sent: JsonObject, got: JsonObject, type: string, schemas: Record<string, OpenApiSchema>, seen: Observations): void {
  if (type.endsWith('.ObjectMeta')) return
  for (const [field, schema] of Object.entries(schemas[type]?.properties ?? {})) {
    const [before, after] = [sent[field], got[field]]
    if (before === undefined) note(seen, type, field, after)
    visit(before ?? emptyLike(after), after, schema, schemas, seen)
  }
}

/** What the server added as a whole has defaults of its own inside. */
const emptyLike = (value: JsonValue | undefined): JsonValue | undefined => (isObject(value) ? {} : undefined)

function visit(
  sent: JsonValue | undefined,
  got: JsonValue | undefined,
  schema: OpenApiSchema,
  schemas: Record<string, OpenApiSchema>,
  seen: Observations,
): void {
  const type = (schema.$ref ?? schema.allOf?.[0]?.$ref)?.slice('#/components/schemas/'.length)
  if (Array.isArray(sent) && Array.isArray(got)) {
    const { items } = schema
    if (items) sent.forEach((item: JsonValue, index) => visit(item, (got as JsonValue[])[index], items, schemas, seen))
  } else if (isObject(sent) && isObject(got)) {
    const { additionalProperties } = schema
    if (type) observe(sent, got, type, schemas, seen)
    else if (additionalProperties)
      for (const [key, value] of Object.entries(sent)) visit(value, got[key], additionalProperties, schemas, seen)
  }
}

const isObject = (value: JsonValue | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

function note(seen: Observations, type: string, field: string, value: JsonValue | undefined): void {
  const key = `${type} ${field}`
  const values = seen.get(key) ?? new Map<string, JsonValue | undefined>()
  values.set(JSON.stringify(value) ?? '', value)
  seen.set(key, values)
}

function constantDefaults(seen: Observations): DefaultsTable['types'] {
  const types: Record<string, Record<string, JsonValue>> = {}
  for (const [key, values] of [...seen].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const [type, field] = key.split(' ') as [string, string]
    if (notDefaults.has(`${type.slice(type.lastIndexOf('.') + 1)}.${field}`)) continue
    const [value] = values.values()
    if (values.size > 1) console.error(`${key} depends on more: ${[...values.keys()].map((text) => text || 'nothing').join(' | ')}`)
    else if (value !== undefined) (types[type] ??= {})[field] = value
  }
  return types
}
