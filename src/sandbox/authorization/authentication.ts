/**
 * Who sends a request: the user of a token, a service account, or nobody that is known.
 *
 * (apiserver, authentication/request and authentication/token; pkg/serviceaccount)
 */
import { readToken, tokenIssuer, type TokenSubject } from '../kinds/platform/tokens.ts'
import type { ObjectReader, UserInfo } from '../registry/resource.ts'

export interface SandboxUser extends UserInfo {
  readonly token: string
}

export const anonymous: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] }

const authenticatedGroup = 'system:authenticated'

export interface Authenticator {
  /** The user of an Authorization header; undefined for credentials that nobody has. */
  byHeader(authorization: string | undefined, warnings: string[]): UserInfo | undefined
  /** Whom a token stands for before one of the audiences; without audiences, before the server. */
  byToken(token: string, audiences?: readonly string[]): Identity
}

export type Identity = { readonly user: UserInfo; readonly audiences: readonly string[] } | { readonly problem: string }

const serverAudiences = [tokenIssuer]
const nobody = 'invalid bearer token'

/** @param now milliseconds since the epoch */
export function createAuthenticator(users: readonly SandboxUser[], objects: ObjectReader, now: () => number): Authenticator {
  const known = new Map(users.map(({ token, ...user }) => [token, withGroup(user)]))
  const byToken = (token: string, audiences: readonly string[] = serverAudiences): Identity => {
    const user = known.get(token)
    if (!user) return serviceAccount(token, audiences, objects, now())
    const shared = audiences.filter((audience) => serverAudiences.includes(audience))
    return shared.length > 0 ? { user, audiences: shared } : { problem: nobody }
  }
  return {
    byToken,
    byHeader(authorization, warnings) {
      const [scheme = '', token, rest] = (authorization ?? '').trim().split(' ')
      // Another scheme than this one says nothing about anybody.
      if (token === undefined || scheme.toLowerCase() !== 'bearer') return anonymous
      if (token === '') {
        if (rest !== undefined)
          warnings.push('the provided Authorization header contains extra space before the bearer token, and is ignored')
        return anonymous
      }
      const user = known.get(token)
      if (user) return user
      const found = byToken(token)
      return 'user' in found ? found.user : undefined
    },
  }
}

const withGroup = (user: UserInfo): UserInfo =>
  user.groups.includes(authenticatedGroup) ? user : { ...user, groups: [...user.groups, authenticatedGroup] }

function serviceAccount(token: string, audiences: readonly string[], objects: ObjectReader, now: number): Identity {
  const subject = readToken(token, now)
  if (!subject) return { problem: nobody }
  const { namespace, serviceAccount, id, bound } = subject
  const shared = audiences.filter((audience) => subject.audiences.includes(audience))
  if (shared.length === 0)
    return { problem: `[${nobody}, token audiences ${list(subject.audiences)} is invalid for the target audiences ${list(audiences)}]` }
  const found = objects.get('/serviceaccounts', namespace, serviceAccount.name)
  if (found?.metadata.uid !== serviceAccount.uid) return { problem: nobody }
  const user: UserInfo = {
    username: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
    uid: serviceAccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, authenticatedGroup],
    ...(id !== undefined && { extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${id}`], ...boundTo(bound) } }),
  }
  return { user, audiences: shared }
}

const list = (texts: readonly string[]): string => `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`

function boundTo(bound: TokenSubject['bound']): Record<string, string[]> {
  if (!bound || bound.kind === 'Secret') return {}
  const what = bound.kind.toLowerCase()
  return { [`authentication.kubernetes.io/${what}-name`]: [bound.name], [`authentication.kubernetes.io/${what}-uid`]: [bound.uid] }
}
