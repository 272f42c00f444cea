/** What a request wants to do, as authorization sees it. (apiserver, authorization/authorizer) */
import type { UserInfo } from '../registry/resource.ts'

export type Attributes = ResourceAttributes | PathAttributes

export interface ResourceAttributes {
  readonly user: UserInfo
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
  /** Empty for cluster-scoped resources and for all namespaces. */
  readonly namespace: string
  readonly name: string
}

export interface PathAttributes {
  readonly user: UserInfo
  /** The method, in lower case. */
  readonly verb: string
  readonly path: string
}

export interface Decision {
  readonly allowed: boolean
  /** Why; empty where there is nothing to say. */
  readonly reason: string
}

/** `pods/log` */
export const fullResource = ({ resource, subresource }: ResourceAttributes): string =>
  subresource ? `${resource}/${subresource}` : resource

/** What a refused user is told. (authorization/authorizerfactory and endpoints/handlers/responsewriters/errors.go) */
export function refusal(attributes: Attributes, reason: string): string {
  const { user, verb } = attributes
  const tail = reason ? `: ${reason}` : ''
  if ('path' in attributes) return `User ${JSON.stringify(user.username)} cannot ${verb} path ${JSON.stringify(attributes.path)}${tail}`
  const where = attributes.namespace ? `in the namespace ${JSON.stringify(attributes.namespace)}` : 'at the cluster scope'
  return `User ${JSON.stringify(user.username)} cannot ${verb} resource ${JSON.stringify(fullResource(attributes))} in API group ${JSON.stringify(attributes.group)} ${where}${tail}`
}
