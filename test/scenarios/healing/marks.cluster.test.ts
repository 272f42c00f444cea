import { describe, expect } from 'vitest'
import { appliedAnnotation, primaryUidLabel } from '../../../src/api/names.ts'
import type { Response } from '../../controlplane/fixture.ts'
import { appPath, installAppDefinition, patchApp, untilReady } from '../app/apps.ts'
import { test } from '../fixture.ts'
import { untilCondition, untilConditions } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'
import type { Dependent, Live } from './dependent.ts'
import { Report } from './report.ts'
import { autoscaled, openShop, plain } from './shop.ts'

type Damage = readonly [string, (dependent: Dependent) => Promise<Response<Live>>]

/** What tells an operator that an object is its own. Everything here is undone by somebody, one after the other. */
const damages: readonly Damage[] = [
  ['the label of its primary is removed', (dependent) => dependent.mergePatch({ metadata: { labels: { [primaryUidLabel]: null } } })],
  [
    'the label of its primary names another',
    (dependent) => dependent.mergePatch({ metadata: { labels: { [primaryUidLabel]: 'another' } } }),
  ],
  ['all labels and annotations are removed', (dependent) => dependent.mergePatch({ metadata: { labels: null, annotations: null } })],
  [
    'the hash of what was applied is edited',
    (dependent) => dependent.mergePatch({ metadata: { annotations: { [appliedAnnotation]: 'v1:0' } } }),
  ],
  ['the owner reference is removed', (dependent) => dependent.mergePatch({ metadata: { ownerReferences: null } })],
  ['the managed fields are reset', (dependent) => dependent.mergePatch({ metadata: { managedFields: [{}] } })],
  [
    'the managed fields are reset and the label is removed',
    (dependent) => dependent.mergePatch({ metadata: { managedFields: [{}], labels: { [primaryUidLabel]: null } } }),
  ],
]

describe('a dependent that is deleted and does not go', () => {
  test('is told with the finalizers that hold it, and made again when it is gone', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    await operator()
    const shop = await openShop(cluster, 'shop', autoscaled)
    const config = shop.dependent('ConfigMap')
    const before = await config.read()
    expect((await config.mergePatch({ metadata: { finalizers: ['example.com/hold'] } })).status).toBe(200)
    await config.delete()

    const told = /ConfigMap\/shop \(it is being deleted: finalizers example\.com\/hold hold it\)/
    await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'False', message: told })
    expect((await config.mergePatch({ metadata: { finalizers: null } })).status).toBe(200)
    await config.untilHealed(before, performance.now(), 'gone')
  })
})

