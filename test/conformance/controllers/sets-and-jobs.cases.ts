import type { AnyBody, Api } from '../api.ts'
import { cases } from '../case.ts'
import { bare, gone, holds, items, nowhere, ready, settled, template } from './settled.ts'

const set = (name: string, spec: object = {}): object => ({
  metadata: { name },
  spec: { replicas: 2, serviceName: name, selector: { matchLabels: { app: name } }, template: template(name), ...spec },
})
const daemonSet = (name: string, spec: object = {}): object => ({
  metadata: { name },
  spec: { selector: { matchLabels: { app: name } }, template: template(name), ...spec },
})
const job = (name: string, spec: object = {}, pod: object = {}): object => ({
  metadata: { name },
  spec: { template: template(name, { restartPolicy: 'Never', ...pod }), ...spec },
})
const db = 'GET apps/v1/statefulsets/db'
const settledSet =
  (replicas: number) =>
  ({ metadata, status = {} }: AnyBody): boolean =>
    status.observedGeneration === metadata.generation &&
    status.replicas === replicas &&
    status.availableReplicas === replicas &&
    status.currentRevision === status.updateRevision
const settledDaemons = ({ metadata, status = {} }: AnyBody): boolean =>
  status.observedGeneration === metadata.generation && status.numberAvailable === 2 && status.updatedNumberScheduled === 2

async function failPods(api: Api, name: string, count: number): Promise<void> {
  const pending = (body: AnyBody): AnyBody[] => body.items.filter((pod: AnyBody) => pod.status.phase === 'Pending')
  const { body } = await api.prepare(`GET v1/pods?labelSelector=app%3D${name}`, undefined, {
    until: (list: AnyBody) => pending(list).length === count,
  })
  for (const pod of pending(body)) await api.prepare(`MERGE v1/pods/${pod.metadata.name}/status`, { status: { phase: 'Failed' } })
}

