/**
 * When an image is pulled: always if its tag may come to mean another one, that is `latest` or no tag at all.
 *
 * A digest is as good as a tag. (pkg/util/parsers)
 */
const reference = /^(?:[^/]*\/)*[^/:@]+(?<tag>:[^/@]+)?(?<digest>@.+)?$/

export function pullPolicy(image: unknown): 'Always' | 'IfNotPresent' {
  const match = typeof image === 'string' ? reference.exec(image) : null
  // What is no reference has no tag either; validation tells.
  if (!match) return 'IfNotPresent'
  const { tag, digest } = match.groups ?? {}
  return tag === ':latest' || (tag === undefined && digest === undefined) ? 'Always' : 'IfNotPresent'
}
