/**
 * What revisions have deleted without approval: the record behind `prune.maxPerRevision`, which outlives the process.
 *
 * An object counts once, however often its delete is tried: so the record has a digest of each, and not a number.
 */
import { isMap } from '../api/object.ts'

/** By revision, the latest last, and by watch: digests of the UIDs. */
export type Pruned = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

/** A way back to one of the last revisions goes on with its count. */
const revisionsKept = 4

/** Annotations of one object have room for 256 KiB together. A limit that is higher is counted from here after a restart. */
const digestsKept = 5000

/** The record with these digests too; the same object if it has them. */
export function withPruned(pruned: Pruned, revision: string, watch: string, digests: readonly string[]): Pruned {
  const known = pruned[revision]?.[watch] ?? []
  const room = Math.max(0, digestsKept - countOf(pruned[revision] ?? {}))
  const news = digests.filter((digest) => !known.includes(digest)).slice(0, room)
  if (news.length === 0) return pruned
  const { [revision]: own, ...others } = pruned
  const kept = Object.entries(others).slice(1 - revisionsKept)
  const grown = { ...own, [watch]: [...known, ...news] }
  while (kept.length > 0 && countOf(grown) + kept.reduce((sum, [, each]) => sum + countOf(each), 0) > digestsKept) kept.shift()
  return { ...Object.fromEntries(kept), [revision]: grown }
}

/** Both records; the revisions of the second one are the later ones. */
export function mergedPruned(one: Pruned, other: Pruned): Pruned {
  let merged = one
  for (const [revision, watches] of Object.entries(other))
    for (const [watch, digests] of Object.entries(watches)) merged = withPruned(merged, revision, watch, digests)
  return merged
}

const countOf = (watches: Readonly<Record<string, readonly string[]>>): number =>
  Object.values(watches).reduce((sum, digests) => sum + digests.length, 0)

/** `{"4f2a…":{"Shop.example.com":"1f2e3d4c 5a6b7c8d"}}` */
export const formatPruned = (pruned: Pruned): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(pruned).map(([revision, watches]) => [
        revision,
        Object.fromEntries(Object.entries(watches).map(([watch, digests]) => [watch, digests.join(' ')])),
      ]),
    ),
  )

/** Reads it back. What is no such record counts as an empty one: it is a brake, and nothing that is right depends on it. */
export function parsePruned(text: string | undefined): Pruned {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return Object.fromEntries(entriesOf(value).map(([revision, watches]) => [revision, parseWatches(watches)]))
  } catch {
    return {}
  }
}

const parseWatches = (value: unknown): Record<string, readonly string[]> =>
  Object.fromEntries(entriesOf(value).map(([watch, digests]) => [watch, String(digests).match(/[0-9a-f]{8}/g) ?? []]))

const entriesOf = (value: unknown): [string, unknown][] => (isMap(value) ? Object.entries(value) : [])
