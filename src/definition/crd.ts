/** The CustomResourceDefinition of a watched kind, found among a chart's own files. */
import { groupKind, type GroupVersionKind, isMap, type JsonObject } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import { type StructuralSchema } from '../api/schema/structural.ts'
import { member, type Node, nodeAt, type PlainValue, toValue } from '../yaml/node.ts'
import { readYaml } from '../yaml/read.ts'
import type { ProjectCrd } from './definition.ts'
import { schemaProblems } from './validate.ts'

/**
 * Looks through `crds/` for the kind. Without one there is no schema: nothing is defaulted or pruned offline, and a warning says so.
 * `nameOf` gives a file the name that problems show; `owner` is what has the folder.
 */
export function findCrd(
  files: ReadonlyMap<string, string | Uint8Array>,
  kind: GroupVersionKind,
  nameOf: (path: string) => string,
  owner = 'chart',
): { crd: ProjectCrd | undefined; problems: Problem[] } {
  const problems: Problem[] = []
  let crd: ProjectCrd | undefined
  let matched = false
  for (const [path, text] of files) {
    if (typeof text !== 'string' || !/^crds\/.*\.(ya?ml|json)$/.test(path)) continue
    const { documents, problems: unreadable } = readYaml(nameOf(path), text)
    problems.push(...unreadable)
    for (const document of documents) {
      if (!describes(document, kind)) continue
      matched = true
      const read = readCrd(document, kind)
      if (read.problems) problems.push(...read.problems)
      else crd ??= read.crd
    }
  }
  // The API server's own kinds, whose groups have no dot or end in k8s.io, need no definition.
  const builtIn = !kind.group.includes('.') || kind.group.endsWith('.k8s.io')
  if (!matched && !builtIn && problems.length === 0) problems.push(missing(kind, nameOf('crds'), owner))
  return { crd, problems }
}

const textAt = (node: Node, ...path: string[]): PlainValue | undefined => {
  let here: Node | undefined = node
  for (const step of path) here = member(here, step)
  return here?.kind === 'scalar' ? here.value : undefined
}

/** The value as a map; an empty one where it is something else. */
const mapOf = (value: unknown): { readonly [key: string]: unknown } => (isMap(value) ? value : {})

const describes = (document: Node, { group, kind }: GroupVersionKind): boolean =>
  textAt(document, 'kind') === 'CustomResourceDefinition' &&
  textAt(document, 'spec', 'group') === group &&
  textAt(document, 'spec', 'names', 'kind') === kind

/** The versions that a watch can name instead. */
function instead(versions: readonly { readonly [key: string]: unknown }[]): string {
  const served = versions.filter((each) => each['served'] !== false).map((each) => String(each['name']))
  return served.length > 0 ? `, or watch one that is: ${served.join(', ')}` : ''
}

function readCrd(document: Node, { version }: GroupVersionKind): { crd: ProjectCrd; problems?: undefined } | { problems: Problem[] } {
  const invalid = (path: string[], message: string, remedy: string): { problems: Problem[] } => ({
    problems: [{ code: 'CRD_INVALID', message, at: nodeAt(document, path).at, remedy }],
  })
  if (textAt(document, 'apiVersion') !== 'apiextensions.k8s.io/v1') {
    return invalid(
      ['apiVersion'],
      'a CustomResourceDefinition has apiVersion apiextensions.k8s.io/v1',
      'the API server has served no other since 1.22',
    )
  }
  const manifest = toValue(document) as JsonObject
  const spec = mapOf(manifest['spec'])
  const versions = (Array.isArray(spec['versions']) ? (spec['versions'] as unknown[]) : []).map(mapOf)
  const found = versions.find((candidate) => candidate['name'] === version)
  if (!found) {
    const names = versions.map((candidate) => String(candidate['name']))
    return invalid(['spec', 'versions'], `the CustomResourceDefinition has no version ${version}`, `it has: ${names.join(', ') || 'none'}`)
  }
  const index = String(versions.indexOf(found))
  if (found['served'] === false)
    return invalid(['spec', 'versions', index, 'served'], `version ${version} is not served`, `set served: true${instead(versions)}`)
  const schema = mapOf(found['schema'])['openAPIV3Schema']
  if (!isMap(schema) || schema['type'] !== 'object') {
    return invalid(
      ['spec', 'versions', index, 'schema'],
      `version ${version} has no schema.openAPIV3Schema of type object`,
      'the API server requires one',
    )
  }
  const schemaNode = nodeAt(document, ['spec', 'versions', index, 'schema', 'openAPIV3Schema'])
  const problems = schemaProblems(schema as StructuralSchema, (path) => nodeAt(schemaNode, path).at)
  if (problems.length > 0) return { problems }
  const plural = textAt(document, 'spec', 'names', 'plural')
  if (typeof plural !== 'string')
    return invalid(['spec', 'names'], 'names.plural is missing', 'give the plural that stands in URLs, e.g. apps')
  return {
    crd: {
      position: document.at,
      manifest,
      plural,
      namespaced: spec['scope'] !== 'Cluster',
      hasStatus: Object.hasOwn(mapOf(found['subresources']), 'status'),
      schema: schema as StructuralSchema,
    },
  }
}

const missing = (kind: GroupVersionKind, folder: string, owner: string): Problem => ({
  code: 'CRD_NOT_IN_CHART',
  message: `there is no CustomResourceDefinition of ${groupKind(kind)} in the ${owner}`,
  at: { file: folder },
  remedy: 'without it nothing is defaulted, pruned or checked before the cluster sees it; put its file there',
  severity: 'warning',
})
