import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { createApp, installAppDefinition } from '../app/apps.ts'
import { slowServer } from '../deletion/slow-server.ts'
import { test } from '../fixture.ts'

/** The operator writes something of a custom resource; its own Lease comes before. */
const untilWriting = async (cluster: Cluster): Promise<unknown> =>
  await cluster.eventually(
    () =>
      cluster.audit
        .requests({ userAgent: 'fairlead/', namespace: cluster.namespace, verb: 'patch' })
        .some(({ resource }) => resource !== 'leases'),
    { describe: 'the first write', interval: 5 },
  )

describe('SIGTERM', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`${signal} ends the operator with 0, and says so`, async ({ cluster, operator }) => {
      await installAppDefinition(cluster)
      const process = await operator()
      const begin = performance.now()
      expect(await process.stop(signal)).toBe(0)
      console.log(`${signal}: ended after ${(performance.now() - begin).toFixed(0)} ms`)
      expect(process.lines.slice(-2).map(({ msg }) => msg)).toEqual([`${signal}: stopping`, 'stopped'])
    })
  }

  test('lets a running pass come to its end', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    await using slow = await slowServer(cluster, 300)
    const process = await operator({ kubeconfig: slow.kubeconfig })
    await createApp(cluster, 'shop', { config: { GREETING: 'hello' } })
    // The first write has arrived, its answer and the status are still to come.
    await untilWriting(cluster)

    expect(await process.stop('SIGTERM')).toBe(0)

    const writes = cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace })
    expect(writes).toMatchObject({
      'patch configmaps': 1,
      'patch deployments': 1,
      'patch services': 1,
      'patch serviceaccounts': 1,
      'patch apps/status': 1,
    })
    expect(process.lines.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([])
  })

  test('a second one ends it at once, with 1', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    await using slow = await slowServer(cluster, 500)
    const process = await operator({ kubeconfig: slow.kubeconfig })
    await createApp(cluster, 'shop')
    await untilWriting(cluster)
    globalThis.process.kill(process.pid, 'SIGTERM')
    await process.line(/SIGTERM: stopping/)

    expect(await process.stop('SIGTERM')).toBe(1)
    expect(process.lines.map(({ msg }) => msg)).not.toContain('stopped')
  })
})
