/**
 * Single rules: compiled against the type of the value that they stand at.
 *
 * (apiextensions-apiserver, schema/cel/compilation.go)
 */

import type { SchemaProps, ValidationRule } from '../json-schema.ts'
import { fieldPathOf } from './field-path.ts'
import { registerLibrary } from './library.ts'
import { compileProblem, evaluationProblem } from './messages.ts'
import { celModule, type Environment as CelEnvironment } from './module.ts'
import { rewrite } from './rewrite.ts'
import { type TypeMaker, typeMaker } from './types.ts'

export interface RuleCompiler {
  /** Where rules at values of a schema are compiled. */
  scopeOf(schema: SchemaProps, whole: boolean): Scope
}

export interface Scope {
  readonly environment: CelEnvironment
  readonly environmentWithOptional: CelEnvironment
  toValue(value: unknown): unknown
  /** An optional; without a value for undefined. */
  optional(value: unknown): unknown
}

export interface Rule {
  readonly usesOldSelf: boolean
  readonly optionalOldSelf: boolean
  readonly fieldPath: string
  readonly reason: ValidationRule['reason']
  evaluate(self: unknown, old: unknown): { readonly holds: boolean } | { readonly problem: string }
  message(self: unknown, old: unknown): string
}

export interface RuleProblem {
  readonly problem: string
  /** The message expression is what is wrong. */
  readonly inMessage?: boolean
}

/** All types are made before the first rule is compiled, because they all belong to one environment. */
export function ruleCompiler(): RuleCompiler {
  const { Environment } = celModule()
  const library = registerLibrary(new Environment({ enableOptionalTypes: true }))
  // The class of optionals is not exported.
  const { constructor: Optional } = library.evaluate('optional.none()') as { constructor: { of(value: unknown): unknown; none(): unknown } }
  const optional = (value: unknown): unknown => (value === undefined ? Optional.none() : Optional.of(value))
  return {
    scopeOf(schema, whole) {
      const environment = library.clone()
      const types: TypeMaker = typeMaker(environment)
      const type = types.typeOf({ ...schema, nullable: false }, whole) ?? { name: 'dyn', toValue: (value: unknown) => value }
      environment.registerVariable('self', type.name)
      const withOld = environment.clone().registerVariable('oldSelf', type.name)
      const withOptional = environment.clone().registerVariable('oldSelf', `optional<${type.name}>`)
      return { environment: withOld, environmentWithOptional: withOptional, toValue: type.toValue, optional }
    },
  }
}

type Program = ReturnType<CelEnvironment['parse']>

function compile(expression: string, environment: CelEnvironment, expected: 'bool' | 'string'): Program | { readonly problem: string } {
  const wanted = expected === 'bool' ? 'cel expression must evaluate to a bool' : 'messageExpression must evaluate to a string'
  try {
    const program = environment.parse(expression)
    rewrite(program.ast)
    const checked = program.check()
    if (!checked.valid) return { problem: `compilation failed: ${compileProblem(checked.error, expression)}` }
    return checked.type === expected ? program : { problem: wanted }
  } catch (error) {
    return { problem: `compilation failed: ${compileProblem(error, expression)}` }
  }
}

export function compileRule(rule: ValidationRule, schema: SchemaProps, scope: Scope): Rule | RuleProblem {
  const environment = rule.optionalOldSelf === true ? scope.environmentWithOptional : scope.environment
  const program = compile(rule.rule, environment, 'bool')
  if ('problem' in program) return program
  const messageProgram = rule.messageExpression ? compile(rule.messageExpression, environment, 'string') : undefined
  if (messageProgram && 'problem' in messageProgram)
    return { problem: messageProgram.problem.replace(/^compilation failed/, 'messageExpression compilation failed'), inMessage: true }
  const usesOldSelf = mentions(program.ast, 'oldSelf')
  const optionalOldSelf = rule.optionalOldSelf === true
  const path = rule.fieldPath ? fieldPathOf(rule.fieldPath, schema) : undefined
  const variables = (self: unknown, old: unknown): Record<string, unknown> => {
    if (!optionalOldSelf) return old === undefined ? { self } : { self, oldSelf: old }
    return { self, oldSelf: scope.optional(old) }
  }
  return {
    usesOldSelf,
    optionalOldSelf,
    reason: rule.reason,
    fieldPath: path !== undefined && 'path' in path ? path.path : '',
    evaluate(self, old) {
      try {
        return { holds: program(variables(self, old)) === true }
      } catch (error) {
        return { problem: evaluationProblem(error, ruleText(rule)) }
      }
    },
    message(self, old) {
      const found = messageProgram && messageText(messageProgram, variables(self, old))
      return found ?? (rule.message ? rule.message.trim() : `failed rule: ${ruleText(rule)}`)
    },
  }
}

const ruleText = ({ message, rule }: ValidationRule): string => (message ? message.trim() : rule.trim())

/** Empty, too long and many-lined texts do not count. */
function messageText(program: Program, variables: Record<string, unknown>): string | undefined {
  try {
    const value: unknown = program(variables)
    const text = typeof value === 'string' ? value.trim() : ''
    return text === '' || text.includes('\n') || Buffer.byteLength(text) > 5 * 1024 ? undefined : text
  } catch {
    return undefined
  }
}

function mentions(ast: unknown, name: string): boolean {
  if (Array.isArray(ast)) return ast.some((each) => mentions(each, name))
  if (ast === null || typeof ast !== 'object') return false
  const { op, args } = ast as { op?: unknown; args?: unknown }
  if (op === 'id' && args === name) return true
  // Macros keep their parts elsewhere.
  return typeof args === 'object' && args !== null ? Object.values(args).some((each) => mentions(each, name)) : false
}
