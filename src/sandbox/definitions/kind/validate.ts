import type { FieldError } from '../../status/field-error.ts'
import type { Definition } from '../definition.ts'

export function validateDefinition(_definition: Definition): FieldError[] {
  return []
}

export function validateDefinitionUpdate(_definition: Definition, _old: Definition): FieldError[] {
  return []
}

export function validateDefinitionStatus(_definition: Definition): FieldError[] {
  return []
}
