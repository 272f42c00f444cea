/**
 * The replicas of an object as a Scale, whatever kind it is.
 *
 * (autoscaling/v1 Scale; apiextensions-apiserver, registry/customresource/etcd.go)
 */
import { isMap, type JsonObject, type JsonValue, type KubernetesObject } from '../../api/object.ts'
import type { Subresource } from './resource.ts'

export type ScaleSubresource = Extract<Subresource, { kind: 'scale' }>

export function scaleOf(object: KubernetesObject, { specReplicasPath, statusReplicasPath, selector }: ScaleSubresource): KubernetesObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const text = selector(object)
  const replicas = valueAt(object as unknown as JsonObject, specReplicasPath)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace && { namespace }),
      ...(uid && { uid }),
      ...(resourceVersion && { resourceVersion }),
      ...(creationTimestamp && { creationTimestamp }),
    },
    spec: replicas ? { replicas } : {},
    status: { replicas: valueAt(object as unknown as JsonObject, statusReplicasPath) ?? 0, ...(text && { selector: text }) },
  }
}

/** The object with other replicas; shares everything else. */
export const withReplicas = (object: KubernetesObject, path: string, replicas: number): KubernetesObject =>
  replaced(object as unknown as JsonObject, path.split('.'), replicas) as unknown as KubernetesObject

function replaced(object: JsonObject, [name, ...rest]: readonly string[], value: JsonValue): JsonObject {
  const key = name as string
  const below = Object.hasOwn(object, key) ? object[key] : undefined
  return { ...object, [key]: rest.length === 0 ? value : replaced((below ?? {}) as JsonObject, rest, value) }
}

export function valueAt(object: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = object
  for (const name of path.split('.')) {
    if (!isMap(value) || !Object.hasOwn(value, name)) return undefined
    value = (value as JsonObject)[name]
  }
  return value
}