describe('a dependent whose marks somebody damages', () => {
  test('gets them back, with the same fields', { timeout: 120_000 }, async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const running = await operator()
    const shop = await openShop(cluster, 'shop', autoscaled)
    const report = new Report()
    for (const [what, damage] of damages) {
      for (const dependent of shop.all) {
        const before = await dependent.read()
        const answer = await damage(dependent)
        const since = performance.now()
        expect(answer.status, `${dependent.kind}: ${what}: ${JSON.stringify(answer.body)}`).toBe(200)
        report.healed.push({
          kind: dependent.kind,
          field: what,
          how: 'changed',
          milliseconds: await dependent.untilHealed(before, since, what),
        })
      }
    }
    report.print('Marks of the dependents of an App:')
    await untilQuiet(cluster, running, appPath(cluster, 'shop'))
  })

  test('that is replaced by one of its name alone is the same object, and gets everything back', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const running = await operator()
    const shop = await openShop(cluster, 'shop', autoscaled)
    const config = shop.dependent('ConfigMap')
    const before = await config.read()
    const { apiVersion, kind } = before

    const answer = await config.put(() => ({ apiVersion, kind, metadata: { name: 'shop' }, data: { THEIRS: 'x' } }) as unknown as Live)

    expect(answer.body.metadata).toMatchObject({ uid: before.metadata.uid })
    expect([answer.body.metadata.labels, answer.body.metadata.ownerReferences]).toEqual([undefined, undefined])
    await config.untilHealed({ ...before, data: { ...(before['data'] as object), THEIRS: 'x' } } as Live, performance.now(), 'replaced')
    await untilQuiet(cluster, running, appPath(cluster, 'shop'))
  })

  test('still loses what is no longer rendered, also where the managed fields were reset', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const running = await operator()
    const shop = await openShop(cluster, 'shop', autoscaled)
    const config = shop.dependent('ConfigMap')
    const before = await config.read()
    expect((await config.mergePatch({ metadata: { managedFields: [{}] } })).status).toBe(200)
    await config.untilHealed(before, performance.now(), 'managed fields')

    await patchApp(cluster, 'shop', { spec: { config: { COLOUR: null } } })

    await cluster.eventually(
      async () => {
        const { data } = (await config.read()) as unknown as { data: object }
        return JSON.stringify(data) === '{"GREETING":"hello"}'
      },
      { describe: 'the key that is no longer rendered is gone' },
    )
    await untilQuiet(cluster, running, appPath(cluster, 'shop'))
  })

  test('and the App changes before they are back, still loses what is no longer rendered, as far as that is known to be the App’s', {
    timeout: 120_000,
  }, async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const first = await operator()
    const config = (await openShop(cluster, 'shop', plain)).dependent('ConfigMap')
    const untouched = (await openShop(cluster, 'untouched', plain)).dependent('ConfigMap')
    const reset = async (dependent: Dependent, others: object = {}) =>
      expect((await dependent.mergePatch({ ...others, metadata: { managedFields: [{}] } })).status).toBe(200)
    const keysOf = async (dependent: Dependent) => Object.keys((await dependent.read())['data'] as object).toSorted()

    // The operator has seen what was whose.
    await patchApp(cluster, 'shop', { metadata: { annotations: { 'fairlead.dev/suspend': 'true' } } })
    await untilConditions(cluster, appPath(cluster, 'shop'), ['Ready Unknown Suspended'])
    await reset(config)
    expect((await config.mergePatch({ data: { THEIRS: 'yes' } })).status).toBe(200)
    await patchApp(cluster, 'shop', {
      metadata: { annotations: { 'fairlead.dev/suspend': null } },
      spec: { config: { COLOUR: null, SIZE: 'large' } },
    })
    await untilReady(cluster, 'shop')
    expect(await keysOf(config)).toEqual(['GREETING', 'SIZE', 'THEIRS'])
    await untilQuiet(cluster, first, appPath(cluster, 'shop'))

    // It has not: an object that is exactly what was sent is all the App’s, and in another what nobody renders stays.
    await first.stop()
    await reset(config)
    await reset(untouched)
    for (const name of ['shop', 'untouched']) await patchApp(cluster, name, { spec: { config: { GREETING: null, ADDED: 'new' } } })
    const second = await operator()
    for (const dependent of [config, untouched])
      await cluster.eventually(async () => (await keysOf(dependent)).includes('ADDED'), { describe: 'the new key is there' })
    for (const name of ['shop', 'untouched']) await untilReady(cluster, name)
    expect(await keysOf(config)).toEqual(['ADDED', 'GREETING', 'SIZE', 'THEIRS'])
    expect(await keysOf(untouched)).toEqual(['ADDED', 'COLOUR'])
    await untilQuiet(cluster, second, appPath(cluster, 'shop'))
  })
})

describe('a dependent that another controller claims', () => {
  test('is left to it, the App says so, and is taken back when the claim is gone', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const running = await operator()
    const config = (await openShop(cluster, 'shop', autoscaled)).dependent('ConfigMap')
    const before = await config.read()
    const { body: other } = await cluster.request('POST', `/api/v1/namespaces/${cluster.namespace}/configmaps`, {
      body: { metadata: { name: 'other' } },
    })
    const claim = { apiVersion: 'v1', kind: 'ConfigMap', name: 'other', uid: other.metadata.uid, controller: true }
    expect((await config.mergePatch({ metadata: { ownerReferences: [claim] }, data: { GREETING: 'theirs' } })).status).toBe(200)

    const { message } = await untilReady(cluster, 'shop', 'False')
    expect(message).toContain('ConfigMap/other')
    expect((await config.read())['data']).toMatchObject({ GREETING: 'theirs' })

    await config.mergePatch({ metadata: { ownerReferences: null } })
    await config.untilHealed(before, performance.now(), 'the claim is gone')
    await untilReady(cluster, 'shop')
    await untilQuiet(cluster, running, appPath(cluster, 'shop'))
  })
})

