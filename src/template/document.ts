/** What a rendered document has to be: one Kubernetes object, without what the server alone writes. */
import { displayName, groupKind, gvkOf, isMap, type KubernetesObject } from '../api/object.ts'
import { formatPosition, type Problem } from '../api/problem.ts'
import type { RenderedDocument } from '../reconcile/program.ts'
import type { RenderedTree } from './render.ts'
import { isSecretHandle } from './secret.ts'
import { strayInIdentity } from './secret-places.ts'
import { describeValue, type Inserted, omit } from './value.ts'

const serverFields = ['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'managedFields', 'selfLink']

/** The objects of a document: one, those of a `kind: List`, or none where it is empty. */
export function toDocuments(tree: RenderedTree): { documents: RenderedDocument[]; problems: Problem[] } {
  const { value } = tree
  if (value === null || value === omit) return { documents: [], problems: [] }
  const problems: Problem[] = []
  const refuse = (message: string, path: readonly (string | number)[] = [], remedy?: string): void =>
    void problems.push({ code: 'DOCUMENT_INVALID', message, at: tree.positionOf(path), ...(remedy && { remedy }) })
  if (!isObject(value)) {
    refuse(`a document has to be a map, not ${describeValue(value)}`)
    return { documents: [], problems }
  }
  if (value.kind === 'List' && value.apiVersion === 'v1') {
    const { items } = value
    if (!Array.isArray(items)) {
      refuse('a List has to have items', ['items'])
      return { documents: [], problems }
    }
    const parts = items.map((item, index) =>
      toDocuments({
        value: item,
        position: tree.positionOf(['items', index]),
        positionOf: (path) => tree.positionOf(['items', index, ...path]),
        isLiteral: (path) => tree.isLiteral(['items', index, ...path]),
      }),
    )
    return { documents: parts.flatMap((part) => part.documents), problems: parts.flatMap((part) => part.problems) }
  }
  problems.push(...strayInIdentity(tree))
  if (problems.length > 0) return { documents: [], problems }
  for (const key of ['apiVersion', 'kind']) {
    const text = value[key]
    if (typeof text !== 'string' || text === '')
      refuse(`${key} has to be a string${text === undefined ? ', and is missing' : ''}`, text === undefined ? [] : [key])
  }
  const { metadata } = value
  if (!isObject(metadata)) refuse('metadata has to be a map with a name', metadata === undefined ? [] : ['metadata'])
  else {
    const { name } = metadata
    if (typeof name !== 'string' || name === '')
      refuse(
        `metadata.name has to be a string${name === undefined ? ', and is missing' : ''}`,
        name === undefined ? ['metadata'] : ['metadata', 'name'],
        'generateName' in metadata ? 'generateName would make a new object on every pass' : undefined,
      )
    if ('namespace' in metadata && (typeof metadata.namespace !== 'string' || metadata.namespace === ''))
      refuse('metadata.namespace has to be a string', ['metadata', 'namespace'])
    for (const field of serverFields)
      if (field in metadata) refuse(`metadata.${field} is written by the server alone`, ['metadata', field], 'leave it out')
    for (const field of ['labels', 'annotations']) problems.push(...checkTexts(tree, metadata[field], field))
  }
  if (problems.length > 0) return { documents: [], problems }
  const { position, positionOf, isLiteral } = tree
  return { documents: [{ object: value as unknown as KubernetesObject, position, positionOf, isLiteral }], problems }
}

/** Labels and annotations hold strings; a number here is the most common slip, and the server's answer to it names no line. */
function checkTexts(tree: RenderedTree, map: Inserted | undefined, field: string): Problem[] {
  if (map === undefined || map === null) return []
  if (!isObject(map))
    return [{ code: 'DOCUMENT_INVALID', message: `metadata.${field} has to be a map`, at: tree.positionOf(['metadata', field]) }]
  return Object.keys(map)
    .filter((key) => typeof map[key] !== 'string')
    .map((key) => ({
      code: 'DOCUMENT_INVALID',
      message: `metadata.${field}[${JSON.stringify(key)}] has to be a string, not ${describeValue(map[key])}`,
      at: tree.positionOf(['metadata', field, key]),
      remedy: 'put it in quotes',
    }))
}

/** Problems for objects that stand twice; `namespace` is that of the primary, which documents without one get. */
export function duplicates(documents: readonly RenderedDocument[], namespace: string | undefined): Problem[] {
  const first = new Map<string, RenderedDocument>()
  const problems: Problem[] = []
  for (const document of documents) {
    const { object } = document
    const key = `${groupKind(gvkOf(object))}/${object.metadata.namespace ?? namespace ?? ''}/${object.metadata.name}`
    const other = first.get(key)
    if (!other) first.set(key, document)
    else
      problems.push({
        code: 'DOCUMENT_DUPLICATE',
        message: `${displayName(object)} is rendered twice: first at ${formatPosition(other.position)}`,
        at: document.position,
      })
  }
  return problems
}

const isObject = (value: unknown): value is { [key: string]: Inserted } => isMap(value) && !isSecretHandle(value)
