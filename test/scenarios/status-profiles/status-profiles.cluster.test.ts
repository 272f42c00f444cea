import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { PrimaryTree } from '../../../src/operator/tree.ts'
import type { Cluster } from '../../controlplane/fixture.ts'
import { fairlead } from '../command.ts'
import { test } from '../fixture.ts'
import { untilWatching } from '../metrics.ts'
import { change, collection, create, installDefinition, read } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
/** With the conditions of another operator. */
const styled = `${project}/styled.yaml`

const install = async (cluster: Cluster): Promise<void> => {
  for (const name of ['plain', 'bare', 'loose', 'strict']) await installDefinition(cluster, `${project}/charts/${name}/crds/${name}.yaml`)
}

async function createOne(cluster: Cluster, kind: 'Plain' | 'Bare' | 'Loose' | 'Strict', spec: object = {}): Promise<string> {
  const path = collection(cluster, 'profiles.example.com/v1', `${kind.toLowerCase()}s`)
  const name = kind.toLowerCase()
  await create(cluster, path, { apiVersion: 'profiles.example.com/v1', kind, metadata: { name }, spec: { text: 'one', ...spec } })
  return `${path}/${name}`
}

interface Told {
  observedGeneration?: number
  conditions?: { type: string; status: string; reason?: string; message?: string }[]
}

interface Primary {
  metadata: { resourceVersion: string; annotations?: Record<string, string> }
  status?: Told & { phase?: string }
}

const annotated = ({ metadata }: Primary): Told => JSON.parse(metadata.annotations?.['fairlead.dev/status'] ?? '{}') as Told

const isReady = ({ conditions = [] }: Told): boolean => conditions.some(({ type, status }) => type === 'Ready' && status === 'True')

const untilReady = async (cluster: Cluster, path: string, told: (primary: Primary) => Told): Promise<Primary> =>
  await cluster.eventually(
    async () => {
      const primary = await read<Primary>(cluster, path)
      return isReady(told(primary)) && primary
    },
    { describe: `${path} is ready`, interval: 20 },
  )

const ours = ['Ready', 'Reconciling', 'Stalled']
const theirs = { type: 'example.com/Audited', status: 'True', by: 'somebody' }

/** A condition that somebody else writes beside those that are there. */
async function addTheirs(cluster: Cluster, path: string): Promise<void> {
  const { conditions = [] } = (await read<Primary>(cluster, path)).status ?? {}
  const written = await cluster.request('PATCH', `${path}/status`, {
    query: { fieldManager: 'somebody' },
    contentType: 'application/merge-patch+json',
    body: { status: { conditions: [theirs, ...conditions] } },
  })
  expect(written.status).toBe(200)
}

async function untilTypes(cluster: Cluster, path: string, types: readonly string[]): Promise<void> {
  await cluster.eventually(
    async () => {
      const found = ((await read<Primary>(cluster, path)).status?.conditions ?? []).map(({ type }) => type)
      if (found.join() === types.join()) return true
      throw new Error(`it has ${found.join(', ')}`)
    },
    { describe: `${path} has ${types.join(', ')}`, interval: 20 },
  )
}

