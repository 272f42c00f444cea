import { cases } from '../case.ts'
import { as, grantEverywhere } from './users.ts'

const whoAmI = 'POST /apis/authentication.k8s.io/v1/selfsubjectreviews'
const headersOf = (headers: Readonly<Record<string, string>>): [string, object, { headers: Readonly<Record<string, string>> }] => [
  whoAmI,
  {},
  { headers },
]

export default cases({
  'a user is acted as': [headersOf({ 'impersonate-user': 'jane' })],
  'a user with groups': [headersOf({ 'impersonate-user': 'jane', 'impersonate-group': 'a' })],
  'groups without a user': [headersOf({ 'impersonate-group': 'a' })],
  'extra without a user': [headersOf({ 'impersonate-extra-scopes': 'a' })],
  'a uid without a user': [headersOf({ 'impersonate-uid': '7' })],
  'a user with a uid': [headersOf({ 'impersonate-user': 'jane', 'impersonate-uid': '7' })],
  'a user with extra fields': [
    headersOf({
      'impersonate-user': 'jane',
      'impersonate-extra-scopes': 'a',
      'impersonate-extra-acme.com%2fproject': 'p',
      'impersonate-extra-UPPER': 'X',
    }),
  ],
  'a service account': [headersOf({ 'impersonate-user': 'system:serviceaccount:default:worker' })],
  'a service account with groups': [headersOf({ 'impersonate-user': 'system:serviceaccount:default:worker', 'impersonate-group': 'a' })],
  'what looks like a service account': [
    headersOf({ 'impersonate-user': 'system:serviceaccount:default' }),
    headersOf({ 'impersonate-user': 'system:serviceaccount:Default:x' }),
    headersOf({ 'impersonate-user': 'system:serviceaccount:default:' }),
    headersOf({ 'impersonate-user': 'system:serviceaccount:a:b:c' }),
  ],
  nobody: [
    headersOf({ 'impersonate-user': 'system:anonymous' }),
    ['GET /api/v1/nodes', undefined, { headers: { 'impersonate-user': 'system:anonymous' } }],
    headersOf({ 'impersonate-user': 'system:anonymous', 'impersonate-group': 'a' }),
  ],
  'groups that say that somebody is known': [
    headersOf({ 'impersonate-user': 'jane', 'impersonate-group': 'system:authenticated' }),
    headersOf({ 'impersonate-user': 'jane', 'impersonate-group': 'system:unauthenticated' }),
    headersOf({ 'impersonate-user': 'jane', 'impersonate-group': 'system:masters' }),
  ],
  'a user who may not act as others': [
    [whoAmI, {}, { headers: { authorization: '', 'impersonate-user': 'jane' } }],
    [whoAmI, {}, { headers: { authorization: '', 'impersonate-user': 'system:serviceaccount:default:worker' } }],
    [whoAmI, {}, { headers: { authorization: '', 'impersonate-user': 'jane', 'impersonate-group': 'a' } }],
    ['GET /api/v1/nodes', undefined, { headers: { authorization: '', 'impersonate-user': 'jane' } }],
    ['GET /version', undefined, { headers: { authorization: '', 'impersonate-user': 'jane' } }],
  ],
  'an account that may act as some': async (api) => {
    const namespace = await api.namespace()
    await api.prepare('POST v1/serviceaccounts', { metadata: { name: 'actor' } })
    await grantEverywhere(
      api,
      [
        { verbs: ['impersonate'], apiGroups: [''], resources: ['users'], resourceNames: ['jane'] },
        { verbs: ['impersonate'], apiGroups: [''], resources: ['groups'], resourceNames: ['a'] },
        { verbs: ['impersonate'], apiGroups: [''], resources: ['serviceaccounts'] },
        { verbs: ['impersonate'], apiGroups: ['authentication.k8s.io'], resources: ['userextras/scopes'], resourceNames: ['s'] },
      ],
      [{ kind: 'ServiceAccount', name: 'actor', namespace }],
    )
    const { body } = await api.prepare('POST v1/serviceaccounts/actor/token', { spec: {} })
    const authorization = `Bearer ${body.status.token}`
    for (const headers of [
      { 'impersonate-user': 'jane' },
      { 'impersonate-user': 'john' },
      { 'impersonate-user': 'jane', 'impersonate-group': 'a' },
      { 'impersonate-user': 'jane', 'impersonate-group': 'b' },
      { 'impersonate-user': 'system:serviceaccount:default:x' },
      { 'impersonate-user': 'jane', 'impersonate-extra-scopes': 's' },
      { 'impersonate-user': 'jane', 'impersonate-extra-scopes': 't' },
      { 'impersonate-user': 'jane', 'impersonate-extra-other': 's' },
      { 'impersonate-user': 'jane', 'impersonate-uid': '5' },
    ])
      await api.send(whoAmI, {}, { headers: { authorization, ...headers } })
  },
  'what is written by somebody else': async (api) => {
    await grantEverywhere(api, [{ verbs: ['*'], apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'] }])
    await api.send('POST /apis/certificates.k8s.io/v1/certificatesigningrequests', { metadata: { name: 'x-{id}' }, spec: {} }, as(api))
  },
})
