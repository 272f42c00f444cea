import { cases } from '../case.ts'
import { configMap } from '../objects.ts'

const labelled = (name: string, value: string, data = 'value'): object =>
  configMap(name, { metadata: { name, labels: { case: value } }, data: { key: data } })
const metadataOnly = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

/** Where a line of YAML ends and how it quotes is not looked at. */
const words = (body: unknown): unknown => (typeof body === 'string' ? body.split(/[\s'"]+/) : body)

export default cases({
  'from now on: what is there, then what changes': async (api) => {
    await api.prepare('POST v1/configmaps', labelled('a', 'x'))
    const watch = await api.watch('v1/configmaps?labelSelector=case')
    await watch.take(1)
    await api.prepare('POST v1/configmaps', labelled('b', 'x'))
    await api.prepare('MERGE v1/configmaps/b', { data: { key: 'new' } })
    await api.prepare('DELETE v1/configmaps/a')
    await watch.take(3)
  },
  'from a version on': async (api) => {
    const { body } = await api.send('POST v1/configmaps', labelled('a', 'x'))
    await api.prepare('MERGE v1/configmaps/a', { data: { key: '1' } })
    await api.prepare('POST v1/configmaps', labelled('b', 'x'))
    await api.prepare('DELETE v1/configmaps/a')
    const watch = await api.watch(`v1/configmaps?labelSelector=case&resourceVersion=${body.metadata.resourceVersion}`)
    await watch.take(3)
  },
  'from the list on': async (api) => {
    await api.prepare('POST v1/configmaps', labelled('a', 'x'))
    const { body } = await api.send('GET v1/configmaps?labelSelector=case')
    const watch = await api.watch(`v1/configmaps?labelSelector=case&resourceVersion=${body.metadata.resourceVersion}`)
    await api.prepare('MERGE v1/configmaps/a', { data: { key: '1' } })
    await watch.take(1)
  },
  'a write that changes nothing is no event': async (api) => {
    const { body } = await api.prepare('POST v1/configmaps', labelled('a', 'x'))
    const watch = await api.watch(`v1/configmaps?labelSelector=case&resourceVersion=${body.metadata.resourceVersion}`)
    await api.send('PUT v1/configmaps/a', body)
    await api.send('MERGE v1/configmaps/a', { data: { key: 'value' } })
    await api.send('MERGE v1/configmaps/a?dryRun=All', { data: { key: 'dry' } })
    await api.send('MERGE v1/configmaps/a', { data: { key: 'other' } })
    await watch.take(1)
  },
  'an object comes into the selection and leaves it': async (api) => {
    const watch = await api.watch('v1/configmaps?labelSelector=case=in')
    await api.prepare('POST v1/configmaps', labelled('a', 'out'))
    await api.prepare('MERGE v1/configmaps/a', { metadata: { labels: { case: 'in' } } })
    await api.prepare('MERGE v1/configmaps/a', { data: { key: 'inside' } })
    await api.prepare('MERGE v1/configmaps/a', { metadata: { labels: { case: 'out' } } })
    await api.prepare('DELETE v1/configmaps/a')
    await api.prepare('POST v1/configmaps', labelled('b', 'in'))
    await watch.take(4)
  },
  'a selection of fields': async (api) => {
    const watch = await api.watch('v1/configmaps?fieldSelector=metadata.name=a')
    await api.prepare('POST v1/configmaps', labelled('b', 'x'))
    await api.prepare('POST v1/configmaps', labelled('a', 'x'))
    await api.prepare('DELETE v1/configmaps/a')
    await watch.take(2)
  },
  'one object by the old path': async (api) => {
    await api.prepare('POST v1/configmaps', labelled('a', 'x'))
    await api.prepare('POST v1/configmaps', labelled('b', 'x'))
    await api.send('GET /api/v1/watch/namespaces/{ns}/configmaps/a?timeoutSeconds=1&watch=true')
    await api.send('GET v1/configmaps/a?timeoutSeconds=1&watch=true')
  },
  'all namespaces': async (api) => {
    const watch = await api.watch('/api/v1/configmaps?labelSelector=case={id}')
    await api.prepare('POST v1/configmaps', labelled('a', '{id}'))
    await watch.take(1)
  },
  'initial events and the bookmark that ends them': async (api) => {
    await api.prepare('POST v1/configmaps', labelled('b', 'x'))
    await api.prepare('POST v1/configmaps', labelled('a', 'x'))
    const watch = await api.watch(
      'v1/configmaps?labelSelector=case&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan',
    )
    await watch.take(3)
    await api.prepare('POST v1/configmaps', labelled('c', 'x'))
    await watch.take(1)
  },
  'initial events from a version on': async (api) => {
    const { body } = await api.prepare('POST v1/configmaps', labelled('b', 'x'))
    const query = `labelSelector=case&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&resourceVersion=${body.metadata.resourceVersion}`
    const watch = await api.watch(`v1/configmaps?${query}`)
    await watch.take(2)
  },
  'initial events that are not asked for': async (api) => {
    await api.prepare('POST v1/configmaps', labelled('a', 'x'))
    const watch = await api.watch('v1/configmaps?labelSelector=case&sendInitialEvents=false&resourceVersionMatch=NotOlderThan')
    await api.prepare('POST v1/configmaps', labelled('b', 'x'))
    await watch.take(1)
  },
  'initial events asked for in a wrong way': [
    'WATCH v1/secrets?timeoutSeconds=1&sendInitialEvents=true',
    'WATCH v1/secrets?timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=Exact',
    'WATCH v1/secrets?timeoutSeconds=1&resourceVersionMatch=NotOlderThan',
    'WATCH v1/secrets?timeoutSeconds=1&sendInitialEvents=maybe&resourceVersionMatch=NotOlderThan',
    'WATCH v1/secrets?timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=abc',
    'WATCH v1/secrets?timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&limit=1',
    'GET v1/secrets?sendInitialEvents=true&resourceVersionMatch=NotOlderThan',
  ],
  'a watch that ends by itself': ['WATCH v1/secrets?timeoutSeconds=1'],
  'a timeout that is none': ['WATCH v1/secrets?timeoutSeconds=x', 'WATCH v1/secrets?timeoutSeconds=1.5'],
  'versions to watch from that are none': [
    'WATCH v1/secrets?timeoutSeconds=1&resourceVersion=abc',
    'WATCH v1/secrets?timeoutSeconds=1&resourceVersion=-1',
  ],
  'selectors that are none': [
    'WATCH v1/secrets?timeoutSeconds=1&labelSelector=a+b',
    'WATCH v1/secrets?timeoutSeconds=1&fieldSelector=data.a=b',
    'WATCH v1/secrets/a?timeoutSeconds=1&fieldSelector=metadata.name=b',
  ],
  'only the metadata': async (api) => {
    await api.prepare('POST v1/configmaps', labelled('a', 'x'))
    const watch = await api.watch('v1/configmaps?labelSelector=case', { accept: metadataOnly })
    await api.prepare('MERGE v1/configmaps/a', { data: { key: 'new' } })
    await api.prepare('DELETE v1/configmaps/a')
    await watch.take(3)
  },
  tables: async (api) => {
    await api.prepare('POST v1/configmaps', labelled('a', 'x'))
    const watch = await api.watch('v1/configmaps?labelSelector=case', { accept: table })
    await api.prepare('MERGE v1/configmaps/a', { data: { key: 'new', more: 'x' } })
    await api.prepare('DELETE v1/configmaps/a')
    await watch.take(3)
  },
  'a kind that cannot be watched': ['WATCH v1/bindings?timeoutSeconds=1', 'WATCH /api/v1/componentstatuses?timeoutSeconds=1'],
  'a namespace that is not there': ['WATCH /api/v1/namespaces/none-{id}/configmaps?timeoutSeconds=1'],
  'watch=1, watch=false': async (api) => {
    await api.prepare('POST v1/configmaps', labelled('a', 'x'))
    await api.send('GET v1/configmaps?labelSelector=case&watch=1&timeoutSeconds=1')
    await api.send('GET v1/configmaps?labelSelector=case&watch=false')
    await api.send('GET v1/configmaps?labelSelector=case&watch=0')
    await api.send('GET v1/configmaps?labelSelector=case&watch=yes&timeoutSeconds=1')
    await api.send('GET v1/configmaps?labelSelector=case&watch&timeoutSeconds=1')
  },
  'deletion with a finalizer is two events': async (api) => {
    const { body } = await api.prepare('POST v1/configmaps', configMap('a', { metadata: { name: 'a', finalizers: ['example.com/hold'] } }))
    const watch = await api.watch(`v1/configmaps?resourceVersion=${body.metadata.resourceVersion}&fieldSelector=metadata.name=a`)
    await api.prepare('DELETE v1/configmaps/a')
    await api.prepare('MERGE v1/configmaps/a', { metadata: { finalizers: [] } })
    await watch.take(2)
  },
  'a deleted collection is one event each': async (api) => {
    for (const name of ['a', 'b']) await api.prepare('POST v1/configmaps', labelled(name, 'x'))
    const { body } = await api.prepare('GET v1/configmaps')
    const watch = await api.watch(`v1/configmaps?labelSelector=case&resourceVersion=${body.metadata.resourceVersion}`)
    await api.prepare('DELETE v1/configmaps?labelSelector=case')
    await watch.take(2)
  },
  'a watch in a form that is no stream': [
    ['GET v1/configmaps?watch=true&timeoutSeconds=1', undefined, { accept: 'application/yaml', pick: words }],
    ['GET v1/configmaps?watch=true&timeoutSeconds=1', undefined, { accept: 'text/plain' }],
    ['GET /api/v1/watch/namespaces/{ns}/secrets?timeoutSeconds=1', undefined, { accept: 'application/yaml', pick: words }],
    ['GET apps/v1/deployments?watch=true&timeoutSeconds=1', undefined, { accept: 'application/yaml;as=Table;g=meta.k8s.io;v=v1' }],
    ['GET v1/secrets?watch=true&timeoutSeconds=1', undefined, { accept: 'application/yaml, application/json', pick: words }],
  ],
})
