/**
 * What an object of a built-in kind is before anything is written into it: the fields that its Go type cannot leave out.
 *
 * A create is compared with it. That is why nobody owns the `spec` of a Deployment itself: it was there before, unlike the optional parts.
 * Custom resources have nothing but their names. (apimachinery, runtime.ObjectCreater; encoding/json, omitempty)
 */
import type { JsonObject, JsonValue, KubernetesObject } from '../../api/object.ts'
import type { Schema } from '../schema/schema.ts'
import { define } from './shape.ts'

export function zeroObject(schema: Schema, { apiVersion, kind }: { apiVersion: string; kind: string }): KubernetesObject {
  return { ...(zeroOf(schema) as JsonObject), apiVersion, kind } as KubernetesObject
}

function zeroOf(schema: Schema): JsonValue {
  switch (schema.kind) {
    case 'struct': {
      const zero: Record<string, JsonValue | undefined> = {}
      for (const field of schema.fields.values()) if (field.omit === 'never') define(zero, field.name, zeroOf(field.schema))
      return zero
    }
    case 'map':
    case 'list':
    case 'any':
      return null
    case 'scalar':
      switch (schema.type) {
        case 'string':
          return ''
        case 'integer':
        case 'number':
        case 'intOrString':
          return 0
        case 'boolean':
          return false
        case 'quantity':
          return '0'
        case 'duration':
          return '0s'
        case 'bytes':
        case 'time':
        case 'microTime':
          return null
      }
  }
}
