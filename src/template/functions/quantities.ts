/** Quantities of memory, processor time and other resources, exact at every size. */
import { addQuantities, compareQuantities, formatQuantity, multiplyQuantity, parseQuantity, type Quantity } from '../../api/quantity.ts'
import { type LibraryFunction, Refusal } from './signature.ts'

function quantity(text: string | number | boolean): Quantity {
  const parsed = typeof text === 'boolean' ? undefined : parseQuantity(text)
  if (!parsed) throw new Refusal('a quantity is like 500m, 2, 1.5Gi or 2e3')
  return parsed
}

const amount = { name: 'quantity', type: 'text' } as const
const pair = [
  { name: 'first', type: 'text' },
  { name: 'second', type: 'text' },
] as const

export const quantityFunctions: readonly LibraryFunction[] = [
  {
    name: 'quantity',
    summary: 'The quantity in its canonical form.',
    parameters: [amount],
    result: 'string',
    examples: [
      { call: "quantity('1.5Gi')", gives: '1536Mi' },
      { call: "quantity('0.5')", gives: '500m' },
      { call: "quantity('a lot')", refused: 'quantity: a quantity is like 500m, 2, 1.5Gi or 2e3' },
    ],
    create: () => (text: string) => formatQuantity(quantity(text)),
  },
  {
    name: 'quantityAdd',
    summary: 'The sum, written like the first.',
    parameters: pair,
    result: 'string',
    examples: [{ call: "quantityAdd('1Gi', '512Mi')", gives: '1536Mi' }],
    create: () => (first: string, second: string) => formatQuantity(addQuantities(quantity(first), quantity(second))),
  },
  {
    name: 'quantityMultiply',
    summary: 'The product with a number, rounded up at a billionth.',
    parameters: [amount, { name: 'factor', type: 'number' }],
    result: 'string',
    examples: [
      { call: "quantityMultiply('1Gi', 0.75)", gives: '768Mi' },
      { call: "quantityMultiply('250m', 3)", gives: '750m' },
    ],
    create: () => (text: string, factor: number) => formatQuantity(multiplyQuantity(quantity(text), factor)),
  },
  {
    name: 'quantityCompare',
    summary: '-1, 0 or 1: whether the first is less than the second, the same amount, or more.',
    parameters: pair,
    result: 'number',
    examples: [
      { call: "quantityCompare('1000m', '1')", gives: 0 },
      { call: "quantityCompare('1G', '1Gi')", gives: -1 },
    ],
    create: () => (first: string, second: string) => compareQuantities(quantity(first), quantity(second)),
  },
  {
    name: 'quantityValue',
    summary: 'The amount as a number, rounded up to a whole one, e.g. bytes.',
    parameters: [amount],
    result: 'number',
    examples: [{ call: "quantityValue('64Ki')", gives: 65_536 }],
    create: () => (text: string) => {
      const { nano } = quantity(text)
      const whole = nano / 1_000_000_000n
      return Number(nano > whole * 1_000_000_000n ? whole + 1n : whole)
    },
  },
]
