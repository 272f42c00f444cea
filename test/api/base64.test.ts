import { expect, it } from 'vitest'
import { decodeBase64, encodeBase64 } from '../../src/api/base64.ts'

it.each(['', 'plain', 'é', '漢😀', '\u{feff}mark'])('%j is the same after both ways', (text) => {
  expect(encodeBase64(text)).toBe(Buffer.from(text).toString('base64'))
  expect(decodeBase64(encodeBase64(text))).toBe(text)
})

it.each(['!', btoa('\xff')])('%j holds no text', (encoded) => expect(decodeBase64(encoded)).toBeUndefined())
