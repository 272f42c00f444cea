import { describe, expect } from 'vitest'
import { fairlead } from '../command.ts'
import type { Cluster } from '../../controlplane/fixture.ts'
import { FaultyServer } from '../faulty-server.ts'
import type { OperatorProcess } from '../fixture.ts'
import { scrape, untilWatching } from '../metrics.ts'
import { change, collection, create, exists, read, remove, untilCondition, untilConditions } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'
import {
  claim,
  configMap,
  createStore,
  type Project,
  readStore,
  statefulSet,
  templates,
  test,
  untilClean,
  untilGone,
  stores,
  type StoreSpec,
  untilHeld,
} from './stores.ts'

const dropDatabase = (project: Project): void => project.remove(`${templates}/database.yaml.eta`)
const restyle = (project: Project): void =>
  project.change(`${templates}/settings.yaml.eta`, (text) => text.replace('style: plain', 'style: bold'))

describe('a template and a spec that both changed while the operator was stopped', () => {
  test('are carried out but for the deletes, which wait for approval and then go', async ({ cluster, operator, project }) => {
    const first = await operator(project)
    const shop = await createStore(cluster, 'shop', { features: ['search', 'cart'], database: true })
    const before = await untilClean(cluster, shop)
    await first.stop()

    dropDatabase(project)
    restyle(project)
    await change(cluster, shop, { spec: { colour: 'red', features: ['cart', 'wishes'] } })
    const second = await operator(project)

    const held = await untilHeld(cluster, shop)
    expect(held).toMatchObject({
      reason: 'DefinitionChanged',
      message: expect.stringMatching(
        `^2 deletes are held \\(StatefulSet is a protected kind\\): ConfigMap/shop-search, StatefulSet/shop-db; to delete: fairlead approve Store.holds.example.com/shop -n ${cluster.namespace} \\(set [0-9a-f]{12}\\)$`,
      ),
    })
    await untilCondition(cluster, shop, { status: 'True' })
    expect(await read(cluster, configMap(cluster, 'shop-settings'))).toMatchObject({ data: { colour: 'red', style: 'bold' } })
    expect(await exists(cluster, configMap(cluster, 'shop-wishes'))).toBe(true)
    expect(await exists(cluster, configMap(cluster, 'shop-search'))).toBe(true)
    expect(await exists(cluster, statefulSet(cluster, 'shop-db'))).toBe(true)
    expect((await readStore(cluster, shop)).status).toMatchObject({ observedGeneration: 1, observedRevision: before })
    expect(second.lines.filter(({ msg }) => msg.includes('are held')).map(({ level, msg }) => [level, msg])).toEqual([
      ['warn', held.message],
    ])
    const metrics = await scrape(second)
    expect([metrics.sum('fairlead_held_deletes'), metrics.sum('fairlead_held_primaries')]).toEqual([2, 1])
    await untilQuiet(cluster, second, shop)

    const command = /to delete: fairlead (.*) \(set (.*)\)$/.exec(held.message) as unknown as [string, string, string]
    expect(await fairlead(cluster, ...command[1].split(' '))).toEqual({
      code: 0,
      error: '',
      out: `delete ConfigMap/shop-search
delete StatefulSet/shop-db
approved for Store.holds.example.com/shop in namespace ${cluster.namespace}: 2 deletes, set ${command[2]} (held: StatefulSet is a protected kind)
`,
    })

    await untilGone(cluster, statefulSet(cluster, 'shop-db'))
    await untilGone(cluster, configMap(cluster, 'shop-search'))
    expect(await untilClean(cluster, shop)).not.toBe(before)
    expect((await second.line(/^deleted StatefulSet/)).msg).toBe('deleted StatefulSet/shop-db (definition)')
    expect((await scrape(second)).sum('fairlead_held_deletes')).toBe(0)
    await untilQuiet(cluster, second, shop)
  })
})

