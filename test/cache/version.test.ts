import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compareVersions } from '../../src/cache/version.ts'

it('orders versions as whole numbers of any size', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 70n }), fc.bigInt({ min: 0n, max: 2n ** 70n }), (a, b) => {
      const order = compareVersions(String(a), String(b))
      expect(Math.sign(order as number)).toBe(a < b ? -1 : a > b ? 1 : 0)
    }),
  )
  expect(compareVersions('9007199254740993', '9007199254740992')).toBeGreaterThan(0)
})

it.each([undefined, '', '01', '-1', '1.5', 'abc', '1e3'])('does not order %j', (version) => {
  expect(compareVersions(version, '7')).toBeUndefined()
  expect(compareVersions('7', version)).toBeUndefined()
})
