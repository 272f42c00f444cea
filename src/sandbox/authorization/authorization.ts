/**
 * Whether a request may be done: with `rbac` by roles, with `open` for everybody whom the sandbox knows.
 *
 * Nobody that is known may read health and the version, and nothing else.
 */
import type { ObjectReader, UserInfo } from '../registry/resource.ts'
import { ApiError, forbiddenError } from '../status/api-error.ts'
import { type Attributes, type Decision, fullResource, refusal } from './attributes.ts'
import { anonymous, type Impersonation } from './authentication.ts'
import { authorizeByRoles } from './rbac.ts'

export type AuthorizationMode = 'open' | 'rbac'

export type Authorizer = (attributes: Attributes) => Decision

export function createAuthorizer(mode: AuthorizationMode, objects: ObjectReader): Authorizer {
  return (attributes) => {
    if ('path' in attributes && isPublic(attributes)) return { allowed: true, reason: '' }
    if (mode === 'rbac') return authorizeByRoles(objects, attributes)
    return { allowed: attributes.user.username !== anonymous.username, reason: '' }
  }
}

const publicPaths = new Set(['/healthz', '/livez', '/readyz', '/version'])
const isPublic = ({ path, verb }: { path: string; verb: string }): boolean =>
  verb === 'get' && publicPaths.has(path.replace(/^(\/[^/]*)\/.*/, '$1'))

/** Throws an ApiError (403) for what is not allowed. */
export function checkAllowed(authorize: Authorizer, attributes: Attributes): void {
  const { allowed, reason } = authorize(attributes)
  if (allowed) return
  if ('path' in attributes) throw new ApiError(403, 'Forbidden', `forbidden: ${refusal(attributes, reason)}`, {})
  const { group, resource, name } = attributes
  throw forbiddenError({ group, resource }, attributes.verb === 'create' ? '' : name, refusal(attributes, reason))
}

/** The user to act as. Throws an ApiError (403) where the one who asks may not. */
export function actAs(authorize: Authorizer, user: UserInfo, { user: as, asked }: Impersonation): UserInfo {
  for (const { resource, namespace, name } of asked) {
    const attributes = { user, verb: 'impersonate', group: '', resource, subresource: '', namespace, name }
    const { allowed, reason } = authorize(attributes)
    if (!allowed) throw forbiddenError({ group: '', resource: fullResource(attributes) }, name, refusal(attributes, reason))
  }
  return as
}
