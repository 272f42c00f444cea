/** Which requests a fault concerns. */

/** One text, a pattern, or any of several. */
export type TextMatch = string | RegExp | readonly (string | RegExp)[]

/** All that are given have to fit. */
export interface RequestMatch {
  /** get, list, watch, create, update, patch, delete, deletecollection; outside of resources, the method in small letters. */
  readonly verb?: TextMatch
  /** Empty for the core group. */
  readonly group?: TextMatch
  /** Plural: `configmaps`. */
  readonly resource?: TextMatch
  /** Empty: the object itself only. */
  readonly subresource?: TextMatch
  readonly namespace?: TextMatch
  readonly name?: TextMatch
  readonly user?: TextMatch
  /** A text matches the beginning. */
  readonly userAgent?: TextMatch
  /** A text matches the beginning. */
  readonly path?: TextMatch
}

/** A request, as far as faults look at it. */
export type MatchedRequest = { readonly [Part in keyof RequestMatch]-?: string }

export function matches(match: RequestMatch, request: MatchedRequest): boolean {
  for (const part of Object.keys(match) as (keyof RequestMatch)[]) {
    const wanted = match[part]
    if (wanted !== undefined && !fitsText(wanted, request[part], part === 'userAgent' || part === 'path')) return false
  }
  return true
}

/** @param beginning whether a text has to match the beginning only */
export function fitsText(wanted: TextMatch, text: string, beginning = false): boolean {
  if (typeof wanted === 'string') return beginning ? text.startsWith(wanted) : text === wanted
  // Unlike test(), search() does not go on from where it was.
  if (wanted instanceof RegExp) return text.search(wanted) >= 0
  return wanted.some((each) => fitsText(each, text, beginning))
}
