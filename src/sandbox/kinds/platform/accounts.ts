/**
 * Service accounts and the tokens that they are given.
 *
 * (pkg/registry/core/serviceaccount; pkg/apis/authentication/validation)
 */
import type { JsonObject, KubernetesObject } from '../../../api/object.ts'
import type { ActionContext, KindBehaviour } from '../../registry/resource.ts'
import { badRequest, invalid, notFound } from '../../status/api-error.ts'
import { type FieldError, invalidValue } from '../../status/field-error.ts'
import { ageRule, columnsOf, nameRule } from '../columns.ts'
import { issueToken, tokenIssuer } from './tokens.ts'
import { strategyOf } from './strategy.ts'
import { fieldsOf, isSet, numberOf, textOf, textsOf } from './values.ts'

const shortestSeconds = 600
const longestSeconds = 2 ** 32
const usualSeconds = 3600
/** What a token may be bound to. */
const bindable: Readonly<Record<string, { readonly storage: string; readonly resource: string; readonly namespaced: boolean }>> = {
  'v1/Pod': { storage: '/pods', resource: 'pods', namespaced: true },
  'v1/Secret': { storage: '/secrets', resource: 'secrets', namespaced: true },
  'v1/Node': { storage: '/nodes', resource: 'nodes', namespaced: false },
}

function createToken(account: KubernetesObject, body: JsonObject, context: ActionContext): JsonObject {
  const { name, namespace = '', uid = '' } = account.metadata
  const spec = fieldsOf(body['spec'])
  const seconds = isSet(spec['expirationSeconds']) ? numberOf(spec['expirationSeconds']) : usualSeconds
  const asked = textsOf(spec['audiences'])
  const errors: FieldError[] = []
  if (seconds < shortestSeconds)
    errors.push(invalidValue('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes'))
  if (seconds > longestSeconds)
    errors.push(invalidValue('spec.expirationSeconds', seconds, 'may not specify a duration larger than 2^32 seconds'))
  if (errors.length > 0) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', errors)
  const bound = isSet(spec['boundObjectRef']) ? boundObject(fieldsOf(spec['boundObjectRef']), namespace, context) : undefined
  const now = context.now()
  const issuedAt = Math.floor(Date.parse(now) / 1000)
  const audiences = asked.length > 0 ? asked : [tokenIssuer]
  const token = issueToken({
    audiences,
    issuedAt,
    expiresAt: issuedAt + seconds,
    namespace,
    serviceAccount: { name, uid },
    ...(bound && { bound }),
    random: context.random,
  })
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, uid, creationTimestamp: now },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: (spec['boundObjectRef'] as JsonObject | undefined) ?? null },
    status: { token, expirationTimestamp: new Date((issuedAt + seconds) * 1000).toISOString().replace(/\.\d+Z$/, 'Z') },
  }
}

function boundObject(reference: Readonly<Record<string, unknown>>, namespace: string, context: ActionContext) {
  const [apiVersion, kind, name] = [textOf(reference['apiVersion']), textOf(reference['kind']), textOf(reference['name'])]
  const key = `${apiVersion}/${kind}`
  const target = Object.hasOwn(bindable, key) ? bindable[key] : undefined
  if (!target) throw badRequest(`cannot bind token to object of type ${apiVersion.includes('/') ? '' : '/'}${apiVersion}, Kind=${kind}`)
  const object = context.objects.get(target.storage, target.namespaced ? namespace : '', name)
  if (!object) throw notFound({ group: '', resource: target.resource }, name)
  return { kind, name, uid: object.metadata.uid ?? '' }
}

export const accountKinds: Readonly<Record<string, KindBehaviour>> = {
  '/serviceaccounts': {
    strategy: strategyOf({ returnsDeleted: true }),
    columns: columnsOf(nameRule, ageRule),
    subresources: { token: { kind: 'action', responseKind: 'authentication.k8s.io/v1/TokenRequest', run: createToken } },
  },
}
