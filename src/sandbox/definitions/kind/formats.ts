/**
 * Formats that the server will not check; a definition that has one gets a warning.
 *
 * (apiextensions-apiserver, registry/customresourcedefinition/strategy.go)
 */
import type { Definition } from '../definition.ts'
import type { SchemaProps } from '../json-schema.ts'
import { effectiveFormat } from '../validation/formats.ts'
import { subschemas } from './subschemas.ts'

export const unrecognizedFormats = ({ spec }: Definition): string[] =>
  spec.versions.flatMap(({ schema }) => (schema?.openAPIV3Schema ? formatsIn(schema.openAPIV3Schema) : []))

function formatsIn(schema: SchemaProps): string[] {
  // int-or-string is no type here.
  const { format = '', type } = schema
  const own = format !== '' && effectiveFormat({ format, ...(type !== undefined && { type }) }) === '' ? [format] : []
  return [...own, ...subschemas(schema).flatMap(formatsIn)]
}
