import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { appPath, createApp, installAppDefinition } from '../app/apps.ts'
import { type OperatorProcess, test } from '../fixture.ts'
import { collection, create, exists, remove, untilCondition } from '../objects.ts'
import { slowServer } from './slow-server.ts'

const dependents = 'deployment,service,serviceaccount,configmap,ingress,horizontalpodautoscaler'
const spec = { config: { GREETING: 'hello' }, ingress: { host: 'shop.example.com' } }

interface Listed {
  items: { kind: string; metadata: { name: string; ownerReferences?: { uid: string }[] } }[]
}

/** What is there of any App, as `Kind/name UID of its owner`. */
async function leftovers(cluster: Cluster): Promise<string[]> {
  const { stdout } = await cluster.kubectl(['get', dependents, '-l', 'fairlead.dev/primary-uid', '-o', 'json'])
  return (JSON.parse(stdout) as Listed).items.map(({ kind, metadata }) => `${kind}/${metadata.name} ${metadata.ownerReferences?.[0]?.uid}`)
}

/** Resolves when the garbage collector knows the kind App: it learns of a new kind every 30 s only, whoever made its objects. */
async function collectorKnowsApps(cluster: Cluster): Promise<void> {
  await installAppDefinition(cluster)
  const { metadata } = await createApp(cluster, 'probe')
  const ownerReferences = [{ apiVersion: 'app.company.com/v1alpha1', kind: 'App', name: 'probe', uid: metadata?.uid }]
  const path = collection(cluster, 'v1', 'configmaps')
  await create(cluster, path, { metadata: { name: 'probe', ownerReferences } })
  await remove(cluster, appPath(cluster, 'probe'))
  await cluster.eventually(async () => !(await exists(cluster, `${path}/probe`)), {
    timeout: 70_000,
    describe: 'the garbage collector knows Apps',
  })
}

const nothingIsLeft = async (cluster: Cluster) =>
  await cluster.eventually(async () => (await leftovers(cluster)).length === 0, {
    timeout: 10_000,
    describe: 'nothing is left of the Apps',
  })

/** Twenty moments within the pass that makes an App, of which the creation takes about `length` milliseconds. */
const moments = (length: number) => Array.from({ length: 20 }, (_, index) => (length * index) / 19)

async function deleteAtEachMoment(cluster: Cluster, length: number): Promise<void> {
  for (const [index, moment] of moments(length).entries()) {
    await createApp(cluster, `shop-${index}`, spec)
    await pause(moment)
    await remove(cluster, appPath(cluster, `shop-${index}`))
  }
  await nothingIsLeft(cluster)
}

/** How many Apps the server deleted before the last write of one of their dependents reached it, and how many after. */
function deletedInTheMiddle(cluster: Cluster): { before: number; after: number } {
  const writes = cluster.audit.requests({ userAgent: 'fairlead/', namespace: cluster.namespace, verb: 'patch', subresource: '' })
  const counts = { before: 0, after: 0 }
  for (const { name, time } of cluster.audit.requests({ namespace: cluster.namespace, verb: 'delete', resource: 'apps' })) {
    if (name === 'probe') continue
    const own = writes.filter((write) => write.name === name)
    counts[own.length < 5 || own.some((write) => write.time > time) ? 'before' : 'after'] += 1
  }
  return counts
}

/** Resolves when the operator has ended what it was doing: it would have written by then. */
async function quiet(cluster: Cluster): Promise<void> {
  await cluster.eventually(
    async () => {
      const mark = cluster.audit.mark()
      await pause(1_000)
      return (
        cluster.audit.requests({ userAgent: 'fairlead/', namespace: cluster.namespace, verb: ['patch', 'create', 'delete'], since: mark })
          .length === 0
      )
    },
    { describe: 'the operator is quiet' },
  )
}

describe('an App that is deleted while it is made', () => {
  test('leaves nothing behind, at whichever of twenty moments', { timeout: 120_000 }, async ({ cluster, operator }) => {
    await collectorKnowsApps(cluster)
    const process = await operator()
    await deleteAtEachMoment(cluster, 60)
    await quiet(cluster)
    const deleted = deletedInTheMiddle(cluster)
    console.log('Apps deleted before and after the last write of their pass:', deleted)
    expect(deleted.before).toBeGreaterThan(0)
    expect(await leftovers(cluster)).toEqual([])
    expect(process.lines.filter(({ level }) => level === 'error')).toEqual([])
  })

  test('leaves nothing behind where each request takes 200 ms', { timeout: 120_000 }, async ({ cluster, operator }) => {
    await collectorKnowsApps(cluster)
    await using slow = await slowServer(cluster, 200)
    await operator({ kubeconfig: slow.kubeconfig })
    await deleteAtEachMoment(cluster, 1_000)
    await quiet(cluster)
    const deleted = deletedInTheMiddle(cluster)
    console.log('Apps deleted before and after the last write of their pass:', deleted)
    expect(deleted.before).toBeGreaterThan(0)
    expect(await leftovers(cluster)).toEqual([])
  })

  test('leaves nothing behind where the operator sleeps through the deletion', { timeout: 120_000 }, async ({ cluster, operator }) => {
    await collectorKnowsApps(cluster)
    const process = await operator()
    const signal = (name: NodeJS.Signals) => globalThis.process.kill(process.pid, name)
    for (const [index, moment] of moments(120).entries()) {
      const name = `shop-${index}`
      await createApp(cluster, name, spec)
      await pause(moment)
      signal('SIGSTOP')
      await remove(cluster, appPath(cluster, name))
      signal('SIGCONT')
    }
    await nothingIsLeft(cluster)
    await quiet(cluster)
    const deleted = deletedInTheMiddle(cluster)
    console.log('Apps deleted before and after the last write of their pass:', deleted)
    expect(deleted.before).toBeGreaterThan(0)
    expect(await leftovers(cluster)).toEqual([])
  })
})

describe('an App that is deleted and made again at once', () => {
  async function replaceTenTimes(cluster: Cluster, operator: () => Promise<OperatorProcess>): Promise<void> {
    await collectorKnowsApps(cluster)
    await operator()
    await createApp(cluster, 'shop', spec)
    let uid: string | undefined
    for (let round = 0; round < 10; round += 1) {
      if (round % 2 === 0) await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'True', timeout: 40_000 })
      await remove(cluster, appPath(cluster, 'shop'))
      uid = (await createApp(cluster, 'shop', spec)).metadata?.uid
    }
    await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'True', timeout: 40_000 })
    await cluster.eventually(async () => (await leftovers(cluster)).every((object) => object.endsWith(` ${uid}`)), {
      timeout: 10_000,
      describe: 'nothing of the old Apps is left',
    })
    const kinds = ['ConfigMap', 'Deployment', 'Ingress', 'Service', 'ServiceAccount']
    expect(new Set(await leftovers(cluster))).toEqual(new Set(kinds.map((kind) => `${kind}/shop ${uid}`)))
  }

  test('is ready, and nothing is left of the old one', { timeout: 180_000 }, async ({ cluster, operator }) => {
    await replaceTenTimes(cluster, operator)
  })

  test('is ready where each request takes 100 ms', { timeout: 240_000 }, async ({ cluster, operator }) => {
    await using slow = await slowServer(cluster, 100)
    await replaceTenTimes(cluster, async () => await operator({ kubeconfig: slow.kubeconfig }))
  })
})
