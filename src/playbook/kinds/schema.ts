/** Pieces of the JSON Schemas of inputs. */
import type { JsonObject } from '../../api/object.ts'

export const text = { type: 'string', minLength: 1 } as const
export const texts = { type: 'array', items: { type: 'string' } } as const
export const bool = { type: 'boolean' } as const
export const count = { type: 'integer', minimum: 0 } as const
export const anyMap = { type: 'object' } as const
/** Of texts; numbers and booleans are written out. */
export const textMap = { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } } as const
export const duration = { type: 'string', pattern: '^([0-9.]+(ms|s|m|h))+$', description: 'A duration such as 1m30s.' } as const
/** An expression, a rule of JSON Logic, or a value that needs none. */
export const expression: JsonObject = {
  type: ['string', 'number', 'boolean', 'object'],
  description: 'An expression, or a rule of JSON Logic.',
}

export const map = (properties: JsonObject, ...required: string[]): JsonObject => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
  additionalProperties: false,
})
