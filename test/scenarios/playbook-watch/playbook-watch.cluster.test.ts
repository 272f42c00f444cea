import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { CountingServer } from '../counting-server.ts'
import { test } from '../fixture.ts'
import { scrape, untilPasses } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const apiVersion = 'tasks.example.com/v1'
const tasks = (cluster: Cluster): string => collection(cluster, apiVersion, 'tasks')
const one = (cluster: Cluster): string => `${tasks(cluster)}/one`

async function createTask(cluster: Cluster, spec: object, metadata: object = {}): Promise<void> {
  await installDefinition(cluster, `${project}/crds/task.yaml`)
  await create(cluster, tasks(cluster), { apiVersion, kind: 'Task', metadata: { name: 'one', ...metadata }, spec })
}

const statusOf = async (cluster: Cluster): Promise<Record<string, unknown>> =>
  (await read<{ status?: Record<string, unknown> }>(cluster, one(cluster))).status ?? {}

describe('a playbook that fails', () => {
  test('says so in the conditions of the Ansible operator, with the step and its words, until it succeeds', async ({
    cluster,
    operator,
  }) => {
    await createTask(cluster, { fails: 'the licence has expired' })
    await operator({ watches })
    const failure = await untilCondition(cluster, one(cluster), { type: 'Failure', status: 'True', message: /the licence has expired/ })
    expect(failure).toMatchObject({ message: expect.stringMatching(/task\.yaml:5:5: the licence has expired/) as string })
    await untilCondition(cluster, one(cluster), { type: 'Running', status: 'False' })

    await change(cluster, one(cluster), { spec: { fails: null } })
    await untilCondition(cluster, one(cluster), { type: 'Successful', status: 'True' })
    await untilCondition(cluster, one(cluster), { type: 'Failure', status: 'False' })
  })

  test('in a step whose errors are ignored, or in a block with a rescue, succeeds', async ({ cluster, operator }) => {
    await createTask(cluster, { tolerant: 'never mind' })
    await operator({ watches })
    await untilCondition(cluster, one(cluster), { type: 'Successful', status: 'True' })
    expect(await statusOf(cluster)).toMatchObject({ rescued: true })
  })

  test('says nothing where the status belongs to somebody else, and is tried all the same', async ({ cluster, operator }) => {
    await createTask(cluster, {}, { labels: { silent: 'true' } })
    const process = await operator({ watches })
    await cluster.eventually(async () => await exists(cluster, `${collection(cluster, 'v1', 'secrets')}/one`), {
      describe: 'the Secret is there',
    })
    await untilPasses(cluster, process, 1)
    await change(cluster, one(cluster), { spec: { fails: 'no' } })
    await process.line(/task\.yaml:5:5: no/)
    expect(await statusOf(cluster)).toEqual({})
  })
})

describe('a step that is tried until it has what it wants', () => {
  test('is tried so often and no more', async ({ cluster, operator }) => {
    await using server = await CountingServer.start()
    server.answer = () => Promise.resolve({ status: 200, body: { count: server.asked.length } })
    await createTask(cluster, { url: server.url })
    const process = await operator({ watches })
    await untilCondition(cluster, one(cluster), { type: 'Successful', status: 'True' })
    expect(await statusOf(cluster)).toMatchObject({ iterations: 5 })
    await untilQuiet(cluster, process, one(cluster))
    expect(server.asked).toHaveLength(5)
  })
})

describe('a kind that is not to be watched', () => {
  test('is read once in a pass that asks for it, and wakes nobody', async ({ cluster, operator }) => {
    await createTask(cluster, { reads: 'settings', camelCase: 'kept' })
    const settings = collection(cluster, 'v1', 'configmaps')
    await create(cluster, settings, { metadata: { name: 'settings' }, data: { setting: 'a' } })
    const process = await operator({ watches })
    await untilCondition(cluster, one(cluster), { type: 'Successful', status: 'True' })
    expect(await statusOf(cluster)).toMatchObject({ setting: 'a', camelCase: 'kept' })
    const passes = (await scrape(process)).passes()
    await change(cluster, `${settings}/settings`, { data: { setting: 'b' } })
    await change(cluster, one(cluster), { metadata: { labels: { look: 'again' } } })
    await cluster.eventually(async () => (await statusOf(cluster))['setting'] === 'b', { describe: 'b is read' })
    expect((await scrape(process)).passes()).toBeGreaterThan(passes)
    const asked = cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace })
    expect(asked).not.toHaveProperty('list configmaps')
    expect(asked).not.toHaveProperty('watch configmaps')
    expect(asked['get configmaps']).toBeGreaterThan(1)
  })
})

describe('the finalizer of the operator before', () => {
  test('goes when the custom resource does', async ({ cluster, operator }) => {
    await createTask(cluster, {}, { finalizers: ['tasks.example.com/cleanup'] })
    await operator({ watches })
    await untilCondition(cluster, one(cluster), { type: 'Successful', status: 'True' })
    await remove(cluster, one(cluster))
    await cluster.eventually(async () => !(await exists(cluster, one(cluster))), { describe: 'the Task is gone', timeout: 60_000 })
  })
})

describe('metrics of a playbook', () => {
  test('are on /metrics: a gauge as the last pass had it, the others once for each custom resource', async ({ cluster, operator }) => {
    await createTask(cluster, {})
    const process = await operator({ watches })
    await untilCondition(cluster, one(cluster), { type: 'Successful', status: 'True' })
    await untilQuiet(cluster, process, one(cluster))
    const labels = { kind: 'Task', namespace: cluster.namespace, name: 'one' }
    const metrics = await scrape(process)
    expect(metrics.sum('task_level', labels)).toBe(7)
    expect(metrics.sum('tasks_done_total', labels)).toBe(1)
    expect(metrics.sum('task_seconds_sum', labels)).toBe(2)
    expect(metrics.sum('task_bytes_count', labels)).toBe(1)
  })
})
