import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { AuditMark } from '../../controlplane/audit.ts'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { scrape, untilPasses } from '../metrics.ts'
import { change, collection, create, definitionIn, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const atlasFile = fileURLToPath(new URL('atlas.yaml', import.meta.url))
const apiVersion = 'lookups.example.com/v1'
const sitePath = (cluster: Cluster, name: string) => `${collection(cluster, apiVersion, 'sites')}/${name}`
const configMaps = (cluster: Cluster) => collection(cluster, 'v1', 'configmaps')
const secrets = (cluster: Cluster) => collection(cluster, 'v1', 'secrets')

async function createSite(cluster: Cluster, name: string, spec: object): Promise<string> {
  await create(cluster, collection(cluster, apiVersion, 'sites'), { apiVersion, kind: 'Site', metadata: { name }, spec })
  return sitePath(cluster, name)
}

const dataOf = async (cluster: Cluster, path: string) => (await read<{ data?: Record<string, string> }>(cluster, path)).data ?? {}

/** Resolves when the ConfigMap of the site holds this. */
const untilData = async (cluster: Cluster, name: string, data: Record<string, string>) =>
  await cluster.eventually(async () => expect(await dataOf(cluster, `${configMaps(cluster)}/${name}`)).toMatchObject(data) ?? true, {
    describe: `ConfigMap/${name} holds ${JSON.stringify(data)}`,
    interval: 20,
  })

const base64 = (text: string) => Buffer.from(text).toString('base64')

const requestsOf = (cluster: Cluster, since: AuditMark) =>
  cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since })

