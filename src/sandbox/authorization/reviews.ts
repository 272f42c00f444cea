/**
 * Questions about access and identity, answered and never stored.
 *
 * (authorization.k8s.io/v1, authentication.k8s.io/v1; pkg/registry/authorization and pkg/registry/authentication)
 */
import type { JsonObject, KubernetesObject } from '../../api/object.ts'
import type { Answers } from '../kinds/assemble.ts'
import type { ObjectReader, UserInfo, WriteContext } from '../registry/resource.ts'
import { badRequest } from '../status/api-error.ts'
import type { Attributes, Decision } from './attributes.ts'
import type { Identity } from './authentication.ts'
import type { AuthorizationMode } from './authorization.ts'
import { aggregated, rulesOf } from './rbac.ts'
import {
  attributeErrors,
  check,
  localErrors,
  metadataErrors,
  type ReviewSpec,
  selectorProblems,
  specOf,
  subjectErrors,
} from './review-validation.ts'
import type { PolicyRule } from './rules.ts'

export interface ReviewParts {
  authorize(attributes: Attributes): Decision
  readonly mode: AuthorizationMode
  /** Whom a token stands for before one of the audiences. */
  authenticate(token: string, audiences: readonly string[] | undefined): Identity
  readonly objects: ObjectReader
}

export function reviewAnswers({ authorize, mode, authenticate, objects }: ReviewParts): Answers {
  const decide = (object: KubernetesObject, user: UserInfo): KubernetesObject => {
    const spec = specOf(object)
    const { allowed, reason } = authorize(attributesOf(spec, user))
    const evaluationError = selectorProblems(spec)
    return { ...object, status: { allowed, ...(reason && { reason }), ...(evaluationError && { evaluationError }) } }
  }
  const self = (object: KubernetesObject, { user }: WriteContext): KubernetesObject => {
    check([...attributeErrors(specOf(object)), ...metadataErrors(object, false)])
    return decide(object, user)
  }
  const other =
    (local: boolean) =>
    (object: KubernetesObject): KubernetesObject => {
      const spec = specOf(object)
      check([
        ...subjectErrors(spec),
        ...metadataErrors(object, local),
        ...(local ? localErrors(spec, object.metadata.namespace ?? '') : []),
      ])
      const { user = '', groups = [], uid } = spec
      return decide(object, { username: user, groups, ...(uid && { uid }) })
    }
  return {
    'authorization.k8s.io/selfsubjectaccessreviews': self,
    'authorization.k8s.io/subjectaccessreviews': other(false),
    'authorization.k8s.io/localsubjectaccessreviews': other(true),
    'authorization.k8s.io/selfsubjectrulesreviews': (object, { user }) => {
      const { namespace = '' } = specOf(object)
      if (namespace === '') throw badRequest('no namespace on request')
      const { rules, errors } = mode === 'rbac' ? rulesOf(objects, user, namespace) : { rules: everything, errors: [] }
      return {
        kind: object.kind,
        apiVersion: object.apiVersion,
        metadata: {} as KubernetesObject['metadata'],
        spec: {},
        status: {
          resourceRules: rules.filter(({ resources }) => resources?.length).map(resourceRule),
          nonResourceRules: rules.flatMap(({ verbs, nonResourceURLs }) => (nonResourceURLs?.length ? [{ verbs, nonResourceURLs }] : [])),
          incomplete: false,
          ...(errors.length > 0 && { evaluationError: aggregated(errors) }),
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
      const { token = '', audiences = [] } = specOf(object)
      if (token === '') throw badRequest('token is required for TokenReview in authentication')
      const found = authenticate(token, audiences.length > 0 ? audiences : undefined)
      const status =
        'user' in found
          ? { authenticated: true, user: userInfo(found.user), audiences: found.audiences }
          : { user: {}, error: found.problem }
      return { ...object, status: status as JsonObject }
    },
  }
}

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

const userInfo = ({ username, uid, groups, extra }: UserInfo): object => ({
  username,
  ...(uid && { uid }),
  ...(groups.length > 0 && { groups }),
  ...(extra && { extra }),
})

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
