/**
 * Reading of decoded objects: what is missing reads as its empty value.
 *
 * Decoding has checked the types, so nothing here reports a problem.
 */
import { isMap } from '../../../api/object.ts'
import { type FieldError, invalidValue, notSupported, required } from '../../status/field-error.ts'
import type { NameCheck } from '../names.ts'

export type Fields = Readonly<Record<string, unknown>>
/** A part of an object that is private to the write that changes it. */
export type Draft = Record<string, unknown>

const nothing: Fields = Object.freeze({})
const noItems: readonly unknown[] = Object.freeze([])

export const fieldsOf = (value: unknown): Fields => (isMap(value) ? value : nothing)
export const isDraft = (value: unknown): value is Draft => isMap(value)
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : noItems)
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
export const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)
export const textsOf = (value: unknown): readonly string[] => listOf(value).map(textOf)
/** A map whose values are text: labels, data. */
export const entriesOf = (value: unknown): readonly (readonly [key: string, value: unknown])[] => Object.entries(fieldsOf(value))
export const isSet = (value: unknown): boolean => value !== undefined && value !== null

/** The part under `name`, made if it is missing. */
export function draftAt(parent: Draft, name: string): Draft {
  const value = parent[name]
  if (isDraft(value)) return value
  const made: Draft = {}
  parent[name] = made
  return made
}

/** Equal as values; absent, empty text, 0, false and empty collections are the same. (apimachinery, equality.Semantic) */
export function sameValue(first: unknown, second: unknown): boolean {
  if (first === second) return true
  if (isBlank(first) && isBlank(second)) return true
  if (Array.isArray(first) && Array.isArray(second))
    return first.length === second.length && first.every((item, index) => sameValue(item, second[index]))
  if (!isMap(first) || !isMap(second)) return false
  return new Set([...Object.keys(first), ...Object.keys(second)]).values().every((key) => sameValue(first[key], second[key]))
}

const isBlank = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === 0 ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0)

/** One error for each thing that `check` has to say of `value`. */
export const checkText = (path: string, value: string, check: NameCheck): FieldError[] =>
  check(value).map((message) => invalidValue(path, value, message))

/** Required, and one of `allowed`. */
export function checkChoice(path: string, value: unknown, allowed: readonly string[]): FieldError[] {
  const text = textOf(value)
  if (text === '') return [required(path)]
  return allowed.includes(text) ? [] : [notSupported(path, text, allowed)]
}

/** `each` applied to the items of a list, with their paths. */
export const forItems = (value: unknown, path: string, each: (item: Fields, path: string, index: number) => FieldError[]): FieldError[] =>
  listOf(value).flatMap((item, index) => each(fieldsOf(item), `${path}[${index}]`, index))
