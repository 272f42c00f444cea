/**
 * The rules of a schema in CEL.
 *
 * A rule sees the value that it stands at as `self`, and what the value was as `oldSelf`. A rule with oldSelf is about a change, and is not
 * asked where there was no value before. What an update leaves as it was may go on to break a rule; that is a warning.
 * (apiextensions-apiserver, schema/cel/validation.go)
 */
import { isMap, type KubernetesObject } from '../../../api/object.ts'
import { type FieldError, forbidden, formatFieldError, invalidValue, required } from '../../status/field-error.ts'
import { badValue } from '../../status/go-text.ts'
import type { SchemaProps, ValidationRule } from '../json-schema.ts'
import { Correlation, itemWithKeys } from '../validation/correlation.ts'
import { compileRule, type Rule, type RuleCompiler, ruleCompiler } from './compile.ts'

export interface Rules {
  /** What the rules say against the object. Texts about what was broken before are added to `warnings`. */
  check(object: KubernetesObject, old: KubernetesObject | undefined, warnings: string[]): FieldError[]
}

/** Undefined for a schema without rules. */
export function compileRules(schema: SchemaProps, whole = true): Rules | undefined {
  if (!hasRules(schema)) return undefined
  const node = nodeOf(schema, whole, ruleCompiler())
  return {
    check(object, old, warnings) {
      const findings: Findings = { errors: [], warnings }
      const current = old && new Correlation(schema, object, old)
      node?.(object, old, '', { current, parent: undefined }, findings)
      return findings.errors
    },
  }
}

export function hasRules(schema: SchemaProps): boolean {
  const { properties = {}, additionalProperties, items } = schema
  return (
    (schema['x-kubernetes-validations'] ?? []).length > 0 ||
    (items ? hasRules(items) : false) ||
    (typeof additionalProperties === 'object' && hasRules(additionalProperties)) ||
    Object.values(properties).some(hasRules)
  )
}

interface Findings {
  readonly errors: FieldError[]
  readonly warnings: string[]
}

/** Whether what is found at a value was so before the update. */
interface Ratchet {
  readonly current: Correlation | undefined
  readonly parent: Correlation | undefined
}

const unratcheted: Ratchet = { current: undefined, parent: undefined }
const isUnchanged = ({ current, parent }: Ratchet): boolean => (current ?? parent)?.unchanged === true

function memberRatchet(ratchet: Ratchet, name: string): Ratchet {
  const { current, parent } = ratchet
  if (current === undefined) return ratchet
  if (parent === undefined && (name === 'apiVersion' || name === 'kind')) return unratcheted
  return { current: current.member(name), parent: current }
}

const itemRatchet = (ratchet: Ratchet, index: number): Ratchet =>
  ratchet.current === undefined ? ratchet : { current: ratchet.current.item(index), parent: ratchet.current }

type Node = (value: unknown, old: unknown, path: string, ratchet: Ratchet, findings: Findings) => void

const below = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

function nodeOf(schema: SchemaProps, whole: boolean, compiler: RuleCompiler): Node | undefined {
  if (!hasRules(schema)) return undefined
  const rules = schema['x-kubernetes-validations'] ?? []
  const own = rules.length > 0 ? ownRules(schema, rules, whole, compiler) : undefined
  const inner = (member: SchemaProps): Node | undefined => nodeOf(member, member['x-kubernetes-embedded-resource'] === true, compiler)
  const { properties = {}, additionalProperties } = schema
  const members = Object.entries(properties).flatMap(([name, member]) => {
    const node = inner(member)
    return node ? [{ name, node }] : []
  })
  const others = typeof additionalProperties === 'object' ? inner(additionalProperties) : undefined
  const items = schema.items && inner(schema.items)

  return (value, old, path, ratchet, findings) => {
    if (value === null || value === undefined) return
    own?.(value, old, path, ratchet, findings)
    if (Array.isArray(value)) {
      if (items)
        for (const [index, item] of value.entries())
          items(
            item,
            Array.isArray(old) ? itemWithKeys(schema, old, item) : undefined,
            `${path}[${index}]`,
            itemRatchet(ratchet, index),
            findings,
          )
      return
    }
    if (!isMap(value)) return
    const before = isMap(old) ? old : {}
    if (others)
      for (const name of Object.keys(value))
        others(value[name], ownMember(before, name), `${path}[${name}]`, memberRatchet(ratchet, name), findings)
    for (const { name, node } of members)
      if (Object.hasOwn(value, name)) node(value[name], ownMember(before, name), below(path, name), memberRatchet(ratchet, name), findings)
  }
}

const ownMember = (map: { readonly [name: string]: unknown }, name: string): unknown => (Object.hasOwn(map, name) ? map[name] : undefined)

function ownRules(schema: SchemaProps, rules: readonly ValidationRule[], whole: boolean, compiler: RuleCompiler): Node {
  const scope = compiler.scopeOf(schema, whole)
  const compiled = rules.map((rule) => compileRule(rule, schema, scope))
  const type = schema.type ?? ''
  return (value, old, path, ratchet, findings) => {
    const self = scope.toValue(value)
    const before = old === undefined || old === null ? undefined : scope.toValue(old)
    for (const rule of compiled) {
      if ('problem' in rule) {
        findings.errors.push(invalidValue(path || '<nil>', type, `rule compile error: ${rule.problem}`))
        continue
      }
      if (rule.usesOldSelf && before === undefined && !rule.optionalOldSelf) continue
      const error = ask(rule, self, before, { path, type, value })
      if (error === undefined) continue
      if (error.broken && !rule.usesOldSelf && isUnchanged(ratchet)) findings.warnings.push(formatFieldError(error.error))
      else findings.errors.push(error.error)
    }
  }
}

interface Place {
  readonly path: string
  readonly type: string
  readonly value: unknown
}

/** `broken`: the rule answered false; otherwise it could not be evaluated. */
function ask(rule: Rule, self: unknown, old: unknown, { path, type, value }: Place): { error: FieldError; broken: boolean } | undefined {
  const answer = rule.evaluate(self, old)
  if ('problem' in answer) return { error: invalidValue(path || '<nil>', type, answer.problem), broken: false }
  if (answer.holds) return undefined
  const field =
    rule.fieldPath === '' ? path || '<nil>' : rule.fieldPath.startsWith('[') ? `${path}${rule.fieldPath}` : below(path, rule.fieldPath)
  const detail = rule.message(self, old)
  const omitted = type === 'object' || type === 'array'
  return { error: errorFor(rule.reason, field, omitted ? undefined : value, omitted, detail), broken: true }
}

function errorFor(reason: ValidationRule['reason'], field: string, value: unknown, omitted: boolean, detail: string): FieldError {
  const shown = omitted ? '' : `: ${badValue(value)}`
  switch (reason) {
    case 'FieldValueForbidden':
      return forbidden(field, detail)
    case 'FieldValueRequired':
      return required(field, detail)
    case 'FieldValueDuplicate':
      return { type: 'FieldValueDuplicate', field, message: `Duplicate value${shown}` }
    default:
      return { type: 'FieldValueInvalid', field, message: `Invalid value${shown}${detail ? `: ${detail}` : ''}` }
  }
}
