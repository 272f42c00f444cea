/**
 * Custom resources between the wire and the storage.
 *
 * Conversion between versions changes the apiVersion and nothing else; each version then shows what its own schema describes.
 * (apiextensions-apiserver, apiserver/customresource_handler.go, unstructuredSchemaCoercer; conversion/nop_converter.go)
 */
import type { JsonObject, KubernetesObject } from '../../api/object.ts'
import type { Codec } from '../registry/resource.ts'
import { badRequest } from '../status/api-error.ts'
import { coerceMetadata, MetadataTypeError } from './metadata.ts'
import { type Dropped, type Shape, ShapeError } from './shape.ts'
import { equalJson } from '../../api/equal.ts'

export interface CodecParts {
  readonly kind: string
  readonly version: string
  readonly apiVersion: string
  readonly storedApiVersion: string
  readonly shape: Shape
  readonly storedShape: Shape
  /** Stored objects may have another shape than this version's: there are several versions, or the schema was changed. */
  readonly reshape: boolean
}

export function codecOf(parts: CodecParts): Codec {
  const { kind, version, apiVersion, storedApiVersion, shape } = parts
  return {
    decode(body, problems) {
      const dropped: Dropped = { fields: [], embedded: [] }
      const unknown: string[] = []
      try {
        const object = shape(body, '', dropped) as Record<string, unknown>
        if (Object.hasOwn(body, 'metadata')) object['metadata'] = coerceMetadata(body['metadata'], unknown)
        for (const path of [...unknown.map((each) => `metadata.${each}`), ...dropped.fields.sort(), ...dropped.embedded.sort()])
          problems.push(`unknown field "${path}"`)
        return object as KubernetesObject
      } catch (error) {
        if (error instanceof MetadataTypeError || error instanceof ShapeError)
          throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${error.message}`)
        throw error
      }
    },
    toStorage: (object) => (apiVersion === storedApiVersion ? object : { ...object, apiVersion: storedApiVersion }),
    fromStorage: parts.reshape ? reshaping(parts) : (object) => object,
  }
}

/** What was read once is read again as the same object. */
function reshaping({ apiVersion, storedApiVersion, shape, storedShape }: CodecParts): Codec['fromStorage'] {
  const known = new WeakMap<KubernetesObject, KubernetesObject>()
  return (object) => {
    let shown = known.get(object)
    if (shown === undefined) {
      const converted = reshaped(object, apiVersion === storedApiVersion ? [shape] : [storedShape, shape])
      // What was stored at another version keeps its name in the storage.
      shown = converted.apiVersion === apiVersion ? converted : { ...converted, apiVersion }
      known.set(object, shown)
      known.set(shown, shown)
    }
    return shown
  }
}

function reshaped(object: KubernetesObject, shapes: readonly Shape[]): KubernetesObject {
  const result = shapes.reduce<unknown>((value, shape) => shape(value, '', { fields: [], embedded: [] }), object as unknown as JsonObject)
  return equalJson(result, object) ? object : (result as KubernetesObject)
}