describe('a delete that is held', () => {
  test('stays held over a restart, which costs no request but lists, watches and leases', async ({ cluster, operator, project }) => {
    const first = await operator(project)
    const shop = await createStore(cluster, 'shop', { database: true })
    await untilClean(cluster, shop)
    await first.stop()
    dropDatabase(project)
    const second = await operator(project)
    const held = await untilHeld(cluster, shop)
    await untilCondition(cluster, shop, { status: 'True' })
    await untilQuiet(cluster, second, shop)
    await second.stop()
    const begin = cluster.audit.mark()

    const third = await operator(project)
    await third.line(/are held|is held/)
    await untilWatching(cluster, third, begin)
    await untilQuiet(cluster, third, shop)

    expect(await untilHeld(cluster, shop)).toEqual(held)
    expect(await exists(cluster, statefulSet(cluster, 'shop-db'))).toBe(true)
    const requests = cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: begin })
    expect(Object.keys(requests).filter((request) => !/^(list|watch) | leases$/.test(request))).toEqual([])
  })

  test('stays held when its replacement is there: everything renamed at once', async ({ cluster, operator, project }) => {
    const first = await operator(project)
    const shop = await createStore(cluster, 'shop', {})
    await untilClean(cluster, shop)
    await first.stop()
    project.change(`${templates}/settings.yaml.eta`, (text) => text.replace('-settings', '-options'))

    const second = await operator(project)
    await second.line(/^created ConfigMap\/shop-options/)
    const held = await untilHeld(cluster, shop, /nothing that was there would stay/)
    await untilQuiet(cluster, second, shop)
    await second.stop('SIGKILL')
    const third = await operator(project)
    await third.line(/is held/)
    await untilQuiet(cluster, third, shop)

    expect(await untilHeld(cluster, shop)).toEqual(held)
    expect(await exists(cluster, configMap(cluster, 'shop-settings'))).toBe(true)
  })

  test('stays held when its status is wiped, while the operator runs and while it does not, and is free when it is rendered again', async ({
    cluster,
    operator,
    project,
  }) => {
    const wipe = async (): Promise<void> =>
      void (await cluster.request('PATCH', `${shop}/status`, { contentType: 'application/merge-patch+json', body: { status: null } }))
    const marks = async () => (await read(cluster, configMap(cluster, 'shop-settings'))).metadata?.annotations?.['fairlead.dev/prune-held']
    const first = await operator(project)
    const shop = await createStore(cluster, 'shop', { features: ['search'] })
    await untilClean(cluster, shop)
    await first.stop()
    project.change(`${templates}/settings.yaml.eta`, (text) => text.replace('-settings', '-options').replace('it.spec.features', '[]'))
    const second = await operator(project)
    await second.line(/^created ConfigMap\/shop-options/)
    const held = await untilHeld(cluster, shop, /^2 deletes are held \(nothing that was there would stay\)/)
    await untilQuiet(cluster, second, shop)

    await wipe()
    expect((await untilHeld(cluster, shop)).message).toBe(held.message)
    await untilQuiet(cluster, second, shop)
    await second.stop()
    await wipe()
    const third = await operator(project)
    expect((await untilHeld(cluster, shop)).message).toBe(held.message)
    await untilQuiet(cluster, third, shop)
    expect(await exists(cluster, configMap(cluster, 'shop-settings'))).toBe(true)
    expect(await exists(cluster, configMap(cluster, 'shop-search'))).toBe(true)
    expect(await marks()).toBe('DefinitionChanged: nothing that was there would stay')
    await third.stop()

    project.change(`${templates}/settings.yaml.eta`, (text) => text.replace('-options', '-settings').replace('[]', 'it.spec.features'))
    const fourth = await operator(project)
    await untilClean(cluster, shop)
    await untilQuiet(cluster, fourth, shop)
    expect(await marks()).toBeUndefined()
    await change(cluster, shop, { spec: { features: [] } })
    await untilGone(cluster, configMap(cluster, 'shop-search'))
  })

  test('is held before its replacement is there also while a kind cannot be read', async ({ cluster, operator, project }) => {
    const first = await operator(project)
    const shop = await createStore(cluster, 'shop', {})
    await untilClean(cluster, shop)
    await first.stop()
    project.change(`${templates}/settings.yaml.eta`, (text) => text.replace('-settings', '-options'))
    await using server = await FaultyServer.start(cluster)
    server.refuse = ({ path }) => (path.endsWith('/statefulsets') ? { code: 403, body: { kind: 'Status', code: 403 } } : undefined)

    const second = await operator({ ...project, kubeconfig: server.kubeconfig, wait: false })
    await second.line(/^created ConfigMap\/shop-options/)
    const held = await untilHeld(cluster, shop, /nothing that was there would stay/)
    await untilCondition(cluster, shop, { status: 'False', message: /StatefulSet cannot be read now/ })
    server.refuse = () => undefined
    await untilCondition(cluster, shop, { status: 'True' })
    await untilQuiet(cluster, second, shop)

    expect(await untilHeld(cluster, shop)).toEqual(held)
    expect(await exists(cluster, configMap(cluster, 'shop-settings'))).toBe(true)
  })

  test('is released by an approval of its own set, and not by one of an earlier set', async ({ cluster, operator, project }) => {
    const first = await operator(project)
    const shop = await createStore(cluster, 'shop', { features: ['search'], database: true })
    await untilClean(cluster, shop)
    await first.stop()
    dropDatabase(project)
    const second = await operator(project)
    await untilHeld(cluster, shop)
    await second.stop()
    expect(await fairlead(cluster, 'approve', 'Store/shop', '-n', cluster.namespace)).toMatchObject({ code: 0 })
    project.change(`${templates}/settings.yaml.eta`, (text) => text.slice(0, text.indexOf('<% for')))

    const third = await operator(project)

    await untilHeld(cluster, shop, /^2 deletes/)
    await untilQuiet(cluster, third, shop)
    expect(await exists(cluster, statefulSet(cluster, 'shop-db'))).toBe(true)

    const { code, out } = await fairlead(cluster, 'approve', 'Store/shop', '-n', cluster.namespace, '--output', 'json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ deletes: ['ConfigMap/shop-search', 'StatefulSet/shop-db'], count: 2 })
    await untilClean(cluster, shop)
    await untilGone(cluster, statefulSet(cluster, 'shop-db'))
    expect(await exists(cluster, configMap(cluster, 'shop-search'))).toBe(false)
  })

  test('is none any more where the object is to be kept: it is let go of at once, and the others are held for what is still true', async ({
    cluster,
    operator,
    project,
  }) => {
    const first = await operator(project)
    const shop = await createStore(cluster, 'shop', { features: ['search'], database: true })
    await untilClean(cluster, shop)
    await first.stop()
    dropDatabase(project)
    project.change(`${templates}/settings.yaml.eta`, (text) => text.slice(0, text.indexOf('<% for')))
    const second = await operator(project)
    await untilHeld(cluster, shop, /^2 deletes are held \(StatefulSet is a protected kind\)/)

    await change(cluster, statefulSet(cluster, 'shop-db'), { metadata: { annotations: { 'fairlead.dev/keep': 'true' } } })

    const held = await untilHeld(cluster, shop, /^1 delete is held/)
    expect(held.message).toMatch(
      /^1 delete is held \(held together with an object of a protected kind, which is kept or gone\): ConfigMap\/shop-search;/,
    )
    await untilQuiet(cluster, second, shop)
    const { metadata } = await read<{
      metadata: { labels?: object; annotations: object; ownerReferences?: object[]; managedFields: object[] }
    }>(cluster, statefulSet(cluster, 'shop-db'))
    expect([metadata.labels, metadata.annotations, metadata.ownerReferences]).toEqual([
      undefined,
      { 'fairlead.dev/keep': 'true' },
      undefined,
    ])
    expect(JSON.stringify(metadata.managedFields)).not.toContain('fairlead/')
    await remove(cluster, shop)
    await untilGone(cluster, shop)
    // The garbage collector learns of a new kind within 30 s.
    await cluster.eventually(async () => !(await exists(cluster, configMap(cluster, 'shop-search'))), {
      describe: 'the garbage collector was there',
      timeout: 45_000,
    })
    expect(await exists(cluster, statefulSet(cluster, 'shop-db'))).toBe(true)
  })

  test('is held no longer when it is rendered again', async ({ cluster, operator, project }) => {
    const first = await operator(project)
    const shop = await createStore(cluster, 'shop', { database: true })
    const before = await untilClean(cluster, shop)
    await first.stop()
    project.change(`${templates}/database.yaml.eta`, (text) => text.replace('it.spec.database', "it.spec.database === 'yes'"))
    const second = await operator(project)
    await untilHeld(cluster, shop)
    await second.stop()
    project.change(`${templates}/database.yaml.eta`, (text) => text.replace(" === 'yes'", ''))

    await operator(project)

    expect(await untilClean(cluster, shop)).toBe(before)
    expect(await fairlead(cluster, 'approve', 'Store/shop', '-n', cluster.namespace)).toMatchObject({
      code: 1,
      error: expect.stringContaining('holds no deletes'),
    })
  })
})

