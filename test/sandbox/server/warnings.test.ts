/** How many and how long they are was asked of the real server. */
import { describe, expect, it } from 'vitest'
import { warningHeaders } from '../../../src/sandbox/server/warnings.ts'

describe('warnings as headers', () => {
  it('tell each text once, in its order', () => {
    expect(warningHeaders(['b', 'a', 'b', ''])).toEqual(['299 - "b"', '299 - "a"'])
  })

  it('escape quotes and backslashes only', () => {
    expect(warningHeaders(['unknown field "a\\b"'])).toEqual([String.raw`299 - "unknown field \"a\\b\""`])
  })

  it('hold the bytes of UTF-8', () => {
    expect(warningHeaders(['é😀'])).toEqual(['299 - "Ã©ð\u009f\u0098\u0080"'])
  })

  it('leave out texts with control characters', () => {
    expect(warningHeaders(['a\nb', 'a\u007fb', 'a\u0085b', 'c'])).toEqual(['299 - "c"'])
  })

  it.each([
    { texts: 18, length: 220, headers: 18, longest: 220 },
    { texts: 40, length: 218, headers: 19, longest: 218 },
    { texts: 12, length: 516, headers: 12, longest: 256 },
    { texts: 30, length: 316, headers: 16, longest: 256 },
  ])('$texts texts of $length characters become $headers headers of $longest', ({ texts, length, headers, longest }) => {
    const values = warningHeaders(Array.from({ length: texts }, (_, number) => String(number).padEnd(length, 'x')))
    expect(values.map((value) => value.length - '299 - ""'.length)).toEqual(Array.from({ length: headers }, () => longest))
  })
})
