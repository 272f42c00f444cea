/** Lists of the indexes of a Job: `0,2-5,7`. (batch/validation, validateIndexesFormat) */

const integer = /^[+-]?\d+$/

/** How many indexes the text names, or what is wrong with it. */
export function validateIndexes(text: string, completions: number): number | string {
  if (text === '') return 0
  let last: number | undefined
  let total = 0
  for (const part of text.split(',')) {
    const interval = parseInterval(part, completions)
    if (typeof interval === 'string') return interval
    const [from, to] = interval
    if (last !== undefined && last >= from) return `non-increasing order, previous: ${last}, current: ${from}`
    total += to - from + 1
    last = to
  }
  return total
}

function parseInterval(text: string, completions: number): [number, number] | string {
  const limits = text.split('-')
  if (limits.length > 2)
    return `the fragment ${JSON.stringify(text)} violates the requirement that an index interval can have at most two parts separated by '-'`
  const values: number[] = []
  for (const limit of limits) {
    if (!integer.test(limit)) return `cannot convert string to integer for index: ${JSON.stringify(limit)}`
    if (Number(limit) >= completions) return `too large index: ${JSON.stringify(limit)}`
    values.push(Number(limit))
  }
  const [from, to = from] = values as [number, number?]
  if (limits.length > 1 && from >= to) return `non-increasing order, previous: ${from}, current: ${to}`
  return [from, to]
}

/** The first index that is in both lists; undefined if there is none. Parts that cannot be read are passed over. */
export function overlap(first: string, second: string, completions: number): number | undefined {
  const intervals = (text: string): [number, number][] =>
    text.split(',').flatMap((part) => {
      const interval = parseInterval(part, completions)
      return typeof interval === 'string' ? [] : [interval]
    })
  const others = intervals(second)
  for (const [from, to] of intervals(first)) for (const [start, end] of others) if (from <= end && start <= to) return Math.max(from, start)
  return undefined
}
