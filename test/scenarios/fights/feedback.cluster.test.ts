import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { change, collection, type Condition, create, installDefinition, read, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const apiVersion = 'fights.example.com/v1'
const echo = (cluster: Cluster, name: string) => `${collection(cluster, apiVersion, 'echoes')}/${name}`
const configMap = (cluster: Cluster, name: string) => `${collection(cluster, 'v1', 'configmaps')}/${name}`

async function installDefinitions(cluster: Cluster): Promise<void> {
  for (const kind of ['echo', 'reply']) await installDefinition(cluster, `${project}/charts/echo/crds/${kind}.yaml`)
}

const createEcho = async (cluster: Cluster, name: string, spec: object) =>
  await create(cluster, collection(cluster, apiVersion, 'echoes'), { apiVersion, kind: 'Echo', metadata: { name }, spec })

const dataOf = async (cluster: Cluster, name: string) =>
  (await read<{ data: Record<string, string> }>(cluster, configMap(cluster, name))).data

const feedsItself = async (cluster: Cluster, name: string): Promise<boolean> =>
  (await read<{ status: { conditions: Condition[] } }>(cluster, echo(cluster, name))).status.conditions.some(
    ({ type }) => type === 'Fighting',
  )

/** What the operator wrote of the objects whose names begin like this. */
const writesOf = (cluster: Cluster, name: string) =>
  cluster.audit
    .requests({ userAgent: 'fairlead/', namespace: cluster.namespace })
    .filter((request) => request.verb !== 'get' && request.name.startsWith(name) && request.resource !== 'events')

const loops = [
  { name: 'looks', spec: { source: 'looks-found' }, says: /^ConfigMap\/looks-found data\.found: rendered anew \d+ times a minute/ },
  {
    name: 'digests',
    spec: { digest: true },
    says: /^ConfigMap\/digests-digest metadata\.annotations\.digest: rendered anew \d+ times a minute/,
  },
  // Its own controller answers each write with a status.
  {
    name: 'works',
    spec: { workload: true },
    says: /^Deployment\/works-workload metadata\.annotations\.digest: rendered anew \d+ times a minute/,
  },
  { name: 'renames', spec: { renamed: true }, says: /^ConfigMap\/renames-\d*-end.*: rendered anew \d+ times a minute/ },
  {
    name: 'certifies',
    spec: { certified: true },
    says: /^Secret\/certifies-generated root\.commonName: rendered anew \d+ times a minute/,
  },
  { name: 'tells', spec: { told: true }, says: /^Echo\/tells status\.version: rendered anew \d+ times a minute/ },
]

describe('a custom resource that is rendered from what its own pass writes', () => {
  test('says so, and only that is written less often, until its spec is put right', { timeout: 150_000 }, async ({ cluster, operator }) => {
    await installDefinitions(cluster)
    const running = await operator({ watches: `${project}/watches.yaml` })
    await create(cluster, collection(cluster, 'v1', 'configmaps'), { metadata: { name: 'numbers' }, data: { number: '0' } })
    await createEcho(cluster, 'follows', { source: 'numbers' })
    for (const { name, spec } of loops) await createEcho(cluster, name, spec)
    for (const { name, says } of loops) {
      const fighting = await untilCondition(cluster, echo(cluster, name), { type: 'Fighting', status: 'True' })
      expect({ name, reason: fighting.reason, message: fighting.message }).toEqual({
        name,
        reason: 'FeedsItself',
        message: expect.stringMatching(says),
      })
      console.log(fighting.message)
      expect(await untilCondition(cluster, echo(cluster, name), { status: 'False' })).toMatchObject({ reason: 'Fighting' })
    }
    expect((await scrape(running)).sum('fairlead_fights_total')).toBe(loops.length)

    // What others change is followed as fast as ever, also where it is looked up, and what the spec changes too.
    const source = async () => (await read<{ metadata: { resourceVersion: string } }>(cluster, configMap(cluster, 'numbers'))).metadata
    for (let number = 1; number <= 15; number++) {
      await change(cluster, configMap(cluster, 'numbers'), { data: { number: String(number) } })
      await cluster.eventually(async () => (await dataOf(cluster, 'follows-found'))['found'] === (await source()).resourceVersion, {
        describe: `change ${number} is followed`,
        timeout: 1_500,
        interval: 10,
      })
      await change(cluster, echo(cluster, 'follows'), { spec: { text: String(number) } })
    }
    expect(await feedsItself(cluster, 'follows')).toBe(false)
    const since = Date.now()
    for (const { name } of loops) await change(cluster, echo(cluster, name), { spec: { text: 'bye' } })
    for (const { name } of loops)
      await cluster.eventually(async () => (await dataOf(cluster, name))['text'] === 'bye', { describe: `${name} follows`, interval: 10 })
    // Drift is put right, whatever else waits.
    for (const { name } of loops) await change(cluster, configMap(cluster, name), { data: { text: 'drift' } })
    for (const { name } of loops)
      await cluster.eventually(async () => (await dataOf(cluster, name))['text'] === 'bye', { describe: `${name} is healed`, interval: 10 })
    console.log(`changes and healing during the feedback took ${Date.now() - since} ms`)
    expect(Date.now() - since).toBeLessThan(3_000)
    for (const { name } of loops) {
      console.log(name, writesOf(cluster, name).length)
      expect(writesOf(cluster, name).length).toBeLessThan(70)
    }

    for (const { name, spec } of loops)
      await change(cluster, echo(cluster, name), { spec: Object.fromEntries(Object.keys(spec).map((field) => [field, null])) })
    for (const { name } of loops) {
      await cluster.eventually(async () => !(await feedsItself(cluster, name)), { describe: `${name} is over it`, timeout: 30_000 })
      await untilCondition(cluster, echo(cluster, name), { status: 'True' })
    }
    await untilQuiet(cluster, running, echo(cluster, 'looks'))
  })
})

describe('two custom resources, each rendered from what the other one’s pass writes', () => {
  test('say so and name each other, are written less often, and nobody who only follows them is named, until one stops', {
    timeout: 150_000,
  }, async ({ cluster, operator }) => {
    await installDefinitions(cluster)
    const running = await operator({ watches: `${project}/watches.yaml` })
    const reply = `${collection(cluster, apiVersion, 'replies')}/pong`
    await createEcho(cluster, 'ping', { source: 'pong-found' })
    await create(cluster, collection(cluster, apiVersion, 'replies'), {
      apiVersion,
      kind: 'Reply',
      metadata: { name: 'pong' },
      spec: { source: 'ping-found' },
    })
    const says = async (path: string) => await untilCondition(cluster, path, { type: 'Fighting', status: 'True' })
    expect(await says(echo(cluster, 'ping'))).toMatchObject({
      reason: 'FeedsItself',
      message: expect.stringMatching(
        /^ConfigMap\/ping-found data\.found: rendered anew \d+ times a minute from what this pass itself writes, by way of Reply \S+\/pong/,
      ),
    })
    expect((await says(reply)).message).toMatch(/^ConfigMap\/pong-found data\.found: .*, by way of Echo \S+\/ping/)

    // Each follows another: what is changed settles in three steps, however often it is.
    await create(cluster, collection(cluster, 'v1', 'configmaps'), { metadata: { name: 'numbers' }, data: { number: '0' } })
    const chain = ['first', 'second', 'third']
    for (const [at, name] of chain.entries()) await createEcho(cluster, name, { source: at === 0 ? 'numbers' : `${chain[at - 1]}-found` })
    const versionOf = async (name: string) =>
      (await read<{ metadata: { resourceVersion: string } }>(cluster, configMap(cluster, name))).metadata.resourceVersion
    for (let number = 1; number <= 15; number++) {
      await change(cluster, configMap(cluster, 'numbers'), { data: { number: String(number) } })
      for (const [at, name] of chain.entries())
        await cluster.eventually(
          async () =>
            (await dataOf(cluster, `${name}-found`))['found'] === (await versionOf(at === 0 ? 'numbers' : `${chain[at - 1]}-found`)),
          { describe: `${name} follows change ${number}`, interval: 10 },
        )
    }
    for (const name of chain) expect(await feedsItself(cluster, name), name).toBe(false)
    for (const name of ['ping', 'pong']) {
      console.log(name, writesOf(cluster, name).length)
      expect(writesOf(cluster, name).length).toBeLessThan(70)
    }

    await change(cluster, reply, { spec: { source: null } })
    await cluster.eventually(async () => !(await feedsItself(cluster, 'ping')), { describe: 'ping is over it', timeout: 30_000 })
    for (const path of [echo(cluster, 'ping'), reply]) await untilCondition(cluster, path, { status: 'True', timeout: 40_000 })
    await untilQuiet(cluster, running, echo(cluster, 'ping'))
  })
})
