/**
 * A unified diff of two texts, as some refusals of the server carry one. (apimachinery, util/diff; Python's difflib, which it follows)
 */

interface Match {
  readonly a: number
  readonly b: number
  readonly size: number
}

/** Lines of `a` from `aStart` to `aEnd` become those of `b` from `bStart` to `bEnd`. */
interface Change {
  readonly equal: boolean
  readonly aStart: number
  readonly aEnd: number
  readonly bStart: number
  readonly bEnd: number
}

const context = 3

/** Hunks with three lines around each change; empty if the texts are equal. */
export function unifiedDiff(before: string, after: string): string {
  const a = before.split('\n')
  const b = after.split('\n')
  return hunksOf(changesOf(a, b))
    .map((hunk) => hunkText(hunk, a, b))
    .join('')
}

function longestMatch(
  a: readonly string[],
  b: readonly string[],
  [aLow, aHigh, bLow, bHigh]: readonly [number, number, number, number],
): Match {
  let best: Match = { a: aLow, b: bLow, size: 0 }
  let lengths = new Map<number, number>()
  for (let i = aLow; i < aHigh; i++) {
    const next = new Map<number, number>()
    for (let j = bLow; j < bHigh; j++) {
      if (a[i] !== b[j]) continue
      const size = (lengths.get(j - 1) ?? 0) + 1
      next.set(j, size)
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size }
    }
    lengths = next
  }
  return best
}

function matchesOf(a: readonly string[], b: readonly string[], range: readonly [number, number, number, number]): Match[] {
  const [aLow, aHigh, bLow, bHigh] = range
  const match = longestMatch(a, b, range)
  if (match.size === 0) return []
  return [
    ...matchesOf(a, b, [aLow, match.a, bLow, match.b]),
    match,
    ...matchesOf(a, b, [match.a + match.size, aHigh, match.b + match.size, bHigh]),
  ]
}

function changesOf(a: readonly string[], b: readonly string[]): Change[] {
  const changes: Change[] = []
  let [aAt, bAt] = [0, 0]
  for (const match of [...matchesOf(a, b, [0, a.length, 0, b.length]), { a: a.length, b: b.length, size: 0 }]) {
    if (aAt < match.a || bAt < match.b) changes.push({ equal: false, aStart: aAt, aEnd: match.a, bStart: bAt, bEnd: match.b })
    aAt = match.a + match.size
    bAt = match.b + match.size
    if (match.size > 0) changes.push({ equal: true, aStart: match.a, aEnd: aAt, bStart: match.b, bEnd: bAt })
  }
  return changes
}

const tail = ({ aStart, aEnd, bStart, bEnd }: Change): Change => ({
  equal: true,
  aStart: Math.max(aStart, aEnd - context),
  aEnd,
  bStart: Math.max(bStart, bEnd - context),
  bEnd,
})

const head = ({ aStart, aEnd, bStart, bEnd }: Change): Change => ({
  equal: true,
  aStart,
  aEnd: Math.min(aEnd, aStart + context),
  bStart,
  bEnd: Math.min(bEnd, bStart + context),
})

function hunksOf(changes: readonly Change[]): Change[][] {
  const hunks: Change[][] = []
  let hunk: Change[] = []
  for (const [index, change] of changes.entries()) {
    if (!change.equal) hunk.push(change)
    else if (index === 0) hunk.push(tail(change))
    else if (index === changes.length - 1) hunk.push(head(change))
    else if (change.aEnd - change.aStart <= 2 * context) hunk.push(change)
    else {
      hunks.push([...hunk, head(change)])
      hunk = [tail(change)]
    }
  }
  if (hunk.some(({ equal }) => !equal)) hunks.push(hunk)
  return hunks
}

const rangeText = (start: number, end: number): string => {
  const size = end - start
  if (size === 1) return String(start + 1)
  return `${size === 0 ? start : start + 1},${size}`
}

function hunkText(hunk: readonly Change[], a: readonly string[], b: readonly string[]): string {
  const [first, last] = [hunk[0], hunk.at(-1)]
  if (!first || !last) return ''
  const lines = hunk.flatMap(({ equal, aStart, aEnd, bStart, bEnd }) =>
    equal
      ? a.slice(aStart, aEnd).map((line) => ` ${line}`)
      : [...a.slice(aStart, aEnd).map((line) => `-${line}`), ...b.slice(bStart, bEnd).map((line) => `+${line}`)],
  )
  return `@@ -${rangeText(first.aStart, last.aEnd)} +${rangeText(first.bStart, last.bEnd)} @@\n${lines.join('\n')}\n`
}
