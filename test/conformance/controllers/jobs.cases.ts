/** How Jobs end: their pods find no node, and the cases write what becomes of them. */
import type { AnyBody, Api } from '../api.ts'
import { cases, type Step } from '../case.ts'
import { gone, holds, items, nowhere, settled, template } from './settled.ts'

const hold = 'example.com/hold'
const theJob = 'GET batch/v1/jobs/job'
/** The Job, once all pods that have ended are counted. */
const jobIs = (fits: (body: AnyBody) => unknown): Step =>
  settled(theJob, (body) => Object.keys(body.status?.uncountedTerminatedPods ?? {}).length === 0 && fits(body))
const failed = holds('Failed', 'True')

const job = (spec: object, pod: object = {}, metadata: object = {}): object => ({
  metadata: { name: 'job' },
  spec: { template: template('job', { restartPolicy: 'Never', ...nowhere, ...pod }, metadata), ...spec },
})
/** Its pods go only when somebody lets them. */
const held = { labels: { app: 'job' }, finalizers: [hold] }
const indexed = (count: number, spec: object = {}): object => ({
  completionMode: 'Indexed',
  completions: count,
  parallelism: count,
  ...spec,
})
const ended = (exitCode: number, message?: string): object => ({
  phase: exitCode === 0 ? 'Succeeded' : 'Failed',
  containerStatuses: [
    {
      name: 'main',
      image: 'pause',
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', ...(message && { message }) } },
    },
  ],
})

const active = (count: number) => items(count, holds('PodScheduled', 'False'))

/** Makes the Job, waits for its pods, keeps them and tells them by their indexes. */
async function made(api: Api, body: object, count = 1): Promise<AnyBody[]> {
  await api.prepare('POST batch/v1/jobs', body)
  const { body: list } = await api.step(settled('GET v1/pods', active(count)))
  const indexOf = (pod: AnyBody): number => Number(pod.metadata.labels['batch.kubernetes.io/job-completion-index'] ?? 0)
  return list.items.toSorted((one: AnyBody, other: AnyBody) => indexOf(one) - indexOf(other))
}
async function writeStatus(api: Api, pod: AnyBody, status: object): Promise<void> {
  await api.prepare(`STRATEGIC v1/pods/${pod.metadata.name}/status`, { status })
}
async function letGo(api: Api, pod: AnyBody): Promise<void> {
  await api.prepare(`JSONPATCH v1/pods/${pod.metadata.name}`, [{ op: 'remove', path: '/metadata/finalizers' }])
}
/** So many pods were made: what they say of the tries before them, in the order of the tries. */
const tries = (count: number): Step => [
  'GET v1/pods',
  undefined,
  { until: items(count), pick: ({ items: pods }: AnyBody) => pods.map(({ metadata }: AnyBody) => failuresIn(metadata)).toSorted() },
]
const failuresIn = ({ annotations = {} }: AnyBody): string =>
  ['', '-ignored'].map((kind) => annotations[`batch.kubernetes.io/job-index${kind}-failure-count`] ?? '-').join(' and ')
const exitCodes = (action: string, ...values: number[]): object => ({ rules: [{ action, onExitCodes: { operator: 'In', values } }] })