describe('a definition with little room for a status', () => {
  test('is told when the operator starts, with what to change', async ({ cluster, operator }) => {
    await install(cluster)
    const running = await operator({ watches })
    await untilWatching(cluster, running)
    const warnings = running.lines.filter(({ level }) => level === 'warn').map(({ msg }) => msg)
    const about = (plural: string) => `CustomResourceDefinition ${plural}.profiles.example.com, version v1: `
    expect(warnings.sort()).toEqual([
      `${about('bares')}the schema does not declare status.conditions, so conditions go into the annotation fairlead.dev/status; declare status.conditions as a list with "x-kubernetes-list-type: map" and "x-kubernetes-list-map-keys: [type]" (CRD_STATUS)`,
      `${about('looses')}status.conditions is an atomic list, so another writer can erase conditions; declare it as a list with "x-kubernetes-list-type: map" and "x-kubernetes-list-map-keys: [type]" (CRD_STATUS)`,
      `${about('looses')}the schema does not declare status.observedGeneration and status.observedRevision; declare "observedGeneration: { type: integer, format: int64 }" and "observedRevision: { type: string }" (CRD_STATUS)`,
      `${about('plains')}there is no status subresource, so the status goes into the annotation fairlead.dev/status; add "subresources: { status: {} }" to the version (CRD_STATUS)`,
    ])
  })

  test('has what it has no room for in an annotation, written once, also over a restart', async ({ cluster, operator }) => {
    await install(cluster)
    const first = await operator({ watches })
    const [plain, bare] = [await createOne(cluster, 'Plain'), await createOne(cluster, 'Bare')]
    expect((await untilReady(cluster, plain, annotated)).status).toBeUndefined()
    expect((await untilReady(cluster, bare, annotated)).status).toEqual({ phase: 'there' })
    for (const path of [plain, bare]) await untilQuiet(cluster, first, path)
    const versions = async () =>
      [await read<Primary>(cluster, plain), await read<Primary>(cluster, bare)].map(({ metadata }) => metadata.resourceVersion)
    const before = await versions()
    await first.stop()

    const second = await operator({ watches })
    await untilWatching(cluster, second)
    expect(await versions()).toEqual(before)
    for (const kind of ['Plain', 'Bare']) {
      const { code, out } = await fairlead(cluster, 'status', kind, kind.toLowerCase(), '--output', 'json')
      expect([code, (JSON.parse(out) as PrimaryTree[]).map(({ state }) => state)]).toEqual([0, ['ready']])
    }
  })

  test('keeps the conditions that others put into a list that does not merge', async ({ cluster, operator }) => {
    await install(cluster)
    const running = await operator({ watches })
    const loose = await createOne(cluster, 'Loose')
    const { status } = await untilReady(cluster, loose, (primary) => primary.status ?? {})
    expect(status?.observedGeneration).toBeUndefined()
    await untilQuiet(cluster, running, loose)
    await addTheirs(cluster, loose)
    await change(cluster, loose, { metadata: { annotations: { 'fairlead.dev/suspend': 'true' } } })

    const suspended = await cluster.eventually(
      async () => {
        const found = (await read<Primary>(cluster, loose)).status?.conditions ?? []
        return found.some(({ type, reason }) => type === 'Ready' && reason === 'Suspended') && found
      },
      { describe: 'it is told as suspended', interval: 20 },
    )
    expect(suspended).toContainEqual(theirs)
    expect(new Set(suspended.map(({ type }) => type)).size).toBe(suspended.length)
  })

  test('has no conditions of a list that does not merge which are no longer told, also over a restart', async ({ cluster, operator }) => {
    await install(cluster)
    const first = await operator({ watches: styled })
    const full = { type: 'Full', status: 'True', reason: 'Filled' }
    const loose = await createOne(cluster, 'Loose', { conditions: [full, { ...full, type: 'Heavy' }] })
    await untilTypes(cluster, loose, [...ours, 'Running', 'Successful', 'Failure', 'Full', 'Heavy'])
    await addTheirs(cluster, loose)

    await change(cluster, loose, { spec: { conditions: [full] } })
    await untilTypes(cluster, loose, [...ours, 'Running', 'Successful', 'Failure', 'Full', theirs.type])
    await untilQuiet(cluster, first, loose)
    await first.stop()

    const second = await operator({ watches })
    await untilTypes(cluster, loose, [...ours, 'Full', theirs.type])
    await untilQuiet(cluster, second, loose)
    await change(cluster, loose, { spec: { conditions: null } })
    await untilTypes(cluster, loose, [...ours, theirs.type])
    await untilQuiet(cluster, second, loose)
    expect((await read<Primary>(cluster, loose)).metadata.annotations).toBeUndefined()
  })
})

describe('a status that the server refuses', () => {
  test('is told without what the chart says, and where that is refused too in the annotation, until it is taken again', async ({
    cluster,
    operator,
  }) => {
    await install(cluster)
    const running = await operator({ watches })
    const strict = await createOne(cluster, 'Strict')
    const inStatus = ({ status = {} }: Primary): Told & { phase?: string } => status
    expect(inStatus(await untilReady(cluster, strict, inStatus))).toMatchObject({ phase: 'one', observedGeneration: 1 })
    // As long as the schema lets a message be.
    expect(inStatus(await read<Primary>(cluster, strict)).conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', message: '1 dependent…' }),
    )

    await change(cluster, strict, { spec: { text: 'TWO' } })
    await running.line(/^the status was refused: .*; it goes without what the chart says$/)
    const told = await cluster.eventually(
      async () => {
        const primary = await read<Primary>(cluster, strict)
        return primary.status?.observedGeneration === 2 && primary
      },
      { describe: 'its second generation is told', interval: 20 },
    )
    expect(told.status).not.toHaveProperty('phase')
    expect(isReady(inStatus(told))).toBe(true)
    await untilQuiet(cluster, running, strict)

    await change(cluster, strict, { spec: { text: 'never' } })
    const elsewhere = await cluster.eventually(
      async () => {
        const primary = await read<Primary>(cluster, strict)
        const [ready] = (annotated(primary).conditions ?? []).filter(({ type }) => type === 'Ready')
        return ready?.status === 'False' && primary.status?.conditions === undefined && primary
      },
      { describe: 'the annotation says that it is not ready, and the status no longer that it is', interval: 20 },
    )
    expect(elsewhere.status).toBeUndefined()
    await untilQuiet(cluster, running, strict)
    const { code, out } = await fairlead(cluster, 'status', 'Strict', 'strict', '--output', 'json')
    expect([code, (JSON.parse(out) as PrimaryTree[]).map(({ state }) => state)]).toEqual([3, ['reconciling']])

    await change(cluster, strict, { spec: { text: 'three' } })
    const again = await untilReady(cluster, strict, inStatus)
    expect(again.status).toMatchObject({ phase: 'three', observedGeneration: 4 })
    await cluster.eventually(
      async () => (await read<Primary>(cluster, strict)).metadata.annotations?.['fairlead.dev/status'] === undefined,
      {
        describe: 'the annotation is gone',
      },
    )
    await untilQuiet(cluster, running, strict)
  })
})
