/**
 * Enumerations. Values are compared after they were converted to the type of the one that is allowed, by Go's rules of conversion.
 *
 * (kube-openapi, validation/validate/validator.go, basicCommonValidator)
 */
import { isInteger } from '../../status/go-text.ts'
import type { SchemaProps } from '../json-schema.ts'
import { equalJson } from '../../../api/equal.ts'
import { report, type ValueProblem } from './result.ts'

export function enumCheck(schema: SchemaProps): ((value: unknown, path: string, problems: ValueProblem[]) => void) | undefined {
  const { enum: allowed = [] } = schema
  if (allowed.length === 0) return undefined
  const message = ` in body should be one of [${allowed.map(String).join(' ')}]`
  return (value, path, problems) => {
    if (value !== null) for (const each of allowed) if (equalsAllowed(value, each)) return
    report(problems, { kind: 'enum', path, value, allowed, message: path + message })
  }
}

function equalsAllowed(value: unknown, allowed: unknown): boolean {
  // A null in the enumeration is never equal to anything.
  if (allowed === null) return false
  if (value === allowed) return true
  if (typeof value === 'number') {
    // A float becomes an integer by losing its fraction, an integer becomes the text of one character.
    if (typeof allowed === 'number') return isInteger(allowed) && Math.trunc(value) === allowed
    return typeof allowed === 'string' && isInteger(value) && runeText(value) === allowed
  }
  return typeof value === 'object' && equalJson(value, allowed)
}

const runeText = (code: number): string => (code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd')
