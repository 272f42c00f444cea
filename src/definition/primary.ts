/**
 * Custom resources from files, made what the API server would make of them: unknown fields dropped, defaults filled in, then checked.
 */
import { apiVersionOf, gvkOf, isMap, type KubernetesObject } from '../api/object.ts'
import { nearest } from '../api/nearest.ts'
import type { Position, Problem } from '../api/problem.ts'
import { applyDefaults } from '../api/schema/defaults.ts'
import { prune } from '../api/schema/prune.ts'
import { schemaAt } from '../api/schema/at.ts'
import { member, type Node, nodeAt, toValue } from '../yaml/node.ts'
import { readYaml } from '../yaml/read.ts'
import type { Definition, Watch } from './definition.ts'
import { route } from './routing.ts'
import { createValidator, formatPath } from './validate.ts'

export interface AdmittedPrimary {
  watch: Watch
  primary: KubernetesObject
}

/** The custom resources of a text, each with the watch that takes it, and every reason why one cannot be taken. */
export function readPrimaries(definition: Definition, file: string, text: string): { primaries: AdmittedPrimary[]; problems: Problem[] } {
  const { documents, problems } = readYaml(file, text)
  if (documents.length === 0 && problems.length === 0) {
    problems.push({
      code: 'CR_INVALID',
      message: 'the file holds no custom resource',
      at: { file },
      remedy: 'it needs apiVersion, kind, metadata and spec',
    })
  }
  const primaries: AdmittedPrimary[] = []
  for (const document of documents.flatMap(itemsOf)) {
    const admitted = readPrimary(definition, document)
    problems.push(...admitted.problems)
    if (admitted.primary) primaries.push(admitted.primary)
  }
  return { primaries, problems }
}

/** Those of a list, as `kubectl get -o yaml` prints several; else the document itself. */
function itemsOf(document: Node): readonly Node[] {
  const [kind, items] = [member(document, 'kind'), member(document, 'items')]
  return kind?.kind === 'scalar' && kind.text.endsWith('List') && items?.kind === 'sequence' ? items.items : [document]
}

function readPrimary(definition: Definition, document: Node): { primary?: AdmittedPrimary; problems: Problem[] } {
  const object = toValue(document)
  const problems = checkIdentity(object, document)
  if (problems.length > 0) return { problems }
  const primary = object as unknown as KubernetesObject
  const watch = watchFor(definition, primary)
  return watch ? admit(watch, inNamespace(watch, primary), document) : { problems: [unwatched(definition, primary, document)] }
}

/** The first watch of the kind whose selector matches, as in the running operator; every namespace counts as selected. */
export function watchFor({ watches }: Definition, object: KubernetesObject): Watch | undefined {
  const ofKind = watches.filter(({ kind }) => kind.kind === object.kind && apiVersionOf(kind) === object.apiVersion)
  const taken = route(ofKind, object, undefined)
  return taken === 'unknown' ? undefined : taken
}

/** Where a file names no namespace, kubectl would put the object into this one. */
const inNamespace = (watch: Watch, object: KubernetesObject): KubernetesObject =>
  watch.crd?.namespaced === false || object.metadata.namespace
    ? object
    : { ...object, metadata: { ...object.metadata, namespace: 'default' } }

function admit({ crd, ...watch }: Watch, object: KubernetesObject, document: Node): { primary?: AdmittedPrimary; problems: Problem[] } {
  if (!crd) return { primary: { watch: { ...watch, crd }, primary: object }, problems: [] }
  const { value, dropped } = prune(crd.schema, object)
  const primary = applyDefaults(crd.schema, value)
  const problems = dropped.map((path): Problem => {
    const parent = schemaAt(crd.schema, path.slice(0, -1))
    const near = parent.kind === 'described' ? nearest(String(path.at(-1)), Object.keys(parent.schema.properties ?? {})) : undefined
    const message = `${formatPath(path)} is not in the schema, and the API server would drop it`
    return {
      code: 'CR_INVALID',
      message,
      at: keyPosition(document, path),
      severity: 'warning',
      ...(near ? { remedy: `did you mean "${near}"?` } : {}),
    }
  })
  const errors = createValidator(crd.schema)(primary, (path) => nodeAt(document, path).at)
  problems.push(...errors)
  return errors.length > 0 ? { problems } : { primary: { watch: { ...watch, crd }, primary }, problems }
}

/** Where a key stands, rather than its value. */
function keyPosition(document: Node, path: readonly (string | number)[]): Position {
  const parent = nodeAt(document, path.slice(0, -1))
  const entry = parent.kind === 'mapping' ? parent.entries.find(({ key }) => key.text === String(path.at(-1))) : undefined
  return entry?.key.at ?? parent.at
}

function checkIdentity(object: unknown, document: Node): Problem[] {
  const problem = (path: string[], message: string, remedy: string): Problem => ({
    code: 'CR_INVALID',
    message,
    at: nodeAt(document, path).at,
    remedy,
  })
  if (!isMap(object)) return [problem([], 'a custom resource is a map', 'it needs apiVersion, kind, metadata and spec')]
  const problems: Problem[] = []
  for (const field of ['apiVersion', 'kind'] as const) {
    if (typeof object[field] !== 'string')
      problems.push(problem([field], `${field} is missing or no text`, 'e.g. apiVersion: app.company.com/v1alpha1, kind: App'))
  }
  const metadata = object['metadata']
  if (!isMap(metadata) || typeof metadata['name'] !== 'string') {
    problems.push(problem(['metadata'], 'metadata.name is missing or no text', 'give the object a name'))
  }
  return problems
}

function unwatched(definition: Definition, object: KubernetesObject, document: Node): Problem {
  const { kind } = gvkOf(object)
  const sameKind = definition.watches.find((watch) => watch.kind.kind === kind && apiVersionOf(watch.kind) === object.apiVersion)
  const known = [...new Set(definition.watches.map((watch) => `${apiVersionOf(watch.kind)} ${watch.kind.kind}`))]
  return {
    code: 'CR_INVALID',
    message: sameKind ? `no watch selects this ${kind} by its labels` : `no watch takes ${object.apiVersion} ${kind}`,
    at: nodeAt(document, [sameKind ? 'metadata' : 'kind']).at,
    remedy: sameKind ? 'see selector in watches.yaml' : `watches.yaml has: ${known.join(', ')}`,
  }
}
