import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { change, create, installDefinition, read, remove, untilCondition } from '../objects.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
type Plural = 'teams' | 'guilds'
const kinds = { teams: 'Team', guilds: 'Guild' } as const

async function install(cluster: Cluster): Promise<void> {
  for (const name of ['team', 'guild']) await installDefinition(cluster, file(`charts/board/crds/${name}.yaml`))
}

async function wants(cluster: Cluster, plural: Plural, name: string, spec: object, namespace = cluster.namespace): Promise<string> {
  const path = `/apis/boards.example.com/v1/namespaces/${namespace}/${plural}`
  await create(cluster, path, { apiVersion: 'boards.example.com/v1', kind: kinds[plural], metadata: { name }, spec })
  return `${path}/${name}`
}

interface Board {
  metadata: { uid: string; resourceVersion: string }
  data: { by: string }
}
const boardPath = (cluster: Cluster, name: string, namespace = cluster.namespace) => `/api/v1/namespaces/${namespace}/configmaps/${name}`
const board = async (cluster: Cluster, name: string, namespace?: string) => await read<Board>(cluster, boardPath(cluster, name, namespace))

const untilBy = async (cluster: Cluster, name: string, by: string, namespace?: string) =>
  await cluster.eventually(async () => (await board(cluster, name, namespace)).data.by === by, { describe: `${name} is ${by}’s` })

const saysWhoHasIt = (name: string, first: string, second: string) =>
  `ConfigMap/${name}: not touched: ${first} renders it too and had it first; ${second} takes it over when ${first} is gone or does not render it any more`

/** The garbage collector looks for new kinds every 30 s, and deletes nothing for an owner of a kind that it does not know. */
const collected = 60_000

