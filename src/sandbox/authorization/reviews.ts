/**
 * Questions about access and identity, answered and never stored.
 *
 * (authorization.k8s.io/v1, authentication.k8s.io/v1; pkg/registry/authorization and pkg/registry/authentication)
 */
import type { KubernetesObject } from '../../api/object.ts'
import type { Answers } from '../kinds/assemble.ts'
import type { ObjectReader, UserInfo, WriteContext } from '../registry/resource.ts'
import { invalid } from '../status/api-error.ts'
import { type FieldError, invalidValue } from '../status/field-error.ts'
import type { Attributes, Decision } from './attributes.ts'
import { rulesOf } from './rbac.ts'
import type { PolicyRule } from './rules.ts'

export interface ReviewParts {
  authorize(attributes: Attributes): Decision
  /** Whom a token stands for. */
  authenticate(token: string): UserInfo | undefined
  readonly objects: ObjectReader
}

interface ReviewSpec {
  readonly user?: string
  readonly groups?: readonly string[]
  readonly uid?: string
  readonly namespace?: string
  readonly token?: string
  readonly resourceAttributes?: {
    readonly namespace?: string
    readonly verb?: string
    readonly group?: string
    readonly resource?: string
    readonly subresource?: string
    readonly name?: string
  }
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string }
}

const specOf = (object: KubernetesObject): ReviewSpec => (object['spec'] ?? {}) as ReviewSpec

export function reviewAnswers({ authorize, authenticate, objects }: ReviewParts): Answers {
  const decide = (object: KubernetesObject, user: UserInfo): KubernetesObject => {
    const { allowed, reason } = authorize(attributesOf(specOf(object), user))
    return { ...object, status: { allowed, ...(reason && { reason }) } }
  }
  const self = (object: KubernetesObject, { user }: WriteContext): KubernetesObject => {
    check(attributeErrors(specOf(object)))
    return decide(object, user)
  }
  const other = (object: KubernetesObject): KubernetesObject => {
    const spec = specOf(object)
    const errors = attributeErrors(spec)
    if (!spec.user && !spec.groups?.length) errors.push(invalidValue('spec.user', '', 'at least one of user or group must be specified'))
    check(errors)
    return decide(object, { username: spec.user ?? '', groups: spec.groups ?? [], ...(spec.uid && { uid: spec.uid }) })
  }
  return {
    'authorization.k8s.io/selfsubjectaccessreviews': self,
    'authorization.k8s.io/subjectaccessreviews': other,
    'authorization.k8s.io/localsubjectaccessreviews': other,
    'authorization.k8s.io/selfsubjectrulesreviews': (object, { user }) => {
      const rules = rulesOf(objects, user, specOf(object).namespace ?? '')
      return {
        kind: object.kind,
        apiVersion: object.apiVersion,
        metadata: {} as KubernetesObject['metadata'],
        spec: {},
        status: {
          resourceRules: rules.filter(({ resources }) => resources?.length).map(resourceRule),
          nonResourceRules: rules.flatMap(({ verbs, nonResourceURLs }) => (nonResourceURLs?.length ? [{ verbs, nonResourceURLs }] : [])),
          incomplete: false,
        },
      }
    },
    'authentication.k8s.io/selfsubjectreviews': (object, { user, now }) => ({
      kind: object.kind,
      apiVersion: object.apiVersion,
      metadata: { creationTimestamp: now() } as KubernetesObject['metadata'],
      status: { userInfo: userInfo(user) },
    }),
    'authentication.k8s.io/tokenreviews': (object) => {
      const { token = '' } = specOf(object)
      const user = authenticate(token)
      return {
        ...object,
        status: user ? { authenticated: true, user: userInfo(user) } : { user: {}, ...(token && { error: 'invalid bearer token' }) },
      }
    },
  }
}

const userInfo = ({ username, uid, groups }: UserInfo): object => ({ username, ...(uid && { uid }), ...(groups.length > 0 && { groups }) })

const resourceRule = ({ verbs, apiGroups, resources, resourceNames }: PolicyRule): object => ({
  verbs,
  ...(apiGroups?.length && { apiGroups }),
  ...(resources?.length && { resources }),
  ...(resourceNames?.length && { resourceNames }),
})

function attributesOf({ resourceAttributes, nonResourceAttributes }: ReviewSpec, user: UserInfo): Attributes {
  if (!resourceAttributes) return { user, verb: nonResourceAttributes?.verb ?? '', path: nonResourceAttributes?.path ?? '' }
  const { verb = '', group = '', resource = '', subresource = '', namespace = '', name = '' } = resourceAttributes
  return { user, verb, group, resource, subresource, namespace, name }
}

const exactlyOne = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'

function attributeErrors({ resourceAttributes, nonResourceAttributes }: ReviewSpec): FieldError[] {
  if (resourceAttributes && nonResourceAttributes)
    return [invalidValue('spec.nonResourceAttributes', nonResourceAttributes, `cannot be specified in combination with resourceAttributes`)]
  return resourceAttributes || nonResourceAttributes ? [] : [invalidValue('spec.resourceAttributes', null, exactlyOne)]
}

function check(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: 'authorization.k8s.io', kind: '' }, '', errors)
}
