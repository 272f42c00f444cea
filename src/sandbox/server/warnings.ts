/**
 * Warnings as headers: each once, none with control characters, and not more of them than a client would read.
 *
 * (apiserver, endpoints/filters/warning.go; apimachinery, util/net, NewWarningHeader)
 */

/** From so many characters on, all are cut. */
const mostCharacters = 4 * 1024
const charactersOfOne = 256

const control = /\p{Cc}/u

/** The values of the `Warning` headers that tell these texts, in their order; bytes of UTF-8 as characters, as headers hold them. */
export function warningHeaders(texts: readonly string[]): string[] {
  const distinct = [...new Set(texts)].filter((text) => text !== '')
  const told = distinct.filter((text) => !control.test(text))
  if (told.reduce((sum, text) => sum + lengthOf(text), 0) <= mostCharacters) return told.map(header)
  let written = 0
  return cutFrom(distinct)
    .filter((text) => {
      if (written >= mostCharacters || control.test(text)) return false
      written += lengthOf(text)
      return true
    })
    .map(header)
}

const cutFrom = (texts: readonly string[]): string[] => texts.map((text) => [...text].slice(0, charactersOfOne).join(''))

const lengthOf = (text: string): number => (text.length <= charactersOfOne ? text.length : [...text].length)

function header(text: string): string {
  return `299 - "${Buffer.from(text.replace(/["\\]/g, '\\$&')).toString('latin1')}"`
}
