/**
 * Tokens of service accounts: written and read by the sandbox alone.
 *
 * The form and the claims are those of the real ones (a JSON web token), so that a client that looks inside finds what it expects. The
 * signature proves nothing but that the token was not mistyped: who can reach a sandbox may be anyone in it.
 * (pkg/serviceaccount/claims.go)
 */
import { createHmac } from 'node:crypto'

export const tokenIssuer = 'https://kubernetes.default.svc'

const key = 'sandbox'
const header = { alg: 'HS256', kid: 'sandbox' }

export interface TokenSubject {
  /** The identifier of the token itself (`jti`). */
  readonly id?: string
  readonly namespace: string
  readonly serviceAccount: { readonly name: string; readonly uid: string }
  readonly audiences: readonly string[]
  /** Seconds since the epoch. */
  readonly issuedAt: number
  readonly expiresAt: number
  readonly bound?: { readonly kind: string; readonly name: string; readonly uid: string }
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const sign = (text: string): string => createHmac('sha256', key).update(text).digest('base64url')

/** `random`: from 0 up to but without 1; makes tokens of one second differ. */
export function issueToken(subject: TokenSubject & { readonly random: () => number }): string {
  const { namespace, serviceAccount, audiences, issuedAt, expiresAt, bound, random } = subject
  const identifier = Array.from({ length: 8 }, () =>
    Math.floor(random() * 65536)
      .toString(16)
      .padStart(4, '0'),
  ).join('')
  const claims = {
    aud: audiences,
    exp: expiresAt,
    iat: issuedAt,
    iss: tokenIssuer,
    jti: identifier.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    'kubernetes.io': {
      namespace,
      ...(bound && { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } }),
      serviceaccount: serviceAccount,
    },
    nbf: issuedAt,
    sub: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
  }
  const content = `${encode(header)}.${encode(claims)}`
  return `${content}.${sign(content)}`
}

/** Whom the token stands for; undefined if it is none of the sandbox's, or has expired. `now`: milliseconds since the epoch. */
export function readToken(token: string, now: number): TokenSubject | undefined {
  const end = token.lastIndexOf('.')
  const content = token.slice(0, Math.max(0, end))
  if (end < 0 || sign(content) !== token.slice(end + 1)) return undefined
  const claims = JSON.parse(Buffer.from(content.slice(content.indexOf('.') + 1), 'base64url').toString()) as Claims
  if (claims.exp * 1000 <= now) return undefined
  const { namespace, serviceaccount } = claims['kubernetes.io']
  return {
    id: claims.jti,
    ...boundOf(claims['kubernetes.io']),
    namespace,
    serviceAccount: serviceaccount,
    audiences: claims.aud,
    issuedAt: claims.iat,
    expiresAt: claims.exp,
  }
}

interface Reference {
  readonly name: string
  readonly uid: string
}

function boundOf({ pod, secret, node }: Claims['kubernetes.io']): Pick<TokenSubject, 'bound'> {
  if (pod) return { bound: { kind: 'Pod', ...pod } }
  if (secret) return { bound: { kind: 'Secret', ...secret } }
  return node ? { bound: { kind: 'Node', ...node } } : {}
}

interface Claims {
  readonly jti: string
  readonly aud: readonly string[]
  readonly exp: number
  readonly iat: number
  readonly 'kubernetes.io': {
    readonly namespace: string
    readonly serviceaccount: Reference
    readonly pod?: Reference
    readonly secret?: Reference
    readonly node?: Reference
  }
}
