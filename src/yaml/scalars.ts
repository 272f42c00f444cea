/**
 * Which type a plain scalar has, by the rules that Helm and kubectl follow.
 *
 * Go's YAML (sigs.k8s.io/yaml over go-yaml v2) is neither YAML 1.1 nor 1.2: `on` and `y` are booleans, `0644` and `0o644` are both 420,
 * `1_000` is a number, `1:30` and `2024-01-01` are strings. Compared with `helm template` 4.1 scalar by scalar.
 */
import { boolYaml11Tag, CORE_SCHEMA, defineScalarTag, mergeTag, NOT_RESOLVED, type Schema } from 'js-yaml'

const integerText = /^[-+]?(?:0[bB][01]+|0[oO]?[0-7]+|0[xX][0-9a-fA-F]+|0|[1-9][0-9]*)$/
const floatText = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const firstCharacters = '-+.0123456789'.split('')

/** Past this, go-yaml has no integer: a decimal becomes a float, other notations stay strings. (strconv.ParseUint) */
const largestInteger = 2 ** 64

function integer(text: string): number | typeof NOT_RESOLVED {
  const plain = text.replaceAll('_', '')
  if (!integerText.test(plain)) return NOT_RESOLVED
  const negative = plain.startsWith('-')
  const digits = plain.replace(/^[-+]/, '')
  const value = Number(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits)
  if (value >= largestInteger) return NOT_RESOLVED
  return negative && value !== 0 ? -value : value
}

function float(text: string): number | typeof NOT_RESOLVED {
  const plain = text.replaceAll('_', '')
  if (!floatText.test(plain)) return NOT_RESOLVED
  const value = Number.parseFloat(plain)
  return Number.isFinite(value) ? value : NOT_RESOLVED
}

const isInteger = (value: unknown): boolean => Number.isInteger(value) && !Object.is(value, -0)

/** The schema for everything that is read as Kubernetes YAML. Infinity and NaN stay strings: JSON has neither. */
export const kubernetesSchema: Schema = CORE_SCHEMA.withTags(
  boolYaml11Tag,
  defineScalarTag<number>('tag:yaml.org,2002:int', {
    implicit: true,
    implicitFirstChars: firstCharacters,
    resolve: integer,
    identify: isInteger,
  }),
  defineScalarTag<number>('tag:yaml.org,2002:float', {
    implicit: true,
    implicitFirstChars: firstCharacters,
    resolve: float,
    identify: (value) => typeof value === 'number' && !isInteger(value),
  }),
  mergeTag,
)

/** The value of a plain scalar. */
export const plainScalar = (text: string): null | boolean | number | string =>
  kubernetesSchema.resolveImplicitScalarTag(text).value as null | boolean | number | string

/** The value of a scalar with an explicit `!!tag`; undefined where the tag is unknown or does not fit. */
export function taggedScalar(tag: string, text: string): null | boolean | number | string | undefined {
  if (tag === '!') return text
  if (!tag.startsWith('!!')) return undefined
  const name = `tag:yaml.org,2002:${tag.slice(2)}`
  const value = kubernetesSchema.lookupScalarTag(name)?.resolve(text, true, name)
  return value === NOT_RESOLVED ? undefined : (value as null | boolean | number | string | undefined)
}
