/**
 * Field selectors: `metadata.name=web,status.phase!=Running`. Which fields a kind offers stands with the kind.
 *
 * (apimachinery, pkg/fields/selector.go; the messages for unknown fields in each kind's conversion)
 */
import type { KubernetesObject } from '../../api/object.ts'
import type { Resource } from '../registry/resource.ts'
import { badRequest } from '../status/api-error.ts'

export interface FieldSelector {
  matches(object: KubernetesObject): boolean
  /** The name that every selected object has, where the selector says so. */
  readonly name: string | undefined
}

interface Term {
  readonly field: string
  readonly negated: boolean
  readonly value: string
}

/** Undefined for a selector that selects everything. Throws ApiError (400) for what is none, and for a field that the kind does not offer. */
export function parseFieldSelector(text: string, resource: Resource): FieldSelector | undefined {
  // A term without field and value says nothing.
  const terms = split(text)
    .sort()
    .map((term) => parseTerm(term, text))
    .filter(({ field, value }) => field !== '' || value !== '')
  if (terms.length === 0) return undefined
  const tests = terms.map(({ field, negated, value }) => {
    const read = reader(field, resource)
    return (object: KubernetesObject): boolean => (read(object) === value) !== negated
  })
  return {
    matches: (object) => tests.every((test) => test(object)),
    name: terms.find(({ field, negated }) => field === 'metadata.name' && !negated)?.value,
  }
}

function reader(field: string, resource: Resource): (object: KubernetesObject) => string {
  if (field === 'metadata.name') return ({ metadata }) => metadata.name
  if (field === 'metadata.namespace') return ({ metadata }) => metadata.namespace ?? ''
  const own = resource.selectableFields.get(field)
  if (own) return own
  if (resource.selectableFields.size > 0) throw badRequest(`field label not supported: ${field}`)
  throw badRequest(`${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`)
}

/** Splits at commas that no backslash stands before; empty terms are left out. */
function split(text: string): string[] {
  const terms: string[] = []
  let term = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string
    if (character === '\\' && at + 1 < text.length) term += character + text[++at]
    else if (character === ',') {
      terms.push(term)
      term = ''
    } else term += character
  }
  return [...terms, term].filter((each) => each !== '')
}

function parseTerm(text: string, selector: string): Term {
  const match = /^([\s\S]*?)(!=|==|=)([\s\S]*)$/.exec(text)
  if (!match) throw badRequest(`invalid selector: '${selector}'; can't understand '${text}'`)
  return { field: match[1] as string, negated: match[2] === '!=', value: unescape(match[3] as string) }
}

function unescape(value: string): string {
  let plain = ''
  for (let at = 0; at < value.length; at++) {
    const character = value[at] as string
    if (character === '\\') {
      const escaped = value[++at] ?? ''
      if (!['\\', ',', '='].includes(escaped)) throw badRequest(`invalid field selector: invalid escape sequence: \\${escaped}`)
      plain += escaped
    } else if (character === ',' || character === '=')
      throw badRequest(`invalid field selector: unescaped character in value: ${character.charCodeAt(0)}`)
    else plain += character
  }
  return plain
}
