import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { scrape, untilPasses } from '../metrics.ts'
import { change, collection, create, installDefinition, read, untilCondition } from '../objects.ts'
import type { OperatorProcess } from '../operator-process.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const apiVersion = 'incidental.example.com/v1'

const install = async (cluster: Cluster): Promise<string> => await installDefinition(cluster, `${project}/charts/sign/crds/sign.yaml`)

/** A Sign that is there and ready, whose Service has an address, and whose operator has nothing to do. */
async function hang(cluster: Cluster, operator: OperatorProcess, { name, spec }: { name: string; spec: object }): Promise<string> {
  const signs = collection(cluster, apiVersion, 'signs')
  await create(cluster, signs, { apiVersion, kind: 'Sign', metadata: { name }, spec })
  await untilCondition(cluster, `${signs}/${name}`, { status: 'True' })
  await change(cluster, `${signs}/${name}`, note('first'))
  await change(cluster, `${collection(cluster, 'v1', 'services')}/${name}/status`, address('192.0.2.1'))
  await untilQuiet(cluster, operator, `${signs}/${name}`)
  return `${signs}/${name}`
}

const note = (text: string): object => ({ metadata: { annotations: { 'incidental.example.com/note': text } } })
const address = (ip: string): object => ({ status: { loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] } } })

const untilData = async (cluster: Cluster, name: string, wanted: object): Promise<void> => {
  const path = `${collection(cluster, 'v1', 'configmaps')}/${name}`
  await cluster.eventually(
    async () => {
      const { data } = await read<{ data: object }>(cluster, path)
      return Object.entries(wanted).every(([key, value]) => (data as Record<string, unknown>)[key] === value)
    },
    { describe: `ConfigMap/${name} says ${JSON.stringify(wanted)}` },
  )
}

describe('an annotation, and the status of a dependent', () => {
  test('that no template reads are no reason to render', async ({ cluster, operator }) => {
    await install(cluster)
    const running = await operator({ watches })
    const sign = await hang(cluster, running, { name: 'plain', spec: { text: 'open' } })
    const before = await scrape(running)
    const mark = cluster.audit.mark()

    await change(cluster, sign, note('second'))
    await untilPasses(cluster, running, before.passes('done') + 1)
    await change(cluster, `${collection(cluster, 'v1', 'services')}/plain/status`, address('192.0.2.2'))
    const after = await untilPasses(cluster, running, before.passes('done') + 2)

    const renders = 'fairlead_render_duration_seconds_count'
    expect(after.sum(renders) - before.sum(renders)).toBe(0)
    expect(cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: mark })).toEqual({})

    await change(cluster, `${collection(cluster, 'v1', 'configmaps')}/plain`, { data: { text: 'closed' } })
    await untilData(cluster, 'plain', { text: 'open' })
  })

  test('that a template reads are followed', async ({ cluster, operator }) => {
    await install(cluster)
    const running = await operator({ watches })
    const sign = await hang(cluster, running, { name: 'reading', spec: { reads: true } })
    await untilData(cluster, 'reading', { note: 'first', address: '192.0.2.1' })
    for (const text of ['second', 'first']) {
      await change(cluster, sign, note(text))
      await untilData(cluster, 'reading', { note: text })
    }
    await change(cluster, `${collection(cluster, 'v1', 'services')}/reading/status`, address('192.0.2.2'))
    await untilData(cluster, 'reading', { address: '192.0.2.2' })
  })
})
