/**
 * Whether a request may be done: with `rbac` by roles, with `open` for everybody whom the sandbox knows.
 *
 * Nobody that is known may read health and the version, and nothing else.
 */
import type { ObjectReader, UserInfo } from '../registry/resource.ts'
import { ApiError, forbiddenError } from '../status/api-error.ts'
import { type Attributes, type Decision, refusal } from './attributes.ts'
import { anonymous } from './authentication.ts'
import { authorizeByRoles } from './rbac.ts'

export type AuthorizationMode = 'open' | 'rbac'

export type Authorizer = (attributes: Attributes) => Decision

export function createAuthorizer(mode: AuthorizationMode, objects: ObjectReader): Authorizer {
  return (attributes) => {
    if (mode === 'rbac') return authorizeByRoles(objects, attributes)
    if ('path' in attributes && isPublic(attributes)) return { allowed: true, reason: '' }
    return { allowed: attributes.user.username !== anonymous.username, reason: '' }
  }
}

/** (plugin/pkg/auth/authorizer/rbac/bootstrappolicy, system:public-info-viewer) */
const publicPaths = new Set(['/healthz', '/livez', '/readyz', '/version', '/version/'])
const isPublic = ({ path, verb }: { path: string; verb: string }): boolean => verb === 'get' && publicPaths.has(path)

interface AskedFor {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly selectedName: string
}

/** What a request wants to do; `info`: undefined for paths outside of resources. */
export const requestAttributes = (user: UserInfo, info: AskedFor | undefined, path: string, method: string): Attributes =>
  info ? { ...info, name: info.name || info.selectedName, user } : { user, verb: method.toLowerCase(), path }

/** Throws an ApiError (403) for what is not allowed. */
export function checkAllowed(authorize: Authorizer, attributes: Attributes): void {
  const { allowed, reason } = authorize(attributes)
  if (!allowed) throw refused(attributes, reason)
}

/** The answer (403) to who is not allowed. */
export function refused(attributes: Attributes, reason: string): ApiError {
  if ('path' in attributes) return new ApiError(403, 'Forbidden', `forbidden: ${refusal(attributes, reason)}`, {})
  const { group, resource, name } = attributes
  return forbiddenError({ group, resource }, name, refusal(attributes, reason))
}
