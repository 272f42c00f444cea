import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { appPath, createApp, installAppDefinition, patchApp } from '../app/apps.ts'
import { fairlead } from '../command.ts'
import { test } from '../fixture.ts'
import { collection, type Condition, exists, read, untilCondition } from '../objects.ts'
import { repository } from '../operator-process.ts'
import { untilQuiet } from '../quiet.ts'

const deployment = (cluster: Cluster) => `${collection(cluster, 'apps/v1', 'deployments')}/shop`
const autoscaler = (cluster: Cluster) => `${collection(cluster, 'autoscaling/v2', 'horizontalpodautoscalers')}/shop`

interface Deployment {
  metadata: { generation: number; resourceVersion: string; managedFields: { manager: string; subresource?: string }[] }
  spec: { replicas: number }
}

const replicasOf = async (cluster: Cluster) => (await read<Deployment>(cluster, deployment(cluster))).spec.replicas

/** Every value of spec.replicas that the Deployment has had since this version, read from the server's history by a watch. */
async function historyOfReplicas(cluster: Cluster, since: string): Promise<number[]> {
  const { stdout } = await cluster.kubectl([
    'get',
    '--raw',
    `${collection(cluster, 'apps/v1', 'deployments')}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dshop&resourceVersion=${since}`,
  ])
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; object: Deployment })
  expect(events.map(({ type }) => type)).not.toContain('ERROR')
  return events.map(({ object }) => object.spec.replicas).filter((value, index, all) => value !== all[index - 1])
}

/** What an autoscaler does: a write of the scale subresource. */
async function scale(cluster: Cluster, replicas: number): Promise<void> {
  const answer = await cluster.request('PATCH', `${deployment(cluster)}/scale`, {
    contentType: 'application/merge-patch+json',
    query: { fieldManager: 'kube-controller-manager' },
    body: { spec: { replicas } },
  })
  if (answer.status !== 200) throw new Error(`scaling was answered ${answer.status}: ${answer.body.message}`)
}

const ready = async (cluster: Cluster) => await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'True' })
const autoscaling = { minReplicas: 2, maxReplicas: 9 }

describe('an App with five replicas', () => {
  test('keeps them when autoscaling is turned on, follows the autoscaler, and takes them back when it is turned off', async ({
    cluster,
    operator,
  }) => {
    await installAppDefinition(cluster)
    await operator()
    await createApp(cluster, 'shop', { replicas: 5 })
    await ready(cluster)
    const { metadata, spec } = await read<Deployment>(cluster, deployment(cluster))

    await patchApp(cluster, 'shop', { spec: { autoscaling } })
    await ready(cluster)
    expect(await exists(cluster, autoscaler(cluster))).toBe(true)
    expect(await replicasOf(cluster)).toBe(5)

    const scaled = cluster.audit.mark()
    await scale(cluster, 7)
    await ready(cluster)
    await cluster.eventually(
      async () => (await read<{ status: { readyReplicas: number } }>(cluster, appPath(cluster, 'shop'))).status.readyReplicas === 7,
    )
    expect(await replicasOf(cluster)).toBe(7)

    // Another change of the App while the autoscaler holds the number.
    await patchApp(cluster, 'shop', { spec: { image: 'example.com/web:2' } })
    await ready(cluster)
    expect(await replicasOf(cluster)).toBe(7)
    const writes = cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: scaled })
    console.log('requests after scaling to 7 and a change of the image:', writes)
    // One that lets go of the number, as the autoscaler holds it now, and one for the image.
    expect(writes['patch deployments']).toBe(2)

    await patchApp(cluster, 'shop', { spec: { autoscaling: null } })
    await cluster.eventually(async () => (await replicasOf(cluster)) === 5, { describe: 'the App’s own number' })
    await cluster.eventually(async () => !(await exists(cluster, autoscaler(cluster))), { describe: 'the autoscaler is deleted' })
    await ready(cluster)

    const history = [spec.replicas, ...(await historyOfReplicas(cluster, metadata.resourceVersion))]
    console.log('replicas, over the whole history:', history)
    expect(history).toEqual([5, 7, 5])
  })

  test('leaves a number that the autoscaler chose to it: no write answers a scaling', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    await operator()
    await createApp(cluster, 'shop', { replicas: 5, autoscaling })
    await ready(cluster)
    await scale(cluster, 7)
    await cluster.eventually(
      async () => (await read<{ status: { readyReplicas: number } }>(cluster, appPath(cluster, 'shop'))).status.readyReplicas === 7,
    )
    await ready(cluster)
    const begin = cluster.audit.mark()

    for (const replicas of [6, 8, 7]) {
      await scale(cluster, replicas)
      await cluster.eventually(
        async () =>
          (await read<{ status: { readyReplicas: number } }>(cluster, appPath(cluster, 'shop'))).status.readyReplicas === replicas,
      )
    }

    const { 'patch apps/status': _status, ...others } = cluster.audit.count({
      userAgent: 'fairlead/',
      namespace: cluster.namespace,
      since: begin,
    })
    expect(others).toEqual({})
  })

  test('keeps them where the autoscaler writes the same number, which makes it no owner of it', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const running = await operator()
    await createApp(cluster, 'shop', { replicas: 5 })
    await ready(cluster)
    const { metadata } = await read<Deployment>(cluster, deployment(cluster))
    await patchApp(cluster, 'shop', { spec: { autoscaling } })
    await ready(cluster)
    await scale(cluster, 5)
    const { managedFields } = (await read<Deployment>(cluster, deployment(cluster))).metadata
    expect(managedFields.map(({ subresource }) => subresource)).not.toContain('scale')

    // Each of these lets an operator go wrong that takes its own number back, or leaves it out too early.
    await patchApp(cluster, 'shop', { spec: { image: 'example.com/web:2' } })
    await ready(cluster)
    await patchApp(cluster, 'shop', { spec: { replicas: 3 } })
    await ready(cluster)
    await untilQuiet(cluster, running, appPath(cluster, 'shop'))
    expect(await replicasOf(cluster)).toBe(5)

    await scale(cluster, 7)
    await untilQuiet(cluster, running, appPath(cluster, 'shop'))
    await patchApp(cluster, 'shop', { spec: { autoscaling: null } })
    await cluster.eventually(async () => (await replicasOf(cluster)) === 3, { describe: 'the App’s own number' })
    await ready(cluster)
    const history = [5, ...(await historyOfReplicas(cluster, metadata.resourceVersion))].filter(
      (value, index, all) => value !== all[index - 1],
    )
    expect(history).toEqual([5, 7, 3])
  })
})

