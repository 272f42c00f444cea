import { cases, type Run } from '../case.ts'
import { configMap } from '../objects.ts'

/** Five ConfigMaps a to e with labels, then these lists. The selector leaves out what the server puts into each namespace. */
const listing =
  (...lines: string[]): Run =>
  async (api) => {
    for (const [index, name] of ['a', 'b', 'c', 'd', 'e'].entries())
      await api.prepare(
        'POST v1/configmaps',
        configMap(name, { metadata: { name, labels: { case: 'x', index: String(index), ...(index % 2 === 0 && { even: '' }) } } }),
      )
    for (const line of lines) await api.send(line)
  }

const list = (query: string): string => `GET v1/configmaps?${query}`

const future = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: 9_000_000_000_000_000, start: 'a\0' })).toString('base64url')

export default cases({
  'an empty list': 'GET v1/secrets',
  'an empty list of a kind of a group': 'GET apps/v1/deployments',
  'all of a namespace': listing('GET v1/configmaps?labelSelector=case'),
  'label selectors': listing(
    list('labelSelector=index%3D1'),
    list('labelSelector=index==1,case=x'),
    list('labelSelector=case,index!=1'),
    list('labelSelector=index+in+(1,2,7)'),
    list('labelSelector=case,index+notin+(1,2)'),
    list('labelSelector=case,!even'),
    list('labelSelector=even='),
    list('labelSelector=index%3E2'),
    list('labelSelector=index%3C2'),
    list('labelSelector=nothing'),
  ),
  'label selectors that are none': listing(
    list('labelSelector=a+b'),
    list('labelSelector=,'),
    list('labelSelector=a+in+'),
    list('labelSelector=a+in+()'),
    list('labelSelector=index%3Ex'),
    list('labelSelector=!'),
    list('labelSelector=a%3D%3D%3Db'),
    list(`labelSelector=${'k'.repeat(64)}`),
    list('labelSelector=a%3D-b'),
    list('labelSelector=a+is+b'),
  ),
  'field selectors': listing(
    list('fieldSelector=metadata.name=b'),
    list('fieldSelector=metadata.name==b'),
    list('labelSelector=case&fieldSelector=metadata.name!=b'),
    list('fieldSelector=metadata.namespace={ns},metadata.name=c'),
    list('fieldSelector=metadata.namespace=other'),
    list('fieldSelector=metadata.name=none'),
  ),
  'field selectors that are none': listing(
    list('fieldSelector=data.key=value'),
    list('fieldSelector=metadata.labels=x'),
    list('fieldSelector=x'),
    list('labelSelector=case&fieldSelector=,'),
    list('fieldSelector=metadata.name%3Da%5Cb'),
    'GET apps/v1/deployments?fieldSelector=spec.replicas=1',
    'GET v1/pods?fieldSelector=spec.what=1',
  ),
  'field selectors of kinds that have more': listing(
    'GET v1/pods?fieldSelector=spec.nodeName=node-1,status.phase=Running',
    'GET v1/pods?fieldSelector=spec.restartPolicy=Always,spec.schedulerName=x,spec.serviceAccountName=y,status.podIP=10.0.0.1,status.nominatedNodeName=z',
    'GET v1/events?fieldSelector=involvedObject.kind=Pod,involvedObject.name=x,type=Warning,reason=y,source=z,reportingComponent=k',
    'GET v1/secrets?fieldSelector=type=Opaque',
    'GET batch/v1/jobs?fieldSelector=status.successful=1',
    'GET /api/v1/namespaces?fieldSelector=status.phase=Other',
    'GET v1/services?fieldSelector=spec.clusterIP=None,spec.type=ClusterIP',
    'GET v1/replicationcontrollers?fieldSelector=status.replicas=0',
    'GET apps/v1/replicasets?fieldSelector=status.replicas=0',
    'GET /api/v1/nodes?fieldSelector=spec.unschedulable=true',
  ),
  pages: async (api) => {
    await listing()(api)
    let next = ''
    for (let page = 0; page < 3; page += 1) {
      const { body } = await api.send(`GET v1/configmaps?labelSelector=case&limit=2${next && `&continue=${next}`}`)
      next = body.metadata.continue
    }
  },
  'pages that go on after a change': async (api) => {
    await listing()(api)
    const first = await api.send('GET v1/configmaps?labelSelector=case&limit=2')
    await api.send('DELETE v1/configmaps/d')
    await api.prepare('POST v1/configmaps', configMap('cc', { metadata: { name: 'cc', labels: { case: 'x' } } }))
    await api.send(`GET v1/configmaps?labelSelector=case&limit=2&continue=${first.body.metadata.continue}`)
    await api.send('GET v1/configmaps?labelSelector=case')
  },
  'a limit that is no limit': listing(
    list('labelSelector=case&limit=0'),
    list('labelSelector=case&limit=5'),
    list('labelSelector=case&limit=6'),
    list('labelSelector=case&limit=x'),
    list('labelSelector=case&limit=-1'),
    list('labelSelector=case&limit=1.5'),
    list('labelSelector=case&limit=99999999999999999999'),
  ),
  'a continue token that is none': listing(
    list('limit=1&continue=abc'),
    list('limit=1&continue=e30'),
    list(`limit=1&continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":0,"start":"a"}').toString('base64url')}`),
    list(`limit=1&continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":1}').toString('base64url')}`),
    list(`limit=1&continue=${Buffer.from('{"v":"other","rv":1,"start":"a"}').toString('base64url')}`),
    list(`limit=1&continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":1,"start":"../x"}').toString('base64url')}`),
    list('continue=%25%25'),
  ),
  'a continue token with a version': async (api) => {
    await listing()(api)
    const { body } = await api.send(list('limit=1&labelSelector=case'))
    await api.send(list(`limit=1&continue=${body.metadata.continue}&resourceVersion=1`))
    await api.send(list(`limit=1&labelSelector=case&continue=${body.metadata.continue}&resourceVersion=0`))
    await api.send(list(`limit=1&continue=${body.metadata.continue}&resourceVersion=1&resourceVersionMatch=Exact`))
  },
  'versions to list at': async (api) => {
    await listing()(api)
    // A cache that answers may be behind at first.
    await api.send(list('labelSelector=case&resourceVersion=0'), undefined, {
      until: ({ items }: { items: object[] }) => items.length === 5,
    })
    for (const line of [
      list('labelSelector=case&resourceVersion=1'),
      list('labelSelector=case&resourceVersion=abc'),
      list('labelSelector=case&resourceVersion=-1'),
      list('labelSelector=case&resourceVersion=0&resourceVersionMatch=NotOlderThan'),
      list('labelSelector=case&resourceVersion=1&resourceVersionMatch=NotOlderThan'),
      list('labelSelector=case&resourceVersion=0&resourceVersionMatch=Exact'),
      list('labelSelector=case&resourceVersionMatch=Exact'),
      list('labelSelector=case&resourceVersionMatch=NotOlderThan'),
      list('labelSelector=case&resourceVersion=1&resourceVersionMatch=Other'),
    ])
      await api.send(line)
  },
  'a list as it was': async (api) => {
    await listing()(api)
    const { body } = await api.prepare('GET v1/configmaps/e')
    await api.prepare('DELETE v1/configmaps/a')
    await api.prepare('MERGE v1/configmaps/b', { data: { key: 'new' } })
    await api.send(list(`labelSelector=case&resourceVersion=${body.metadata.resourceVersion}&resourceVersionMatch=Exact`))
    await api.send(list(`labelSelector=case&resourceVersion=${body.metadata.resourceVersion}&resourceVersionMatch=NotOlderThan`))
    await api.send(list(`labelSelector=case&resourceVersion=${body.metadata.resourceVersion}`))
    await api.send(list(`labelSelector=case&limit=2&resourceVersion=${body.metadata.resourceVersion}`))
  },
  'a list of all namespaces': async (api) => {
    await listing()(api)
    await api.send('GET /api/v1/configmaps?fieldSelector=metadata.namespace={ns}&labelSelector=case')
    await api.send('GET /api/v1/configmaps?labelSelector=case=x,index=2&fieldSelector=metadata.namespace={ns}')
  },
  'a list of a namespace that is not there': 'GET /api/v1/namespaces/none-{id}/configmaps',
  'a list of a kind outside of namespaces': async (api) => {
    for (const name of ['b', 'a'])
      await api.prepare('POST /apis/scheduling.k8s.io/v1/priorityclasses', {
        metadata: { name: `${name}-{id}`, labels: { of: '{id}' } },
        value: 1,
      })
    await api.send('GET /apis/scheduling.k8s.io/v1/priorityclasses?labelSelector=of={id}')
    await api.send('GET /apis/scheduling.k8s.io/v1/priorityclasses?labelSelector=of={id}&limit=1')
  },
  'what is there twice': listing(list('labelSelector=index=1&labelSelector=index=2'), list('labelSelector=case&limit=1&limit=3')),
  'only the metadata of a list': async (api) => {
    await listing()(api)
    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
    await api.send(list('labelSelector=case&limit=2'), undefined, { accept })
    await api.send('GET v1/configmaps/a', undefined, { accept })
  },
  'a list with initial events asks for a watch': listing(
    list('sendInitialEvents=true'),
    list('allowWatchBookmarks=true&labelSelector=index=1'),
  ),
  'a HEAD of a list and an object': listing('HEAD v1/configmaps', 'HEAD v1/configmaps/a', 'HEAD v1/configmaps/none'),
  'a version that has not come yet': [
    'GET v1/configmaps?resourceVersion=9999999999999999',
    'GET v1/configmaps?resourceVersion=9999999999999999&resourceVersionMatch=Exact',
    'GET v1/configmaps/none?resourceVersion=9999999999999999',
    'GET v1/configmaps?resourceVersion=99999999999999999999999',
    'GET v1/configmaps?resourceVersion=99999999999999999999999&resourceVersionMatch=Exact',
    'GET v1/configmaps/none?resourceVersion=99999999999999999999999',
    'GET v1/configmaps?watch=true&timeoutSeconds=1&resourceVersion=99999999999999999999999',
    'GET v1/configmaps?resourceVersion=-1',
    `GET v1/configmaps?continue=${future}`,
    `GET v1/configmaps?limit=1&continue=${future}`,
    'DELETE v1/configmaps?resourceVersion=9999999999999999',
  ],
})