export default cases({
  'a StatefulSet makes its pods in order': [
    ['POST apps/v1/statefulsets', set('db'), { pick: bare }],
    settled(db, settledSet(2)),
    settled('GET v1/pods', items(2, ready)),
    settled('GET apps/v1/controllerrevisions', items(1)),
  ],
  'a StatefulSet in parallel': [
    ['POST apps/v1/statefulsets', set('db', { podManagementPolicy: 'Parallel', replicas: 3 }), { pick: bare }],
    settled(db, settledSet(3)),
    settled('GET v1/pods', items(3, ready)),
  ],
  'a StatefulSet waits for its first pod': [
    ['POST apps/v1/statefulsets', set('db', { template: template('db', nowhere) }), { pick: bare }],
    settled(db, ({ status }) => status.replicas === 1),
    settled('GET v1/pods', items(1, holds('PodScheduled', 'False'))),
  ],
  'a StatefulSet with claims': [
    [
      'POST apps/v1/statefulsets',
      set('db', {
        replicas: 1,
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: '1Gi' } } },
          },
        ],
      }),
      { pick: bare },
    ],
    settled('GET v1/persistentvolumeclaims', items(1)),
    settled('GET v1/pods', items(1, holds('PodScheduled', 'False'))),
    settled(db, ({ status }) => status.replicas === 1),
  ],
  'a StatefulSet with claims that go with it': [
    [
      'POST apps/v1/statefulsets',
      set('db', {
        replicas: 1,
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: '1Gi' } } },
          },
        ],
      }),
      { pick: bare },
    ],
    settled(
      'GET v1/persistentvolumeclaims',
      items(1, (claim) => claim.metadata.ownerReferences),
    ),
    ['DELETE apps/v1/statefulsets/db', undefined, { pick: () => 'deleted' }],
    settled('GET v1/persistentvolumeclaims', items(0)),
  ],
  'a StatefulSet is scaled': async (api) => {
    await api.prepare('POST apps/v1/statefulsets', set('db', { replicas: 1 }))
    await api.prepare(db, undefined, { until: settledSet(1) })
    for (const replicas of [3, 1]) {
      await api.prepare('MERGE apps/v1/statefulsets/db', { spec: { replicas } })
      await api.step(settled(db, settledSet(replicas)))
    }
    await api.step(settled('GET v1/pods', items(1, ready)))
  },
  'a StatefulSet is updated': async (api) => {
    await api.prepare('POST apps/v1/statefulsets', set('db'))
    await api.prepare(db, undefined, { until: settledSet(2) })
    await api.prepare('MERGE apps/v1/statefulsets/db', { spec: { template: template('db', {}, { labels: { app: 'db', more: 'x' } }) } })
    await api.step(settled(db, ({ status, metadata }) => settledSet(2)({ status, metadata }) && status.updatedReplicas === 2))
    await api.step(settled('GET v1/pods', items(2, ready)))
    await api.send('GET apps/v1/controllerrevisions', undefined, {
      pick: (body: AnyBody) => bare(body.items.toSorted((a: AnyBody, b: AnyBody) => a.revision - b.revision)),
    })
  },
  'a StatefulSet is updated down to the partition': async (api) => {
    await api.prepare(
      'POST apps/v1/statefulsets',
      set('db', { replicas: 3, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } }),
    )
    await api.prepare(db, undefined, { until: settledSet(3) })
    await api.prepare('MERGE apps/v1/statefulsets/db', { spec: { template: template('db', {}, { labels: { app: 'db', more: 'x' } }) } })
    await api.step(
      settled(
        db,
        ({ status, metadata }) =>
          status.observedGeneration === metadata.generation && status.updatedReplicas === 1 && status.availableReplicas === 3,
      ),
    )
    await api.step(settled('GET v1/pods', items(3, ready)))
  },
  'a StatefulSet is updated by who deletes its pods': async (api) => {
    await api.prepare('POST apps/v1/statefulsets', set('db', { updateStrategy: { type: 'OnDelete' } }))
    await api.prepare(db, undefined, { until: settledSet(2) })
    await api.prepare('MERGE apps/v1/statefulsets/db', { spec: { template: template('db', {}, { labels: { app: 'db', more: 'x' } }) } })
    await api.prepare('DELETE v1/pods/db-0')
    await api.step(settled(db, ({ status }) => status.updatedReplicas === 1 && status.availableReplicas === 2))
    await api.step(settled('GET v1/pods', items(2, ready)))
  },
  'a DaemonSet runs on every node': [
    ['POST apps/v1/daemonsets', daemonSet('agent'), { pick: bare }],
    settled('GET apps/v1/daemonsets/agent', settledDaemons),
    settled('GET v1/pods', items(2, ready)),
    settled('GET apps/v1/controllerrevisions', items(1)),
  ],
  'a DaemonSet for nodes that are not there': [
    ['POST apps/v1/daemonsets', daemonSet('agent', { template: template('agent', nowhere) }), { pick: bare }],
    settled('GET apps/v1/daemonsets/agent', ({ status }) => status.observedGeneration === 1),
  ],
  'a DaemonSet is updated': async (api) => {
    await api.prepare('POST apps/v1/daemonsets', daemonSet('agent'))
    await api.prepare('GET apps/v1/daemonsets/agent', undefined, { until: settledDaemons })
    await api.prepare('MERGE apps/v1/daemonsets/agent', {
      spec: { template: template('agent', {}, { labels: { app: 'agent', more: 'x' } }) },
    })
    await api.step(settled('GET apps/v1/daemonsets/agent', settledDaemons))
    await api.step(settled('GET v1/pods', items(2, ready)))
  },
  'a Job runs to its end': [
    ['POST batch/v1/jobs', job('job', { completions: 3, parallelism: 2 }), { pick: bare }],
    settled('GET batch/v1/jobs/job', holds('Complete', 'True')),
    settled(
      'GET v1/pods',
      items(3, (pod) => pod.status.phase === 'Succeeded' && !pod.metadata.finalizers),
    ),
  ],
  'an indexed Job': [
    ['POST batch/v1/jobs', job('job', { completions: 2, parallelism: 2, completionMode: 'Indexed' }), { pick: bare }],
    settled('GET batch/v1/jobs/job', holds('Complete', 'True')),
    settled(
      'GET v1/pods',
      items(2, (pod) => pod.status.phase === 'Succeeded' && !pod.metadata.finalizers),
    ),
  ],
  'a Job whose pods do not start': [
    ['POST batch/v1/jobs', job('job', {}, nowhere), { pick: bare }],
    settled('GET batch/v1/jobs/job', ({ status }) => status.active === 1),
    settled('GET v1/pods', items(1, holds('PodScheduled', 'False'))),
  ],
  'a suspended Job': [
    ['POST batch/v1/jobs', job('job', { suspend: true }), { pick: bare }],
    settled('GET batch/v1/jobs/job', holds('Suspended', 'True')),
    ['MERGE batch/v1/jobs/job', { spec: { suspend: false } }, { pick: () => 'resumed' }],
    settled('GET batch/v1/jobs/job', holds('Complete', 'True')),
  ],
  'a Job that is suspended later': async (api) => {
    await api.prepare('POST batch/v1/jobs', job('job', {}, nowhere))
    await api.prepare('GET batch/v1/jobs/job', undefined, { until: ({ status }: AnyBody) => status.active === 1 })
    await api.prepare('MERGE batch/v1/jobs/job', { spec: { suspend: true } })
    await api.step(
      settled(
        'GET batch/v1/jobs/job',
        ({ status }) => !status.active && status.terminating === 0 && holds('Suspended', 'True')({ status }),
      ),
    )
    await api.step(settled('GET v1/pods', items(0)))
  },
  'a Job that fails at once': async (api) => {
    await api.prepare('POST batch/v1/jobs', job('job', { backoffLimit: 0 }, nowhere))
    await failPods(api, 'job', 1)
    await api.step(settled('GET batch/v1/jobs/job', holds('Failed', 'True')))
    await api.step(
      settled(
        'GET v1/pods',
        items(1, (pod) => !pod.metadata.finalizers),
      ),
    )
  },
  'an indexed Job with failed indexes': async (api) => {
    await api.prepare(
      'POST batch/v1/jobs',
      job('job', { completionMode: 'Indexed', completions: 2, parallelism: 2, backoffLimitPerIndex: 0 }, nowhere),
    )
    await failPods(api, 'job', 2)
    await api.step(settled('GET batch/v1/jobs/job', holds('Failed', 'True')))
  },
  'a Job with a deadline': [
    ['POST batch/v1/jobs', job('job', { activeDeadlineSeconds: 1 }, nowhere), { pick: bare }],
    settled('GET batch/v1/jobs/job', holds('Failed', 'True')),
    settled('GET v1/pods', items(0)),
  ],
  'a Job goes some time after its end': [
    ['POST batch/v1/jobs', job('job', { ttlSecondsAfterFinished: 0 }), { pick: bare }],
    gone('GET batch/v1/jobs/job'),
    settled('GET v1/pods', items(0)),
  ],
  'a CronJob that is suspended makes nothing': [
    [
      'POST batch/v1/cronjobs',
      {
        metadata: { name: 'cron' },
        spec: { schedule: '* * * * *', suspend: true, jobTemplate: { spec: { template: template('cron', { restartPolicy: 'Never' }) } } },
      },
      { pick: bare },
    ],
    ['GET batch/v1/cronjobs/cron', undefined, { pick: bare }],
    'GET batch/v1/jobs',
  ],
  'a Job whose pods a quota forbids': [
    ['POST v1/resourcequotas', { metadata: { name: 'none' }, spec: { hard: { pods: '0' } } }, { pick: bare }],
    ['GET v1/resourcequotas/none', undefined, { until: ({ status }: AnyBody) => status.used !== undefined, pick: bare }],
    ['POST batch/v1/jobs', job('job'), { pick: bare }],
    settled('GET batch/v1/jobs/job', ({ status }) => status.startTime !== undefined),
  ],
})
