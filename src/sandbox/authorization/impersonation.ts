/**
 * A request that is done as somebody else.
 *
 * There are several ways to be allowed to: one that says as whom and for which requests, for nodes, for service accounts and for other
 * users, and the old one, that says as whom only. The way that an earlier request was allowed by is tried first, and its refusal is what is
 * told. (apiserver, endpoints/filters/impersonation)
 */
import type { UserInfo } from '../registry/resource.ts'
import { type ApiError, badRequest } from '../status/api-error.ts'
import { goQuoted } from './go-quoted.ts'
import type { Attributes, ResourceAttributes } from './attributes.ts'
import { type Authorizer, refused } from './authorization.ts'
import { anonymous } from './authentication.ts'

/** A user as the headers of a request name it. */
export interface WantedUser {
  readonly username: string
  readonly uid: string
  readonly groups: readonly string[]
  readonly extra: Readonly<Record<string, readonly string[]>>
}

const prefix = 'impersonate-'
const extraPrefix = 'impersonate-extra-'

/** Undefined where a request does not ask for it. Throws ApiError (400) for anything else without a user. */
export function wantedUser(headers: Headers): WantedUser | undefined {
  const extra: [string, string[]][] = []
  let asked = false
  headers.forEach((value, name) => {
    if (!name.startsWith(prefix)) return
    asked = true
    if (name.startsWith(extraPrefix)) extra.push([unescaped(name.slice(extraPrefix.length)), value.split(', ')])
  })
  if (!asked) return undefined
  const wanted = {
    username: headers.get('impersonate-user') ?? '',
    uid: headers.get('impersonate-uid') ?? '',
    groups: headers.get('impersonate-group')?.split(', ') ?? [],
    extra: Object.fromEntries(extra),
  }
  if (wanted.username !== '') return wanted
  if (wanted.uid === '' && wanted.groups.length === 0 && extra.length === 0) return undefined
  throw badRequest(`requested ${goQuoted(wanted)} without impersonating a user name`)
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

type Mode = 'arbitrary-node' | 'serviceaccount' | 'user-info' | 'legacy'

/** Answers whom a request is done as. It throws an ApiError (403) where the sender may not. */
export function createImpersonation(authorize: Authorizer): (wanted: WantedUser, attributes: Attributes) => UserInfo {
  const lastModes = new Map<string, Mode>()
  return (wanted, attributes) => {
    const { user: sender } = attributes
    const last = lastModes.get(sender.username)
    const applicable = modesFor(wanted)
    const modes = last && applicable.includes(last) ? [last, ...applicable.filter((mode) => mode !== last)] : applicable
    let first: ApiError | undefined
    for (const mode of modes) {
      const refusal = check(authorize, mode, wanted, attributes)
      if (refusal) first ??= refusal
      else {
        lastModes.set(sender.username, mode)
        return userOf(wanted, mode)
      }
    }
    throw first as ApiError
  }
}

function modesFor(wanted: WantedUser): Mode[] {
  const plain = wanted.uid === '' && wanted.groups.length === 0 && Object.keys(wanted.extra).length === 0
  if (nodeName(wanted.username) !== undefined) return plain ? ['arbitrary-node', 'legacy'] : ['legacy']
  if (accountOf(wanted.username)) return plain ? ['serviceaccount', 'legacy'] : ['legacy']
  return ['user-info', 'legacy']
}

const label = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?'
const subdomain = `${label}(?:\\.${label})*`
const nodePattern = new RegExp(`^system:node:(${subdomain})$`)
const accountPattern = new RegExp(`^system:serviceaccount:(${label}):(${subdomain})$`)

const nodeName = (username: string): string | undefined => nodePattern.exec(username)?.[1]

function accountOf(username: string): { namespace: string; name: string } | undefined {
  const [, namespace, name] = accountPattern.exec(username) ?? []
  return namespace !== undefined && name !== undefined ? { namespace, name } : undefined
}

/** The first refusal; undefined where everything is allowed. */
function check(authorize: Authorizer, mode: Mode, wanted: WantedUser, attributes: Attributes): ApiError | undefined {
  const constrained = mode !== 'legacy'
  const verb = constrained ? `impersonate:${mode}` : 'impersonate'
  const group = constrained ? 'authentication.k8s.io' : ''
  const part = (of: string, resource: string, name: string, more: Partial<ResourceAttributes> = {}): ResourceAttributes => ({
    user: attributes.user,
    verb,
    group: of,
    resource,
    subresource: '',
    namespace: '',
    name,
    ...more,
  })
  const account = accountOf(wanted.username)
  const node = constrained ? nodeName(wanted.username) : undefined
  if (constrained && wanted.groups.some((name) => name === ''))
    return refused(part(group, 'groups', ''), 'impersonating the empty string group is not allowed')
  const needed: Attributes[] = [
    ...(constrained ? [{ ...attributes, verb: `impersonate-on:${mode}:${attributes.verb}` }] : []),
    account
      ? part(group, 'serviceaccounts', account.name, { namespace: account.namespace })
      : part(group, node === undefined ? 'users' : 'nodes', node ?? wanted.username),
    ...(wanted.uid === '' ? [] : [part('authentication.k8s.io', 'uids', wanted.uid)]),
    ...wanted.groups.map((name) => part(group, 'groups', name)),
    ...Object.entries(wanted.extra).flatMap(([subresource, values]) =>
      values.map((value) => part('authentication.k8s.io', 'userextras', value, { subresource })),
    ),
  ]
  for (const each of needed) {
    if (constrained && 'resource' in each && each.resource === 'groups' && each.verb === verb && each.name === 'system:masters')
      return refused(each, 'impersonating the system:masters group is not allowed')
    const { allowed, reason } = authorize(each)
    if (!allowed) return refused(each, reason)
  }
  return undefined
}

function userOf({ username, uid, groups, extra }: WantedUser, mode: Mode): UserInfo {
  const account = accountOf(username)
  const own =
    groups.length > 0
      ? groups
      : account
        ? ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`]
        : mode === 'arbitrary-node'
          ? ['system:nodes']
          : []
  return {
    username,
    ...(uid && { uid }),
    groups: withKnown(username, own),
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}

/** Everybody is either known or not. */
function withKnown(username: string, groups: readonly string[]): readonly string[] {
  const unknown = 'system:unauthenticated'
  if (username !== anonymous.username && groups.includes(unknown)) return groups
  const group = username === anonymous.username ? unknown : 'system:authenticated'
  return groups.includes(group) ? groups : [...groups, group]
}
