import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { FaultyServer, type WatchLine } from '../faulty-server.ts'
import { test } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const apiVersion = 'audited.example.com/v1'

async function createLedger(cluster: Cluster, name: string, total: number): Promise<string> {
  const ledgers = await installDefinition(cluster, `${project}/charts/ledger/crds/ledger.yaml`)
  await create(cluster, ledgers, { apiVersion, kind: 'Ledger', metadata: { name }, spec: { total } })
  return `${ledgers}/${name}`
}

const losses: readonly {
  what: string
  kind: string
  lose: (cluster: Cluster, ledger: string, copy: string) => Promise<unknown>
  is: (line: WatchLine) => boolean
}[] = [
  {
    what: 'the deletion of a dependent',
    kind: 'ConfigMap',
    lose: async (cluster, _ledger, copy) => await remove(cluster, copy),
    is: ({ type, object }) => type === 'DELETED' && object.kind === 'ConfigMap',
  },
  {
    what: 'a change of a dependent',
    kind: 'ConfigMap',
    lose: async (cluster, _ledger, copy) => await change(cluster, copy, { data: { total: '0' } }),
    is: ({ type, object }) => type === 'MODIFIED' && object.kind === 'ConfigMap',
  },
  {
    what: 'a change of the custom resource',
    kind: 'Ledger.audited.example.com',
    lose: async (cluster, ledger) => await change(cluster, ledger, { spec: { total: 2 } }),
    is: ({ type, object }) => type === 'MODIFIED' && object.kind === 'Ledger',
  },
]

describe('an event that a watch never tells:', () => {
  for (const { what, kind, lose, is } of losses)
    test(`${what} is found by the audit, counted and put right`, async ({ cluster, operator }) => {
      await using server = await FaultyServer.start(cluster)
      const ledger = await createLedger(cluster, 'main', 1)
      const copy = `${collection(cluster, 'v1', 'configmaps')}/main`
      const process = await operator({ watches, kubeconfig: server.kubeconfig, args: ['--audit-interval', '2s'], losesEvents: true })
      await untilCondition(cluster, ledger, { status: 'True' })
      await cluster.eventually(async () => (await scrape(process)).settled, { describe: 'the operator is settled' })
      expect((await scrape(process)).sum('fairlead_audit_repairs_total')).toBe(0)

      server.swallow = (line) => server.swallowed.length === 0 && is(line)
      const lost = performance.now()
      await lose(cluster, ledger, copy)
      await cluster.eventually(() => server.swallowed.length === 1, { describe: 'the event is swallowed' })

      const total = async () =>
        (await exists(cluster, copy)) ? (await read<{ data: { total: string } }>(cluster, copy)).data.total : undefined
      const wanted = String((await read<{ spec: { total: number } }>(cluster, ledger)).spec.total)
      await cluster.eventually(async () => (await total()) === wanted, { describe: 'the dependent is as it has to be', timeout: 30_000 })
      console.log(`${what}: right again after ${((performance.now() - lost) / 1000).toFixed(1)} s, with an audit every 2 s`)
      const metrics = await scrape(process)
      expect([metrics.sum('fairlead_audit_repairs_total'), metrics.sum('fairlead_audit_repairs_total', { kind })]).toEqual([1, 1])
      expect((await process.line(/^\S+ is stale: an audit found/)).msg).toBe(
        `${kind} is stale: an audit found 1 objects that the watch had not told of`,
      )

      // From here on nothing is lost, and nothing is found.
      const audits = metrics.sum('fairlead_audits_total')
      await cluster.eventually(async () => (await scrape(process)).sum('fairlead_audits_total') > audits + 4, { describe: 'more audits' })
      expect((await scrape(process)).sum('fairlead_audit_repairs_total')).toBe(1)
    })

  test('it is found at once by an audit that somebody asks for by SIGUSR2', async ({ cluster, operator }) => {
    await using server = await FaultyServer.start(cluster)
    const ledger = await createLedger(cluster, 'main', 1)
    const copy = `${collection(cluster, 'v1', 'configmaps')}/main`
    const process = await operator({ watches, kubeconfig: server.kubeconfig, losesEvents: true })
    await untilCondition(cluster, ledger, { status: 'True' })
    await cluster.eventually(async () => (await scrape(process)).settled, { describe: 'the operator is settled' })
    expect((await process.audit()).msg).toBe('audited 2 of 2 caches: 0 objects had to be put right')

    server.swallow = ({ type }) => type === 'DELETED'
    await remove(cluster, copy)
    await cluster.eventually(() => server.swallowed.length === 1, { describe: 'the event is swallowed' })
    expect((await process.audit()).msg).toBe('audited 2 of 2 caches: 1 objects had to be put right')
    await cluster.eventually(async () => await exists(cluster, copy), { describe: 'the dependent is back' })
  })
})