export default cases({
  'a Job whose pod ends with an exit code and a message': async (api) => {
    const [pod] = await made(api, job({ backoffLimit: 0 }))
    await writeStatus(api, pod, ended(3, '{"rows":7}'))
    await api.step(jobIs(failed))
    await api.step(
      settled(
        'GET v1/pods',
        items(1, ({ metadata }) => !metadata.finalizers),
      ),
    )
  },
  'a Job whose pods end well': async (api) => {
    const [one, other] = await made(api, job({ completions: 2, parallelism: 2 }), 2)
    await writeStatus(api, one, ended(0))
    await api.step(jobIs(({ status }) => status.succeeded === 1))
    await writeStatus(api, other, ended(0, 'done'))
    await api.step(jobIs(holds('Complete', 'True')))
  },
  'a Job that has failed while one of its pods still ends': async (api) => {
    const [pod] = await made(api, job({ activeDeadlineSeconds: 1 }, {}, held))
    await api.step(jobIs((body) => holds('FailureTarget', 'True')(body) && body.status.failed === 1))
    await letGo(api, pod)
    await api.step(jobIs(failed))
  },
  'a Job with a policy for exit codes fails at once': async (api) => {
    const [one] = await made(api, job({ completions: 2, parallelism: 2, podFailurePolicy: exitCodes('FailJob', 42, 43) }), 2)
    await writeStatus(api, one, ended(42))
    await api.step(jobIs(failed))
  },
  'a Job with a policy for another exit code': async (api) => {
    const [one] = await made(api, job({ backoffLimit: 0, podFailurePolicy: exitCodes('FailJob', 42) }))
    await writeStatus(api, one, ended(41))
    await api.step(jobIs(failed))
  },
  'a Job with a policy for another container': async (api) => {
    const rules = [{ action: 'FailJob', onExitCodes: { containerName: 'main', operator: 'NotIn', values: [42] } }]
    const [one] = await made(api, job({ backoffLimit: 3, podFailurePolicy: { rules } }))
    await writeStatus(api, one, ended(1))
    await api.step(jobIs(failed))
  },
  'a Job with a policy for conditions of pods': async (api) => {
    const rules = [{ action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }]
    const [one] = await made(api, job({ podFailurePolicy: { rules } }))
    const conditions = [{ type: 'DisruptionTarget', status: 'True', reason: 'Gone', lastTransitionTime: '2026-01-01T00:00:00Z' }]
    await writeStatus(api, one, { phase: 'Failed', conditions })
    await api.step(jobIs(failed))
  },
  'a Job with a policy that ignores an exit code': async (api) => {
    const [one] = await made(api, job({ backoffLimit: 0, podFailurePolicy: exitCodes('Ignore', 42) }))
    await writeStatus(api, one, ended(42))
    await api.step(tries(2))
    await api.step(jobIs(({ status }) => status.active === 1))
  },
  'an indexed Job with a policy for its indexes': async (api) => {
    const policy = exitCodes('FailIndex', 42)
    const [one, other] = await made(api, job(indexed(2, { backoffLimitPerIndex: 3, podFailurePolicy: policy })), 2)
    await writeStatus(api, one, ended(42))
    await api.step(jobIs(({ status }) => status.failedIndexes === '0' && status.failed === 1))
    await writeStatus(api, other, ended(0))
    await api.step(jobIs(failed))
  },
  'an indexed Job whose pod is made again': async (api) => {
    const [one] = await made(api, job(indexed(1, { backoffLimitPerIndex: 1, podFailurePolicy: exitCodes('Ignore', 42) })))
    await writeStatus(api, one, ended(42))
    await api.step(tries(2))
  },
  'an indexed Job with too many failed indexes': async (api) => {
    const [one] = await made(api, job(indexed(3, { backoffLimitPerIndex: 0, maxFailedIndexes: 0 })), 3)
    await writeStatus(api, one, ended(1))
    await api.step(jobIs(failed))
  },
  'an indexed Job that has succeeded with some of its indexes': async (api) => {
    const pods = await made(api, job(indexed(3, { successPolicy: { rules: [{ succeededIndexes: '0,2', succeededCount: 1 }] } })), 3)
    await writeStatus(api, pods[1], ended(0))
    await api.step(jobIs(({ status }) => status.succeeded === 1))
    await writeStatus(api, pods[2], ended(0))
    await api.step(jobIs(holds('Complete', 'True')))
  },
  'an indexed Job that has succeeded while others of its pods still end': async (api) => {
    const rules = [{ succeededIndexes: '1' }, { succeededCount: 1 }]
    const [one, other] = await made(api, job(indexed(2, { successPolicy: { rules } }), {}, held), 2)
    await writeStatus(api, one, ended(0))
    await api.step(jobIs((body) => holds('SuccessCriteriaMet', 'True')(body) && body.status.terminating === 1))
    await letGo(api, other)
    await api.step(jobIs(holds('Complete', 'True')))
  },
  'a Job whose containers were started again too often': async (api) => {
    const [pod] = await made(api, job({ backoffLimit: 2 }, { restartPolicy: 'OnFailure' }))
    const status = (restartCount: number): object => ({
      phase: 'Running',
      containerStatuses: [{ name: 'main', image: 'pause', imageID: '', ready: false, restartCount, state: { waiting: {} } }],
    })
    await writeStatus(api, pod, status(1))
    await api.step(jobIs(({ status: { active: count } }) => count === 1))
    await writeStatus(api, pod, status(2))
    await api.step(jobIs(failed))
  },
  'a Job that replaces pods only when they have failed': async (api) => {
    const [pod] = await made(api, job({ podReplacementPolicy: 'Failed' }))
    await api.prepare(`DELETE v1/pods/${pod.metadata.name}`)
    await api.step(jobIs(({ status }) => status.terminating === 1 && !status.active))
    await writeStatus(api, pod, { phase: 'Failed' })
    await api.step(jobIs(({ status }) => status.active === 1 && status.failed === 1))
  },
  'a Job that has failed goes some time after': async (api) => {
    const [pod] = await made(api, job({ backoffLimit: 0, ttlSecondsAfterFinished: 1 }))
    await writeStatus(api, pod, ended(1))
    await api.step(gone(theJob))
    await api.step(settled('GET v1/pods', items(0)))
  },
})
