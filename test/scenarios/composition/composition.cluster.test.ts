import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { type OperatorProcess, test } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { change, collection, type Condition, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const markets = (cluster: Cluster, plural: string) => collection(cluster, 'markets.example.com/v1', plural)

interface Ready {
  metadata: {
    generation: number
    labels?: Record<string, string>
    ownerReferences?: { kind: string; name: string }[]
    finalizers?: string[]
  }
  status?: { conditions?: Condition[] }
}

async function prepare(cluster: Cluster): Promise<{ archive: string; namespaces: string[]; mall: string; stall: string }> {
  for (const name of ['mall', 'stall']) await installDefinition(cluster, file(`charts/${name}/crds/${name}.yaml`))
  const archive = `${cluster.namespace}-archive`
  await create(cluster, '/api/v1/namespaces', { metadata: { name: archive } })
  const [mall, stall] = [`${markets(cluster, 'malls')}/corner`, `${markets(cluster, 'stalls')}/corner-goods`]
  return { archive, namespaces: [cluster.namespace, archive], mall, stall }
}

const operators: { title: string; start: (operator: Start, namespaces: string[]) => Promise<OperatorProcess> }[] = [
  { title: 'of one operator', start: async (operator, namespaces) => await operator({ watches: file('both.yaml'), namespaces }) },
  {
    title: 'of two operators',
    start: async (operator, namespaces) => {
      await operator({ watches: file('stalls.yaml'), namespaces, args: ['--operator-name', 'stalls'] })
      return await operator({ watches: file('malls.yaml'), namespaces, args: ['--operator-name', 'malls'] })
    },
  },
]
type Start = (options: { watches: string; namespaces: string[]; args?: string[] }) => Promise<OperatorProcess>

/** The garbage collector looks for new kinds every 30 s, and deletes nothing for an owner of a kind that it does not know. */
const collected = 60_000

describe('a custom resource that another one renders', { timeout: 120_000 }, () => {
  for (const { title, start } of operators)
    test(`${title}, counts for the other’s state, follows its spec, and goes with it`, async ({ cluster, operator }) => {
      const { archive, namespaces, mall, stall } = await prepare(cluster)
      const process = await start(operator, namespaces)
      await create(cluster, markets(cluster, 'malls'), {
        apiVersion: 'markets.example.com/v1',
        kind: 'Mall',
        metadata: { name: 'corner' },
        spec: { goods: 'tea', image: 'example.com/stall:1', archive },
      })
      const kept = `/api/v1/namespaces/${archive}/configmaps/corner-goods`

      const open = async () => await change(cluster, kept, { data: { open: 'yes' } })
      await untilCondition(cluster, stall, { status: 'False', message: /ConfigMap\/corner-goods/ })
      const closed = await untilCondition(cluster, mall, { status: 'False', message: /Stall\/corner-goods/ })
      expect(closed).toMatchObject({ reason: 'DependentsNotReady', message: 'not ready: Stall/corner-goods' })
      await open()
      await untilCondition(cluster, mall, { status: 'True' })
      await untilCondition(cluster, stall, { status: 'True' })

      await change(cluster, mall, { spec: { goods: 'coffee' } })
      await cluster.eventually(async () => (await read<{ data: { goods: string } }>(cluster, kept)).data.goods === 'coffee', {
        describe: 'the change has come to what the Stall has made',
      })
      await untilCondition(cluster, mall, { status: 'True' })
      await untilQuiet(cluster, process, mall)
      // The mark of the Mall on the Stall is nothing that the Stall hands on.
      const deployment = await read<{ metadata: Ready['metadata']; spec: { template: { metadata: { labels: object } } } }>(
        cluster,
        `${collection(cluster, 'apps/v1', 'deployments')}/corner-goods`,
      )
      expect(deployment.spec.template.metadata.labels).toEqual({ stall: 'corner-goods', mall: 'corner' })
      expect(deployment.metadata.ownerReferences).toMatchObject([{ kind: 'Stall', name: 'corner-goods' }])
      expect((await read<Ready>(cluster, stall)).metadata.finalizers).toEqual(['fairlead.dev/dependents'])

      await remove(cluster, mall)
      for (const path of [mall, stall, kept, `${collection(cluster, 'apps/v1', 'deployments')}/corner-goods`])
        await cluster.eventually(async () => !(await exists(cluster, path)), { describe: `${path} is gone`, timeout: collected })
    })

  test('and renders the other is an error that names both and where', async ({ operator }) => {
    const process = await operator({ watches: file('endless/watches.yaml'), wait: false })

    expect(await process.ended()).toBe(1)
    expect((await process.line(/WATCH_CIRCLE/)).msg).toBe(
      `${file('endless/watches.yaml')}:1:3: these kinds render each other without end: ` +
        `Hen.farms.example.com renders Egg.farms.example.com (${file('endless/charts/hen/templates/egg.yaml.eta')}:2:1), ` +
        `Egg.farms.example.com renders Hen.farms.example.com (${file('endless/charts/egg/templates/hen.yaml')}:7:7); ` +
        'leave one of them out, or render it under a condition that ends (WATCH_CIRCLE)',
    )
  })

  test('of its own kind, without end, ends at depth 8, which is told, and nothing is deleted', async ({ cluster, operator }) => {
    await installDefinition(cluster, file('charts/doll/crds/doll.yaml'))
    const process = await operator({ watches: file('dolls.yaml') })
    const dolls = markets(cluster, 'dolls')
    const name = (depth: number) => `anna${'-x'.repeat(depth - 1)}`
    await create(cluster, dolls, { apiVersion: 'markets.example.com/v1', kind: 'Doll', metadata: { name: 'anna' } })

    const chain = Array.from({ length: 8 }, (_, index) => `Doll ${cluster.namespace}/${name(index + 1)}`).join(' > ')
    expect(await untilCondition(cluster, `${dolls}/${name(8)}`, { status: 'False' })).toMatchObject({
      reason: 'NestedTooDeep',
      message: `nothing new is made at depth 8, since custom resources may render each other to depth 8: ${chain}`,
    })
    expect((await process.line(/nothing new is made/)).msg).toContain(chain)
    const all = async () =>
      (await read<{ items: { metadata: { name: string } }[] }>(cluster, dolls)).items.map(({ metadata }) => metadata.name).sort()
    expect(await all()).toEqual(Array.from({ length: 8 }, (_, index) => name(index + 1)))
    await untilCondition(cluster, `${dolls}/anna`, { status: 'False', message: /anna-x/ })

    await process.stop()
    const again = await operator({ watches: file('dolls.yaml') })
    await again.line(/nothing new is made/)
    expect(await all()).toHaveLength(8)
    expect(await exists(cluster, `${collection(cluster, 'v1', 'configmaps')}/${name(7)}`)).toBe(true)
    expect(await exists(cluster, `${collection(cluster, 'v1', 'configmaps')}/${name(8)}`)).toBe(false)

    // Whoever led to it is gone: the chain is shorter.
    await change(cluster, `${dolls}/${name(4)}`, { metadata: { annotations: { 'fairlead.dev/keep': 'true' } } })
    await cluster.eventually(async () => (await read<Ready>(cluster, `${dolls}/${name(3)}`)).metadata.finalizers !== undefined, {
      describe: 'the third keeps the fourth',
    })
    await remove(cluster, `${dolls}/anna`)
    await cluster.eventually(async () => !(await exists(cluster, `${dolls}/${name(3)}`)), {
      describe: 'the third is gone',
      timeout: collected,
    })
    await cluster.eventually(async () => await exists(cluster, `${collection(cluster, 'v1', 'configmaps')}/${name(8)}`), {
      describe: 'the eighth, which is the fifth now, is served',
    })
    expect((await untilCondition(cluster, `${dolls}/${name(11)}`, { status: 'False' })).message).not.toContain(`${name(3)} >`)
  })

  for (const adopt of ['always', 'never'])
    test(`and is that one itself, or led to it, is not touched, and it says so, where the watch says adoption: ${adopt}`, async ({
      cluster,
      operator,
    }) => {
      await installDefinition(cluster, file('charts/doll/crds/doll.yaml'))
      const dolls = markets(cluster, 'dolls')
      const lives = async () => {
        const { items } = await read<{ items: (Ready & { metadata: { name: string; uid: string }; spec?: object })[] }>(cluster, dolls)
        return items.map(({ metadata, spec }) => ({ ...metadata, spec }))
      }
      const process = await operator({ watches: file('mirrors.yaml') })
      const make = async (name: string, spec: object) =>
        await create(cluster, dolls, {
          apiVersion: 'markets.example.com/v1',
          kind: 'Doll',
          metadata: { name, labels: { adopt } },
          spec,
        })
      const [self, outer] = [`${dolls}/self`, `${dolls}/outer`]
      await make('self', { shows: { name: 'self' } })
      await make('outer', { shows: { name: 'inner', spec: { shows: { name: 'outer' } } } })

      const { message } = await untilCondition(cluster, self, { status: 'False', message: /not touched/ })
      expect(message).toBe('Doll/self: not touched: it is the custom resource that renders it')
      await process.line(/Doll\/outer is not touched: Doll [-\w]+\/inner comes of it/)
      await untilCondition(cluster, outer, { status: 'False', message: /^failed: Doll\/inner \(condition Stalled is True \(Conflict\)\)$/ })
      expect((await lives()).map(({ name, ownerReferences, spec }) => [name, ownerReferences?.map((owner) => owner.name), spec])).toEqual([
        ['inner', ['outer'], { shows: { name: 'outer' } }],
        ['outer', undefined, { shows: { name: 'inner', spec: { shows: { name: 'outer' } } } }],
        ['self', undefined, { shows: { name: 'self' } }],
      ])

      const before = (await lives()).filter(({ name }) => name !== 'inner').map(({ uid }) => uid)
      for (const path of [self, outer]) {
        await change(cluster, path, { spec: { shows: null } })
        await untilCondition(cluster, path, { status: 'True' })
      }
      expect((await lives()).filter(({ name }) => name !== 'inner').map(({ uid }) => uid)).toEqual(before)
    })

  test('in Secrets, each of which keeps what was generated for the one before: at load where it never ends, else at depth 8', async ({
    cluster,
    operator,
  }) => {
    const endless = await operator({ watches: file('endless/secrets.yaml'), wait: false })
    expect(await endless.ended()).toBe(1)
    expect((await endless.line(/WATCH_CIRCLE/)).msg).toContain(
      `Secret renders Secret (${file('endless/charts/secret/templates/values.yaml.eta')}:1:4)`,
    )

    const process = await operator({ watches: file('secrets.yaml') })
    const name = (depth: number) => `anna${'-generated'.repeat(depth - 1)}`
    const secrets = collection(cluster, 'v1', 'secrets')
    await create(cluster, secrets, { metadata: { name: 'anna' } })
    const last = (await process.line(/nothing new is made at depth 8/)).msg
    expect(last).toContain(`Secret ${cluster.namespace}/anna > Secret ${cluster.namespace}/anna-generated > `)
    await cluster.eventually(async () => (await scrape(process)).settled, { describe: 'no pass is due' })
    expect(await exists(cluster, `${secrets}/${name(8)}`)).toBe(true)
    expect(await exists(cluster, `${secrets}/${name(9)}`)).toBe(false)
    expect(await exists(cluster, `${collection(cluster, 'v1', 'configmaps')}/${name(7)}`)).toBe(true)
    expect(await exists(cluster, `${collection(cluster, 'v1', 'configmaps')}/${name(8)}`)).toBe(false)
  })
})
