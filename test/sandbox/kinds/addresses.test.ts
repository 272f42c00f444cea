import { describe, expect, it } from 'vitest'
import { formatIp, parseIp, validateNetwork } from '../../../src/sandbox/kinds/addresses.ts'

const canonical = (text: string): string | undefined => {
  const address = parseIp(text)
  return address && formatIp(address)
}

describe('an address', () => {
  it.each([
    ['::', '::'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['010.1.1.1', '10.1.1.1'],
  ])('%s is written %s', (text, expected) => {
    expect(canonical(text)).toBe(expected)
  })

  it.each(['', '1.2.3', '1.2.3.256', '1::2::3', ':1', '1:2:3:4:5:6:7:8:9', 'fe80::1%eth0', '12345::'])('%j is none', (text) => {
    expect(canonical(text)).toBeUndefined()
  })

  it('of a network ends at its prefix', () => {
    expect(validateNetwork('x', '10.0.0.0/8')).toEqual([])
    expect(validateNetwork('x', '10.0.0.1/8')).toHaveLength(1)
    expect(validateNetwork('x', 'FD00::/8')).toHaveLength(1)
  })
})
