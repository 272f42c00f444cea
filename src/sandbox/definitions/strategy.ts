/**
 * What a custom resource demands of a write: the schema's checks, unique lists, embedded objects, replicas, and rules in CEL.
 *
 * An update is held responsible only for what it changes. The rules are not asked about an object whose types or required fields are wrong.
 * (apiextensions-apiserver, registry/customresource/strategy.go, status_strategy.go and validator.go)
 */
import type { KubernetesObject } from '../../api/object.ts'
import type { Strategy, WriteContext } from '../registry/resource.ts'
import { type FieldError, type FieldErrorType, invalidValue } from '../status/field-error.ts'
import { compileRules, type Rules } from './cel/rules.ts'
import type { Version } from './definition.ts'
import { finalizerWarnings } from './finalizers.ts'
import type { SchemaProps } from './json-schema.ts'
import { checkScaleSpec, checkScaleStatus } from './scale.ts'
import { compileCheck, ratcheting } from './validation/check.ts'
import { Correlation } from './validation/correlation.ts'
import { compileEmbeddedCheck } from './validation/embedded.ts'
import { compileListCheck } from './validation/lists.ts'
import { type Check, fieldErrors, type ValueProblem } from './validation/result.ts'

/** @param inVersion The object as this version shows it. */
export function strategyOf(schema: SchemaProps, version: Version, inVersion: (object: KubernetesObject) => KubernetesObject): Strategy {
  const parts = lazily(() => compileParts(schema))
  const { scale, status } = version.subresources ?? {}

  const checkScale = (object: KubernetesObject, errors: FieldError[], specToo: boolean): void => {
    if (!scale) return
    if (specToo) checkScaleSpec(object, scale, errors)
    checkScaleStatus(object, scale, errors)
  }
  const checkRules = (object: KubernetesObject, old: KubernetesObject | undefined, errors: FieldError[], context: WriteContext): void => {
    const { rules } = parts()
    if (!rules) return
    if (errors.some(({ type }) => blocking.has(type))) errors.push(notChecked)
    else errors.push(...rules.check(object, old, context.warnings))
  }

  return {
    generation: 'spec',
    unconditionalUpdate: false,
    anyFinalizers: true,
    createOnUpdate: false,
    hasStatus: status !== undefined,
    validateUpdateAlone: true,
    validate(stored, context) {
      const object = inVersion(stored)
      context.warnings.push(...finalizerWarnings(object, undefined))
      const { check, embedded, lists } = parts()
      const errors = checked(check, object)
      checkScale(object, errors, true)
      embedded?.(object, '', errors)
      lists?.(object, '', errors)
      checkRules(object, undefined, errors, context)
      return errors
    },
    validateUpdate(stored, storedOld, context) {
      const [object, old] = [inVersion(stored), inVersion(storedOld)]
      context.warnings.push(...finalizerWarnings(object, old))
      const { check, embedded, lists } = parts()
      const errors = checked(check, object, new Correlation(schema, object, old))
      checkScale(object, errors, true)
      embedded?.(object, '', errors)
      checkLists(lists, object, old, errors)
      checkRules(object, old, errors, context)
      return errors
    },
    validateStatus(stored, storedOld, context) {
      const [object, old] = [inVersion(stored), inVersion(storedOld)]
      const { checkStatus, lists } = parts()
      const value = object['status']
      const correlation = new Correlation(schema, object, old).member('status')
      const errors = checkStatus && value !== undefined ? checked(checkStatus, value, correlation, 'status') : []
      checkScale(object, errors, false)
      checkLists(lists, object, old, errors)
      checkRules(object, old, errors, context)
      return errors
    },
  }
}

interface Parts {
  readonly check: Check
  readonly checkStatus: Check | undefined
  readonly embedded: ReturnType<typeof compileEmbeddedCheck>
  readonly lists: ReturnType<typeof compileListCheck>
  readonly rules: Rules | undefined
}

function compileParts(schema: SchemaProps): Parts {
  const status = schema.properties && Object.hasOwn(schema.properties, 'status') ? schema.properties['status'] : undefined
  return {
    check: ratcheting(compileCheck(schema)),
    checkStatus: status && ratcheting(compileCheck(status)),
    embedded: compileEmbeddedCheck(schema),
    lists: compileListCheck(schema),
    rules: compileRules(schema),
  }
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

function checked(check: Check, value: unknown, old?: Correlation, base = ''): FieldError[] {
  const problems: ValueProblem[] = []
  check(value, '', problems, old)
  return problems.length === 0 ? [] : fieldErrors(problems, base)
}

/** Lists that broke the rule before may go on to break it. */
function checkLists(lists: Parts['lists'], object: KubernetesObject, old: KubernetesObject, errors: FieldError[]): void {
  if (!lists) return
  const found: FieldError[] = []
  lists(object, '', found)
  if (found.length === 0) return
  const before: FieldError[] = []
  lists(old, '', before)
  if (before.length === 0) errors.push(...found)
}

const blocking: ReadonlySet<FieldErrorType> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])

const notChecked = invalidValue(
  '<nil>',
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
)
