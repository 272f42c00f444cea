/**
 * What a render revealed of secrets by `reveal()`, so that nothing of it stands in what is told of the render.
 *
 * A template may put it into any document, where it is for everybody to see. A message goes into status, log and Events, and nobody asked for
 * it there. What the template made of the text can stand in a message too: so every longer run of its characters is masked, and not only the
 * whole. Where the JavaScript engine words the message, which quotes what it is about in pieces, the message is left out (see render.ts).
 */
import { decodeBase64, encodeBase64 } from '../api/base64.ts'
import type { Problem } from '../api/problem.ts'

/** Characters that a message and a revealed text have in common by chance: as many as a word has. */
const run = 6
const mask = '***'

export class Revealed {
  readonly #texts = new Set<string>()

  get isAny(): boolean {
    return this.#texts.size > 0
  }

  /** @param text as the template got it: plain, or still base64 */
  add(text: string): void {
    // As it is, and as it stands in quotes.
    for (const form of [text, decodeBase64(text), encodeBase64(text)])
      if (form) for (const spelled of [form, JSON.stringify(form).slice(1, -1)]) this.#texts.add(spelled)
  }

  /** The text with a mask in the place of everything revealed. */
  masked(text: string): string {
    const hidden = new Uint8Array(text.length)
    for (const revealed of this.#texts) hide(text, revealed, hidden)
    let shown = ''
    for (let at = 0; at < text.length; at++) {
      if (hidden[at] === 0) shown += text[at]
      else if (hidden[at - 1] !== 1) shown += mask
    }
    return shown
  }

  isIn(text: string): boolean {
    return this.isAny && this.masked(text) !== text
  }

  maskedProblem(problem: Problem): Problem {
    if (!this.isAny) return problem
    const { message, remedy } = problem
    return { ...problem, message: this.masked(message), ...(remedy === undefined ? {} : { remedy: this.masked(remedy) }) }
  }
}

/** Marks every run of characters that stands in both. */
function hide(text: string, revealed: string, hidden: Uint8Array): void {
  const length = Math.min(run, revealed.length)
  const places = new Map<string, number[]>()
  for (let at = 0; at + length <= text.length; at++) {
    const piece = text.slice(at, at + length)
    const known = places.get(piece)
    if (known) known.push(at)
    else places.set(piece, [at])
  }
  for (let at = 0; at + length <= revealed.length; at++)
    for (const place of places.get(revealed.slice(at, at + length)) ?? []) hidden.fill(1, place, place + length)
}
