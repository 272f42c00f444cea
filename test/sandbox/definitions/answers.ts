/** What the sandbox's custom resources say to a write, as a status or an object, and how to compare that with the real server's answer. */
import type { JsonObject, KubernetesObject } from '../../../src/api/object.ts'
import { customResources } from '../../../src/sandbox/definitions/resources.ts'
import type { SchemaProps } from '../../../src/sandbox/definitions/json-schema.ts'
import { validateObjectMeta } from '../../../src/sandbox/registry/object-meta.ts'
import type { Resource, WriteContext } from '../../../src/sandbox/registry/resource.ts'
import { ApiError, badRequest, invalid } from '../../../src/sandbox/status/api-error.ts'

export const definitionFor = (group: string, kind: string, schema: SchemaProps, version: object = {}): KubernetesObject => {
  const plural = `${kind.toLowerCase()}s`
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version }],
    },
  }
}

export const resourceFor = (definition: KubernetesObject): Resource => customResources(definition)[0] as Resource

const context = (): WriteContext => ({
  now: () => '2026-01-02T03:04:05Z',
  random: () => 0.5,
  objects: { get: () => undefined, list: () => [] },
  user: { username: 'test', groups: [] },
  dryRun: true,
  warnings: [],
})

/** The answer to a strict create, or to a strict update of `old` (as stored). */
export function answer(resource: Resource, body: JsonObject, old?: KubernetesObject): unknown {
  try {
    const problems: string[] = []
    const object = resource.codec.decode(body, problems)
    if (problems.length > 0)
      throw badRequest(
        `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: strict decoding error: ${problems.join(', ')}`,
      )
    object.metadata.namespace ??= 'x'
    const errors = validateObjectMeta(object.metadata, { namespaced: true })
    errors.push(
      ...((old ? resource.strategy.validateUpdate?.(object, old, context()) : resource.strategy.validate?.(object, context())) ?? []),
    )
    if (errors.length > 0) throw invalid(resource, object.metadata.name, errors)
    return object
  } catch (error) {
    if (error instanceof ApiError) return error.status()
    throw error
  }
}

/** Without what a server adds, and with the causes in one order: the real one walks maps in a random order. */
export function comparable(answered: unknown): unknown {
  const body = answered as KubernetesObject & { message?: string; details?: { causes?: { field?: string; message?: string }[] } }
  if (body.kind !== 'Status') return { spec: body['spec'], status: body['status'] }
  const causes = body.details?.causes
  if (!causes) return body
  const sorted = causes.map((cause) => JSON.stringify(cause)).sort()
  const parts = causes.map(({ field, message }) => `${field}: ${message}`)
  // The message holds the causes in their order; it is compared as the set of its parts.
  let rest = body.message ?? ''
  for (const part of parts.sort((a, b) => b.length - a.length)) rest = rest.replace(part, '')
  return { ...body, message: rest.replaceAll(/[ ,]+/g, ' '), details: { ...body.details, causes: sorted } }
}
