import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { FaultyServer } from '../faulty-server.ts'
import { type OperatorProcess, test } from '../fixture.ts'
import { scrape, untilWatching } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const sensors = (cluster: Cluster) => collection(cluster, 'weather.example.com/v1', 'sensors')
const inventory = (cluster: Cluster, operator = 'fairlead') =>
  `${collection(cluster, 'coordination.k8s.io/v1', 'leases')}/${operator}-inventory`

interface Metadata {
  uid: string
  labels?: object
  annotations?: Record<string, string>
  finalizers?: string[]
  ownerReferences?: object[]
  managedFields?: { manager: string; fieldsV1: { 'f:status'?: object } }[]
}
const stateOf = async (cluster: Cluster, path: string) => await read<{ metadata: Metadata; data?: object; status?: object }>(cluster, path)
const recorded = async (cluster: Cluster): Promise<string[]> => {
  const { metadata } = await stateOf(cluster, inventory(cluster))
  return Object.keys(JSON.parse(metadata.annotations?.['fairlead.dev/inventory'] ?? '') as object)
}

/** A namespace for what no owner reference reaches, and both kinds. */
async function prepare(cluster: Cluster): Promise<{ archive: string; namespaces: string[] }> {
  await installDefinition(cluster, file('charts/sensor/crds/sensor.yaml'))
  await installDefinition(cluster, file('charts/station/crds/station.yaml'))
  const archive = `${cluster.namespace}-archive`
  await create(cluster, '/api/v1/namespaces', { metadata: { name: archive } })
  return { archive, namespaces: [cluster.namespace, archive] }
}

const sensor = (name: string, archive: string) => ({
  apiVersion: 'weather.example.com/v1',
  kind: 'Sensor',
  metadata: { name },
  spec: { unit: 'hPa', archive },
})
const station = { apiVersion: 'weather.example.com/v1', kind: 'Station', metadata: { name: 'hill' }, spec: { place: 'hill' } }

const release = ['--release-orphans']

/** Lets operators begin to let go, each of which is killed at its sixth write, until one gets through with what is left. */
async function interruptedReleases(server: FaultyServer, start: () => Promise<OperatorProcess>): Promise<void> {
  let allowed = 0
  let stopped: () => void = () => undefined
  server.hold(({ method }) => {
    if (method === 'GET' || allowed-- > 0) return false
    stopped()
    return true
  })
  for (let lives = 1; ; lives++) {
    allowed = 5
    const cut = new Promise<'cut'>((resolve) => (stopped = () => resolve('cut')))
    const process = await start()
    const ready = process.ready().then(() => 'ready' as const)
    // One that is killed never gets there.
    ready.catch(() => undefined)
    const ended = await Promise.race([cut, ready])
    await process.stop('SIGKILL')
    if (ended === 'ready') return expect(lives).toBeGreaterThan(1)
  }
}

