/** The items of a loop, each with the key by which it is known from walk to walk. */
import type { Problem } from '../../api/problem.ts'
import type { Scope } from '../scope.ts'
import type { Step } from '../step.ts'

export interface Item {
  key: string
  value: unknown
}

/** A record has its step's and its item's names in its own, with slashes between them. */
const longestKey = 128

/** The items, or why they have no keys. Throws what evaluating the list throws. */
export function itemsOf(loop: NonNullable<Step['loop']>, step: Step, scope: Scope): { items: Item[]; problem?: Problem } {
  const values = loop.items.evaluate(scope)
  const items: Item[] = []
  const keys = new Map<string, number>()
  const refuse = (message: string, remedy: string): { items: Item[]; problem: Problem } => ({
    items: [],
    problem: { code: 'PLAYBOOK_INVALID', message: `step "${step.title}": ${message}`, at: loop.items.at, remedy },
  })
  for (const [index, value] of values.entries()) {
    const key = loop.key.evaluate(scope.with({ item: value, [loop.as]: value }))
    if (key.length > longestKey || key.includes('/'))
      return refuse(
        `the key of item ${index}, ${JSON.stringify(key.slice(0, 20))}, is longer than ${longestKey} characters or has a slash`,
        'give the step another key',
      )
    const other = keys.get(key)
    if (other !== undefined)
      return refuse(`items ${other} and ${index} have the same key ${JSON.stringify(key)}`, 'give the step a key that tells them apart')
    keys.set(key, index)
    items.push({ key, value })
  }
  return { items }
}
