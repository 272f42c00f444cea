import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const definition = `${project}/charts/notes/crds/journal.yaml`

interface Live {
  metadata: {
    labels?: Record<string, string>
    annotations?: Record<string, string>
    ownerReferences?: object[]
    finalizers?: string[]
    managedFields?: { manager: string }[]
  }
  data?: object
}

const page = (cluster: Cluster, name: string) => `${collection(cluster, 'v1', 'configmaps')}/diary-${name}`
const stays: readonly { name: string; annotations: Record<string, string> }[] = [
  { name: 'ours', annotations: { 'fairlead.dev/keep': 'true' } },
  { name: 'helms', annotations: { 'helm.sh/resource-policy': ' Keep ' } },
]
const goes = { name: 'goes', annotations: { 'fairlead.dev/keep': 'false' } }

async function createJournal(cluster: Cluster, pages: readonly object[]): Promise<string> {
  const journals = collection(cluster, 'journals.example.com/v1', 'journals')
  await create(cluster, journals, { apiVersion: 'journals.example.com/v1', kind: 'Journal', metadata: { name: 'diary' }, spec: { pages } })
  await untilCondition(cluster, `${journals}/diary`, { status: 'True' })
  return `${journals}/diary`
}

/** The garbage collector learns of a new kind within 30 s, and a foreground deletion waits for it. */
const untilGone = async (cluster: Cluster, path: string) =>
  await cluster.eventually(async () => !(await exists(cluster, path)), { describe: `${path} is gone`, interval: 20, timeout: 60_000 })

/** What is left of us on an object. */
async function marksOf(cluster: Cluster, path: string): Promise<object> {
  const { metadata } = await read<Live>(cluster, path)
  return {
    labels: metadata.labels,
    owners: metadata.ownerReferences,
    applied: metadata.annotations?.['fairlead.dev/applied'],
    managers: (metadata.managedFields ?? []).filter(({ manager }) => manager.startsWith('fairlead/')),
  }
}
const none = { labels: undefined, owners: undefined, applied: undefined, managers: [] }

