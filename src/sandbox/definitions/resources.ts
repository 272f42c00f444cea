/**
 * The resources that a definition serves.
 *
 * (apiextensions-apiserver, apiserver/customresource_handler.go and customresource_discovery_controller.go)
 */
import type { JsonObject, KubernetesObject } from '../../api/object.ts'
import { storageVersionHash } from '../discovery/storage-version-hash.ts'
import { equalJson } from '../../api/equal.ts'
import type { Resource, Subresource } from '../registry/resource.ts'
import { notImplemented } from '../status/api-error.ts'
import { number } from '../status/go-text.ts'
import { applySchema } from './apply-schema.ts'
import { codecOf } from './codec.ts'
import { columnsOf } from './columns.ts'
import { type Definition, definitionOf, hasCondition, storageOf, type Version } from './definition.ts'
import { deprecationWarning } from './deprecation.ts'
import { parseJsonPath } from './json-path.ts'
import type { SchemaProps } from './json-schema.ts'
import { scaleSubresource } from './scale.ts'
import { compileShape, type Shape } from './shape.ts'
import { strategyOf } from './strategy.ts'

const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']
/** Objects that are there can be changed, for else their finalizers would stay. (customresource_handler.go) */
const whileTerminating = {
  announcedVerbs: ['delete', 'deletecollection', 'get', 'list', 'watch'],
  createForbidden: 'create not allowed while custom resource definition is terminating',
}

/** What the definition serves now: nothing before it is established. */
export function servedResources(definition: KubernetesObject): Resource[] {
  return hasCondition(definitionOf(definition), 'Established') ? customResources(definition) : []
}

/** Whether a change of a definition changes nothing of what it serves: most are changes of its status. */
export const servesTheSame = (before: KubernetesObject, after: KubernetesObject): boolean =>
  isSameStorage(before, after) &&
  ['Established', 'Terminating'].every((type) => hasCondition(definitionOf(before), type) === hasCondition(definitionOf(after), type))

/** Whether its objects are still shown in the same way. */
export function isSameStorage(before: KubernetesObject, after: KubernetesObject): boolean {
  const [old, next] = [definitionOf(before), definitionOf(after)]
  return equalJson(old.spec, next.spec) && equalJson(old.status?.acceptedNames, next.status?.acceptedNames)
}

/** One resource for each served version, by the names that were accepted. The definition must be valid and defaulted. */
export function customResources(definition: KubernetesObject): Resource[] {
  const typed = definitionOf(definition)
  const { versions } = typed.spec
  const stored = versions.find(({ storage }) => storage)
  if (stored === undefined) return []
  const storedShape = compileShape(schemaOf(stored))
  return versions.filter(({ served }) => served).map((version) => resourceOf(typed, version, stored, storedShape))
}

const schemaOf = ({ schema }: Version): SchemaProps => schema?.openAPIV3Schema ?? { 'x-kubernetes-preserve-unknown-fields': true }

function resourceOf(definition: Definition, version: Version, stored: Version, storedShape: Shape): Resource {
  const { spec, status, metadata } = definition
  const names = status?.acceptedNames?.plural ? status.acceptedNames : spec.names
  const { kind, plural } = names
  const { group, versions } = spec
  const schema = schemaOf(version)
  const apiVersion = `${group}/${version.name}`
  const storedApiVersion = `${group}/${stored.name}`
  const codec = codecOf({
    kind,
    version: version.name,
    apiVersion,
    storedApiVersion,
    shape: version === stored ? storedShape : compileShape(schema),
    storedShape,
    reshape: versions.length > 1 || (metadata.generation ?? 1) > 1,
  })
  const webhook = spec.conversion?.strategy === 'Webhook'
  const converting = webhook && version !== stored
  const warning = deprecationWarning(spec, version)
  return {
    group,
    version: version.name,
    resource: plural,
    singular: names.singular ?? kind.toLowerCase(),
    kind,
    listKind: names.listKind ?? `${kind}List`,
    namespaced: spec.scope === 'Namespaced',
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    verbs,
    ...(hasCondition(definition, 'Terminating') && whileTerminating),
    storage: storageOf(definition),
    ...(version !== stored && { storedApiVersion }),
    schema: applySchema(schema),
    codec: converting ? { ...codec, toStorage: refuseConversion, fromStorage: refuseConversion } : codec,
    strategy: strategyOf(schema, version, version === stored ? (object) => object : codec.fromStorage),
    subresources: subresourcesOf(version),
    columns: columnsOf(version.additionalPrinterColumns),
    selectableFields: selectableFieldsOf(version),
    openApiSchema: schema as unknown as JsonObject,
    storageVersionHash: storageVersionHash({ group, version: stored.name, kind }),
    ...(warning !== undefined && { warnings: [warning] }),
  }
}

function refuseConversion(): never {
  throw notImplemented('conversion webhooks of custom resources')
}

function subresourcesOf({ subresources = {} }: Version): ReadonlyMap<string, Subresource> {
  const found = new Map<string, Subresource>()
  if (subresources.status) found.set('status', { kind: 'status' })
  if (subresources.scale) found.set('scale', scaleSubresource(subresources.scale))
  return found
}

function selectableFieldsOf({ selectableFields = [] }: Version): Resource['selectableFields'] {
  return new Map(
    selectableFields.map(({ jsonPath }) => {
      const path = parseJsonPath(jsonPath)
      return [jsonPath.replace(/^\./, ''), (object: KubernetesObject) => selected(path(object)[0])]
    }),
  )
}

const selected = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'number' ? number(value) : String(value)
