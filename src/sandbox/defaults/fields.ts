/** Structs as rules see them: open, and changed in place. */
import { isMap, type JsonValue } from '../../api/object.ts'

export interface Fields {
  [name: string]: unknown
}

/** What a field's absence depends on, for one type: changes the struct in place. */
export type Rule = (fields: Fields) => void

/** Rules by the name of the type in the OpenAPI documents. */
export type Rules = Readonly<Record<string, Rule>>

export const isFields = (value: unknown): value is Fields => isMap(value)

/** The struct in a field; one that nobody sees if there is none. */
export const fieldsIn = (fields: Fields, name: string): Fields => {
  const value = fields[name]
  return isFields(value) ? value : {}
}

/** The structs of a list; none if there is no list. */
export const listIn = (fields: Fields, name: string): Fields[] => {
  const value = fields[name]
  return Array.isArray(value) ? value.filter(isFields) : []
}

export const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)

/** Of a table's value, so that nobody changes the table. */
export const copyOf = (value: JsonValue): unknown =>
  typeof value === 'object' && value !== null ? (structuredClone(value) as unknown) : value