describe('an approved set whose deletes are cut short by a kill', () => {
  test('is deleted to its end after the restart, without another approval', { timeout: 120_000 }, async ({
    cluster,
    operator,
    project,
  }) => {
    const features = Array.from({ length: 300 }, (_, number) => `feature-${number}`)
    const left = async (): Promise<number> =>
      (await read<{ items: { metadata: { name: string } }[] }>(cluster, collection(cluster, 'v1', 'configmaps'))).items.filter(
        ({ metadata }) => metadata.name.startsWith('shop-feature-'),
      ).length
    const first = await operator(project)
    const shop = await createStore(cluster, 'shop', { features })
    await untilClean(cluster, shop)
    await first.stop()
    project.change(`${templates}/settings.yaml.eta`, (text) => text.slice(0, text.indexOf('<% for')))
    const second = await operator(project)
    await untilHeld(cluster, shop, /^300 deletes are held/)
    const begin = cluster.audit.mark()
    const deletes = () =>
      cluster.audit.requests({ verb: 'delete', namespace: cluster.namespace, userAgent: 'fairlead/', since: begin }).length
    expect(await fairlead(cluster, 'approve', 'Store/shop', '-n', cluster.namespace)).toMatchObject({ code: 0 })
    await cluster.eventually(() => deletes() > 5, { describe: 'some are deleted', interval: 2 })

    await second.stop('SIGKILL')

    expect(await left()).toBeGreaterThan(0)
    const { metadata } = await readStore(cluster, shop)
    await operator(project)
    await untilClean(cluster, shop)
    await cluster.eventually(async () => (await left()) === 0, { describe: 'all are deleted' })
    expect((await readStore(cluster, shop)).metadata.annotations).toEqual(metadata.annotations)
  })
})

