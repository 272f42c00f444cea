/**
 * The writes of one pass, side by side but for a bound.
 *
 * All passes share the connections to the server. Without a bound a custom resource with a thousand dependents would have a thousand
 * requests stand in line, and every other custom resource behind them.
 */

/** Of the 32 connections that there are at least. */
const atATime = 16

/** The answers in the order of the items. Rejects with the first rejection; what has begun then still runs, and nothing more begins. */
export async function sideBySide<Item, Answer>(items: readonly Item[], work: (item: Item) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = []
  let next = 0
  const runNext = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++
      try {
        answers[at] = await work(items[at] as Item)
      } catch (error) {
        next = items.length
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, runNext))
  return answers
}
