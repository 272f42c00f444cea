import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Job } from '../../../src/sandbox/controllers/jobs/job.ts'
import type { Pod } from '../../../src/sandbox/controllers/pods.ts'
import { createSandbox, type PodScript, type Sandbox } from '../../../src/sandbox/index.ts'

let sandbox: Sandbox
beforeEach(() => void (sandbox = createSandbox({ now: () => Date.UTC(2026, 0, 1) })))
afterEach(async () => await sandbox.close())

const ask = async (path: string, init: RequestInit = {}): Promise<Response> =>
  await sandbox.fetch(path, { ...init, headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' } })
const podsPath = '/api/v1/namespaces/default/pods'
const jobsPath = '/apis/batch/v1/namespaces/default/jobs'

const containers = (...names: string[]): object[] => names.map((name) => ({ name, image: `${name}:1` }))

async function job(spec: object, pod: object = {}): Promise<void> {
  const template = { metadata: { labels: { app: 'work' } }, spec: { restartPolicy: 'Never', containers: containers('work'), ...pod } }
  const body = JSON.stringify({ metadata: { name: 'work' }, spec: { template, ...spec } })
  expect((await ask(jobsPath, { method: 'POST', body })).status).toBe(201)
  await sandbox.controllers.idle()
}
const theJob = async (): Promise<Job> => (await (await ask(`${jobsPath}/work`)).json()) as Job
const conditions = async (): Promise<string[]> =>
  ((await theJob()).status?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`)
const pods = async (): Promise<Pod[]> => {
  await sandbox.controllers.idle()
  const { items } = (await (await ask(podsPath)).json()) as { items: Pod[] }
  const madeAt = ({ metadata }: Pod): number => Date.parse(String(metadata['creationTimestamp']))
  return items.toSorted((one, other) => madeAt(one) - madeAt(other))
}
interface Shown {
  readonly ready: boolean
  readonly restartCount: number
  readonly state: { readonly running?: object; readonly waiting?: { readonly message: string }; readonly terminated?: object }
  readonly lastState: { readonly terminated?: object }
}
const shown = async (): Promise<(readonly [string | undefined, ...Shown[]])[]> =>
  (await pods()).map(({ status }) => [status?.phase, ...((status?.['containerStatuses'] ?? []) as Shown[])])
const ends = (run: PodScript['run']): void => void sandbox.pods.script({ match: { labels: { app: 'work' } }, run } as PodScript)

it('the pod of a Job ends with the exit code and the termination message of a script', async () => {
  ends({ exitCode: 3, terminationMessage: '{"rows":7}', delay: '5s' })
  await job({ backoffLimit: 0 })
  expect(await shown()).toMatchObject([['Running', { ready: true, state: { running: {} } }]])
  expect(await theJob()).toMatchObject({ status: { active: 1, ready: 1 } })
  sandbox.clock.advance(5_000)
  expect(await shown()).toEqual([
    [
      'Failed',
      {
        name: 'work',
        image: 'work:1',
        imageID: '',
        ready: false,
        started: false,
        restartCount: 0,
        lastState: {},
        state: {
          terminated: {
            exitCode: 3,
            reason: 'Error',
            message: '{"rows":7}',
            startedAt: '2026-01-01T00:00:00Z',
            finishedAt: '2026-01-01T00:00:05Z',
          },
        },
      },
    ],
  ])
  expect(await conditions()).toEqual(['FailureTarget=True BackoffLimitExceeded', 'Failed=True BackoffLimitExceeded'])
})

it('a Job is complete where its second pod ends well', async () => {
  ends([{ exitCode: 1, times: 1 }, { terminationMessage: 'done' }])
  await job({ backoffLimit: 1 })
  expect(await theJob()).toMatchObject({ status: { failed: 1 } })
  sandbox.clock.advance(10_000)
  expect((await shown()).map(([phase, { state } = {} as Shown]) => [phase, state.terminated])).toMatchObject([
    ['Failed', { exitCode: 1, reason: 'Error' }],
    ['Succeeded', { exitCode: 0, reason: 'Completed', message: 'done' }],
  ])
  expect(await conditions()).toEqual(['SuccessCriteriaMet=True CompletionsReached', 'Complete=True CompletionsReached'])
})

it('of a long termination message the end is kept', async () => {
  ends({ terminationMessage: `${'x'.repeat(5_000)}end` })
  await job({})
  const [[, { state } = {} as Shown] = []] = await shown()
  const { message = '' } = (state?.terminated ?? {}) as { message?: string }
  expect([message.length, message.slice(-4)]).toEqual([4_096, 'xend'])
})

it('a pod has ended when the last of its containers has, and a function knows both', async () => {
  ends(({ container }) => (container.name === 'short' ? { delay: '1s' } : { delay: '1m', reason: 'OOMKilled', exitCode: 137 }))
  await job({ backoffLimit: 0 }, { containers: containers('short', 'long') })
  sandbox.clock.advance(1_000)
  expect(await shown()).toMatchObject([
    ['Running', { ready: false, state: { terminated: { reason: 'Completed' } } }, { ready: true, state: { running: {} } }],
  ])
  sandbox.clock.advance(59_000)
  expect(await shown()).toMatchObject([['Failed', {}, { state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }]])
})

it('a container that fails is started again after a growing pause where the pod says so', async () => {
  ends([{ exitCode: 1, delay: '1s', times: 3 }, { delay: '1s' }])
  await job({}, { restartPolicy: 'OnFailure' })
  sandbox.clock.advance(1_000)
  expect(await shown()).toMatchObject([
    ['Running', { restartCount: 1, state: { running: {} }, lastState: { terminated: { exitCode: 1 } } }],
  ])
  sandbox.clock.advance(1_000)
  const [[phase, status] = []] = await shown()
  expect([phase, status?.ready, status?.restartCount]).toEqual(['Running', false, 1])
  expect(status?.state.waiting?.message).toMatch(/^back-off 10s restarting failed container=work pod=work-/)
  sandbox.clock.advance(10_000)
  expect(await shown()).toMatchObject([['Running', { ready: true, restartCount: 2, state: { running: {} } }]])
  sandbox.clock.advance(1_000 + 20_000 + 1_000)
  expect(await shown()).toMatchObject([['Succeeded', { restartCount: 3, state: { terminated: { exitCode: 0 } } }]])
  expect(await conditions()).toContain('Complete=True CompletionsReached')
})

it('a pod that always runs is started again whatever its exit code', async () => {
  sandbox.pods.script({ match: { name: 'web' }, run: { delay: '1s' }, logs: 'now\n', previousLogs: 'before\n' })
  await ask(podsPath, { method: 'POST', body: JSON.stringify({ metadata: { name: 'web' }, spec: { containers: containers('web') } }) })
  await sandbox.controllers.idle()
  sandbox.clock.advance(1_000)
  expect(await shown()).toMatchObject([['Running', { restartCount: 1, lastState: { terminated: { exitCode: 0, reason: 'Completed' } } }]])
  expect(await (await ask(`${podsPath}/web/log?previous=true`)).text()).toBe('before\n')
  sandbox.clock.advance(3_600_000)
  expect(await shown()).toMatchObject([['Running', { restartCount: 16 }]])
})

it('who follows the log of a container is let go when it ends', async () => {
  ends({ delay: '1m' })
  sandbox.pods.script({ logs: ['working'] })
  await job({})
  const [pod] = await pods()
  const text = ask(`${podsPath}/${pod?.metadata.name}/log?follow=true`).then(async (answer) => await answer.text())
  await new Promise(setImmediate)
  sandbox.clock.advance(60_000)
  expect(await text).toBe('working\n')
})

it('a pod that no script ends ends as its annotations say', async () => {
  sandbox.pods.script({ match: { labels: { app: 'other' } }, run: { exitCode: 1 } })
  await job({})
  expect(await shown()).toMatchObject([['Succeeded', { state: { terminated: { exitCode: 0 } } }]])
})

it('a Job whose containers are started again too often fails, with its restarts as its limit', async () => {
  ends({ exitCode: 1, delay: '1s' })
  await job({ backoffLimit: 2 }, { restartPolicy: 'OnFailure' })
  sandbox.clock.advance(2_000 + 10_000)
  await sandbox.controllers.idle()
  expect(await conditions()).toEqual(['FailureTarget=True BackoffLimitExceeded', 'Failed=True BackoffLimitExceeded'])
})

it.each([
  ['FailJob', 1, ['FailureTarget=True PodFailurePolicy', 'Failed=True PodFailurePolicy']],
  ['Ignore', 0, []],
])('an exit code that the policy of a Job has %s for', async (action, failed, expected) => {
  ends([{ exitCode: 42, times: 1 }, { delay: '1h' }])
  await job({ backoffLimit: 0, podFailurePolicy: { rules: [{ action, onExitCodes: { operator: 'In', values: [42] } }] } })
  expect((await theJob()).status?.failed ?? 0).toBe(failed)
  expect(await conditions()).toEqual(expected)
})