describe('a PersistentVolumeClaim that the template drops', () => {
  test('is held', async ({ cluster, operator, project }) => {
    const first = await operator(project)
    const shop = await createStore(cluster, 'shop', { data: true })
    await untilClean(cluster, shop)
    await first.stop()
    project.remove(`${templates}/data.yaml.eta`)
    project.change('watches.yaml', (text) => `${text.trimEnd()}\n    protected: [PersistentVolumeClaim, StatefulSets]\n`)
    const second = await operator(project)
    expect((await second.line(/prune\.protected/)).msg).toMatch(
      /^\S*watches\.yaml:1:\d+: prune\.protected names StatefulSets, which neither the cluster nor a chart has: it protects nothing; did you mean StatefulSet\? \(PROTECTED_KIND_UNKNOWN\)$/,
    )
    expect((await untilHeld(cluster, shop)).message).toContain(
      '(PersistentVolumeClaim is a protected kind): PersistentVolumeClaim/shop-data;',
    )
    await untilQuiet(cluster, second, shop)
    expect(await exists(cluster, claim(cluster, 'shop-data'))).toBe(true)
  })
})

describe('what the spec alone drops', () => {
  test('is deleted at once, also of a protected kind, and never told as held', async ({ cluster, operator, project }) => {
    const process = await operator(project)
    const shop = await createStore(cluster, 'shop', { features: ['search'], database: true })
    await untilClean(cluster, shop)

    await change(cluster, shop, { spec: { database: false, features: [] } })

    await untilGone(cluster, statefulSet(cluster, 'shop-db'))
    await untilGone(cluster, configMap(cluster, 'shop-search'))
    await untilClean(cluster, shop)
    await untilQuiet(cluster, process, shop)
    expect((await process.line(/^deleted StatefulSet/)).msg).toBe('deleted StatefulSet/shop-db (spec)')
    expect(process.lines.filter(({ msg }) => msg.includes('held'))).toEqual([])
  })

  test('while the operator is stopped is deleted as soon as it starts', async ({ cluster, operator, project }) => {
    const first = await operator(project)
    const shop = await createStore(cluster, 'shop', { database: true })
    await untilClean(cluster, shop)
    await first.stop()
    await change(cluster, shop, { spec: { database: false } })
    await operator(project)
    await untilGone(cluster, statefulSet(cluster, 'shop-db'))
    await untilClean(cluster, shop)
  })

  test('is held where the status does not tell which definition was the last', async ({ cluster, operator, project }) => {
    const first = await operator(project)
    const shop = await createStore(cluster, 'shop', { database: true })
    await untilClean(cluster, shop)
    await first.stop()
    await cluster.request('PATCH', `${shop}/status`, { contentType: 'application/merge-patch+json', body: { status: null } })
    await change(cluster, shop, { spec: { database: false } })
    await operator(project)
    expect((await untilHeld(cluster, shop)).reason).toBe('DefinitionChanged')
    expect(await exists(cluster, statefulSet(cluster, 'shop-db'))).toBe(true)
  })
})