describe('an object that two custom resources render', { timeout: 120_000 }, () => {
  test('is the first one’s, and the second says who has it, until the first is deleted', async ({ cluster, operator }) => {
    await install(cluster)
    const process = await operator({ watches: file('teams.yaml') })
    const first = await wants(cluster, 'teams', 'first', { board: 'main' })
    await untilCondition(cluster, first, { status: 'True' })
    const before = await board(cluster, 'main')

    const second = await wants(cluster, 'teams', 'second', { board: 'main' })
    const says = saysWhoHasIt('main', `Team ${cluster.namespace}/first`, `Team ${cluster.namespace}/second`)
    expect(await untilCondition(cluster, second, { status: 'False' })).toMatchObject({ reason: 'Conflict', message: says })
    expect((await process.line(/is not touched/)).msg).toBe(says.replace(': not touched', ' is not touched'))
    // Passes of both, one after the other, change nothing.
    const mark = cluster.audit.mark()
    for (const path of [second, first, second, first]) {
      await change(cluster, path, { spec: { touched: performance.now() } })
      await untilCondition(cluster, path, { status: path === first ? 'True' : 'False' })
    }
    expect(await board(cluster, 'main')).toEqual(before)
    const writes = cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: mark })
    expect(Object.keys(writes).filter((request) => /configmaps/.test(request) && !/^(list|watch) /.test(request))).toEqual([])

    await remove(cluster, first)
    await untilCondition(cluster, second, { status: 'True', timeout: collected })
    expect((await board(cluster, 'main')).data.by).toBe('second')
  })

  test('of two watches is taken over when the first does not render it any more', async ({ cluster, operator }) => {
    await install(cluster)
    await operator({ watches: file('both.yaml') })
    const team = await wants(cluster, 'teams', 'builders', { board: 'main' })
    await untilCondition(cluster, team, { status: 'True' })
    const guild = await wants(cluster, 'guilds', 'builders', { board: 'main' })
    expect((await untilCondition(cluster, guild, { status: 'False' })).message).toBe(
      saysWhoHasIt('main', `Team ${cluster.namespace}/builders`, `Guild ${cluster.namespace}/builders`),
    )
    const { uid } = (await board(cluster, 'main')).metadata

    await change(cluster, team, { spec: { board: 'other' } })

    await untilCondition(cluster, guild, { status: 'True', timeout: 15_000 })
    await untilCondition(cluster, team, { status: 'True' })
    expect((await board(cluster, 'main')).metadata.uid).not.toBe(uid)
    expect((await board(cluster, 'other')).data.by).toBe('builders')

    // Whoever comes back is second.
    await change(cluster, team, { spec: { board: 'main' } })
    expect((await untilCondition(cluster, team, { status: 'False' })).message).toBe(
      saysWhoHasIt('main', `Guild ${cluster.namespace}/builders`, `Team ${cluster.namespace}/builders`),
    )
  })

  test('that somebody deletes is made again by the one that had it', async ({ cluster, operator }) => {
    await install(cluster)
    const process = await operator({ watches: file('teams.yaml') })
    const first = await wants(cluster, 'teams', 'first', { board: 'main' })
    await untilCondition(cluster, first, { status: 'True' })
    const second = await wants(cluster, 'teams', 'second', { board: 'main' })
    await untilCondition(cluster, second, { status: 'False', message: /not touched/ })
    const { uid } = (await board(cluster, 'main')).metadata
    // The second one's own status wakes it once more.
    await cluster.eventually(async () => (await scrape(process)).settled, { describe: 'nobody is due' })

    await remove(cluster, boardPath(cluster, 'main'))

    const again = await cluster.eventually(
      async () => {
        const found = await cluster.request('GET', boardPath(cluster, 'main'))
        return found.status === 200 ? (found.body as unknown as Board) : undefined
      },
      { describe: 'the board is there again' },
    )
    expect(again.metadata.uid).not.toBe(uid)
    expect(again.data.by).toBe('first')
    await untilCondition(cluster, second, { status: 'False', message: /first renders it too/ })
  })

  test('of two namespaces, where no owner reference tells whose it is, is told and taken over in the same way', async ({
    cluster,
    operator,
  }) => {
    await install(cluster)
    const [place, far] = [`${cluster.namespace}-place`, `${cluster.namespace}-far`]
    for (const name of [place, far]) await create(cluster, '/api/v1/namespaces', { metadata: { name } })
    await operator({ watches: file('teams.yaml'), namespaces: [cluster.namespace, place, far] })
    const first = await wants(cluster, 'teams', 'near', { board: 'main', place })
    await untilCondition(cluster, first, { status: 'True' })
    const second = await wants(cluster, 'teams', 'away', { board: 'main', place }, far)
    expect((await untilCondition(cluster, second, { status: 'False' })).message).toBe(
      saysWhoHasIt('main', `Team ${cluster.namespace}/near`, `Team ${far}/away`),
    )

    await remove(cluster, first)

    await untilBy(cluster, 'main', 'away', place)
    await untilCondition(cluster, second, { status: 'True', timeout: 15_000 })
  })

  test('of two operators is told by its owner, and taken over in the same way', async ({ cluster, operator }) => {
    await install(cluster)
    await operator({ watches: file('teams.yaml'), args: ['--operator-name', 'teams'] })
    await operator({ watches: file('guilds.yaml'), args: ['--operator-name', 'guilds'] })
    const team = await wants(cluster, 'teams', 'builders', { board: 'main' })
    await untilCondition(cluster, team, { status: 'True' })
    const guild = await wants(cluster, 'guilds', 'builders', { board: 'main' })
    expect((await untilCondition(cluster, guild, { status: 'False' })).message).toBe(
      saysWhoHasIt('main', `Team ${cluster.namespace}/builders`, `Guild ${cluster.namespace}/builders`),
    )

    await remove(cluster, team)

    await untilCondition(cluster, guild, { status: 'True', timeout: collected })
    expect((await board(cluster, 'main')).data.by).toBe('builders')
  })

  test('names the field manager of another custom resource by what it is', async ({ cluster, operator }) => {
    await install(cluster)
    await operator({ watches: file('teams.yaml') })
    const other = await wants(cluster, 'teams', 'other', { board: 'elsewhere' })
    const team = await wants(cluster, 'teams', 'careful', { board: 'main', policy: 'fail' })
    await untilCondition(cluster, other, { status: 'True' })
    await untilCondition(cluster, team, { status: 'True' })
    const { metadata } = await read<{ metadata: { uid: string } }>(cluster, other)

    await cluster.request('PATCH', boardPath(cluster, 'main'), {
      contentType: 'application/apply-patch+yaml',
      query: { fieldManager: `fairlead/dependents/${metadata.uid}`, force: true },
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'main' }, data: { by: 'other' } },
    })

    const { reason, message } = await untilCondition(cluster, team, { status: 'False' })
    expect(reason).toBe('Conflict')
    expect(message).toContain(`.data.by belongs to "Team ${cluster.namespace}/other (fairlead)"`)
    expect(message).not.toContain(metadata.uid)
  })
})
