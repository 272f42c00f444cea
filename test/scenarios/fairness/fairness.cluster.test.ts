import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { AuditRecord } from '../../controlplane/audit.ts'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test as base } from '../fixture.ts'
import { create, installDefinition } from '../objects.ts'
import type { OperatorProcess } from '../operator-process.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const size = 500

/** A second namespace, that goes with the test. */
const test = base.extend('other', async ({ cluster }, { onCleanup }) => {
  const other = `${cluster.namespace}-other`
  await create(cluster, '/api/v1/namespaces', { metadata: { name: other } })
  onCleanup(async () => void (await cluster.request('DELETE', `/api/v1/namespaces/${other}`)))
  return other
})

const make = async (cluster: Cluster, kind: 'Drop' | 'Buoy', name: string, namespace = cluster.namespace): Promise<void> =>
  void (await create(cluster, `/apis/tides.example.com/v1/namespaces/${namespace}/${kind.toLowerCase()}s`, {
    apiVersion: 'tides.example.com/v1',
    kind,
    metadata: { name },
    spec: { depth: 1 },
  }))

/**
 * Makes the flood while no operator runs, starts one, and, when it is in the middle of it, does what the test does. Answers how many
 * ConfigMaps of the flood were written until the one of this name was.
 */
async function written(
  cluster: Cluster,
  start: () => Promise<OperatorProcess>,
  { name, act }: { name: string; act: () => Promise<void> },
): Promise<{ between: number; before: number }> {
  for (const kind of ['drop', 'buoy']) await installDefinition(cluster, `${project}/charts/${kind}/crds/${kind}.yaml`)
  for (let from = 0; from < size; from += 50)
    await Promise.all(Array.from({ length: 50 }, async (_, index) => await make(cluster, 'Drop', `drop-${from + index}`)))
  const begin = cluster.audit.mark()
  const writes = (): AuditRecord[] =>
    cluster.audit.requests({ userAgent: 'fairlead/', verb: 'patch', resource: 'configmaps', since: begin })
  const ofFlood = (records: readonly AuditRecord[]): number =>
    records.filter((record) => record.namespace === cluster.namespace && record.name.startsWith('drop-')).length
  await start()
  await cluster.eventually(() => ofFlood(writes()) >= 20, { describe: 'the flood is being worked off', interval: 2 })

  const before = ofFlood(writes())
  await act()
  const until = await cluster.eventually(
    () => {
      const records = writes()
      const at = records.findIndex((record) => record.name === name)
      return at < 0 ? undefined : { count: ofFlood(records.slice(0, at)) }
    },
    { describe: `ConfigMap ${name} is written`, interval: 2, timeout: 60_000 },
  )
  await cluster.eventually(() => ofFlood(writes()) >= size, { describe: 'the flood is worked off', timeout: 60_000 })
  return { between: until.count - before, before }
}

describe(`${size} Drops that wait at once`, () => {
  test('do not hold up another watch', { timeout: 180_000 }, async ({ cluster, operator }) => {
    const start = async () => await operator({ watches: `${project}/watches.yaml`, wait: false })
    const { between, before } = await written(cluster, start, { name: 'bell', act: async () => await make(cluster, 'Buoy', 'bell') })
    console.log(`${between} of the flood were written before the Buoy's, ${before} before it was made`)
    expect(before).toBeLessThan(size - 100)
    expect(between).toBeLessThan(100)
  })

  test('do not hold up another namespace of the same watch', { timeout: 180_000 }, async ({ cluster, operator, other }) => {
    const start = async () => await operator({ watches: `${project}/watches.yaml`, namespaces: [cluster.namespace, other], wait: false })
    const { between, before } = await written(cluster, start, { name: 'far', act: async () => await make(cluster, 'Drop', 'far', other) })
    console.log(`${between} of the flood were written before the other namespace's, ${before} before it was made`)
    expect(before).toBeLessThan(size - 100)
    expect(between).toBeLessThan(100)
  })
})
