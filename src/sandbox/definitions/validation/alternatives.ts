/**
 * anyOf, oneOf, allOf and not.
 *
 * (kube-openapi, validation/validate/schema_props.go)
 */
import type { SchemaProps } from '../json-schema.ts'
import type { Correlation } from './correlation.ts'
import { type Check, type Part, report, type ValueProblem } from './result.ts'

interface Attempt {
  readonly problems: ValueProblem[]
  readonly matched: number
}

/** Undefined for a schema that has none of them. @param compile Makes the check of an alternative. */
export function alternatives(schema: SchemaProps, compile: (schema: SchemaProps) => Check): Part<unknown> | undefined {
  const { anyOf = [], oneOf = [], allOf = [], not } = schema
  if (anyOf.length + oneOf.length + allOf.length === 0 && not === undefined) return undefined
  const any = anyOf.map(compile)
  const one = oneOf.map(compile)
  const all = allOf.map(compile)
  const forbidden = not && compile(not)
  return (value, path, problems, old) => {
    let matched = 1
    if (any.length > 0) matched += checkAny(any, value, path, problems, old)
    if (one.length > 0) matched += checkOne(one, value, path, problems, old)
    if (all.length > 0) matched += checkAll(all, value, path, problems, old)
    if (forbidden && attempt(forbidden, value, path, old).problems.length === 0)
      report(problems, { kind: 'nowhere', message: `"${path}" must not validate the schema (not)` })
    return matched
  }
}

function attempt(check: Check, value: unknown, path: string, old: Correlation | undefined): Attempt {
  const problems: ValueProblem[] = []
  return { matched: check(value, path, problems, old), problems }
}

function tell(problems: ValueProblem[], best: Attempt | undefined): number {
  if (best === undefined) return 0
  for (const problem of best.problems) report(problems, problem)
  return best.matched
}

function checkAny(checks: readonly Check[], value: unknown, path: string, problems: ValueProblem[], old: Correlation | undefined): number {
  let best: Attempt | undefined
  for (const check of checks) {
    const tried = attempt(check, value, path, old)
    if (tried.problems.length === 0) return tried.matched
    if (best === undefined || tried.matched > best.matched) best = tried
  }
  report(problems, { kind: 'nowhere', message: `"${path}" must validate at least one schema (anyOf)` })
  return tell(problems, best)
}

function checkOne(checks: readonly Check[], value: unknown, path: string, problems: ValueProblem[], old: Correlation | undefined): number {
  let best: Attempt | undefined
  let fitting: Attempt | undefined
  let count = 0
  for (const check of checks) {
    const tried = attempt(check, value, path, old)
    if (tried.problems.length === 0) {
      count += 1
      fitting ??= tried
      best = undefined
    } else if (count === 0 && (best === undefined || tried.matched > best.matched)) best = tried
  }
  if (count === 1) return fitting?.matched ?? 0
  const found = count === 0 ? 'Found none valid' : `Found ${count} valid alternatives`
  report(problems, { kind: 'nowhere', message: `"${path}" must validate one and only one schema (oneOf). ${found}` })
  return tell(problems, best)
}

function checkAll(checks: readonly Check[], value: unknown, path: string, problems: ValueProblem[], old: Correlation | undefined): number {
  let matched = 0
  let count = 0
  for (const check of checks) {
    const tried = attempt(check, value, path, old)
    if (tried.problems.length === 0) count += 1
    matched += tell(problems, tried)
  }
  if (count < checks.length)
    report(problems, {
      kind: 'nowhere',
      message: `"${path}" must validate all the schemas (allOf)${count === 0 ? '. None validated' : ''}`,
    })
  return matched
}
