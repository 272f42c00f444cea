/** Makes the values that `generate` asks for: each part as base64, and when the value is to be made anew. */
import { X509Certificate, createPrivateKey, generateKeyPair, randomBytes, randomInt, randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { rotateAnnotation } from '../api/names.ts'
import type { Problem } from '../api/problem.ts'
import type { Generated, GenerateNeed, GeneratedSort } from '../reconcile/generated.ts'
import { makeCertificate } from './certificate.ts'
import { openSshKeys } from './openssh.ts'

export interface Made {
  /** By part, as base64. */
  parts: Record<string, string>
  /** Milliseconds since the epoch. */
  renew?: number
}

/** A value that cannot be made from what is kept, which anybody can edit, or would take its place. */
export class UnusableValueError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.message)
    this.problem = problem
  }
}

const generateKeys = promisify(generateKeyPair)
const lettersAndDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const day = 86_400_000

/**
 * Rejects with UnusableValueError where the authority of a certificate cannot sign.
 *
 * @param values what is there already: the authority of a certificate among it @param now milliseconds since the epoch
 */
export async function generate(need: GenerateNeed, values: Readonly<Record<string, Generated>>, now: number): Promise<Made> {
  if (need.adopt !== undefined) return { parts: { value: need.adopt } }
  const { options } = need
  switch (need.sort) {
    case 'password': {
      // A character that stands twice shall not be the likelier one.
      const alphabet = [...new Set((options['alphabet'] as string | undefined) ?? lettersAndDigits)]
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
  const isAuthority = sort === 'ca'
  const issuer = typeof options['ca'] === 'string' ? authorityOf(name, options['ca'], values) : undefined
  const life = ((options['days'] as number | undefined) ?? (isAuthority ? 3650 : 365)) * day
  const made = await makeCertificate({
    commonName: (options['commonName'] as string | undefined) ?? name,
    dnsNames: (options['dnsNames'] as string[] | undefined) ?? [],
    ipAddresses: (options['ipAddresses'] as string[] | undefined) ?? [],
    isAuthority,
    issuer,
    // A clock that is a little behind shall not find it not yet valid.
    notBefore: new Date(now - 300_000),
    notAfter: new Date(now + life),
  })
  const renew = now + (life * 2) / 3
  return { ...encoded(isAuthority ? { ...made } : { ...made, ca: issuer?.kept ?? made.certificate }), renew }
}

/** The authority with its key in the form that signs; `kept`: its certificate letter by letter. */
function authorityOf(name: string, ca: string, values: Readonly<Record<string, Generated>>) {
  const { certificate: kept, privateKey } = values[ca]?.parts ?? {}
  try {
    const certificate = new X509Certificate(decode(kept))
    const key = createPrivateKey(decode(privateKey))
    if (certificate.ca && certificate.checkPrivateKey(key) && key.asymmetricKeyDetails?.namedCurve === 'prime256v1')
      return {
        certificate: certificate.toString(),
        privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
        kept: decode(kept),
      }
  } catch {
    // Told as any other that cannot sign.
  }
  throw new UnusableValueError({
    code: 'TEMPLATE_VALUE',
    message: `generate.certificate("${name}"): what is kept of "${ca}" is no authority with its key, and can sign nothing`,
    remedy: `a new text for ${ca} in the annotation ${rotateAnnotation} makes it anew`,
  })
}

/** What stands as it is, where it is not known how it was made; undefined where it has to be made anew. */
export function recovered(sort: GeneratedSort, parts: Record<string, string> | undefined): Made | undefined {
  // It is for names and of an authority that nobody knows any more.
  if (!parts || sort === 'certificate') return undefined
  if (sort !== 'ca') return { parts }
  try {
    const { validFromDate, validToDate } = new X509Certificate(decode(parts['certificate']))
    return { parts, renew: validToDate.getTime() - (validToDate.getTime() - validFromDate.getTime()) / 3 }
  } catch {
    return undefined
  }
}

const encoded = (parts: Record<string, string>): Made => ({
  parts: Object.fromEntries(Object.entries(parts).map(([part, text]) => [part, Buffer.from(text).toString('base64')])),
})

const decode = (bytes: string | undefined): string => Buffer.from(bytes ?? '', 'base64').toString()