describe('an object that a template looks up', () => {
  test('is followed by exactly those that read it: missing, made, changed, deleted', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/site/crds/site.yaml`)
    const process = await operator({ watches })
    const site = await createSite(cluster, 'one', { zones: 'zones' })
    const other = await createSite(cluster, 'two', { zones: 'elsewhere' })
    await untilCondition(cluster, site, { status: 'True' })
    await untilCondition(cluster, other, { status: 'True' })
    await untilData(cluster, 'one', { zone: 'none', databases: '' })
    // The Events of what was made are written, too.
    await untilPasses(cluster, process, 0)
    const begin = cluster.audit.mark()

    await create(cluster, configMaps(cluster), { metadata: { name: 'zones' }, data: { primary: 'eu-1' } })
    await untilData(cluster, 'one', { zone: 'eu-1' })
    await change(cluster, `${configMaps(cluster)}/zones`, { data: { primary: 'eu-2' } })
    await untilData(cluster, 'one', { zone: 'eu-2' })
    await remove(cluster, `${configMaps(cluster)}/zones`)
    await untilData(cluster, 'one', { zone: 'none' })

    // Neither a read of what was looked up, nor anything for the Site that reads another one.
    await untilPasses(cluster, process, 0)
    const { 'patch sites/status': _status, ...requests } = requestsOf(cluster, begin)
    expect(requests).toEqual({ 'patch configmaps': 3, 'create events': 1 })
    expect((await dataOf(cluster, `${configMaps(cluster)}/two`))['zone']).toBe('none')
  })

  test('is one of several with a label', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/site/crds/site.yaml`)
    await operator({ watches })
    await untilCondition(cluster, await createSite(cluster, 'one', { zones: 'zones' }), { status: 'True' })
    const services = collection(cluster, 'v1', 'services')
    const service = (name: string, tier: string) => ({ metadata: { name, labels: { tier } }, spec: { ports: [{ port: 80 }] } })

    await create(cluster, services, service('spare', 'db'))
    await create(cluster, services, service('web', 'front'))
    await create(cluster, services, service('main', 'db'))
    await untilData(cluster, 'one', { databases: 'main spare' })
    await change(cluster, `${services}/main`, { metadata: { labels: { tier: 'old' } } })
    await untilData(cluster, 'one', { databases: 'spare' })
  })

  test('costs no request while nothing changes, but for its watch, also after a restart', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/site/crds/site.yaml`)
    await create(cluster, configMaps(cluster), { metadata: { name: 'zones' }, data: { primary: 'eu-1' } })
    const first = await operator({ watches })
    await untilCondition(cluster, await createSite(cluster, 'one', { zones: 'zones' }), { status: 'True' })
    await untilData(cluster, 'one', { zone: 'eu-1' })
    await first.stop()
    const begin = cluster.audit.mark()

    await operator({ watches })
    await create(cluster, configMaps(cluster), { metadata: { name: 'last' }, data: { primary: 'eu-9' } })
    await untilCondition(cluster, await createSite(cluster, 'two', { zones: 'last' }), { status: 'True' })
    await untilData(cluster, 'two', { zone: 'eu-9' })

    const writes = cluster.audit
      .requests({ userAgent: 'fairlead/', namespace: cluster.namespace, since: begin })
      .filter(({ verb, resource }) => verb !== 'watch' && verb !== 'list' && resource !== 'leases' && resource !== 'events')
    expect(writes.filter(({ name }) => name !== 'two')).toEqual([])
  })

  test('is watched no longer when nobody reads it', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/site/crds/site.yaml`)
    const process = await operator({ watches })
    const site = await createSite(cluster, 'one', { zones: 'zones' })
    await untilCondition(cluster, site, { status: 'True' })
    const watched = async () => await objectsIn(await process.metricsUrl(), 'ConfigMap')
    await create(cluster, configMaps(cluster), { metadata: { name: 'zones' }, data: { primary: 'eu-1' } })
    await untilData(cluster, 'one', { zone: 'eu-1' })
    expect(await watched()).toBe(2)

    await change(cluster, site, { spec: { zones: 'elsewhere' } })
    await untilData(cluster, 'one', { zone: 'none' })
    await untilCondition(cluster, site, { status: 'True' })
    expect(await watched()).toBe(1)
  })

  test('is of a kind that has a name, and one that nobody reads any more leaves no series', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/site/crds/site.yaml`)
    const process = await operator({ watches })
    const site = await createSite(cluster, 'one', { zones: 'zones', kind: 'Nowhere' })
    await untilCondition(cluster, site, { status: 'True' })
    const seriesOfNowhere = async () => (await scrape(process)).series('fairlead_audits_total', { kind: 'Nowhere' }).length
    expect(await seriesOfNowhere()).toBe(1)

    await change(cluster, site, { spec: { kind: 'no"kind' } })
    await untilCondition(cluster, site, { status: 'False', message: /"no\\"kind" is no kind of Kubernetes/ })
    await change(cluster, site, { spec: { kind: null } })
    await untilCondition(cluster, site, { status: 'True' })
    expect(await seriesOfNowhere()).toBe(0)
  })

  test('is of a kind that moves to another version: nothing changes, and the Site says in which it is served', {
    timeout: 90_000,
  }, async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/site/crds/site.yaml`)
    const atlases = await installDefinition(cluster, atlasFile)
    const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/atlases.maps.lookups.example.com'
    const [version] = definitionIn(atlasFile).spec.versions
    const group = 'maps.lookups.example.com'
    await create(cluster, atlases, {
      apiVersion: `${group}/v1beta1`,
      kind: 'Atlas',
      metadata: { name: 'zones' },
      data: { primary: 'eu-1' },
    })
    await operator({ watches })
    const site = await createSite(cluster, 'one', { zones: 'zones', apiVersion: `${group}/v1beta1`, kind: 'Atlas' })
    await untilCondition(cluster, site, { status: 'True' })
    await untilData(cluster, 'one', { zone: 'eu-1' })

    await change(cluster, definition, {
      spec: {
        versions: [
          { ...version, served: false, storage: false },
          { ...version, name: 'v1' },
        ],
      },
    })
    const ready = await untilCondition(cluster, site, { status: 'False', message: /LOOKUP_DENIED/ })
    expect(ready.message).toContain(
      `Atlas ${cluster.namespace}/zones cannot be looked up: the server does not serve Atlas.${group} in version v1beta1, only in v1; look it up in ${group}/v1`,
    )
    expect((await dataOf(cluster, `${configMaps(cluster)}/one`))['zone']).toBe('eu-1')

    await change(cluster, definition, { spec: { versions: [version, { ...version, name: 'v1', storage: false }] } })
    await untilCondition(cluster, site, { status: 'True' })
    expect((await dataOf(cluster, `${configMaps(cluster)}/one`))['zone']).toBe('eu-1')
  })

  test('is of a kind that can be watched, and of no other: what cannot be seen is not missing', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/site/crds/site.yaml`)
    await operator({ watches })
    const site = await createSite(cluster, 'one', { zones: 'zones', kind: 'ComponentStatus' })
    const unwatched = await untilCondition(cluster, site, { status: 'False', message: /LOOKUP_DENIED/ })
    expect(unwatched.message).toContain('zones cannot be looked up: the server does not let ComponentStatus be watched')

    await change(cluster, site, { spec: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview' } })
    const unlisted = await untilCondition(cluster, site, { status: 'False', message: /TokenReview/ })
    expect(unlisted.message).toContain(
      'zones cannot be looked up: the server keeps no TokenReview.authentication.k8s.io that could be listed',
    )
    expect(await exists(cluster, `${configMaps(cluster)}/one`)).toBe(false)
  })

  test('is watched once, however many read it and of whatever kind, until the last of them is gone', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/site/crds/site.yaml`)
    const mirrors = await installDefinition(cluster, `${project}/charts/site/crds/mirror.yaml`)
    const begin = cluster.audit.mark()
    const watching = (open: boolean): string[] =>
      cluster.audit
        .requests({ userAgent: 'fairlead/', verb: 'watch', namespace: cluster.namespace, since: begin })
        .filter(({ ended }) => !open || !ended)
        .map(({ resource, requestURI }) => {
          const query = new URL(requestURI, 'https://server').searchParams
          return `${resource} ${query.get('fieldSelector') ?? query.get('labelSelector')}`
        })
        // Those of custom resources and of dependents have no value in their selectors.
        .filter((watch) => watch.includes('='))
        .toSorted()
    const process = await operator({ watches: `${project}/two-kinds.yaml` })
    await create(cluster, mirrors, { apiVersion, kind: 'Mirror', metadata: { name: 'three' }, spec: { zones: 'zones' } })
    const paths = [`${mirrors}/three`]
    for (const name of ['one', 'two']) paths.push(await createSite(cluster, name, { zones: 'zones' }))
    for (const path of paths) await untilCondition(cluster, path, { status: 'True' })
    const each = ['configmaps metadata.name=zones', 'services tier=db']
    expect(watching(false)).toEqual(each)

    for (const path of paths.slice(0, 2)) await remove(cluster, path)
    await untilPasses(cluster, process, 0)
    await create(cluster, configMaps(cluster), { metadata: { name: 'zones' }, data: { primary: 'eu-1' } })
    await untilData(cluster, 'two', { zone: 'eu-1' })
    expect([watching(true), watching(false)]).toEqual([each, each])

    await remove(cluster, paths[2] as string)
    await cluster.eventually(() => watching(true).length === 0, { describe: 'nobody watches what nobody reads' })
  })
})