describe('an entry that a repair of lists has left, because the process ended in the middle', () => {
  test('is removed at the next start', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const first = await operator()
    const service = (await openShop(cluster, 'shop', plain)).dependent('Service')
    const before = await service.read()
    await first.stop()
    const fieldManager = `fairlead/lists/${before.metadata.labels?.[primaryUidLabel]}`
    const patch = async (manager: string, ports: unknown) =>
      await cluster.request('PATCH', service.path, {
        query: { fieldManager: manager },
        contentType: 'application/json-patch+json',
        body: [{ op: 'replace', path: '/spec/ports', value: ports }],
      })
    await patch('somebody', [{ name: 'theirs', port: 9999 }])
    await patch(fieldManager, (before['spec'] as { ports: object[] }).ports)
    expect((await service.read()).metadata.managedFields?.map(({ manager }) => manager)).toContain(fieldManager)

    const second = await operator()
    await service.untilHealed(before, performance.now(), 'the entry')
    await untilQuiet(cluster, second, appPath(cluster, 'shop'))
  })
})

describe('dependents that somebody changes while no operator runs', () => {
  test('are put right when it starts', { timeout: 120_000 }, async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const first = await operator()
    const shop = await openShop(cluster, 'shop', autoscaled)
    await untilQuiet(cluster, first, appPath(cluster, 'shop'))
    await first.stop()
    const before = new Map<Dependent, Live>()
    for (const dependent of shop.all) before.set(dependent, await dependent.read())
    const changes = [
      await shop.dependent('ConfigMap').mergePatch({ data: { GREETING: 'edited', COLOUR: null } }),
      await shop.dependent('Deployment').jsonPatch([{ op: 'replace', path: '/spec/template/spec/containers/0/name', value: 'renamed' }]),
      await shop.dependent('Service').jsonPatch([{ op: 'replace', path: '/spec/ports/0/port', value: 9999 }]),
      await shop.dependent('Ingress').mergePatch({ metadata: { labels: { [primaryUidLabel]: null } } }),
      await shop.dependent('HorizontalPodAutoscaler').mergePatch({ metadata: { managedFields: [{}] } }),
      await shop.dependent('ServiceAccount').delete(),
    ]
    expect(changes.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])

    const since = performance.now()
    const second = await operator({ wait: false })

    const report = new Report()
    for (const dependent of shop.all) {
      const milliseconds = await dependent.untilHealed(before.get(dependent) as Live, since, 'changed while no operator ran')
      report.healed.push({ kind: dependent.kind, field: '', how: 'at start', milliseconds })
    }
    report.print('Changed while no operator ran; the time is from the start of the process:')
    await untilQuiet(cluster, second, appPath(cluster, 'shop'))
  })
  test('are put right also where the App changes as well', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const first = await operator()
    const deployment = (await openShop(cluster, 'shop', plain)).dependent('Deployment')
    await first.stop()
    const edit = [{ op: 'replace', path: '/spec/template/spec/containers/0/name', value: 'renamed' }]
    expect((await deployment.jsonPatch(edit)).status).toBe(200)
    await patchApp(cluster, 'shop', { spec: { image: 'example.com/web:2' } })

    const second = await operator()

    await cluster.eventually(
      async () => {
        const { spec } = (await deployment.read()) as unknown as {
          spec: { template: { spec: { containers: { name: string; image: string }[] } } }
        }
        return spec.template.spec.containers.map(({ name, image }) => `${name} ${image}`).join() === 'app example.com/web:2'
      },
      { describe: 'there is the one container, with the new image' },
    )
    await untilQuiet(cluster, second, appPath(cluster, 'shop'))
  })
})
