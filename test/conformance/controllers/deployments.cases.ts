import type { Api } from '../api.ts'
import { cases } from '../case.ts'
import { deployment, pod } from '../objects.ts'
import { bare, complete, gone, holds, items, nowhere, ready, settled, template } from './settled.ts'

const web = 'apps/v1/deployments/web'
const sets = 'GET apps/v1/replicasets'
const image = (name: string): object => ({ spec: { template: { spec: { containers: [{ name: 'main', image: name }] } } } })
const inactive = ({ spec, status }: { spec: { replicas: number }; status: { replicas: number } }): boolean =>
  spec.replicas === status.replicas

async function rolledOut(api: Api, spec: object = {}, replicas = 2): Promise<void> {
  await api.prepare('POST apps/v1/deployments', deployment('web', replicas, spec))
  await api.prepare(`GET ${web}`, undefined, { until: complete(replicas) })
}

export default cases({
  'a Deployment becomes available': [
    ['POST apps/v1/deployments', deployment('web', 2), { pick: bare }],
    settled(`GET ${web}`, complete(2)),
    settled(sets, items(1, inactive)),
    settled('GET v1/pods', items(2, ready)),
  ],
  'a Deployment with annotations hands them on': async (api) => {
    await api.prepare('POST apps/v1/deployments', {
      ...deployment('web', 1),
      metadata: { name: 'web', annotations: { 'example.com/a': 'b', 'kubectl.kubernetes.io/last-applied-configuration': '{}' } },
    })
    await api.step(settled(`GET ${web}`, complete(1)))
    await api.step(settled(sets, items(1, inactive)))
  },
  'a new template is rolled out': async (api) => {
    await rolledOut(api)
    await api.prepare(`STRATEGIC ${web}`, image('registry.k8s.io/pause:3.11'))
    await api.step(settled(`GET ${web}`, complete(2)))
    await api.prepare(sets, undefined, { until: items(2, inactive) })
    await api.send(sets, undefined, {
      pick: (body: { items: { spec: { replicas: number } }[] }) => bare(body.items.toSorted((a, b) => a.spec.replicas - b.spec.replicas)),
    })
    await api.step(settled('GET v1/pods', items(2, ready)))
  },
  'a template that comes back gets its replica set back': async (api) => {
    await rolledOut(api)
    await api.prepare(`STRATEGIC ${web}`, image('registry.k8s.io/pause:3.11'))
    await api.prepare(`GET ${web}`, undefined, { until: complete(2) })
    await api.prepare(`STRATEGIC ${web}`, image('registry.k8s.io/pause:3.10'))
    await api.step(settled(`GET ${web}`, complete(2)))
    await api.prepare(sets, undefined, { until: items(2, inactive) })
    await api.send(sets, undefined, {
      pick: (body: { items: { spec: { replicas: number } }[] }) => bare(body.items.toSorted((a, b) => a.spec.replicas - b.spec.replicas)),
    })
  },
  'old replica sets go beyond the history': async (api) => {
    await rolledOut(api, { revisionHistoryLimit: 0 })
    await api.prepare(`STRATEGIC ${web}`, image('registry.k8s.io/pause:3.11'))
    await api.step(settled(`GET ${web}`, complete(2)))
    await api.step(settled(sets, items(1, inactive)))
  },
  'a rollout stands where its pods cannot run': async (api) => {
    await rolledOut(api, {}, 4)
    await api.prepare(`STRATEGIC ${web}`, { spec: { template: { spec: nowhere } } })
    await api.step(
      settled(
        `GET ${web}`,
        ({ status }) =>
          status.replicas === 5 && status.updatedReplicas === 2 && status.availableReplicas === 3 && status.terminatingReplicas === 0,
      ),
    )
    await api.prepare(sets, undefined, { until: items(2, inactive) })
    await api.send(sets, undefined, {
      pick: (body: { items: { spec: { replicas: number } }[] }) => bare(body.items.toSorted((a, b) => a.spec.replicas - b.spec.replicas)),
    })
  },
  'a Deployment whose pods cannot run fails its deadline': [
    ['POST apps/v1/deployments', deployment('web', 1, { progressDeadlineSeconds: 2, template: template('web', nowhere) }), { pick: bare }],
    settled(`GET ${web}`, holds('Progressing', 'False')),
    settled('GET v1/pods', items(1, holds('PodScheduled', 'False'))),
  ],
  'a paused Deployment makes nothing, and goes on': [
    ['POST apps/v1/deployments', deployment('web', 1, { paused: true }), { pick: bare }],
    settled(`GET ${web}`, holds('Available', 'False')),
    sets,
    [`MERGE ${web}`, { spec: { paused: false } }, { pick: () => 'resumed' }],
    settled(`GET ${web}`, complete(1)),
    settled(sets, items(1, inactive)),
  ],
  'a Deployment is scaled up, down and to nothing': async (api) => {
    await rolledOut(api)
    for (const replicas of [3, 1, 0]) {
      await api.prepare(`MERGE ${web}`, { spec: { replicas } })
      await api.step(settled(`GET ${web}`, complete(replicas)))
      await api.step(settled(sets, items(1, inactive)))
    }
  },
  'a Deployment that recreates': async (api) => {
    await rolledOut(api, { strategy: { type: 'Recreate' } })
    await api.prepare(`STRATEGIC ${web}`, image('registry.k8s.io/pause:3.11'))
    await api.prepare(`GET ${web}`, undefined, { until: complete(2) })
    // Whether the real server tells its progress depends on how fast its caches follow.
    await api.send(`GET ${web}`, undefined, {
      pick: ({ status: { conditions: _conditions, ...counts } }: { status: { conditions: unknown } }) => counts,
    })
    await api.step(settled('GET v1/pods', items(2, ready)))
  },
  'a Deployment goes with all that it made': async (api) => {
    await rolledOut(api)
    await api.prepare(`DELETE ${web}`)
    await api.step(settled(sets, items(0)))
    await api.step(settled('GET v1/pods', items(0)))
  },
  'a Deployment goes in the foreground': async (api) => {
    await rolledOut(api)
    await api.prepare(`DELETE ${web}?propagationPolicy=Foreground`)
    await api.step(gone(`GET ${web}`))
    await api.send('GET v1/pods', undefined, { pick: bare })
  },
  'a Deployment that orphans leaves its pods': async (api) => {
    await rolledOut(api)
    await api.prepare(`DELETE ${web}?propagationPolicy=Orphan`)
    await api.step(gone(`GET ${web}`))
    await api.step(
      settled(
        sets,
        items(1, (set) => set.metadata.ownerReferences === undefined),
      ),
    )
  },
  'a replica set takes in pods, and lets them go': async (api) => {
    await api.prepare('POST v1/pods', pod('a', {}, { labels: { app: 'web', extra: 'x' } }))
    await api.prepare('POST apps/v1/replicasets', {
      metadata: { name: 'web' },
      spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template: template('web') },
    })
    await api.step(settled('GET v1/pods/a', (body) => body.metadata.ownerReferences && ready(body)))
    await api.step(settled('GET apps/v1/replicasets/web', ({ status }) => status.availableReplicas === 1))
    await api.prepare('MERGE v1/pods/a', { metadata: { labels: { app: 'other' } } })
    await api.step(settled('GET v1/pods/a', (body) => !body.metadata.ownerReferences))
    await api.step(settled('GET v1/pods?labelSelector=app%3Dweb', items(1, ready)))
  },
  'a replica set that may not make pods says so': [
    ['POST v1/resourcequotas', { metadata: { name: 'none' }, spec: { hard: { pods: '0' } } }, { pick: bare }],
    settled('GET v1/resourcequotas/none', ({ status }) => status?.used?.pods === '0'),
    [
      'POST apps/v1/replicasets',
      { metadata: { name: 'web' }, spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template: template('web') } },
      { pick: bare },
    ],
    [
      'GET apps/v1/replicasets/web',
      undefined,
      {
        until: holds('ReplicaFailure', 'True'),
        pick: ({ status }: { status: { conditions: { reason: string }[] } }) => status.conditions.map(({ reason }) => reason),
      },
    ],
  ],
  'a replication controller': [
    [
      'POST v1/replicationcontrollers',
      { metadata: { name: 'web' }, spec: { replicas: 2, selector: { app: 'web' }, template: template('web') } },
      { pick: bare },
    ],
    settled('GET v1/replicationcontrollers/web', ({ status }) => status.availableReplicas === 2),
    settled('GET v1/pods', items(2, ready)),
  ],
  'an available pod is one that was ready for a while': [
    ['POST apps/v1/deployments', deployment('web', 1, { minReadySeconds: 2 }), { pick: bare }],
    settled(`GET ${web}`, complete(1)),
    settled(sets, items(1, inactive)),
  ],
})
