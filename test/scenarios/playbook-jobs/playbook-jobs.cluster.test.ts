import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { KubernetesObject } from '../../../src/api/object.ts'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { change, collection, create, exists, installDefinition, read, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const apiVersion = 'jobs.example.com/v1'
const one = (cluster: Cluster): string => `${collection(cluster, apiVersion, 'releases')}/one`
const released = (cluster: Cluster): string => `${collection(cluster, 'v1', 'configmaps')}/one-released`

async function createRelease(cluster: Cluster, spec: object): Promise<void> {
  await installDefinition(cluster, `${project}/crds/release.yaml`)
  await create(cluster, collection(cluster, apiVersion, 'releases'), { apiVersion, kind: 'Release', metadata: { name: 'one' }, spec })
}

const jobs = async (cluster: Cluster): Promise<KubernetesObject[]> =>
  (await read<{ items: KubernetesObject[] }>(cluster, collection(cluster, 'batch/v1', 'jobs'))).items

/** A label that no node has yet: pods that ask for it wait. */
const nowhere = (cluster: Cluster): Record<string, string> => ({ [`jobs.example.com/${cluster.namespace}`]: 'yes' })

async function letRun(cluster: Cluster): Promise<void> {
  const { items } = await read<{ items: KubernetesObject[] }>(cluster, '/api/v1/nodes')
  await change(cluster, `/api/v1/nodes/${items[0]?.metadata.name}`, { metadata: { labels: nowhere(cluster) } })
}

const theJob = async (cluster: Cluster): Promise<KubernetesObject> =>
  await cluster.eventually(async () => (await jobs(cluster))[0], { describe: 'the Job is there' })

describe('a job', () => {
  test('is one Job, also when the operator is killed while it runs, and goes when its outcome is on record', async ({
    cluster,
    operator,
  }) => {
    await createRelease(cluster, { runsOn: nowhere(cluster) })
    const first = await operator({ watches })
    const { metadata } = await theJob(cluster)
    await untilCondition(cluster, one(cluster), { status: 'False', message: /waits for step "migrate" to end/ })
    expect(await exists(cluster, released(cluster))).toBe(false)
    await first.stop('SIGKILL')
    const mark = cluster.audit.mark()

    const second = await operator({ watches })
    await letRun(cluster)
    await untilCondition(cluster, one(cluster), { status: 'True' })
    expect(await exists(cluster, released(cluster))).toBe(true)
    await cluster.eventually(async () => (await jobs(cluster)).length === 0, { describe: 'the Job is deleted', timeout: 30_000 })
    // Asked for again under its name, which is taken, and so read.
    const asked = cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: mark })
    expect(asked).toMatchObject({ 'patch jobs': 1, 'get jobs': 1, 'delete jobs': 1 })
    expect(metadata.name).toMatch(/^one-migrate-/)
    await untilQuiet(cluster, second, one(cluster))
    await second.stop()
    const third = await operator({ watches })
    await untilQuiet(cluster, third, one(cluster))
    expect(await jobs(cluster)).toEqual([])
  })

  test('that takes too long has failed, says so, and stays to be looked at; a change of the spec begins it anew', async ({
    cluster,
    operator,
  }) => {
    await createRelease(cluster, { runsOn: nowhere(cluster), timeout: '2s' })
    const running = await operator({ watches })
    const ready = await untilCondition(cluster, one(cluster), { status: 'False', message: /DeadlineExceeded/ })
    expect(ready).toMatchObject({ reason: 'StepFailed', message: expect.stringMatching(/release\.yaml:3:\d+: .*Job \S+ failed/) as string })
    await untilQuiet(cluster, running, one(cluster), 'failed')
    expect(await jobs(cluster)).toHaveLength(1)

    await change(cluster, one(cluster), { spec: { runsOn: null, version: '2' } })
    await untilCondition(cluster, one(cluster), { status: 'True' })
    await cluster.eventually(async () => (await jobs(cluster)).length === 0, { describe: 'no Job is left', timeout: 30_000 })
    expect(await read(cluster, released(cluster))).toMatchObject({ data: { version: '2' } })
  })

  test('whose inputs change while it runs is cancelled where the step says so, and another one runs', async ({ cluster, operator }) => {
    await createRelease(cluster, { runsOn: nowhere(cluster) })
    await operator({ watches })
    const before = await theJob(cluster)
    await change(cluster, one(cluster), { spec: { version: '2', runsOn: null } })
    await untilCondition(cluster, one(cluster), { status: 'True' })
    expect(await read(cluster, released(cluster))).toMatchObject({ data: { version: '2' } })
    expect((await jobs(cluster)).map(({ metadata }) => metadata.uid)).not.toContain(before.metadata.uid)
  })
})
