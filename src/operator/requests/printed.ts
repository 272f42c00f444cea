/** What a program prints, up to the size that an answer may have. */
import { mostAnswerBytes } from './request.ts'

export class Printed {
  readonly #parts: Uint8Array[] = []
  #size = 0

  add(bytes: Uint8Array): 'tooMuch' | undefined {
    this.#size += bytes.length
    if (this.#size > mostAnswerBytes) return 'tooMuch'
    this.#parts.push(bytes)
    return undefined
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString('utf8')
  }
}
