import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { CountingServer } from '../counting-server.ts'
import { test } from '../fixture.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const apiVersion = 'acts.example.com/v1'
const sites = (cluster: Cluster): string => collection(cluster, apiVersion, 'sites')
const one = (cluster: Cluster): string => `${sites(cluster)}/one`
const content = (cluster: Cluster, name: string): string => `${collection(cluster, 'v1', 'configmaps')}/one-${name}`
const records = (cluster: Cluster): string => `${collection(cluster, 'v1', 'secrets')}/one-records`

async function createSite(cluster: Cluster, spec: object): Promise<string> {
  await installDefinition(cluster, `${project}/crds/site.yaml`)
  await create(cluster, sites(cluster), { apiVersion, kind: 'Site', metadata: { name: 'one' }, spec })
  return one(cluster)
}

/** Asks for this, and never answers, until the promise is resolved. */
function holding(server: CountingServer, what: string): { asked: Promise<void>; release: () => void } {
  const [asked, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  server.answer = async (counted) => {
    if (counted.what === what) {
      asked.resolve()
      await held.promise
    }
    return { status: 200 }
  }
  return { asked: asked.promise, release: held.resolve }
}

describe('an act', () => {
  test('is done once, behind what is applied before it and before what is applied behind it', async ({ cluster, operator }) => {
    await using server = await CountingServer.start()
    const held = holding(server, 'POST /migrate')
    await createSite(cluster, { url: server.url })
    const first = await operator({ watches })
    await held.asked
    expect(await exists(cluster, content(cluster, 'content'))).toBe(true)
    expect(await exists(cluster, content(cluster, 'release'))).toBe(false)
    await untilCondition(cluster, one(cluster), { status: 'False', message: /waits for step "migrate" to end/ })
    held.release()
    await untilCondition(cluster, one(cluster), { status: 'True' })
    await untilQuiet(cluster, first, one(cluster))
    await first.stop()

    const second = await operator({ watches })
    await untilQuiet(cluster, second, one(cluster))
    expect(server.asked.map(({ what }) => what)).toEqual(['POST /migrate'])

    await change(cluster, one(cluster), { spec: { version: '2' } })
    await cluster.eventually(async () => (await read<{ data: object }>(cluster, content(cluster, 'release'))).data, {
      describe: 'version 2 is released',
    })
    await untilCondition(cluster, one(cluster), { status: 'True' })
    expect(server.asked.map(({ body }) => body)).toEqual([{ version: '1' }, { version: '2' }])
    expect(new Set(server.keysOf('POST /migrate')).size).toBe(2)
  })

  test('that was under way when the process was killed is repeated under the same key, where it may be', async ({ cluster, operator }) => {
    await using server = await CountingServer.start()
    const held = holding(server, 'POST /migrate')
    await createSite(cluster, { url: server.url })
    const first = await operator({ watches })
    await held.asked
    await first.stop('SIGKILL')
    held.release()

    await operator({ watches })
    await untilCondition(cluster, one(cluster), { status: 'True' })
    const keys = server.keysOf('POST /migrate')
    expect(keys).toHaveLength(2)
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
  })

  test('that was under way and must not be done twice is not: the status says how to go on', async ({ cluster, operator }) => {
    await using server = await CountingServer.start()
    const held = holding(server, 'POST /notify')
    await createSite(cluster, { url: server.url, notify: true })
    const first = await operator({ watches })
    await held.asked
    await first.stop('SIGKILL')
    held.release()

    const second = await operator({ watches })
    const ready = await untilCondition(cluster, one(cluster), { status: 'False', message: /no known outcome/ })
    expect(ready).toMatchObject({
      reason: 'StepFailed',
      message: expect.stringMatching(/^\S*site\.yaml:8:\d+: step "notify" has no known outcome .* onUnknown: retry/) as string,
    })
    await untilQuiet(cluster, second, one(cluster), 'failed')
    expect(server.keysOf('POST /notify')).toHaveLength(1)
    expect(await exists(cluster, content(cluster, 'release'))).toBe(false)

    await change(cluster, one(cluster), { spec: { version: '2' } })
    await untilCondition(cluster, one(cluster), { status: 'True' })
    expect(server.keysOf('POST /notify')).toHaveLength(2)
  })
})

describe('the records', () => {
  test('that are lost stop the playbook, until they are restored or a person says to begin anew', async ({ cluster, operator }) => {
    await using server = await CountingServer.start()
    await createSite(cluster, { url: server.url })
    const first = await operator({ watches })
    await untilCondition(cluster, one(cluster), { status: 'True' })
    const site = await read<{ metadata: { annotations: Record<string, string> } }>(cluster, one(cluster))
    expect(site.metadata.annotations['fairlead.dev/records']).toBe('one-records')
    await first.stop()
    await remove(cluster, records(cluster))

    await operator({ watches })
    const ready = await untilCondition(cluster, one(cluster), { status: 'False', message: /one-records/ })
    expect(ready).toMatchObject({ reason: 'StepUnknown', message: expect.stringContaining('fairlead.dev/records') as string })
    expect(server.asked).toHaveLength(1)
    expect(await exists(cluster, content(cluster, 'release'))).toBe(true)

    await change(cluster, one(cluster), { metadata: { annotations: { 'fairlead.dev/records': 'new' } } })
    await untilCondition(cluster, one(cluster), { status: 'True' })
    expect(server.asked).toHaveLength(2)
  })
})

describe('a custom resource that is deleted', () => {
  test('first has the steps of delete behind it, while its objects stay', async ({ cluster, operator }) => {
    await using server = await CountingServer.start()
    await createSite(cluster, { url: server.url })
    await operator({ watches })
    await untilCondition(cluster, one(cluster), { status: 'True' })
    let status = 503
    server.answer = () => Promise.resolve({ status })
    await remove(cluster, one(cluster))
    await untilCondition(cluster, one(cluster), { status: 'False', message: /goodbye/ })
    expect(await exists(cluster, content(cluster, 'content'))).toBe(true)
    status = 200
    await cluster.eventually(async () => !(await exists(cluster, one(cluster))), { describe: 'the Site is gone', timeout: 60_000 })
    await cluster.eventually(async () => !(await exists(cluster, content(cluster, 'content'))), {
      describe: 'its objects go with it',
      timeout: 60_000,
    })
    expect(new Set(server.keysOf('DELETE /site')).size).toBe(1)
  })

  test('while an act is under way has that end first', async ({ cluster, operator }) => {
    await using server = await CountingServer.start()
    const held = holding(server, 'POST /migrate')
    await createSite(cluster, { url: server.url })
    await operator({ watches })
    await held.asked
    await remove(cluster, one(cluster))
    await untilCondition(cluster, one(cluster), { status: 'False', message: /steps\/migrate to end/ })
    expect(server.keysOf('DELETE /site')).toEqual([])
    held.release()
    await cluster.eventually(async () => !(await exists(cluster, one(cluster))), { describe: 'the Site is gone', timeout: 60_000 })
    expect(server.asked.map(({ what }) => what)).toEqual(['POST /migrate', 'DELETE /site'])
  })

  test('goes without the rest of them where a person says so', async ({ cluster, operator }) => {
    await using server = await CountingServer.start()
    await createSite(cluster, { url: server.url })
    await operator({ watches })
    await untilCondition(cluster, one(cluster), { status: 'True' })
    server.answer = () => Promise.resolve({ status: 503 })
    await remove(cluster, one(cluster))
    await untilCondition(cluster, one(cluster), { status: 'False', message: /goodbye/ })
    await change(cluster, one(cluster), { metadata: { annotations: { 'fairlead.dev/skip-finalizer': 'true' } } })
    await cluster.eventually(async () => !(await exists(cluster, one(cluster))), { describe: 'the Site is gone', timeout: 60_000 })
  })
})
