/**
 * Quantities: amounts of memory, processor time and other resources, e.g. `500m`, `1.5Gi`, `2e3`.
 *
 * Exact at every size: a quantity is kept as a count of nano-units in a BigInt, which is also the finest step that the API server keeps.
 * (apimachinery pkg/api/resource, Quantity)
 */

/** The three ways in which a quantity is written; arithmetic keeps that of the first operand. */
export type QuantityFormat = 'decimal' | 'binary' | 'exponent'

export interface Quantity {
  /** The amount in billionths. */
  readonly nano: bigint
  readonly format: QuantityFormat
}

const pattern = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]?|[eE][+-]?\d{1,3})$/
const binaryPowers = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n } as const
const decimalPowers: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }

/**
 * Reads a quantity; undefined for text that is none. Amounts finer than a billionth are rounded away from zero, as the server does.
 * A number is read as the text that JSON would give it.
 */
export function parseQuantity(text: string | number): Quantity | undefined {
  const match = pattern.exec(String(text))
  if (!match) return undefined
  const [, sign, digits, suffix] = match as unknown as [string, string, string, string]
  const [whole = '', fraction = ''] = digits.split('.')
  const mantissa = BigInt(`${whole}${fraction}` || '0')
  const binary = Object.hasOwn(binaryPowers, suffix) ? binaryPowers[suffix as keyof typeof binaryPowers] : undefined
  const exponent = binary === undefined && /^[eE]./.test(suffix) ? Number(suffix.slice(1)) : undefined
  const power = 9 - fraction.length + (exponent ?? (binary === undefined ? (decimalPowers[suffix] as number) : 0))
  const scaled = mantissa << (binary ?? 0n)
  const nano = power >= 0 ? scaled * 10n ** BigInt(power) : divideUp(scaled, 10n ** BigInt(-power))
  return { nano: sign === '-' ? -nano : nano, format: binary !== undefined ? 'binary' : exponent !== undefined ? 'exponent' : 'decimal' }
}

/** -1, 0 or 1. */
export const compareQuantities = (first: Quantity, second: Quantity): -1 | 0 | 1 =>
  first.nano < second.nano ? -1 : first.nano > second.nano ? 1 : 0

export const addQuantities = (first: Quantity, second: Quantity): Quantity => ({ nano: first.nano + second.nano, format: first.format })

/** The product with a plain number, rounded away from zero at a billionth. */
export function multiplyQuantity(quantity: Quantity, factor: number): Quantity {
  const by = parseQuantity(factor)
  if (by === undefined) throw new RangeError(`${factor} is not a factor of a quantity`)
  const product = quantity.nano * by.nano
  const size = divideUp(product < 0n ? -product : product, 1_000_000_000n)
  return { nano: product < 0n ? -size : size, format: quantity.format }
}

/** The canonical text: no fraction, the largest suffix that leaves a whole number (`1.5Gi` → `1536Mi`, `0.5` → `500m`). */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0'
  const sign = nano < 0n ? '-' : ''
  const size = nano < 0n ? -nano : nano
  const units = size / 1_000_000_000n
  // Binary suffixes cannot write fractions, and amounts under 1024 look the same in both; the server falls back to decimal for both.
  if (format === 'binary' && units * 1_000_000_000n === size && units >= 1024n) return sign + binaryText(units)
  return sign + decimalText(size, format === 'exponent')
}

function binaryText(units: bigint): string {
  let [amount, suffix] = [units, '']
  for (const [name, power] of Object.entries(binaryPowers)) {
    if (units % (1n << power) === 0n) [amount, suffix] = [units >> power, name]
  }
  return `${amount}${suffix}`
}

function decimalText(nano: bigint, exponent: boolean): string {
  let [amount, power] = [nano, -9]
  while (power < 18 && amount % 1000n === 0n) [amount, power] = [amount / 1000n, power + 3]
  if (exponent) return power === 0 ? `${amount}` : `${amount}e${power}`
  return `${amount}${Object.keys(decimalPowers).find((name) => decimalPowers[name] === power) as string}`
}

const divideUp = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor
