import { cases } from '../case.ts'

const whole = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

interface Named {
  name?: string
  metadata: { name?: string }
}

/** Other cases define kinds meanwhile. */
const builtIn = ({ name = '', metadata }: Partial<Named>): boolean => !/example|test/.test(metadata?.name ?? name)

const definition = {
  metadata: { name: 'ants.{id}.example.com' },
  spec: {
    group: '{id}.example.com',
    scope: 'Namespaced',
    names: { plural: 'ants', kind: 'Ant', shortNames: ['an', 'at'], categories: ['all', 'insects'] },
    versions: ['v1beta2', 'v1', 'v2alpha1', 'v10'].map((name, index) => ({
      name,
      served: name !== 'v2alpha1',
      storage: index === 0,
      schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      ...(index === 1 && {
        subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } },
      }),
    })),
  },
}

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** Until the server tells all of its versions. */
const told = { until: ({ versions }: { versions?: object[] }) => versions?.length === 3 }

const served = { until: ({ kind }: { kind?: string }) => kind === 'APIResourceList' }

export default cases({
  'the versions of the core group': [
    ['GET /api', undefined, { pick: ({ versions, kind }: Record<string, unknown>) => ({ versions, kind }) }],
  ],
  'the resources of the core group': 'GET /api/v1',
  'the groups': [['GET /apis', undefined, { pick: ({ groups }: { groups: Named[] }) => groups.filter(builtIn) }]],
  groups: ['GET /apis/apps', 'GET /apis/autoscaling', 'GET /apis/apps/', 'GET /apis/rbac.authorization.k8s.io'],
  'the resources of versions': [
    'GET /apis/apps/v1',
    'GET /apis/batch/v1',
    'GET /apis/autoscaling/v1',
    'GET /apis/autoscaling/v2',
    'GET /apis/events.k8s.io/v1',
    'GET /apis/authorization.k8s.io/v1',
    'GET /apis/apiextensions.k8s.io/v1',
    'GET /apis/networking.k8s.io/v1/',
  ],
  'a group that is not there': ['GET /apis/none.example.com', 'GET /apis/none.example.com/v1'],
  'a version that is not there': ['GET /apis/apps/v2', 'GET /api/v2', 'GET /apis/apps/v1beta1'],
  'a resource that is not there': ['GET /apis/apps/v1/nothings', 'GET v1/nothings', 'GET apps/v1/nothings/a', 'GET apps/v1/configmaps'],
  'the core group in one piece': [['GET /api', undefined, { accept: whole }]],
  'all groups in one piece': [['GET /apis', undefined, { accept: whole, pick: ({ items }: { items: Named[] }) => items.filter(builtIn) }]],
  'one piece that is wanted less than others': [['GET /api', undefined, { accept: `application/json, ${whole};q=0.1` }]],
  'one piece of an older version, or else any': [
    ['GET /apis/apps', undefined, { accept: `${whole.replace('v=v2', 'v=v2beta1')},application/json` }],
    ['GET /api/v1', undefined, { accept: whole.replace('v=v2', 'v=v2beta1') }],
  ],
  'one piece of a single group': [
    ['GET /apis/apps', undefined, { accept: `${whole},application/json` }],
    ['GET /apis/apps/v1', undefined, { accept: whole }],
  ],
  'the core group in one piece, again': async (api) => {
    const { headers } = await api.send('GET /api', undefined, { accept: whole })
    await api.send('GET /api', undefined, { accept: whole, headers: { 'if-none-match': String(headers.etag) } })
    await api.send('GET /api', undefined, { accept: whole, headers: { 'if-none-match': '"another"' } })
  },
  'content types that are not there': [
    ['GET /apis/apps', undefined, { accept: 'text/html' }],
    ['GET /apis/apps/v1', undefined, { accept: 'application/cbor' }],
    ['GET /api/v1', undefined, { accept: 'text/html,*/*;q=0.1' }],
  ],
  'discovery as YAML': [
    ['GET /apis/apps', undefined, { accept: 'application/yaml' }],
    ['GET /apis/policy/v1', undefined, { accept: 'application/yaml' }],
  ],
  'methods that only read': ['POST /apis/apps/v1', 'DELETE /apis/apps/v1', 'PUT /api/v1', 'POST /version', 'HEAD /apis/apps'],
  'the version': [
    ['GET /version', undefined, { pick: ({ major, minor, gitVersion }: Record<string, unknown>) => ({ major, minor, gitVersion }) }],
  ],
  'the group of a kind that was just defined': [
    [`POST ${definitions}`, definition],
    ['GET /apis/{id}.example.com', undefined, told],
    ['GET /apis/{id}.example.com/v10', undefined, served],
    ['GET /apis/{id}.example.com/v1', undefined, served],
    ['GET /apis/{id}.example.com/v1beta2', undefined, served],
    'GET /apis/{id}.example.com/v2alpha1',
  ],
  'the kind that was just defined, in one piece': async (api) => {
    await api.send(`POST ${definitions}`, definition)
    const ofCase = ({ metadata }: Named): boolean => metadata.name?.includes(api.id) === true
    await api.send('GET /apis', undefined, {
      accept: whole,
      until: ({ items }: { items: (Named & { versions: object[] })[] }) => items.some((item) => ofCase(item) && item.versions.length === 3),
      pick: ({ items }: { items: Named[] }) => items.filter(ofCase),
    })
  },
})
