import { describe, expect, it } from 'vitest'
import { issueToken, readToken } from '../../../../src/sandbox/kinds/platform/tokens.ts'

const subject = { namespace: 'n', serviceAccount: { name: 'a', uid: 'u' }, audiences: ['x'], issuedAt: 100, expiresAt: 200 }
const token = issueToken({ ...subject, random: () => 0.5 })

describe('a token of a service account', () => {
  it('tells whom it stands for until it expires', () => {
    expect(readToken(token, 199_000)).toEqual({ ...subject, id: '80008000-8000-8000-8000-800080008000' })
    expect(readToken(token, 200_000)).toBeUndefined()
  })

  it('is refused if it was changed, or is none', () => {
    expect(readToken(`${token}x`, 150_000)).toBeUndefined()
    expect(readToken(`x${token}`, 150_000)).toBeUndefined()
    expect(readToken('', 150_000)).toBeUndefined()
    expect(readToken('a.b.c', 150_000)).toBeUndefined()
  })
})
