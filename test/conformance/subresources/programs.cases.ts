/** What is asked of programs in pods, as far as the server answers it without a kubelet. */
import type { AnyBody } from '../api.ts'
import { cases } from '../case.ts'
import { nowhere, ready } from '../controllers/settled.ts'

const image = 'registry.k8s.io/pause:3.10'
const pod = (name: string, spec: object = {}): object => ({ metadata: { name }, spec: { containers: [{ name: 'main', image }], ...spec } })
const unplaced = ['POST v1/pods', pod('a', nowhere), { pick: () => 'made' }] as const
const several = {
  initContainers: [{ name: 'first', image }],
  containers: [
    { name: 'main', image },
    { name: 'side', image },
  ],
}

export default cases({
  'the log of a pod that is not there': ['GET v1/pods/none/log', 'GET v1/pods/none/log?tailLines=-1'],
  'the log of a pod that no node has': [
    unplaced,
    'GET v1/pods/a/log',
    'GET v1/pods/a/log?follow=true&timestamps=nonsense&previous=1',
    'GET v1/pods/a/log?container=main&sinceTime=',
    'POST v1/pods/a/log',
  ],
  'the log of a container that a pod does not have': [unplaced, 'GET v1/pods/a/log?container=none', 'GET v1/pods/a/exec?container=none'],
  'the log of one of several containers': [
    ['POST v1/pods', pod('a', { ...several, ...nowhere }), { pick: () => 'made' }],
    'GET v1/pods/a/log',
    'GET v1/pods/a/log?container=first',
    'GET v1/pods/a/log?container=side',
    'GET v1/pods/a/exec?command=ls',
  ],
  'a log with numbers that are none': [
    unplaced,
    ...['tailLines=x', 'tailLines=', 'limitBytes=99999999999999999999', 'sinceSeconds=1.5'].map((query) => `GET v1/pods/a/log?${query}`),
  ],
  'a log with numbers that cannot be meant': [
    unplaced,
    ...['tailLines=-1&limitBytes=0', 'sinceSeconds=0', 'limitBytes=-5&sinceSeconds=-1', 'tailLines=0'].map(
      (query) => `GET v1/pods/a/log?${query}`,
    ),
  ],
  'a log since a time': [
    unplaced,
    ...['x', '2026-01-01', '2026-13-01T00:00:00Z', '2026-01-01T00:00:00Z&sinceSeconds=1'].map(
      (time) => `GET v1/pods/a/log?sinceTime=${time}`,
    ),
  ],
  'one stream of a log': [unplaced, 'GET v1/pods/a/log?stream=Stdout', 'GET v1/pods/a/log?stream=none&tailLines=1'],
  'a command in a pod that no node has': [unplaced, 'GET v1/pods/a/exec?command=ls', 'POST v1/pods/a/exec?command=ls'],
  'a command without an upgrade': async (api) => {
    await api.prepare('POST v1/pods', pod('a'))
    await api.prepare('GET v1/pods/a', undefined, { until: (body: AnyBody) => ready(body) })
    await api.send('GET v1/pods/a/exec?command=ls')
    await api.send('POST v1/pods/a/exec?command=ls&stdin=true&stdout=true')
    await api.send('GET v1/pods/a/exec')
    await api.send('GET v1/pods/none/exec?command=ls')
  },
})
