/** The items of a loop, each with the key by which it is known from walk to walk. */
import { isMap } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import type { Scope } from './scope.ts'
import type { Step } from './step.ts'

export interface Item {
  key: string
  value: unknown
}

/** Longer ones, and such as hold a slash, would not stand in the name of a record. */
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
    const key = loop.key ? String(loop.key.evaluate(scope.with({ item: value, [loop.as]: value }))) : ownKey(value)
    if (key === undefined || key === '')
      return refuse(`item ${index} has no name to be known by`, 'give the step a key, e.g. key: it.item.id')
    if (key.length > longestKey)
      return refuse(`the key of item ${index} has more than ${longestKey} characters`, 'give the step a shorter key')
    const other = keys.get(key)
    if (other !== undefined)
      return refuse(`items ${other} and ${index} have the same key ${JSON.stringify(key)}`, 'give the step a key that tells them apart')
    keys.set(key, index)
    items.push({ key, value })
  }
  return { items }
}

/** What an item is known by where the step does not say it: itself, its UID, its name. */
function ownKey(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (!isMap(value)) return undefined
  const { name, metadata } = value as { name?: unknown; metadata?: unknown }
  if (isMap(metadata)) return textOf((metadata as { uid?: unknown }).uid) ?? textOf((metadata as { name?: unknown }).name)
  return textOf(name)
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