describe('a Secret that a template looks up', () => {
  test('goes into another Secret, as base64 and as text, and is followed', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/site/crds/site.yaml`)
    await create(cluster, secrets(cluster), { metadata: { name: 'db' }, data: { password: base64('grün') } })
    await operator({ watches })
    await untilCondition(cluster, await createSite(cluster, 'one', { zones: 'zones', credentials: 'db' }), { status: 'True' })
    const path = `${secrets(cluster)}/one`
    expect(await dataOf(cluster, path)).toEqual({ password: base64('grün'), url: base64('postgres://app:grün@db/app') })

    await change(cluster, `${secrets(cluster)}/db`, { data: { password: base64('blau') } })
    await cluster.eventually(async () => (await dataOf(cluster, path))['password'] === base64('blau'), { describe: 'the new password' })
    expect((await dataOf(cluster, path))['url']).toBe(base64('postgres://app:blau@db/app'))
  })

  const allRules = [
    { verbs: ['get', 'list', 'watch'], apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'] },
    { verbs: ['get', 'list', 'watch'], apiGroups: ['lookups.example.com'], resources: ['sites'] },
    { verbs: ['patch'], apiGroups: ['lookups.example.com'], resources: ['sites/status'] },
    { verbs: ['update'], apiGroups: ['lookups.example.com'], resources: ['sites/finalizers'] },
    { verbs: ['*'], apiGroups: [''], resources: ['configmaps'] },
    { verbs: ['list', 'watch'], apiGroups: [''], resources: ['services'] },
    { verbs: ['get', 'create', 'patch'], apiGroups: ['coordination.k8s.io'], resources: ['leases'] },
  ]

  test('and may not be read is not missing: nothing is written, and the status names the rule that is lacking', {
    timeout: 150_000,
  }, async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/site/crds/site.yaml`)
    await create(cluster, secrets(cluster), { metadata: { name: 'db' }, data: { password: base64('grün') } })
    const account = async (rules: typeof allRules) => await cluster.kubeconfigFor({ name: 'operator', rules })
    await operator({ watches, kubeconfig: await account(allRules) })
    const site = await createSite(cluster, 'one', { zones: 'zones', credentials: 'db' })

    const ready = await untilCondition(cluster, site, { status: 'False', message: /cannot be looked up/ })
    expect(ready.reason).toBe('RenderFailed')
    expect(ready.message).toMatch(/site\.yaml\.eta:10:4: Secret .*\/db cannot be looked up: .*403 Forbidden/)
    expect(ready.message).toContain(
      `the operator's role needs { apiGroups: [""], resources: ["secrets"], resourceNames: ["db"], verbs: ["list", "watch"] } in namespace ${cluster.namespace} (LOOKUP_DENIED)`,
    )
    expect((await cluster.request('GET', `${configMaps(cluster)}/one`)).status).toBe(404)

    await account([...allRules, { verbs: ['*'], apiGroups: [''], resources: ['secrets'] }])
    await untilCondition(cluster, site, { status: 'True', timeout: 100_000 })
    expect((await dataOf(cluster, `${secrets(cluster)}/one`))['password']).toBe(base64('grün'))
  })
})

/** How many objects of a kind the operator's caches hold. */
async function objectsIn(metricsUrl: string, kind: string): Promise<number> {
  const text = await (await fetch(`${metricsUrl}/metrics`)).text()
  return Number(new RegExp(`fairlead_\\w*objects\\{kind="${kind}"\\} (\\d+)`).exec(text)?.[1])
}
