/** Choices of a seeded generator of random numbers. */

export interface Chance {
  /** From 0 up to but without `below`. */
  integer(below: number): number
  /** True with this probability. */
  one(probability: number): boolean
  pick<Item>(items: readonly Item[]): Item
  /** From 0 up to but without 1. */
  number(): number
}

export function chanceOf(number: () => number): Chance {
  const integer = (below: number): number => Math.floor(number() * below)
  return {
    number,
    integer,
    one: (probability) => number() < probability,
    pick: <Item>(items: readonly Item[]): Item => items[integer(items.length)] as Item,
  }
}
