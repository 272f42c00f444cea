import { cases } from '../case.ts'
import { configMap } from '../objects.ts'

const about = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace: '{ns}' }
const core = (name: string, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name },
  involvedObject: about,
  reason: 'Tested',
  message: 'something was tested',
  type: 'Normal',
  source: { component: 'suite' },
  firstTimestamp: '2020-01-01T00:00:00Z',
  lastTimestamp: '2020-01-01T00:00:01Z',
  count: 1,
  ...more,
})
const modern = (name: string, more: object = {}): object => ({
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { name },
  regarding: about,
  eventTime: '2020-01-01T00:00:00.000001Z',
  reportingController: 'example.com/suite',
  reportingInstance: 'suite-1',
  action: 'Testing',
  reason: 'Tested',
  note: 'something was tested',
  type: 'Normal',
  ...more,
})
const lease = (spec: object, metadata: object = {}): object => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'a', ...metadata },
  spec,
})
const held = {
  holderIdentity: 'one',
  leaseDurationSeconds: 15,
  acquireTime: '2020-01-01T00:00:00.000000Z',
  renewTime: '2020-01-01T00:00:10.123456Z',
  leaseTransitions: 0,
}

export default cases({
  'an event, by both of its APIs': [
    ['POST v1/events', core('a')],
    'GET v1/events/a',
    'GET events.k8s.io/v1/events/a',
    'GET events.k8s.io/v1/events',
  ],
  'a modern event, by both of its APIs': [
    ['POST events.k8s.io/v1/events', modern('a')],
    'GET events.k8s.io/v1/events/a',
    'GET v1/events/a',
    'GET v1/events',
  ],
  'an event that is counted': [
    ['POST v1/events', core('a')],
    ['STRATEGIC v1/events/a', { count: 2, lastTimestamp: '2020-01-01T00:05:00Z' }],
    ['MERGE v1/events/a', { message: 'something else', reason: 'Changed' }],
    ['PUT v1/events/a', core('a', { count: 3 })],
  ],
  'a series of a modern event': [
    ['POST events.k8s.io/v1/events', modern('a')],
    ['STRATEGIC events.k8s.io/v1/events/a', { series: { count: 2, lastObservedTime: '2020-01-01T00:05:00.000000Z' } }],
    ['STRATEGIC events.k8s.io/v1/events/a', { note: 'changed' }],
    ['STRATEGIC events.k8s.io/v1/events/a', { series: { count: 0, lastObservedTime: null } }],
    ['MERGE events.k8s.io/v1/events/a', { regarding: { name: 'other' }, type: 'Warning', action: 'Other' }],
  ],
  'events about another namespace': [
    ['POST v1/events', core('a', { involvedObject: { ...about, namespace: 'other' } })],
    ['POST v1/events', core('b', { involvedObject: { kind: 'Node', name: 'x' } })],
    ['POST /api/v1/namespaces/default/events?dryRun=All', { ...core('c'), involvedObject: { kind: 'Node', name: 'x' } }],
    ['POST v1/events', core('d', { involvedObject: {} })],
    ['POST events.k8s.io/v1/events', modern('e', { regarding: { ...about, namespace: 'other' } })],
  ],
  'events that say too little': [
    ['POST v1/events', { metadata: { name: 'a' } }],
    ['POST v1/events', { metadata: { name: 'a' }, involvedObject: about }],
    ['POST events.k8s.io/v1/events', { metadata: { name: 'b' } }],
    ['POST events.k8s.io/v1/events', modern('b', { reportingController: '', reportingInstance: '', action: '', reason: '', type: '' })],
    ['POST events.k8s.io/v1/events', modern('b', { eventTime: null })],
    ['POST events.k8s.io/v1/events', modern('b', { type: 'Other' })],
    ['POST v1/events', core('c', { type: 'Other' })],
  ],
  'events that say too much': [
    ['POST events.k8s.io/v1/events', modern('a', { note: 'n'.repeat(1025) })],
    ['POST events.k8s.io/v1/events', modern('a', { reason: 'r'.repeat(129), action: 'a'.repeat(129) })],
    ['POST events.k8s.io/v1/events', modern('a', { reportingInstance: 'i'.repeat(129), reportingController: 'not qualified/x/y' })],
    ['POST v1/events', core('b', { message: 'm'.repeat(2000), reason: 'r'.repeat(200) })],
    ['POST v1/events', core('c', { eventTime: '2020-01-01T00:00:00.000000Z' })],
    ['POST events.k8s.io/v1/events', modern('d', { deprecatedCount: 3, deprecatedSource: { component: 'x' } })],
  ],
  'events are selected': [
    ['POST v1/configmaps', configMap('a')],
    ['POST v1/events', core('one')],
    [
      'POST v1/events',
      core('two', {
        type: 'Warning',
        reason: 'Broken',
        involvedObject: { ...about, name: 'b', uid: 'some-uid', fieldPath: 'data.x', resourceVersion: '5' },
      }),
    ],
    'GET v1/events?fieldSelector=involvedObject.name=a',
    'GET v1/events?fieldSelector=type!=Normal',
    'GET v1/events?fieldSelector=reason=Broken,involvedObject.uid=some-uid',
    'GET v1/events?fieldSelector=involvedObject.fieldPath=data.x',
    'GET v1/events?fieldSelector=source=suite',
    'GET events.k8s.io/v1/events?fieldSelector=regarding.name=b',
    'GET events.k8s.io/v1/events?fieldSelector=reason=Broken,reportingController=suite',
    'GET events.k8s.io/v1/events?fieldSelector=involvedObject.name=a',
  ],
  'events with a made name, deleted as a collection': async (api) => {
    for (let count = 0; count < 2; count += 1)
      await api.send('POST v1/events', { ...core(''), metadata: { generateName: 'made-', labels: { case: 'x' } } })
    await api.send('DELETE v1/events?labelSelector=case', undefined, { pick: ({ kind }: { kind: string }) => kind })
    await api.send('GET v1/events?labelSelector=case')
  },
  'a table of events': [['POST v1/events', core('a')], 'TABLE v1/events/a', 'TABLE events.k8s.io/v1/events/a'],
  'a watch of events': async (api) => {
    const watch = await api.watch('v1/events?fieldSelector=involvedObject.kind=ConfigMap')
    await api.prepare('POST v1/events', core('a'))
    await api.prepare('STRATEGIC v1/events/a', { count: 2 })
    await watch.take(2)
  },
  'a lease that is taken, renewed and given up': async (api) => {
    const { body } = await api.send('POST coordination.k8s.io/v1/leases', lease(held))
    const renewed = await api.send('PUT coordination.k8s.io/v1/leases/a', {
      ...body,
      spec: { ...body.spec, renewTime: '2020-01-01T00:00:12.000000Z' },
    })
    await api.send('PUT coordination.k8s.io/v1/leases/a', { ...body, spec: { ...body.spec, holderIdentity: 'two' } })
    await api.send('PUT coordination.k8s.io/v1/leases/a', {
      ...renewed.body,
      spec: { holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 0 },
    })
    await api.send('DELETE coordination.k8s.io/v1/leases/a')
  },
  'leases that are none': [
    ['POST coordination.k8s.io/v1/leases', lease({ leaseDurationSeconds: 0 })],
    ['POST coordination.k8s.io/v1/leases', lease({ leaseDurationSeconds: -1, leaseTransitions: -1 })],
    ['POST coordination.k8s.io/v1/leases', lease({ acquireTime: 'yesterday' })],
    ['POST coordination.k8s.io/v1/leases', lease({ leaseDurationSeconds: '15' })],
    ['POST coordination.k8s.io/v1/leases', lease({ holderIdentity: '' })],
    ['POST coordination.k8s.io/v1/leases', lease({ strategy: 'OldestEmulationVersion' })],
    ['POST coordination.k8s.io/v1/leases', lease({ preferredHolder: 'x' })],
  ],
  'times of a lease, in other notations': [
    ['POST coordination.k8s.io/v1/leases', lease({ acquireTime: '2020-01-01T01:00:00+01:00', renewTime: '2020-01-01T00:00:00.5Z' })],
    ['MERGE coordination.k8s.io/v1/leases/a', { spec: { renewTime: '2020-01-01T00:00:00.123456789Z' } }],
    ['MERGE coordination.k8s.io/v1/leases/a', { spec: { renewTime: null } }],
    ['MERGE coordination.k8s.io/v1/leases/a', { spec: { renewTime: 5 } }],
  ],
  'an empty lease': [
    ['POST coordination.k8s.io/v1/leases', { metadata: { name: 'a' } }],
    'TABLE coordination.k8s.io/v1/leases/a',
    ['APPLY coordination.k8s.io/v1/leases/a?fieldManager=m', lease(held)],
    'TABLE coordination.k8s.io/v1/leases/a',
  ],
})