describe('a dependent that is to be kept', () => {
  test('stays when it is rendered no more, without our marks, while its sibling goes', async ({ cluster, operator }) => {
    await installDefinition(cluster, definition)
    const process = await operator({ watches })
    const journal = await createJournal(cluster, [...stays, goes])
    for (const { name } of stays) expect((await read<Live>(cluster, page(cluster, name))).metadata.ownerReferences, name).toBeUndefined()
    await change(cluster, page(cluster, 'ours'), { data: { text: 'edited' } })
    await cluster.eventually(async () => (await read<{ data: { text: string } }>(cluster, page(cluster, 'ours'))).data.text === 'ours', {
      describe: 'it is healed while it is wanted',
      interval: 20,
    })

    await change(cluster, journal, { spec: { pages: [] } })

    await untilGone(cluster, page(cluster, 'goes'))
    await untilCondition(cluster, journal, { status: 'True' })
    for (const { name, annotations } of stays) {
      expect(await marksOf(cluster, page(cluster, name)), name).toEqual(none)
      expect(await read(cluster, page(cluster, name)), name).toMatchObject({ metadata: { annotations }, data: { text: name } })
    }
    expect((await process.line(/^released/)).msg).toMatch(/^released ConfigMap\/diary-\w+ \(spec\)$/)
    await untilQuiet(cluster, process, journal)
    expect((await read<Live>(cluster, journal)).metadata.finalizers).toBeUndefined()
  })

  test('stays when its primary is deleted, however that is done, while its sibling goes', async ({ cluster, operator }) => {
    await installDefinition(cluster, definition)
    await operator({ watches })
    const journal = await createJournal(cluster, [...stays, goes])

    const answer = await cluster.request('DELETE', journal, {
      body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground' },
    })
    expect(answer.status).toBe(200)

    for (const path of [journal, page(cluster, 'goes')]) await untilGone(cluster, path)
    for (const { name } of stays) expect(await marksOf(cluster, page(cluster, name)), name).toEqual(none)
  })

  test('can be chosen on the live object', async ({ cluster, operator }) => {
    await installDefinition(cluster, definition)
    const process = await operator({ watches })
    const journal = await createJournal(cluster, [{ name: 'plain' }])
    expect((await read<Live>(cluster, page(cluster, 'plain'))).metadata.ownerReferences).toHaveLength(1)

    await change(cluster, page(cluster, 'plain'), { metadata: { annotations: { 'fairlead.dev/keep': 'true' } } })

    await cluster.eventually(async () => (await read<Live>(cluster, page(cluster, 'plain'))).metadata.ownerReferences === undefined, {
      describe: 'the owner reference is taken off',
      interval: 20,
    })
    await untilQuiet(cluster, process, journal)
    expect((await cluster.request('DELETE', journal)).status).toBe(200)
    await untilGone(cluster, journal)
    expect(await marksOf(cluster, page(cluster, 'plain'))).toEqual(none)
  })

  test('stays for whatever text is not false, and where that is not true either, its primary says so', async ({ cluster, operator }) => {
    await installDefinition(cluster, definition)
    const process = await operator({ watches })
    const texts = { yes: 'yes', empty: '', upper: 'TRUE', one: '1' }
    const keep = (text: string) => ({ 'fairlead.dev/keep': text })
    const pages = Object.entries(texts).map(([name, text]) => ({ name, annotations: keep(text) }))
    const journal = await createJournal(cluster, [{ name: 'live' }, { name: 'not', annotations: keep('F') }, goes])
    await change(cluster, journal, { spec: { pages: [...pages, { name: 'live' }, { name: 'not', annotations: keep('F') }, goes] } })
    await change(cluster, page(cluster, 'live'), { metadata: { annotations: keep('on') } })

    const unread = (name: string) =>
      `the annotation fairlead.dev/keep on ConfigMap/diary-${name} is neither "true" nor "false"; until then it counts as "true" (ANNOTATION_INVALID)`
    for (const name of ['live', 'yes', 'empty'])
      expect(
        await untilCondition(cluster, journal, { type: 'Stalled', status: 'True', message: new RegExp(`diary-${name} `) }),
      ).toMatchObject({
        reason: 'InvalidAnnotation',
        message: expect.stringContaining(unread(name)) as string,
      })
    await untilQuiet(cluster, process, journal)
    for (const name of [...Object.keys(texts), 'live'])
      expect((await read<Live>(cluster, page(cluster, name))).metadata.ownerReferences, name).toBeUndefined()

    await change(cluster, journal, { spec: { pages: [] } })

    for (const name of ['goes', 'not']) await untilGone(cluster, page(cluster, name))
    expect(await untilCondition(cluster, journal, { status: 'True' })).toMatchObject({ reason: 'Ready' })
    for (const name of [...Object.keys(texts), 'live']) expect(await marksOf(cluster, page(cluster, name)), name).toEqual(none)
  })

  const ways = [
    { way: 'cannot be rendered', broken: { spec: { torn: true } }, status: 'False', outcome: 'failed' },
    { way: 'renders nothing', broken: { spec: { lost: true } }, status: 'False', outcome: 'done' },
    { way: 'is suspended', broken: { metadata: { annotations: { 'fairlead.dev/suspend': 'true' } } }, status: 'Unknown', outcome: 'wait' },
  ] as const
  for (const { way, broken, status, outcome } of ways)
    test(`can be chosen on the live object while its primary ${way}`, async ({ cluster, operator }) => {
      await installDefinition(cluster, definition)
      const process = await operator({ watches })
      const journal = await createJournal(cluster, [{ name: 'plain' }, goes])
      await change(cluster, journal, broken)
      await untilCondition(cluster, journal, { status })

      await change(cluster, page(cluster, 'plain'), { metadata: { annotations: { 'fairlead.dev/keep': 'true' } } })

      await cluster.eventually(async () => (await read<Live>(cluster, page(cluster, 'plain'))).metadata.ownerReferences === undefined, {
        describe: 'the owner reference is taken off',
        interval: 20,
      })
      await untilQuiet(cluster, process, journal, outcome)
      expect((await read<Live>(cluster, page(cluster, 'plain'))).metadata.labels).toBeDefined()
      expect((await read<Live>(cluster, journal)).metadata.finalizers).toEqual(['fairlead.dev/dependents'])
      await cluster.request('DELETE', journal, { body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground' } })
      for (const path of [journal, page(cluster, 'goes')]) await untilGone(cluster, path)
      expect(await marksOf(cluster, page(cluster, 'plain'))).toEqual(none)
    })

  test('stays when it is rendered no more beside a write that fails, without our marks', async ({ cluster, operator }) => {
    await installDefinition(cluster, definition)
    const process = await operator({ watches })
    const journal = await createJournal(cluster, [{ name: 'plain' }, goes])
    await change(cluster, journal, { spec: { pages: [{ name: 'NOT A NAME' }] } })
    await untilCondition(cluster, journal, { status: 'False', message: /NOT A NAME/ })
    expect(await exists(cluster, page(cluster, 'goes'))).toBe(true)

    await change(cluster, page(cluster, 'plain'), { metadata: { annotations: { 'fairlead.dev/keep': 'true' } } })

    await process.line(/^released ConfigMap\/diary-plain/)
    expect(await marksOf(cluster, page(cluster, 'plain'))).toEqual(none)
    expect(await exists(cluster, page(cluster, 'goes'))).toBe(true)
    expect((await cluster.request('DELETE', journal)).status).toBe(200)
    for (const path of [journal, page(cluster, 'goes')]) await untilGone(cluster, path)
    expect(await exists(cluster, page(cluster, 'plain'))).toBe(true)
  })
})

describe('a dependent whose owner reference is gone', () => {
  /** A Journal with one object beside it and one in another namespace. */
  async function journalAndArchive(
    cluster: Cluster,
  ): Promise<{ journal: string; beside: string; far: string; create: () => Promise<string> }> {
    await installDefinition(cluster, definition)
    const archive = `${cluster.namespace}-archive`
    await create(cluster, '/api/v1/namespaces', { metadata: { name: archive } })
    return {
      journal: `${collection(cluster, 'journals.example.com/v1', 'journals')}/diary`,
      beside: `${collection(cluster, 'v1', 'configmaps')}/diary`,
      far: `/api/v1/namespaces/${archive}/configmaps/diary-far`,
      create: async () => await createJournal(cluster, [{ name: 'far', namespace: archive }]),
    }
  }
  const keep = async (cluster: Cluster, path: string, text: string | null) =>
    await change(cluster, path, { metadata: { annotations: { 'fairlead.dev/keep': text } } })
  const untilUntied = async (cluster: Cluster, path: string) =>
    await cluster.eventually(async () => (await read<Live>(cluster, path)).metadata.ownerReferences === undefined, {
      describe: 'the owner reference is taken off',
      interval: 20,
      timeout: 60_000,
    })

  for (const { way, broken } of [
    { way: 'is suspended', broken: { metadata: { annotations: { 'fairlead.dev/suspend': 'true' } } } },
    { way: 'cannot be rendered', broken: { spec: { torn: true } } },
  ])
    test(`since it was to be kept for a while in which its primary ${way}, goes with it, and so do its siblings elsewhere`, async ({
      cluster,
      operator,
    }) => {
      const { journal, beside, far, create: start } = await journalAndArchive(cluster)
      const process = await operator({ watches, namespaces: [cluster.namespace, `${cluster.namespace}-archive`] })
      await start()
      await change(cluster, journal, broken)
      await keep(cluster, beside, 'true')
      await untilUntied(cluster, beside)
      await keep(cluster, beside, null)

      await remove(cluster, journal)

      await process.line(/^deleted ConfigMap\/diary-far/)
      for (const path of [journal, beside, far]) await untilGone(cluster, path)
    })

  test('since it was to be kept for a while, gets it back without a word of drift when it is rendered again', async ({
    cluster,
    operator,
  }) => {
    const { journal, beside, create: start } = await journalAndArchive(cluster)
    const process = await operator({ watches, namespaces: [cluster.namespace, `${cluster.namespace}-archive`] })
    await start()
    await change(cluster, journal, { metadata: { annotations: { 'fairlead.dev/suspend': 'true' } } })
    await keep(cluster, beside, 'true')
    await untilUntied(cluster, beside)
    await keep(cluster, beside, null)

    await change(cluster, journal, { metadata: { annotations: { 'fairlead.dev/suspend': null } } })

    await cluster.eventually(async () => (await read<Live>(cluster, beside)).metadata.ownerReferences?.length === 1, {
      describe: 'the owner reference is back',
      interval: 20,
    })
    await untilQuiet(cluster, process, journal)
    const { annotations, managedFields } = (await read<Live>(cluster, beside)).metadata
    expect(Object.keys(annotations ?? {})).toEqual(['fairlead.dev/applied'])
    expect((managedFields ?? []).filter(({ manager }) => manager.startsWith('fairlead/'))).toHaveLength(1)
    expect(process.text).not.toContain('put back')
  })

  test('since its primary was deleted without it, tells that also where it is to be kept by then', { timeout: 120_000 }, async ({
    cluster,
    operator,
  }) => {
    const { journal, beside, far, create: start } = await journalAndArchive(cluster)
    const namespaces = [cluster.namespace, `${cluster.namespace}-archive`]
    const first = await operator({ watches, namespaces })
    await start()
    await untilQuiet(cluster, first, journal)
    await first.stop()
    await keep(cluster, beside, 'true')
    await cluster.request('DELETE', journal, { body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Orphan' } })
    await untilUntied(cluster, beside)

    await operator({ watches, namespaces })

    await untilGone(cluster, journal)
    for (const path of [beside, far]) expect(await marksOf(cluster, path), path).toEqual(none)
  })
})
