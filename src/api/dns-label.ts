/** Texts as parts of names. (RFC 1123) */

/** In lower case, with a hyphen for each run of characters that a DNS label cannot have, and none at its ends. */
export const stripped = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