describe('an autoscaler that a changed definition no longer renders', () => {
  test('keeps the number while its delete is held, and then the App takes it back', async ({ cluster, operator, onTestFinished }) => {
    const folder = mkdtempSync(join(tmpdir(), 'autoscaling-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    cpSync(`${repository}/charts/app`, `${folder}/charts/app`, { recursive: true })
    rmSync(`${folder}/charts/app/templates/horizontalpodautoscaler.yaml.eta`)
    const template = `${folder}/charts/app/templates/deployment.yaml.eta`
    writeFileSync(template, readFileSync(template, 'utf8').replace('it.values.autoscaling ? omit : ', ''))
    const held = '\n  prune:\n    protected: [HorizontalPodAutoscaler]\n'
    writeFileSync(`${folder}/watches.yaml`, `${readFileSync(`${repository}/watches.yaml`, 'utf8').trimEnd()}${held}`)
    const app = appPath(cluster, 'shop')
    const conditionOf = async (type: string) =>
      (await read<{ status: { conditions: Condition[] } }>(cluster, app)).status.conditions.find((each) => each.type === type)
    await installAppDefinition(cluster)
    const first = await operator()
    await createApp(cluster, 'shop', { replicas: 2, autoscaling })
    await ready(cluster)
    await scale(cluster, 5)
    await untilQuiet(cluster, first, app)
    await first.stop()
    const { metadata } = await read<Deployment>(cluster, deployment(cluster))

    const second = await operator({ watches: `${folder}/watches.yaml` })
    await cluster.eventually(async () => (await conditionOf('PruneHeld'))?.message.includes('HorizontalPodAutoscaler/shop') ?? false, {
      describe: 'the delete is held',
    })
    await untilQuiet(cluster, second, app)
    await scale(cluster, 6)
    await untilQuiet(cluster, second, app)
    expect((await conditionOf('FieldsYielded'))?.message).toBe(
      'left to others: Deployment/shop spec.replicas (HorizontalPodAutoscaler/shop, kube-controller-manager)',
    )

    expect(await fairlead(cluster, 'approve', 'App/shop', '-n', cluster.namespace)).toMatchObject({ code: 0 })
    await cluster.eventually(async () => (await replicasOf(cluster)) === 2, { describe: 'the App’s own number' })
    await cluster.eventually(async () => !(await exists(cluster, autoscaler(cluster))), { describe: 'the autoscaler is deleted' })
    const history = await historyOfReplicas(cluster, metadata.resourceVersion)
    expect(history.filter((value, index) => index > 0 || value !== 5)).toEqual([6, 2])
  })
})