describe('what a looked-up object no longer asks for', () => {
  /** Whether there is a database says a ConfigMap, and not the spec. */
  const lookUpDatabase = (project: Project): void =>
    project.change(`${templates}/database.yaml.eta`, (text) =>
      text.replace('it.spec.database', "lookup('v1', 'ConfigMap', it.namespace, 'wanted')?.data.database"),
    )
  const want = async (cluster: Cluster): Promise<void> =>
    void (await create(cluster, collection(cluster, 'v1', 'configmaps'), { metadata: { name: 'wanted' }, data: { database: 'yes' } }))

  test('is held when that object vanishes, and kept as it is when it is back', async ({ cluster, operator, project }) => {
    lookUpDatabase(project)
    await want(cluster)
    const process = await operator(project)
    const shop = await createStore(cluster, 'shop', {})
    await untilClean(cluster, shop)
    const before = await read(cluster, statefulSet(cluster, 'shop-db'))

    await remove(cluster, configMap(cluster, 'wanted'))

    expect(await untilHeld(cluster, shop, /StatefulSet\/shop-db/)).toMatchObject({ reason: 'InputChanged' })
    await untilQuiet(cluster, process, shop)
    expect(await exists(cluster, statefulSet(cluster, 'shop-db'))).toBe(true)

    await want(cluster)
    await untilClean(cluster, shop)
    await untilQuiet(cluster, process, shop)
    expect((await read(cluster, statefulSet(cluster, 'shop-db'))).metadata?.uid).toBe(before.metadata?.uid)
  })

  const ways = ['name', 'label', 'state', 'tag', 'note'] as const
  const store = (cluster: Cluster, way: string): string => `${stores(cluster)}/${way}`

  /** Says whether there is a database: a ConfigMap by its name or by its label, or what somebody wrote on a dependent or on the Store. */
  const askAround = (project: Project, also = ''): void =>
    project.change(
      `${templates}/database.yaml.eta`,
      (text) => `<% const asked = {
  name: () => lookup('v1', 'ConfigMap', it.namespace, 'wanted')?.data.database,
  label: () => lookupAll('v1', 'ConfigMap', it.namespace, { database: 'wanted' }).length > 0,
  state: () => it.resources[\`ConfigMap/\${it.name}-settings\`]?.metadata.annotations.database,
  tag: () => it.metadata.labels?.database,
  note: () => it.metadata.annotations?.database,
  offer: () => it.capabilities.apiVersions.includes('v1'),
  told: () => (it.status.observedGeneration ?? 1) > 0,
  time: () => it.now > '2020',
} %>
${text.replace('it.spec.database', `asked[it.spec.asks]()${also}`)}`,
    )
  const annotate = async (cluster: Cluster, path: string, key: string, value: string | null): Promise<void> =>
    void (await change(cluster, path, { metadata: { annotations: { [key]: value } } }))
  /** What asks for a database beside the spec, on the Store itself. */
  const marks = (value: string | null) => ({ labels: { database: value }, annotations: { database: value } })
  /** A Store with a database for each of these ways to ask. */
  const createAll = async (cluster: Cluster, process: OperatorProcess, of: readonly string[], spec: StoreSpec): Promise<void> => {
    await want(cluster)
    await change(cluster, configMap(cluster, 'wanted'), { metadata: { labels: { database: 'wanted' } } })
    for (const asks of of) {
      const path = await createStore(cluster, asks, { ...spec, asks })
      await change(cluster, path, { metadata: marks('wanted') })
      await untilClean(cluster, path)
      if (asks === 'state') await annotate(cluster, configMap(cluster, 'state-settings'), 'database', 'wanted')
    }
    for (const way of of) {
      await cluster.eventually(async () => await exists(cluster, statefulSet(cluster, `${way}-db`)), { describe: `${way} has a database` })
      await untilClean(cluster, store(cluster, way))
      await untilQuiet(cluster, process, store(cluster, way))
    }
  }
  /** Nothing asks for a database any more, and the spec changes: on the Store itself in one request. */
  const changeAll = async (cluster: Cluster, spec: StoreSpec): Promise<void> => {
    await remove(cluster, configMap(cluster, 'wanted'))
    await annotate(cluster, configMap(cluster, 'state-settings'), 'database', null)
    for (const way of ways) await change(cluster, store(cluster, way), { metadata: marks(null), spec })
  }
  /** Both while nobody looks. */
  const changeBoth = async (cluster: Cluster, process: OperatorProcess, before: StoreSpec, after: StoreSpec): Promise<void> => {
    await createAll(cluster, process, ways, before)
    for (const way of ways) {
      await annotate(cluster, store(cluster, way), 'fairlead.dev/suspend', 'true')
      await untilConditions(cluster, store(cluster, way), ['Ready Unknown Suspended'])
    }
    await changeAll(cluster, after)
    for (const way of ways) await annotate(cluster, store(cluster, way), 'fairlead.dev/suspend', null)
  }
  const untilInputHolds = async (cluster: Cluster, process: OperatorProcess): Promise<void> => {
    for (const way of ways) {
      const { reason, message } = await untilHeld(cluster, store(cluster, way))
      expect([reason, message]).toEqual(['InputChanged', expect.stringContaining(`ConfigMap/${way}-search, StatefulSet/${way}-db;`)])
      await untilQuiet(cluster, process, store(cluster, way))
      expect(await exists(cluster, statefulSet(cluster, `${way}-db`))).toBe(true)
    }
  }

  test('is held also where the spec changed with it, however it was asked for', async ({ cluster, operator, project }) => {
    askAround(project)
    const process = await operator(project)

    await changeBoth(cluster, process, { features: ['search', 'cart'] }, { features: ['cart'] })

    await untilInputHolds(cluster, process)
  })

  test('is held also where both changed while no operator ran, however it was asked for', async ({ cluster, operator, project }) => {
    askAround(project)
    const first = await operator(project)
    await createAll(cluster, first, ways, { features: ['search', 'cart'] })
    await first.stop()

    await changeAll(cluster, { features: ['cart'] })

    await untilInputHolds(cluster, await operator(project))
  })

  test('takes nothing from a spec that drops it by itself, whatever else changed', async ({ cluster, operator, project }) => {
    askAround(project, ' && it.spec.database')
    const process = await operator(project)

    await changeBoth(cluster, process, { features: ['search'], database: true }, { features: [], database: false })

    for (const way of ways) await untilGone(cluster, statefulSet(cluster, `${way}-db`))
    for (const way of ways) await untilClean(cluster, store(cluster, way))
  })

  test('takes nothing from a spec that drops it while no operator runs, whatever the template reads', async ({
    cluster,
    operator,
    project,
  }) => {
    askAround(project, ' && it.spec.database')
    // Not 'offer': while no operator runs the cluster may get other kinds as well, and a delete that this could have caused is held.
    const all = [...ways, 'told', 'time']
    const first = await operator(project)
    await createAll(cluster, first, all, { database: true })
    await first.stop()

    for (const way of all)
      await change(cluster, store(cluster, way), {
        metadata: { annotations: { 'fairlead.dev/reconcile': 'now', note: 'unread' } },
        spec: { database: false },
      })

    const second = await operator(project)
    for (const way of all) await untilGone(cluster, statefulSet(cluster, `${way}-db`))
    for (const way of all) await untilClean(cluster, store(cluster, way))
    const deleted = second.lines.flatMap(({ msg }) => (msg.startsWith('deleted StatefulSet') ? [msg] : []))
    expect(deleted.toSorted()).toEqual(all.map((way) => `deleted StatefulSet/${way}-db (spec)`).toSorted())
  })
})

