import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../../../../src/api/object.ts'
import { type LocalServer, startLocalServer } from '../local.ts'

let server: LocalServer
let pods: string
let budgets: string

beforeEach(async () => {
  server = await startLocalServer()
  pods = `/api/v1/namespaces/${server.namespace}/pods`
  budgets = `/apis/policy/v1/namespaces/${server.namespace}/poddisruptionbudgets`
})
afterEach(async () => {
  await server.close()
})

const evict = async (name: string, rest: object = {}) =>
  await server.send('POST', `${pods}/${name}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name }, ...rest })
const bind = async (name: string, target: object) =>
  await server.send('POST', `${pods}/${name}/binding`, { apiVersion: 'v1', kind: 'Binding', metadata: { name }, target })

async function runningPod(name: string): Promise<void> {
  const spec = { containers: [{ name: 'main', image: 'i' }] }
  await server.send('POST', pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: 'web' } }, spec })
  await bind(name, { kind: 'Node', name: 'node-1' })
  const { body } = await server.send('GET', `${pods}/${name}`)
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
  await server.send('PUT', `${pods}/${name}/status`, { ...(body as KubernetesObject), status })
}

async function budget(name: string, status: object): Promise<void> {
  const spec = { minAvailable: 1, selector: { matchLabels: { app: 'web' } } }
  const { body } = await server.send('POST', budgets, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name }, spec })
  await server.send('PUT', `${budgets}/${name}/status`, {
    ...(body as KubernetesObject),
    status: { observedGeneration: 1, expectedPods: 1, ...status },
  })
}

describe('an eviction', () => {
  it('deletes a pod without a budget, in the time that it is given', async () => {
    await runningPod('web')

    expect(await evict('web', { deleteOptions: { gracePeriodSeconds: 5 } })).toMatchObject({
      status: 201,
      body: { status: 'Success', code: 201 },
    })

    const { body } = await server.send('GET', `${pods}/web`)
    expect(body).toMatchObject({
      metadata: { deletionGracePeriodSeconds: 5 },
      status: { conditions: [{ type: 'Ready' }, { type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI' }] },
    })
  })

  it('is refused while its budget allows no disruption', async () => {
    await runningPod('web')
    await budget('all', { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 })

    expect(await evict('web')).toMatchObject({
      status: 429,
      body: {
        message: "Cannot evict pod as it would violate the pod's disruption budget.",
        reason: 'TooManyRequests',
        details: {
          causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget all needs 1 healthy pods and has 1 currently' }],
        },
      },
    })
    expect((await server.send('GET', `${pods}/web`)).body).not.toHaveProperty('metadata.deletionTimestamp')
  })

  it('uses one of the disruptions that its budget allows', async () => {
    await runningPod('web')
    await budget('some', { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 })

    expect((await evict('web')).status).toBe(201)

    expect((await server.send('GET', `${budgets}/some`)).body).toMatchObject({
      status: { disruptionsAllowed: 0, disruptedPods: { web: expect.any(String) as string } },
    })
  })

  it('is asked for again later when its budget has not been looked at yet', async () => {
    await runningPod('web')
    await budget('new', { observedGeneration: 0, disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 })

    expect(await evict('web')).toMatchObject({ status: 429, body: { details: { retryAfterSeconds: 10 } } })
  })

  it('fails for a pod that has several budgets', async () => {
    await runningPod('web')
    await budget('one', { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 })
    await budget('two', { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 })

    expect(await evict('web')).toMatchObject({
      status: 500,
      body: { message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.' },
    })
  })
})

describe('a binding', () => {
  it('is refused for a pod that has a node', async () => {
    await runningPod('web')

    expect(await bind('web', { kind: 'Node', name: 'node-2' })).toMatchObject({
      status: 409,
      body: { message: 'Operation cannot be fulfilled on pods/binding "web": pod web is already assigned to node "node-1"' },
    })
  })

  it('needs a node', async () => {
    await runningPod('web')

    expect(await bind('web', {})).toMatchObject({ status: 500, body: { message: 'target.name: Required value' } })
  })
})
