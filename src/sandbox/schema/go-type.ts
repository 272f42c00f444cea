/** Go's names of types, as error messages of the server's decoder tell them. */
import type { Schema } from './schema.ts'

/** `int32`, `[]v1.Container`, `map[string]string`, `v1.PodSpec` */
export function goTypeOf(schema: Schema): string {
  switch (schema.kind) {
    case 'struct':
      return goName(schema.fullName)
    case 'scalar':
      return schema.goType
    case 'map':
    case 'list':
      return schema.goType ?? ''
    case 'any':
      return schema.either === undefined ? 'interface {}' : goName(schema.either.struct.fullName)
  }
}

/** `io.k8s.api.core.v1.PodSpec` → `v1.PodSpec` */
export const goName = (fullName: string): string => fullName.split('.').slice(-2).join('.')