describe('what another watch of the kind no longer asks for', () => {
  const claimTemplate = `${templates}/data.yaml.eta`
  const ways = ['running', 'suspended', 'stopped'] as const
  const store = (cluster: Cluster, way: string): string => `${stores(cluster)}/${way}`

  /**
   * Stores with the label are of the watch that gives them a volume, if also the spec wants it; all others are of the other watch, which
   * itself protects nothing.
   */
  const divide = (project: Project, also = ''): void => {
    project.change('watches.yaml', (text) =>
      [
        `${text}    protected: []\n  selector: { matchExpressions: [{ key: tier, operator: NotIn, values: [gold] }] }\n  overrideValues: { tier: other }`,
        `${text}  selector: { matchLabels: { tier: gold } }\n  overrideValues: { tier: gold }\n`,
      ].join('\n'),
    )
    project.change(claimTemplate, (text) => text.replace('it.spec.data', `it.values.tier === 'gold'${also}`))
  }

  const moved = { metadata: { labels: { tier: 'silver' } } }
  const suspend = async (cluster: Cluster, suspended: 'true' | null): Promise<void> =>
    void (await change(cluster, store(cluster, 'suspended'), { metadata: { annotations: { 'fairlead.dev/suspend': suspended } } }))

  /** Moves each Store to the other watch and changes its spec: in one go, in two while it is suspended, or while no operator runs. */
  const moveAll = async (cluster: Cluster, operator: () => Promise<OperatorProcess>, spec: StoreSpec): Promise<OperatorProcess> => {
    const first = await operator()
    for (const way of ways) await createStore(cluster, way, { data: true }, { tier: 'gold' })
    for (const way of ways) await untilClean(cluster, store(cluster, way))

    await change(cluster, store(cluster, 'running'), { ...moved, spec })
    await suspend(cluster, 'true')
    await untilConditions(cluster, store(cluster, 'suspended'), ['Ready Unknown Suspended'])
    await change(cluster, store(cluster, 'suspended'), { spec })
    await change(cluster, store(cluster, 'suspended'), moved)
    await suspend(cluster, null)
    await cluster.eventually(
      async () => {
        const settled = await Promise.all(
          ['running', 'suspended'].map(async (way) => {
            const { status } = await readStore(cluster, store(cluster, way))
            return status?.conditions?.find(({ type, observedGeneration }) => type === 'Ready' && observedGeneration === 2)
          }),
        )
        return settled.every((ready) => ready?.status === 'True')
      },
      { describe: 'both are served by the other watch' },
    )
    await first.stop()
    await change(cluster, store(cluster, 'stopped'), { ...moved, spec })
    return await operator()
  }

  test('is held also where the spec changed with the labels', async ({ cluster, operator, project }) => {
    divide(project)

    const process = await moveAll(cluster, async () => await operator(project), { colour: 'red' })

    for (const way of ways) {
      const { reason, message } = await untilHeld(cluster, store(cluster, way))
      expect([reason, message]).toEqual(['InputChanged', expect.stringContaining(`PersistentVolumeClaim/${way}-data;`)])
      const colour = async () => (await read<{ data: { colour: string } }>(cluster, configMap(cluster, `${way}-settings`))).data.colour
      await cluster.eventually(async () => (await colour()) === 'red', { describe: `${way} has its new colour` })
      await untilQuiet(cluster, process, store(cluster, way))
      expect(await exists(cluster, claim(cluster, `${way}-data`))).toBe(true)
    }
  })

  test('goes with a spec that drops it by itself', async ({ cluster, operator, project }) => {
    divide(project, ' && it.spec.data')

    await moveAll(cluster, async () => await operator(project), { data: false })

    for (const way of ways) await untilGone(cluster, claim(cluster, `${way}-data`))
    for (const way of ways) await untilClean(cluster, store(cluster, way))
  })
})

