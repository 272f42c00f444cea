/** Addresses to which traffic can be sent. (pkg/apis/core/validation, ValidateEndpointIP) */
import { type FieldError, invalidValue } from '../../status/field-error.ts'
import { networkContains, parseIp, parseNetwork } from '../addresses.ts'

const networks = (...texts: readonly string[]) => texts.map(parseNetwork).filter((network) => network !== undefined)

const special: readonly (readonly [ranges: ReturnType<typeof networks>, message: string])[] = [
  [networks('127.0.0.0/8', '::1/128'), 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [networks('169.254.0.0/16', 'fe80::/10'), 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  [networks('224.0.0.0/24', 'ff02::/16'), 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
]

export function validateReachableIp(path: string, text: string): FieldError[] {
  const address = parseIp(text)
  if (!address) return [invalidValue(path, text, 'must be a valid IP address')]
  const errors: FieldError[] = []
  if (address.bits === 0n) errors.push(invalidValue(path, text, `may not be unspecified (${text})`))
  for (const [ranges, message] of special)
    if (ranges.some((range) => networkContains(range, address))) errors.push(invalidValue(path, text, message))
  return errors
}
