import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { AuditMark } from '../../controlplane/audit.ts'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { type Metrics, scrape, untilPasses, untilWatching } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const definition = `${project}/charts/rack/crds/rack.yaml`
const watches = `${project}/watches.yaml`
const configMaps = (cluster: Cluster) => collection(cluster, 'v1', 'configmaps')

const boxesOf = async (cluster: Cluster): Promise<{ metadata: { name: string } }[]> =>
  (await read<{ items: { metadata: { name: string } }[] }>(cluster, configMaps(cluster))).items.filter(({ metadata }) =>
    metadata.name.startsWith('rack-'),
  )

const untilBoxes = async (cluster: Cluster, count: number): Promise<void> =>
  void (await cluster.eventually(async () => (await boxesOf(cluster)).length === count, {
    describe: `there are ${count} ConfigMaps`,
    timeout: 60_000,
  }))

/** What the operator asked but for its status, the watches and what it tells of its writes. */
function requestsSince(cluster: Cluster, since: AuditMark): Record<string, number> {
  const counts = cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since })
  return Object.fromEntries(Object.entries(counts).filter(([request]) => !/^watch | racks\/status$|^create events$/.test(request)))
}

/** The mean of those between two scrapes. */
function secondsOfAPass(before: Metrics, after: Metrics): number {
  const name = 'fairlead_pass_duration_seconds_sum'
  return (after.sum(name) - before.sum(name)) / (after.passes() - before.passes())
}

async function createRack(
  cluster: Cluster,
  { name = 'rack', count = 1000, annotations = {} }: { name?: string; count?: number; annotations?: Record<string, string> } = {},
): Promise<string> {
  const racks = await installDefinition(cluster, definition)
  await create(cluster, racks, { apiVersion: 'racks.example.com/v1', kind: 'Rack', metadata: { name, annotations }, spec: { count } })
  return `${racks}/${name}`
}

describe('a custom resource with 1,000 dependents', () => {
  test('gets each with one request, and one of them is healed as in any other', { timeout: 240_000 }, async ({ cluster, operator }) => {
    await installDefinition(cluster, definition)
    const process = await operator({ watches })
    await untilWatching(cluster, process)
    const begin = cluster.audit.mark()
    const rack = await createRack(cluster)
    await untilCondition(cluster, rack, { status: 'True', message: /^1000 dependents are ready$/, timeout: 60_000 })
    expect(requestsSince(cluster, begin)).toEqual({ 'patch leases': 1, 'patch configmaps': 1000 })
    await untilQuiet(cluster, process, rack)

    const healing = cluster.audit.mark()
    await change(cluster, `${configMaps(cluster)}/rack-500`, { data: { number: 'none' } })
    await process.line(/^updated ConfigMap\/rack-500/)
    await untilQuiet(cluster, process, rack)

    expect(requestsSince(cluster, healing)).toEqual({ 'get configmaps': 1, 'patch configmaps': 1 })
    expect(await read(cluster, `${configMaps(cluster)}/rack-500`)).toMatchObject({ data: { number: '500' } })
    const before = await scrape(process)
    await untilQuiet(cluster, process, rack)
    expect(secondsOfAPass(before, await scrape(process))).toBeLessThan(0.5)
  })

  test('does not keep a small one waiting until all of its own are written', { timeout: 240_000 }, async ({ cluster, operator }) => {
    await installDefinition(cluster, definition)
    const process = await operator({ watches })
    await untilWatching(cluster, process)
    const begin = cluster.audit.mark()
    const writesOf = (name: string): readonly { name: string }[] =>
      cluster.audit
        .requests({ userAgent: 'fairlead/', namespace: cluster.namespace, verb: 'patch', resource: 'configmaps', since: begin })
        .filter((request) => request.name.startsWith(`${name}-`))
    const large = await createRack(cluster)
    await cluster.eventually(() => writesOf('rack').length > 10, { describe: 'its first ConfigMaps are written', interval: 5 })

    const small = await createRack(cluster, { name: 'small', count: 2 })
    await untilCondition(cluster, small, { status: 'True', timeout: 60_000 })
    const written = writesOf('rack').length

    await untilCondition(cluster, large, { status: 'True', timeout: 60_000 })
    expect(written).toBeLessThan(1000)
    expect(writesOf('rack')).toHaveLength(1000)
  })

  test('is scaled down at once, and not to nothing without approval', { timeout: 240_000 }, async ({ cluster, operator }) => {
    const rack = await createRack(cluster)
    const process = await operator({ watches })
    await untilCondition(cluster, rack, { status: 'True', message: /^1000 dependents are ready$/, timeout: 60_000 })
    await untilQuiet(cluster, process, rack)

    const scaling = cluster.audit.mark()
    await change(cluster, rack, { spec: { count: 10 } })
    await untilCondition(cluster, rack, { status: 'True', message: /^10 dependents are ready$/, timeout: 60_000 })
    await untilBoxes(cluster, 10)
    await untilQuiet(cluster, process, rack)
    // The read is of the Rack, live, before anything is deleted.
    expect(requestsSince(cluster, scaling)).toEqual({ 'get racks': 1, 'delete configmaps': 990 })

    await change(cluster, rack, { spec: { count: 0 } })
    await untilCondition(cluster, rack, { type: 'PruneHeld', status: 'True', message: /^10 deletes are held \(no document was rendered\)/ })
    expect(await boxesOf(cluster)).toHaveLength(10)
    const approval = cluster.audit.mark()
    await change(cluster, rack, { metadata: { annotations: { 'fairlead.dev/approve-prune': 'all' } } })
    await untilBoxes(cluster, 0)
    await untilQuiet(cluster, process, rack)
    expect(requestsSince(cluster, approval)).toEqual({ 'get racks': 1, 'delete configmaps': 10 })
  })

  test('leaves them to the garbage collector when it is deleted', { timeout: 240_000 }, async ({ cluster, operator }) => {
    const rack = await createRack(cluster)
    const process = await operator({ watches })
    await untilCondition(cluster, rack, { status: 'True', message: /^1000 dependents are ready$/, timeout: 60_000 })
    await untilQuiet(cluster, process, rack)

    const deletion = cluster.audit.mark()
    await remove(cluster, rack)
    await untilBoxes(cluster, 0)
    await untilPasses(cluster, process, 0)
    expect(requestsSince(cluster, deletion)).toEqual({})
  })

  test('waits for all of them where it is asked to, each deleted with one request', { timeout: 240_000 }, async ({ cluster, operator }) => {
    const rack = await createRack(cluster, { annotations: { 'fairlead.dev/deletion-policy': 'foreground' } })
    const process = await operator({ watches })
    await untilCondition(cluster, rack, { status: 'True', message: /^1000 dependents are ready$/, timeout: 60_000 })
    await untilQuiet(cluster, process, rack)

    const deletion = cluster.audit.mark()
    await remove(cluster, rack)
    await cluster.eventually(async () => !(await exists(cluster, rack)), { describe: 'the Rack is gone', timeout: 60_000 })
    expect(await boxesOf(cluster)).toEqual([])
    expect(requestsSince(cluster, deletion)['delete configmaps']).toBe(1000)
  })
})