describe('a revision that deletes more than its watch allows', () => {
  test('deletes as many as that and holds the rest, also after a restart', async ({ cluster, operator, project }) => {
    const first = await operator(project)
    const paths: string[] = []
    for (const name of ['one', 'two', 'three', 'four']) paths.push(await createStore(cluster, name, { features: ['search'] }))
    for (const path of paths) await untilClean(cluster, path)
    await first.stop()
    project.change(`${templates}/settings.yaml.eta`, (text) => text.slice(0, text.indexOf('<% for')))

    const second = await operator(project)

    const left = async (): Promise<number> => {
      const found = await Promise.all(['one', 'two', 'three', 'four'].map((name) => exists(cluster, configMap(cluster, `${name}-search`))))
      return found.filter(Boolean).length
    }
    await cluster.eventually(async () => (await scrape(second)).sum('fairlead_held_primaries') === 2, { describe: 'two Stores hold' })
    await cluster.eventually(async () => (await left()) === 2, { describe: 'two are deleted' })
    for (const path of paths) await untilQuiet(cluster, second, path)
    await second.stop()
    const third = await operator(project)
    for (const path of paths) await untilQuiet(cluster, third, path)
    expect(await left()).toBe(2)
    expect((await third.line(/is held/)).msg).toMatch(/^1 delete is held \(one revision deletes at most 2 objects of a watch\)/)
  })

  test('counts over restarts what it has deleted, for each revision', { timeout: 120_000 }, async ({ cluster, operator, project }) => {
    const names = ['one', 'two', 'three', 'four']
    const suspend = async (name: string, suspended: 'true' | null): Promise<void> =>
      void (await change(cluster, `${stores(cluster)}/${name}`, { metadata: { annotations: { 'fairlead.dev/suspend': suspended } } }))
    const first = await operator(project)
    const paths: string[] = []
    for (const name of names) paths.push(await createStore(cluster, name, { features: ['search', 'cart'] }))
    for (const path of paths) await untilClean(cluster, path)
    await first.stop()
    for (const name of ['two', 'three', 'four']) await suspend(name, 'true')
    project.change(`${templates}/settings.yaml.eta`, (text) =>
      text.replace('of it.spec.features', "of it.spec.features.filter((each) => each !== 'search')"),
    )
    const second = await operator(project)
    await untilGone(cluster, configMap(cluster, 'one-search'))
    await second.stop('SIGKILL')

    const third = await operator(project)
    await suspend('two', null)
    await untilGone(cluster, configMap(cluster, 'two-search'))
    await third.stop('SIGKILL')
    const fourth = await operator(project)
    await suspend('three', null)
    expect((await untilHeld(cluster, `${stores(cluster)}/three`)).message).toContain('one revision deletes at most 2 objects of a watch')
    await untilQuiet(cluster, fourth, `${stores(cluster)}/three`)
    expect(await exists(cluster, configMap(cluster, 'three-search'))).toBe(true)
    await fourth.stop()

    // Another revision has a count of its own.
    for (const name of ['two', 'three']) await suspend(name, 'true')
    project.change(`${templates}/settings.yaml.eta`, (text) => text.replace("'search'", "'search' && each !== 'cart'"))
    await operator(project)
    await untilGone(cluster, configMap(cluster, 'one-cart'))
  })
})
