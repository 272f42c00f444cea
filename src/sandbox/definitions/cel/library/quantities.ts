/** Quantities. (apiserver, cel/library/quantity.go) */
import { compareQuantities, formatQuantity, parseQuantity, type Quantity } from '../../../../api/quantity.ts'
import type { Environment } from '../module.ts'

const unit = 1_000_000_000n

class CelQuantity {
  readonly quantity: Quantity

  constructor(quantity: Quantity) {
    this.quantity = quantity
  }

  toString(): string {
    return formatQuantity(this.quantity)
  }
}

function read(text: string): CelQuantity {
  const quantity = parseQuantity(text)
  if (quantity === undefined)
    throw new TypeError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
  return new CelQuantity(quantity)
}

const integerOf = ({ quantity }: CelQuantity): bigint | undefined => {
  const whole = quantity.nano / unit
  return quantity.nano % unit === 0n && whole < 2n ** 63n && whole >= -(2n ** 63n) ? whole : undefined
}

const plus = ({ quantity }: CelQuantity, nano: bigint): CelQuantity => new CelQuantity({ ...quantity, nano: quantity.nano + nano })
const order = (a: CelQuantity, b: CelQuantity): bigint => BigInt(compareQuantities(a.quantity, b.quantity))

export function registerQuantities(environment: Environment): void {
  const type = 'kubernetes.Quantity'
  environment
    .registerType(type, CelQuantity)
    .registerFunction(`quantity(string): ${type}`, read)
    .registerFunction('isQuantity(string): bool', (text: string) => parseQuantity(text) !== undefined)
    .registerFunction(`sign(${type}): int`, ({ quantity }: CelQuantity) => (quantity.nano > 0n ? 1n : quantity.nano < 0n ? -1n : 0n))
    .registerFunction(`${type}.isInteger(): bool`, (value: CelQuantity) => integerOf(value) !== undefined)
    .registerFunction(`${type}.asInteger(): int`, (value: CelQuantity) => {
      const whole = integerOf(value)
      if (whole === undefined) throw new RangeError('cannot convert value to integer')
      return whole
    })
    .registerFunction(`${type}.asApproximateFloat(): double`, ({ quantity }: CelQuantity) => Number(quantity.nano) / 1e9)
    .registerFunction(`${type}.isGreaterThan(${type}): bool`, (a: CelQuantity, b: CelQuantity) => order(a, b) > 0n)
    .registerFunction(`${type}.isLessThan(${type}): bool`, (a: CelQuantity, b: CelQuantity) => order(a, b) < 0n)
    .registerFunction(`${type}.compareTo(${type}): int`, order)
    .registerFunction(`${type}.add(${type}): ${type}`, (a: CelQuantity, b: CelQuantity) => plus(a, b.quantity.nano))
    .registerFunction(`${type}.add(int): ${type}`, (a: CelQuantity, b: bigint) => plus(a, b * unit))
    .registerFunction(`${type}.sub(${type}): ${type}`, (a: CelQuantity, b: CelQuantity) => plus(a, -b.quantity.nano))
    .registerFunction(`${type}.sub(int): ${type}`, (a: CelQuantity, b: bigint) => plus(a, -b * unit))
    .registerOperator(`${type} == ${type}`, (a: CelQuantity, b: CelQuantity) => order(a, b) === 0n)
}
