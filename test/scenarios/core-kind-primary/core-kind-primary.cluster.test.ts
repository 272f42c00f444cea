import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { test } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { change, collection, create, exists, read } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

describe('a Secret with the label', () => {
  test('is mirrored into a ConfigMap of its digests, follows it, and is itself never written', async ({ cluster, operator }) => {
    const process = await operator({ watches: `${project}/watches.yaml` })
    const [secrets, configMaps] = [collection(cluster, 'v1', 'secrets'), collection(cluster, 'v1', 'configmaps')]
    const digests = async () => (await read<{ data?: Record<string, string> }>(cluster, `${configMaps}/login`)).data
    await create(cluster, secrets, { metadata: { name: 'other' }, stringData: { password: 'canary-0' } })
    await create(cluster, secrets, { metadata: { name: 'login', labels: { digest: 'wanted' } }, stringData: { password: 'canary-1' } })

    await cluster.eventually(async () => await exists(cluster, `${configMaps}/login`), { describe: 'the Secret is mirrored' })
    expect(await digests()).toEqual({ password: sha256('canary-1') })
    const created = await read<{ metadata: { resourceVersion: string } }>(cluster, `${secrets}/login`)

    await untilQuiet(cluster, process, `${secrets}/login`)
    await change(cluster, `${secrets}/login`, { stringData: { password: 'canary-2', token: 'canary-3' } })
    await cluster.eventually(async () => (await digests())?.['token'] === sha256('canary-3'), { describe: 'the change is mirrored' })
    expect((await digests())?.['password']).toBe(sha256('canary-2'))

    expect(created.metadata).not.toHaveProperty('annotations')
    expect(cluster.audit.requests({ userAgent: 'fairlead/', namespace: cluster.namespace, resource: 'secrets', verb: 'patch' })).toEqual([])
    expect(await exists(cluster, `${configMaps}/other`)).toBe(false)
    expect((await scrape(process)).passes('failed')).toBe(0)
    expect(process.text).not.toContain('canary')
  })
})
