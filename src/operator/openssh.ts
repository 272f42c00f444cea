/** An Ed25519 key pair as OpenSSH keeps it, which Node's own key formats leave out. (OpenSSH, PROTOCOL.key; RFC 4253, section 6.6) */
import { generateKeyPairSync, randomBytes } from 'node:crypto'

const keyType = 'ssh-ed25519'

/** A new pair; the comment stands behind the public key, and in the private one. */
export function openSshKeys(comment: string): { privateKey: string; publicKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { x, d } = privateKey.export({ format: 'jwk' }) as { x: string; d: string }
  const open = Buffer.from(x, 'base64url')
  const seed = Buffer.from(d, 'base64url')
  if (publicKey.asymmetricKeyType !== 'ed25519') throw new Error('the key is of another type')
  const blob = Buffer.concat([field(keyType), field(open)])
  // The same number twice shows a reader that it decrypted rightly; there is nothing to decrypt here.
  const check = randomBytes(4)
  const inner = Buffer.concat([check, check, field(keyType), field(open), field(Buffer.concat([seed, open])), field(comment)])
  const padding = Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, index) => index + 1))
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    Buffer.from([0, 0, 0, 1]),
    field(blob),
    field(Buffer.concat([inner, padding])),
  ])
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? []
  return {
    publicKey: `${keyType} ${blob.toString('base64')} ${comment}\n`,
    privateKey: ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n'),
  }
}

/** A length of four bytes, and the bytes. */
function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
