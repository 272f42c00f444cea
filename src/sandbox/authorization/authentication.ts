/**
 * Who sends a request: the user of a token, a service account, somebody whom an allowed user acts as, or nobody that is known.
 *
 * (apiserver, authentication/request and endpoints/filters/impersonation.go)
 */
import { readToken } from '../kinds/platform/tokens.ts'
import type { ObjectReader, UserInfo } from '../registry/resource.ts'
import { badRequest } from '../status/api-error.ts'

export interface SandboxUser extends UserInfo {
  readonly token: string
}

export const anonymous: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] }

const authenticatedGroup = 'system:authenticated'

export interface Authenticator {
  /** The user of an Authorization header; undefined for credentials that nobody has. */
  byHeader(authorization: string | undefined): UserInfo | undefined
  byToken(token: string): UserInfo | undefined
}

/** @param now milliseconds since the epoch */
export function createAuthenticator(users: readonly SandboxUser[], objects: ObjectReader, now: () => number): Authenticator {
  const known = new Map(users.map(({ token, ...user }) => [token, withGroup(user)]))
  const byToken = (token: string): UserInfo | undefined => known.get(token) ?? serviceAccount(token, objects, now())
  return {
    byToken,
    byHeader(authorization) {
      // Another scheme than this one says nothing about anybody.
      const token = /^Bearer +(\S+)/i.exec(authorization?.trim() ?? '')?.[1]
      return token === undefined ? anonymous : byToken(token)
    },
  }
}

const withGroup = (user: UserInfo): UserInfo =>
  user.groups.includes(authenticatedGroup) ? user : { ...user, groups: [...user.groups, authenticatedGroup] }

function serviceAccount(token: string, objects: ObjectReader, now: number): UserInfo | undefined {
  const subject = readToken(token, now)
  if (!subject) return undefined
  const { namespace, serviceAccount } = subject
  const found = objects.get('/serviceaccounts', namespace, serviceAccount.name)
  if (found?.metadata.uid !== serviceAccount.uid) return undefined
  return {
    username: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
    uid: serviceAccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, authenticatedGroup],
  }
}

/** What has to be allowed for a request to be done as somebody else. */
export interface Impersonation {
  readonly user: UserInfo
  /** `users/jane`, `groups/admins`, `serviceaccounts/default/x`, in the order in which they are asked for. */
  readonly asked: readonly { readonly resource: string; readonly namespace: string; readonly name: string }[]
}

/** Undefined where a request does not ask for it. Throws ApiError (400) for groups without a user. */
export function impersonation(header: (name: string) => string | undefined): Impersonation | undefined {
  const username = header('impersonate-user') ?? ''
  const groups = (header('impersonate-group') ?? '').split(',').flatMap((group) => group.trim() || [])
  if (username === '') {
    if (groups.length === 0) return undefined
    const list = groups.map((group) => JSON.stringify(group)).join(', ')
    throw badRequest(
      `requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{${list}}, Extra:map[string][]string(nil)} without impersonating a user name`,
    )
  }
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? []
  const account = namespace !== undefined && name !== undefined
  const own = account && groups.length === 0 ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`] : groups
  return {
    user: withGroup({ username, groups: own }),
    asked: [
      account ? { resource: 'serviceaccounts', namespace, name } : { resource: 'users', namespace: '', name: username },
      ...groups.map((group) => ({ resource: 'groups', namespace: '', name: group })),
    ],
  }
}
