/**
 * What validation by a schema finds: messages, each with the path of the value.
 *
 * A message about the combination of schemas, or about the range of a number, carries no path: the server reports it at `<nil>`.
 * (kube-openapi, validation/errors and validate/result.go; apiextensions-apiserver, apiserver/validation/validation.go)
 */
import { type FieldError, invalidValue, notSupported, required, tooLong, tooMany, typeInvalid } from '../../status/field-error.ts'
import { json } from '../../status/go-text.ts'
import type { Correlation } from './correlation.ts'

export type ValueProblem =
  | { readonly kind: 'type' | 'other'; readonly path: string; readonly value: unknown; readonly message: string }
  | { readonly kind: 'required'; readonly path: string; readonly message: string }
  | {
      readonly kind: 'enum'
      readonly path: string
      readonly value: unknown
      readonly allowed: readonly unknown[]
      readonly message: string
    }
  | { readonly kind: 'tooLong'; readonly path: string; readonly limit: number; readonly message: string }
  | { readonly kind: 'tooMany'; readonly path: string; readonly count: number; readonly limit: number; readonly message: string }
  | { readonly kind: 'nowhere'; readonly message: string }

/**
 * Adds what is wrong with the value and answers how much matched.
 *
 * @param path Of the value, as messages name it: `spec.ports[0]`; empty for the root.
 * @param old What the value was before an update, where that counts.
 */
export type Check = (value: unknown, path: string, problems: ValueProblem[], old?: Correlation) => number

/** A part of a check for values of one sort: what matched within it. The caller counts the part itself. */
export type Part<T> = (value: T, path: string, problems: ValueProblem[], old: Correlation | undefined) => number

/** Adds a problem unless the same message is there already. */
export function report(problems: ValueProblem[], problem: ValueProblem): void {
  for (const { message } of problems) if (message === problem.message) return
  problems.push(problem)
}

/** `base`: where the validated value lies in the object; empty for the object itself. */
export function fieldErrors(problems: readonly ValueProblem[], base = ''): FieldError[] {
  return problems.map((problem) => fieldError(problem, base))
}

function fieldError(problem: ValueProblem, base: string): FieldError {
  if (problem.kind === 'nowhere') return invalidValue(base || '<nil>', '', problem.message)
  const field = fieldPath(problem.path, base)
  switch (problem.kind) {
    case 'type':
      return typeInvalid(field, problem.value ?? '', problem.message)
    case 'other':
      return invalidValue(field, problem.value ?? '', problem.message)
    case 'required':
      return required(field)
    case 'enum':
      return notSupported(
        field,
        problem.value,
        problem.allowed.map((each) => (typeof each === 'string' ? each : json(each))),
      )
    case 'tooLong':
      return tooLong(field, problem.limit)
    case 'tooMany':
      return tooMany(field, problem.count, problem.limit)
  }
}

function fieldPath(path: string, base: string): string {
  const below = path.startsWith('.') ? path.slice(1) : path
  if (below === '') return base || '<nil>'
  return base ? `${base}.${below}` : below
}