describe('a watch that is removed', { timeout: 120_000 }, () => {
  test('keeps the operator from starting while its objects have dependents, until it is told to let go of them', async ({
    cluster,
    operator,
  }) => {
    const { archive, namespaces } = await prepare(cluster)
    const before = await operator({ watches: file('before.yaml'), namespaces })
    const [north, south] = [`${sensors(cluster)}/north`, `${sensors(cluster)}/south`]
    await create(cluster, sensors(cluster), sensor('north', archive))
    await create(cluster, sensors(cluster), sensor('south', archive))
    await create(cluster, collection(cluster, 'weather.example.com/v1', 'stations'), station)
    for (const each of [north, south, `${collection(cluster, 'weather.example.com/v1', 'stations')}/hill`])
      await untilCondition(cluster, each, { status: 'True' })
    // Others' conditions are not ours to take back, though they are in a list that is ours as a whole.
    const theirs = { type: 'Calibrated', status: 'True', reason: 'ByHand', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }
    const { conditions } = (await stateOf(cluster, north)).status as { conditions: object[] }
    await change(cluster, `${north}/status`, { status: { conditions: [...conditions, theirs] } })
    await cluster.eventually(
      async () => {
        const entries = (await stateOf(cluster, north)).metadata.managedFields ?? []
        return entries.some(
          ({ manager, fieldsV1 }) => manager.startsWith('fairlead/status') && 'f:conditions' in (fieldsV1['f:status'] ?? {}),
        )
      },
      { describe: 'the list of conditions is ours again' },
    )
    await before.stop()
    expect((await stateOf(cluster, north)).metadata.finalizers).toEqual(['fairlead.dev/dependents'])
    const dependents = [
      `/api/v1/namespaces/${archive}/configmaps/north`,
      `${collection(cluster, 'v1', 'secrets')}/north-access`,
      `${collection(cluster, 'v1', 'secrets')}/north-generated`,
    ]
    const then = await Promise.all(dependents.map((path) => stateOf(cluster, path)))
    await remove(cluster, south)

    const refused = await operator({ watches: file('after.yaml'), namespaces, wait: false })
    expect(await refused.ended()).toBe(1)
    expect((await refused.line(/WATCH_REMOVED/)).msg).toBe(
      'no watch names Sensor.weather.example.com any more, and 2 of its objects still have dependents or the finalizer: ' +
        `${cluster.namespace}/north, ${cluster.namespace}/south; put the watch back and delete them first; or start once with ` +
        '--release-orphans, which leaves their dependents as they are, without an owner; or, if another operator serves them, give each ' +
        'operator an --operator-name of its own and take "Sensor.weather.example.com" out of Lease/fairlead-inventory (WATCH_REMOVED)',
    )
    expect(await Promise.all(dependents.map((path) => stateOf(cluster, path)))).toEqual(then)

    await using server = await FaultyServer.start(cluster)
    await interruptedReleases(
      server,
      async () => await operator({ kubeconfig: server.kubeconfig, watches: file('after.yaml'), namespaces, args: release, wait: false }),
    )
    const released = await operator({ watches: file('after.yaml'), namespaces, args: release })
    expect((await stateOf(cluster, north)).status).toEqual({ conditions: [theirs] })
    await cluster.eventually(async () => !(await exists(cluster, south)), { describe: 'the one that was being deleted is gone' })
    const { metadata: left } = await stateOf(cluster, north)
    expect(left.finalizers).toBeUndefined()
    expect((left.managedFields ?? []).filter(({ manager }) => manager.startsWith('fairlead/'))).toEqual([])
    for (const [index, path] of dependents.entries()) {
      const { metadata, data } = await stateOf(cluster, path)
      const { uid, labels, annotations, ownerReferences, managedFields } = metadata
      expect({ uid, data, labels, annotations, ownerReferences }, path).toEqual({
        uid: then[index]?.metadata.uid,
        data: then[index]?.data,
        labels: undefined,
        annotations: undefined,
        ownerReferences: undefined,
      })
      expect((managedFields ?? []).filter(({ manager }) => manager.startsWith('fairlead/'))).toEqual([])
    }
    expect(await recorded(cluster)).toEqual(['Station.weather.example.com'])
    await released.stop()

    await remove(cluster, north)
    expect(await exists(cluster, north)).toBe(false)
    const mark = cluster.audit.mark()
    await untilWatching(cluster, await operator({ watches: file('after.yaml'), namespaces }), mark)
    for (const path of dependents) expect(await exists(cluster, path), path).toBe(true)
    const requests = cluster.audit.requests({ userAgent: 'fairlead/', namespace: cluster.namespace, since: mark })
    expect(requests.filter(({ resource }) => resource === 'leases').map(({ verb }) => verb)).toEqual(['get'])
    expect(requests.filter(({ resource }) => resource === 'sensors')).toEqual([])
  })

  test('of which nothing is left but what it told leaves no status behind, without a flag, and costs nothing after that', async ({
    cluster,
    operator,
  }) => {
    const { namespaces } = await prepare(cluster)
    const before = await operator({ watches: file('before.yaml'), namespaces })
    const stations = collection(cluster, 'weather.example.com/v1', 'stations')
    await create(cluster, stations, { ...station, spec: {} })
    await untilCondition(cluster, `${stations}/hill`, { status: 'True' })
    await before.stop()
    // A permission that was taken away with the watch is no reason not to start, but to say what is wrong now.
    const kubeconfig = await cluster.kubeconfigFor({
      name: 'operator',
      rules: [
        { verbs: ['*'], apiGroups: ['', 'coordination.k8s.io', 'events.k8s.io'], resources: ['*'] },
        { verbs: ['*'], apiGroups: ['weather.example.com'], resources: ['sensors', 'sensors/status'] },
      ],
    })
    const refused = await operator({ watches: file('sensors.yaml'), kubeconfig, namespaces: [cluster.namespace] })
    expect((await refused.line(/WATCH_REMOVED/)).msg).toMatch(
      /^no watch names Station\.weather\.example\.com any more, and the status that its objects have may be out of date from now on: GET stations/,
    )
    await refused.stop()
    expect((await stateOf(cluster, `${stations}/hill`)).status).toBeDefined()

    await (await operator({ watches: file('sensors.yaml'), namespaces })).stop()

    const { metadata, status } = await stateOf(cluster, `${stations}/hill`)
    expect(status).toBeUndefined()
    expect((metadata.managedFields ?? []).filter(({ manager }) => manager.startsWith('fairlead/'))).toEqual([])
    expect(await recorded(cluster)).toEqual(['Sensor.weather.example.com'])
    const mark = cluster.audit.mark()
    await untilWatching(cluster, await operator({ watches: file('sensors.yaml'), namespaces }), mark)
    expect(cluster.audit.requests({ userAgent: 'fairlead/', since: mark, resource: 'stations', namespace: cluster.namespace })).toEqual([])
  })

  test('goes on with the values that it left when it comes back and adopts them', async ({ cluster, operator }) => {
    const { archive, namespaces } = await prepare(cluster)
    const before = await operator({ watches: file('before.yaml'), namespaces })
    const north = `${sensors(cluster)}/north`
    await create(cluster, sensors(cluster), sensor('north', archive))
    await untilCondition(cluster, north, { status: 'True' })
    await before.stop()
    await (await operator({ watches: file('after.yaml'), namespaces, args: release })).stop()
    const [kept, access] = ['north-generated', 'north-access'].map((name) => `${collection(cluster, 'v1', 'secrets')}/${name}`) as [
      string,
      string,
    ]
    const [values, { data }] = [await stateOf(cluster, kept), await stateOf(cluster, access)]

    const adopt = async (path: string, name: string) =>
      await change(cluster, path, { metadata: { annotations: { 'fairlead.dev/adopt': name } } })
    await adopt(kept, 'north')
    await adopt(access, 'north')
    await adopt(`/api/v1/namespaces/${archive}/configmaps/north`, `${cluster.namespace}/north`)
    const back = await operator({ watches: file('back.yaml'), namespaces })
    await untilCondition(cluster, north, { status: 'True' })

    expect(await back.line(/adopted Secret\/north-generated/)).toBeDefined()
    const { metadata, data: now } = await stateOf(cluster, kept)
    expect([metadata.uid, now]).toEqual([values.metadata.uid, values.data])
    expect((await stateOf(cluster, access)).data).toEqual(data)
  })

  test('is forgotten where it has left nothing, and is not asked about again', async ({ cluster, operator }) => {
    const { archive, namespaces } = await prepare(cluster)
    const before = await operator({ watches: file('before.yaml'), namespaces })
    await create(cluster, sensors(cluster), sensor('north', archive))
    await create(cluster, collection(cluster, 'weather.example.com/v1', 'stations'), station)
    await untilCondition(cluster, `${sensors(cluster)}/north`, { status: 'True' })
    await untilCondition(cluster, `${collection(cluster, 'weather.example.com/v1', 'stations')}/hill`, { status: 'True' })
    await remove(cluster, `${sensors(cluster)}/north`)
    await cluster.eventually(async () => !(await exists(cluster, `${sensors(cluster)}/north`)), { describe: 'the Sensor is gone' })
    await before.stop()

    const after = await operator({ watches: file('after.yaml'), namespaces })
    expect(await recorded(cluster)).toEqual(['Station.weather.example.com'])
    await after.stop()
  })

  test('can be the last one: a list without a watch lets go and serves nothing', async ({ cluster, operator }) => {
    const { archive, namespaces } = await prepare(cluster)
    const north = `${sensors(cluster)}/north`
    const before = await operator({ watches: file('sensors.yaml'), namespaces })
    await create(cluster, sensors(cluster), sensor('north', archive))
    await untilCondition(cluster, north, { status: 'True' })
    await before.stop()

    const refused = await operator({ watches: file('nothing.yaml'), namespaces, wait: false })
    expect(await refused.ended()).toBe(1)
    expect((await refused.line(/WATCH_REMOVED/)).msg).toContain('--release-orphans')
    const released = await operator({ watches: file('nothing.yaml'), namespaces, args: release })
    expect((await released.line(/the list has no watch/)).level).toBe('warn')
    expect((await stateOf(cluster, north)).metadata.finalizers).toBeUndefined()
    expect((await stateOf(cluster, `/api/v1/namespaces/${archive}/configmaps/north`)).metadata.labels).toBeUndefined()
    expect(await recorded(cluster)).toEqual([])
    expect(await released.stop()).toBe(0)
  })

  test('is not taken for settled where what it has left may not be read', async ({ cluster, operator }) => {
    const { archive, namespaces } = await prepare(cluster)
    const before = await operator({ watches: file('before.yaml'), namespaces })
    await create(cluster, sensors(cluster), sensor('north', archive))
    await untilCondition(cluster, `${sensors(cluster)}/north`, { status: 'True' })
    await before.stop()
    const kubeconfig = await cluster.kubeconfigFor({
      name: 'operator',
      rules: [{ verbs: ['get', 'create', 'patch'], apiGroups: ['coordination.k8s.io'], resources: ['leases'] }],
    })

    for (const args of [[], ['--release-orphans']]) {
      const refused = await operator({ watches: file('after.yaml'), kubeconfig, namespaces, args, wait: false })
      expect(await refused.ended()).toBe(1)
      expect((await refused.line(/WATCH_REMOVED/)).msg).toMatch(
        /^no watch names Sensor\.weather\.example\.com any more, and what it has left is not known: GET sensors\.weather\.example\.com .* may not list sensors/,
      )
    }
  })

  test('by its labels from a custom resource leaves it as it is, and does not keep it when it is deleted', async ({
    cluster,
    operator,
  }) => {
    const { archive, namespaces } = await prepare(cluster)
    const process = await operator({ watches: file('labelled.yaml'), namespaces })
    const [north, archived] = [`${sensors(cluster)}/north`, `/api/v1/namespaces/${archive}/configmaps/north`]
    const made = sensor('north', archive)
    await create(cluster, sensors(cluster), { ...made, metadata: { ...made.metadata, labels: { season: 'summer' } } })
    await untilCondition(cluster, north, { status: 'True' })

    await change(cluster, north, { metadata: { labels: { season: 'winter' } }, spec: { unit: 'mbar' } })
    await cluster.eventually(async () => (await scrape(process)).settled, { describe: 'no pass is due' })
    expect(await stateOf(cluster, archived)).toMatchObject({ data: { unit: 'hPa' } })
    expect((await stateOf(cluster, north)).metadata.finalizers).toEqual(['fairlead.dev/dependents'])

    await remove(cluster, north)
    await cluster.eventually(async () => !(await exists(cluster, north)), { describe: 'the Sensor is gone' })
    expect(await exists(cluster, archived)).toBe(false)
  })

  test('and is not the only one of its kind keeps the operator from starting for what it alone took, until it is told to let go of that', async ({
    cluster,
    operator,
  }) => {
    const { archive, namespaces } = await prepare(cluster)
    const make = async (name: string, season: string): Promise<string> => {
      const { metadata, ...made } = sensor(name, archive)
      await create(cluster, sensors(cluster), { ...made, metadata: { ...metadata, labels: { season } } })
      await untilCondition(cluster, `${sensors(cluster)}/${name}`, { status: 'True' })
      return `${sensors(cluster)}/${name}`
    }
    const all = async (name: string) => [
      await stateOf(cluster, `${sensors(cluster)}/${name}`),
      await stateOf(cluster, `/api/v1/namespaces/${archive}/configmaps/${name}`),
      await stateOf(cluster, `${collection(cluster, 'v1', 'secrets')}/${name}-access`),
    ]
    const labelled = await operator({ watches: file('labelled.yaml'), namespaces })
    await change(cluster, await make('west', 'summer'), { metadata: { labels: { season: 'autumn' } } })
    await cluster.eventually(async () => (await scrape(labelled)).settled, { describe: 'no pass is due' })
    await labelled.stop()

    // What a person took from the watches by its labels is no reason not to start.
    const seasons = await operator({ watches: file('seasons.yaml'), namespaces })
    const north = await make('north', 'summer')
    const south = await make('south', 'winter')
    await seasons.stop()
    const revisionOf = async () => (await read<{ status: { observedRevision: string } }>(cluster, north)).status.observedRevision
    const revision = await revisionOf()
    const before = { north: await all('north'), south: await all('south'), west: await all('west') }

    const refused = await operator({ watches: file('labelled.yaml'), namespaces, wait: false })
    expect(await refused.ended()).toBe(1)
    expect((await refused.line(/WATCH_REMOVED/)).msg).toBe(
      'the watches of Sensor.weather.example.com take other objects than before, and 1 of those that no watch takes any more still has ' +
        `dependents or the finalizer: ${cluster.namespace}/south; let a watch take them and delete them first; or start once with ` +
        '--release-orphans, which leaves their dependents as they are, without an owner; or, if another operator serves them, give each ' +
        'operator an --operator-name of its own and take "Sensor.weather.example.com" out of the annotation fairlead.dev/selections of ' +
        'Lease/fairlead-inventory (WATCH_REMOVED)',
    )
    expect({ north: await all('north'), south: await all('south'), west: await all('west') }).toEqual(before)

    const released = await operator({ watches: file('labelled.yaml'), namespaces, args: ['--release-orphans'] })
    expect((await stateOf(cluster, south)).metadata.finalizers).toBeUndefined()
    for (const { metadata } of (await all('south')).slice(1)) {
      expect([metadata.labels, metadata.ownerReferences]).toEqual([undefined, undefined])
      expect((metadata.managedFields ?? []).filter(({ manager }) => manager.startsWith('fairlead/'))).toEqual([])
    }
    expect(await all('west')).toEqual(before.west)
    await cluster.eventually(async () => (await revisionOf()) !== revision, { describe: 'what is still taken is served' })
    expect((await all('north')).slice(1)).toEqual(before.north.slice(1))
    await released.stop()

    const mark = cluster.audit.mark()
    await untilWatching(cluster, await operator({ watches: file('labelled.yaml'), namespaces }), mark)
    const requests = cluster.audit.requests({ userAgent: 'fairlead/', namespace: cluster.namespace, since: mark })
    expect(requests.filter(({ verb }) => verb !== 'watch' && verb !== 'list').map(({ verb, resource }) => `${verb} ${resource}`)).toEqual([
      'get leases',
    ])
  })

  test('or a namespace that is left out keeps the operator from starting while there is something of ours, until it is told to let go of it', async ({
    cluster,
    operator,
  }) => {
    const { archive, namespaces } = await prepare(cluster)
    const both = await operator({ watches: file('sensors.yaml'), namespaces })
    const there = `/apis/weather.example.com/v1/namespaces/${archive}/sensors`
    for (const name of ['north', 'south']) {
      await create(cluster, there, sensor(name, cluster.namespace))
      await untilCondition(cluster, `${there}/${name}`, { status: 'True' })
    }
    await both.stop()
    // Nobody would carry it out.
    await remove(cluster, `${there}/south`)

    const start = { watches: file('sensors.yaml'), namespaces: [cluster.namespace] }
    const refused = await operator({ ...start, wait: false })
    expect(await refused.ended()).toBe(1)
    expect((await refused.line(/WATCH_REMOVED/)).msg).toContain(
      `Sensor.weather.example.com is not watched in ${archive} any more, and 2 of those that no watch takes any more still have dependents ` +
        `or the finalizer: ${archive}/north, ${archive}/south; watch there again and delete them first; or start once with --release-orphans`,
    )
    const released = await operator({ ...start, args: release })
    await cluster.eventually(async () => !(await exists(cluster, `${there}/south`)), { describe: 'the one that was deleted is gone' })
    expect((await stateOf(cluster, `${there}/north`)).metadata.finalizers).toBeUndefined()
    const { metadata } = await stateOf(cluster, `${collection(cluster, 'v1', 'configmaps')}/north`)
    expect([metadata.labels, metadata.annotations]).toEqual([undefined, undefined])
    await released.stop()
    const mark = cluster.audit.mark()
    await untilWatching(cluster, await operator(start), mark)
    const requests = cluster.audit.requests({ userAgent: 'fairlead/', since: mark, resource: 'sensors', namespace: archive })
    expect(requests).toEqual([])
  })

  test('that another operator of the namespace has, under a name of its own, is none', async ({ cluster, operator }) => {
    const { archive, namespaces } = await prepare(cluster)
    const start = async (watches: string, name: string) =>
      await operator({ watches: file(watches), namespaces, args: ['--operator-name', name] })
    const stations = await start('after.yaml', 'stations')
    await start('sensors.yaml', 'sensors')
    await create(cluster, sensors(cluster), sensor('north', archive))
    await create(cluster, collection(cluster, 'weather.example.com/v1', 'stations'), station)
    await untilCondition(cluster, `${sensors(cluster)}/north`, { status: 'True' })
    await untilCondition(cluster, `${collection(cluster, 'weather.example.com/v1', 'stations')}/hill`, { status: 'True' })
    await stations.stop()

    await start('after.yaml', 'stations')
    for (const [name, kind] of [
      ['stations', 'Station'],
      ['sensors', 'Sensor'],
    ] as const) {
      const { metadata } = await stateOf(cluster, inventory(cluster, name))
      expect(Object.keys(JSON.parse(metadata.annotations?.['fairlead.dev/inventory'] ?? '') as object)).toEqual([
        `${kind}.weather.example.com`,
      ])
    }
    await change(cluster, `${sensors(cluster)}/north`, { spec: { unit: 'mbar' } })
    await untilCondition(cluster, `${sensors(cluster)}/north`, { status: 'True' })
    expect((await stateOf(cluster, `/api/v1/namespaces/${archive}/configmaps/north`)).data).toEqual({ unit: 'mbar' })
  })
})
