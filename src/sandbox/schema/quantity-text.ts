/**
 * Quantities as the server reads and writes them.
 *
 * What it reads is wider than what its message says, and a text that looks canonical to it is kept as it is, although it may not be: `1.500`,
 * `+5`, `1E3`. (apimachinery, api/resource/quantity.go ParseQuantity)
 */
import { formatQuantity, parseQuantity, type Quantity } from '../../api/quantity.ts'

const shape = /^[+-]?\d*(?:\.\d*)?([eEinumkKMGTP]*(?:[+-]?\d*))$/
const suffixes = /^(?:[KMGTPE]i|[numkMGTPE]?|[eE][+-]?\d+)$/

/** What is wrong with a text, in the server's words; undefined for one that it takes, even if it has no digit. */
export function quantityProblem(text: string): string | undefined {
  const match = text === '' ? null : shape.exec(text)
  if (match === null) return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
  return suffixes.test(match[1] as string) ? undefined : "unable to parse quantity's suffix"
}

const mostlyWritten = /^[1-9][0-9]{0,2}(?:m|[KMGT]i)?$/

/** The text that the server writes; undefined if it does not take `text`. `inThousandths`: finer amounts are rounded up. */
export function readQuantity(text: string, inThousandths: boolean): string | undefined {
  // What people write most is canonical: with so few digits, the next larger suffix cannot fit, except for 1024Ki.
  if (mostlyWritten.test(text)) return text
  const trimmed = text.trim()
  const quantity = parseQuantity(trimmed)
  if (quantity === undefined) return quantityProblem(trimmed) === undefined ? '0' : undefined
  const capped = quantity.format === 'binary' && quantity.nano > maximum ? { ...quantity, nano: maximum } : quantity
  const rounded = inThousandths ? roundUp(capped) : capped
  return rounded === quantity && isKept(trimmed) ? trimmed : formatQuantity(rounded)
}

const perThousandth = 1_000_000n
/** Binary amounts end with 64 bits. */
const maximum = (2n ** 63n - 1n) * 1_000_000_000n

function roundUp(quantity: Quantity): Quantity {
  const rest = quantity.nano % perThousandth
  if (rest === 0n) return quantity
  return { ...quantity, nano: quantity.nano - rest + (quantity.nano > 0n ? perThousandth : -perThousandth) }
}

const parts = /^[+-]?0*(\d*)(?:\.(\d*))?(.*)$/
const exponents: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const binaryExponents: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 }
/** Decimal digits that fit 64 bits in any case. */
const safeDigits = 18
const safeBinaryDigits = 15

/** Whether the server takes the text for canonical without looking closely: few digits, and no larger suffix at first sight. */
function isKept(text: string): boolean {
  const [, whole = '', fraction = '', suffix = ''] = parts.exec(text) ?? []
  const digits = (whole || '0') + fraction
  const binary = binaryExponents[suffix]
  if (binary !== undefined) {
    const precision = safeBinaryDigits - digits.length - Math.floor((binary * 3) / 10) - 1
    return fraction === '' && precision >= 0 && Number(digits) % 8 !== 0
  }
  const scale = (exponents[suffix] ?? Number(suffix.slice(1))) - fraction.length
  return digits.length <= safeDigits && scale >= -9 && scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0')
}
