/**
 * What a library function is: a row of a table that documents, checks and runs it.
 *
 * Templates call the checked form: a wrong argument is refused by name before the function sees it, and the message never shows text that a
 * custom resource holds, since that may be a secret.
 */

import { isMap } from '../../api/object.ts'
import { isSecretHandle } from '../secret.ts'

export type ArgumentType = 'string' | 'text' | 'number' | 'integer' | 'count' | 'list' | 'map' | 'namespace' | 'path' | 'function' | 'any'

/** How each type is called in messages and in the reference. */
export const typeNames: Readonly<Record<ArgumentType, string>> = {
  string: 'a string',
  text: 'a string, number or boolean',
  number: 'a number',
  integer: 'a whole number',
  count: 'a whole number that is not negative',
  list: 'a list',
  map: 'a map',
  namespace: 'a namespace, or null',
  path: 'a name or a list of names and positions',
  function: 'a function',
  any: 'any value',
}

export interface Parameter {
  readonly name: string
  readonly type: ArgumentType
  readonly optional?: true
  /** Takes this and all further arguments. Only the last parameter can. */
  readonly rest?: true
}

export interface Example {
  /** An expression as a template has it. */
  readonly call: string
  /** What it gives; absent for a call that is refused. */
  readonly gives?: unknown
  /** The message of a call that is refused. */
  readonly refused?: string
}

/** What the functions get from outside, since they may use no Node module. */
export interface LibraryDependencies {
  /** The SHA-256 of the UTF-8 form of a text, in lower-case hexadecimal. */
  sha256: (text: string) => string
}

export interface LibraryFunction {
  readonly name: string
  readonly summary: string
  readonly parameters: readonly Parameter[]
  readonly result: string
  readonly examples: readonly Example[]
  readonly create: (dependencies: LibraryDependencies) => (...values: never[]) => unknown
}

/** A function refused its arguments, or `fail` was called. The message begins with the function's name. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError'
}

/** The function that templates call: it checks its arguments by the table. */
export function checked(entry: LibraryFunction, dependencies: LibraryDependencies): (...values: unknown[]) => unknown {
  const implementation = entry.create(dependencies) as (...values: unknown[]) => unknown
  return (...values) => {
    checkArguments(entry, values)
    try {
      return implementation(...values)
    } catch (error) {
      if (error instanceof Refusal) throw new FunctionError(`${entry.name}: ${error.message}`)
      throw error
    }
  }
}

/** Thrown inside an implementation for a value of the right type that cannot be used. */
export class Refusal extends Error {}

/** Throws FunctionError for arguments that the table does not allow. */
export function checkArguments({ name, parameters }: Pick<LibraryFunction, 'name' | 'parameters'>, values: readonly unknown[]): void {
  const last = parameters.at(-1)
  if (values.length > parameters.length && !last?.rest) {
    throw new FunctionError(
      `${signature(name, parameters)} takes ${parameters.length} argument${parameters.length === 1 ? '' : 's'}, not ${values.length}`,
    )
  }
  const count = Math.max(parameters.length, values.length)
  for (let index = 0; index < count; index++) {
    const parameter = parameters[index] ?? (last as Parameter)
    const value = values[index]
    if (index >= values.length || (value === undefined && parameter.optional)) {
      if (parameter.optional || parameter.rest) continue
      throw new FunctionError(`${signature(name, parameters)}: "${parameter.name}" is missing; it must be ${typeNames[parameter.type]}`)
    }
    if (!accepts(parameter.type, value)) {
      throw new FunctionError(
        `${signature(name, parameters)}: "${parameter.name}" must be ${typeNames[parameter.type]}, not ${describeValue(value)}`,
      )
    }
  }
}

function accepts(type: ArgumentType, value: unknown): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string'
    case 'text':
      return typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
    case 'number':
      return typeof value === 'number' && Number.isFinite(value)
    case 'integer':
      return Number.isSafeInteger(value)
    case 'count':
      return Number.isSafeInteger(value) && (value as number) >= 0
    case 'list':
      return Array.isArray(value)
    case 'map':
      return isMap(value) && !isSecretHandle(value)
    case 'namespace':
      return value === null || typeof value === 'string'
    case 'path':
      return (
        typeof value === 'string' || (Array.isArray(value) && value.every((step) => typeof step === 'string' || Number.isSafeInteger(step)))
      )
    case 'function':
      return typeof value === 'function'
    case 'any':
      return value !== undefined
  }
}

/** What a value is, without what it says: numbers and booleans are shown, text is not. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (Array.isArray(value)) return 'a list'
  switch (typeof value) {
    case 'object':
      return isSecretHandle(value) ? 'a secret' : 'a map'
    case 'string':
      return value === '' ? 'an empty string' : 'a string'
    case 'function':
      return 'a function'
    default:
      return `the ${typeof value} ${String(value)}`
  }
}

/** `trunc(text, length)`; optional parameters have a `?`, and one that repeats has dots. */
export const signature = (name: string, parameters: readonly Parameter[]): string =>
  `${name}(${parameters.map((parameter) => `${parameter.rest ? '...' : ''}${parameter.name}${parameter.optional ? '?' : ''}`).join(', ')})`
