/**
 * Resource versions, compared.
 *
 * The server's contract since Kubernetes 1.35 is that they are decimal numbers that grow within one resource (apimachinery,
 * resourceversion.CompareResourceVersion). They are 64 bits wide, more than a number holds, so they are compared as text: the longer
 * is the greater. They go back only when etcd is restored from a backup; whoever relies on their order has to notice that.
 */

const decimal = /^(?:0|[1-9][0-9]*)$/

/** Negative, zero or positive as `a` is older than, equal to or newer than `b`; undefined if one of them is no decimal number. */
export function compareVersions(a: string | undefined, b: string | undefined): number | undefined {
  if (a === undefined || b === undefined) return undefined
  if (a === b) return 0
  if (!decimal.test(a) || !decimal.test(b)) return undefined
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : 1
}
