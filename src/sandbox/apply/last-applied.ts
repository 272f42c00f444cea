/**
 * The annotation in which `kubectl apply` without `--server-side` remembers what it applied.
 *
 * When kubectl turns to server-side apply, it need not force what it itself applied before: conflicts about values that are still as the
 * annotation says are forced for it, and the annotation is kept up. Both only for the manager that is called `kubectl`.
 * (apimachinery, managedfields/internal: lastappliedmanager.go, lastappliedupdater.go)
 */
import { isMap, type JsonObject, type JsonValue, type KubernetesObject } from '../../api/object.ts'
import { difference, type FieldSet } from '../../fields/set.ts'
import { json } from '../status/go-text.ts'
import { compareObjects } from './compare.ts'
import { setOf } from './to-set.ts'
import { shapeProblem } from './validate.ts'
import type { VersionOfKind } from './versions.ts'

export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

/** All annotations together, in bytes. */
const annotationsLimit = 256 * 1024

/** What the annotation holds; empty if there is none. */
export const lastAppliedOf = ({ metadata }: KubernetesObject): string => {
  const annotations = metadata.annotations as Record<string, string> | undefined
  return (annotations && Object.hasOwn(annotations, lastAppliedAnnotation) && annotations[lastAppliedAnnotation]) || ''
}

/** The paths whose values are as the annotation says; undefined without a usable annotation. */
export function stillAsApplied(live: KubernetesObject, apiVersion: string, { schema }: VersionOfKind): FieldSet | undefined {
  const text = lastAppliedOf(live)
  if (!text) return undefined
  let applied: JsonValue
  try {
    applied = JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
  if (!isMap(applied) || applied['apiVersion'] !== apiVersion || !applied['kind']) return undefined
  if (shapeProblem(schema, applied) || shapeProblem(schema, live as JsonObject)) return undefined
  const { added, modified, removed } = compareObjects(schema, applied, live as JsonObject)
  return difference(difference(difference(setOf(schema, applied), modified), added), removed)
}

/** The object with the annotation as of this configuration, if it has the annotation. Without it if the annotations become too large. */
export function withLastApplied(object: KubernetesObject, configuration: JsonObject): KubernetesObject {
  if (!lastAppliedOf(object)) return object
  const annotations: Record<string, string> = { ...object.metadata.annotations, [lastAppliedAnnotation]: lastAppliedText(configuration) }
  let size = 0
  for (const [name, value] of Object.entries(annotations)) size += Buffer.byteLength(name) + Buffer.byteLength(String(value))
  if (size > annotationsLimit) delete annotations[lastAppliedAnnotation]
  return { ...object, metadata: { ...object.metadata, annotations } }
}

function lastAppliedText(configuration: JsonObject): string {
  const metadata = configuration['metadata'] as JsonObject
  const annotations = metadata['annotations']
  if (!isMap(annotations)) return `${json(configuration)}\n`
  const { [lastAppliedAnnotation]: _, ...others } = annotations
  return `${json({ ...configuration, metadata: { ...metadata, annotations: others } })}\n`
}
