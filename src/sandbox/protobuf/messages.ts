/**
 * Which fields a message has: a struct's schema, by the numbers of its encoding.
 *
 * A struct that Go inlines into another is a message of its own here, so that one schema becomes a small tree of messages.
 */
import type { StructField, StructSchema } from '../schema/schema.ts'

export interface Message {
  readonly fields: ReadonlyMap<number, StructField>
  readonly inlined: ReadonlyMap<number, Message>
}

interface Growing {
  readonly fields: Map<number, StructField>
  readonly inlined: Map<number, Growing>
}

export function messageOf(schema: StructSchema): Message {
  const root: Growing = { fields: new Map(), inlined: new Map() }
  for (const field of schema.fields.values()) {
    if (field.number === 0) continue
    let message = root
    for (const { number } of field.inlined ?? []) {
      const inner: Growing = message.inlined.get(number) ?? { fields: new Map(), inlined: new Map() }
      message.inlined.set(number, inner)
      message = inner
    }
    message.fields.set(field.number, field)
  }
  return root
}
