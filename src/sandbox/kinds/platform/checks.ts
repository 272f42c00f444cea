/** Checks that several platform kinds share. */
import type { JsonValue, KubernetesObject } from '../../../api/object.ts'
import { fieldIsImmutable } from '../../registry/object-meta.ts'
import { type FieldError, invalidValue, required } from '../../status/field-error.ts'
import { orderedJson, Verbatim } from '../../status/go-text.ts'
import { isDns1123Subdomain, isHttpPath } from '../names.ts'
import { validateSelector } from '../workloads/selectors.ts'
import type { LabelSelector } from '../workloads/shapes.ts'
import { checkText, fieldsOf, sameValue } from './values.ts'

/** A LabelSelector; nothing is wrong with a missing one. */
export function checkSelector(path: string, selector: unknown): FieldError[] {
  const errors: FieldError[] = []
  validateSelector(errors, path, fieldsOf(selector) as LabelSelector)
  return errors
}

/** `field is immutable` with the new value, if it differs. */
export const checkImmutable = (path: string, value: unknown, old: unknown): FieldError[] =>
  sameValue(value, old) ? [] : [invalidValue(path, value, fieldIsImmutable)]

/** `example.com/foo`. (apimachinery, IsDomainPrefixedPath) */
export function checkDomainPrefixedPath(path: string, value: string): FieldError[] {
  if (value === '') return [required(path)]
  const slash = value.indexOf('/')
  if (slash <= 0 || slash === value.length - 1) return [invalidValue(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  return [...checkText(path, value.slice(0, slash), isDns1123Subdomain), ...checkText(path, value.slice(slash + 1), isHttpPath)]
}

/** A cell that may be anything that JSON can say. */
export const cellOf = (value: unknown): JsonValue => (value === undefined ? null : (value as JsonValue))

export const annotationOf = ({ metadata }: KubernetesObject, name: string): string | undefined => metadata.annotations?.[name]

/** One of the server's own types, with its fields in their order. */
export const printed = (value: unknown): Verbatim => new Verbatim(orderedJson(value))
