import { expect, it } from 'vitest'
import { templateHash } from '../../../src/sandbox/controllers/template-hash.ts'

it('the hash of a template has the form of the real one, and depends on what it says, not on its order', () => {
  const hash = templateHash({ spec: { a: 1, b: [2] } })
  expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5,10}$/)
  expect(templateHash({ spec: { b: [2], a: 1 } })).toBe(hash)
  expect(templateHash({ spec: { a: 1, b: [3] } })).not.toBe(hash)
  expect(templateHash({ spec: { a: 1, b: [2] } }, 0)).not.toBe(hash)
  expect(templateHash({ spec: { a: 1, b: [2] } }, 1)).not.toBe(templateHash({ spec: { a: 1, b: [2] } }, 0))
})
