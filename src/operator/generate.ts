/** Makes the values that `generate` asks for: each part as base64, and when the value is to be made anew. */
import { generateKeyPair, randomBytes, randomInt, randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import type { Generated, GenerateNeed } from '../reconcile/generated.ts'
import { openSshKeys } from './openssh.ts'

export interface Made {
  /** By part, as base64. */
  parts: Record<string, string>
  /** Milliseconds since the epoch. */
  renew?: number
}

const generateKeys = promisify(generateKeyPair)
const lettersAndDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const day = 86_400_000

/** @param values what is there already: the authority of a certificate among it @param now milliseconds since the epoch */
export async function generate(need: GenerateNeed, values: Readonly<Record<string, Generated>>, now: number): Promise<Made> {
  if (need.adopt !== undefined) return { parts: { value: need.adopt } }
  const { options } = need
  switch (need.sort) {
    case 'password': {
      const alphabet = [...((options['alphabet'] as string | undefined) ?? lettersAndDigits)]
      const characters = Array.from({ length: (options['length'] as number | undefined) ?? 24 }, () => alphabet[randomInt(alphabet.length)])
      return encoded({ value: characters.join('') })
    }
    case 'token':
      return encoded({ value: randomBytes((options['bytes'] as number | undefined) ?? 32).toString('base64url') })
    case 'uuid':
      return encoded({ value: randomUUID() })
    case 'rsa':
      return encoded(
        await generateKeys('rsa', {
          modulusLength: (options['bits'] as number | undefined) ?? 2048,
          publicKeyEncoding: { type: 'spki', format: 'pem' },
          privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
        }),
      )
    case 'ssh':
      return encoded(openSshKeys((options['comment'] as string | undefined) ?? need.name))
    case 'ca':
    case 'certificate':
      return await certificate(need, values, now)
  }
}

async function certificate({ sort, name, options }: GenerateNeed, values: Readonly<Record<string, Generated>>, now: number): Promise<Made> {
  // A bundle gives a CommonJS module as its default export only.
  const {
    default: { generate: sign },
  } = await import('selfsigned')
  const isAuthority = sort === 'ca'
  const issuer = typeof options['ca'] === 'string' ? values[options['ca']] : undefined
  const life = ((options['days'] as number | undefined) ?? (isAuthority ? 3650 : 365)) * day
  const altNames = [
    ...((options['dnsNames'] as string[] | undefined) ?? []).map((value) => ({ type: 2 as const, value })),
    ...((options['ipAddresses'] as string[] | undefined) ?? []).map((ip) => ({ type: 7 as const, ip })),
  ]
  const made = await sign([{ name: 'commonName', value: (options['commonName'] as string | undefined) ?? name }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // A clock that is a little behind shall not find it not yet valid.
    notBeforeDate: new Date(now - 300_000),
    notAfterDate: new Date(now + life),
    ...(issuer && { ca: { key: decode(issuer.parts['privateKey']), cert: decode(issuer.parts['certificate']) } }),
    extensions: [
      { name: 'basicConstraints', cA: isAuthority, critical: true },
      isAuthority
        ? { name: 'keyUsage', digitalSignature: true, keyCertSign: true, cRLSign: true, critical: true }
        : { name: 'keyUsage', digitalSignature: true, critical: true },
      ...(isAuthority ? [] : [{ name: 'extKeyUsage' as const, serverAuth: true, clientAuth: true }]),
      ...(altNames.length > 0 ? [{ name: 'subjectAltName' as const, altNames }] : []),
    ],
  })
  const parts = { certificate: made.cert, privateKey: made.private }
  const renew = now + (life * 2) / 3
  if (isAuthority) return { ...encoded(parts), renew }
  return { ...encoded({ ...parts, ca: issuer ? decode(issuer.parts['certificate']) : made.cert }), renew }
}

const encoded = (parts: Record<string, string>): Made => ({
  parts: Object.fromEntries(Object.entries(parts).map(([part, text]) => [part, Buffer.from(text).toString('base64')])),
})

const decode = (bytes: string | undefined): string => Buffer.from(bytes ?? '', 'base64').toString()
