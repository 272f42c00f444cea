import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { untilWatching } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilConditions } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`

async function createNginx(cluster: Cluster, spec: object): Promise<string> {
  const path = await installDefinition(cluster, `${project}/charts/nginx/crds/nginx.yaml`)
  await create(cluster, path, { apiVersion: 'styles-helm.example.com/v1', kind: 'Nginx', metadata: { name: 'web' }, spec })
  return `${path}/web`
}

const refusedPort = 70_000

describe('conditions: helm', () => {
  test('say installed, then upgraded; kubectl waits for them, and a restart changes nothing', async ({ cluster, operator }) => {
    const nginx = await createNginx(cluster, { port: 80 })
    const first = await operator({ watches })

    const waited = await cluster.kubectl(['wait', '--for=condition=Deployed', '--timeout=20s', 'nginxes.styles-helm.example.com/web'])
    expect([waited.exitCode, waited.stderr]).toEqual([0, ''])
    await untilConditions(cluster, nginx, [
      'Initialized True Initialized',
      'Deployed True InstallSuccessful',
      /^ReleaseFailed False /,
      /^Irreconcilable False /,
      /^Paused False /,
    ])

    await change(cluster, nginx, { spec: { port: 81 } })
    await untilConditions(cluster, nginx, ['Deployed True UpgradeSuccessful'])
    await untilQuiet(cluster, first, nginx)
    await first.stop()
    const before = (await read(cluster, nginx)).metadata.resourceVersion
    const second = await operator({ watches })
    await untilWatching(cluster, second)
    expect((await read(cluster, nginx)).metadata.resourceVersion).toBe(before)
    await untilQuiet(cluster, second, nginx)
    await untilConditions(cluster, nginx, ['Deployed True UpgradeSuccessful'])
  })

  test('tell what the API server rejects as a release that failed, until it is put right', async ({ cluster, operator }) => {
    const nginx = await createNginx(cluster, { port: refusedPort })
    await operator({ watches })
    await untilConditions(cluster, nginx, [
      'Initialized True Initialized',
      'Deployed False InstallError',
      'ReleaseFailed True InstallError',
      /^Irreconcilable False /,
    ])

    await change(cluster, nginx, { spec: { port: 80 } })
    await untilConditions(cluster, nginx, ['Deployed True InstallSuccessful', /^ReleaseFailed False /])
    await change(cluster, nginx, { spec: { port: refusedPort } })
    await untilConditions(cluster, nginx, ['Deployed True InstallSuccessful', 'ReleaseFailed True UpgradeError'])
  })

  test('tell what cannot be rendered as irreconcilable, with our message', async ({ cluster, operator }) => {
    const nginx = await createNginx(cluster, { port: 80, broken: true })
    await operator({ watches })
    const { message } = await untilConditions(cluster, nginx, ['Irreconcilable True ReconcileError'])
    expect(message).toContain('this one is broken')

    await change(cluster, nginx, { spec: { broken: null } })
    await untilConditions(cluster, nginx, ['Deployed True InstallSuccessful', /^Irreconcilable False /])
  })

  test('say deployed when everything is applied and a delete is held', async ({ cluster, operator }) => {
    const nginx = await createNginx(cluster, { port: 80 })
    const before = await operator({ watches: `${project}/before.yaml` })
    await untilConditions(cluster, nginx, [/^Stalled False /])
    await before.stop()

    const held = await operator({ watches })
    await untilConditions(cluster, nginx, [/^Deployed True /, /^PruneHeld True /])
    const door = `${collection(cluster, 'v1', 'configmaps')}/web-door`
    await change(cluster, door, { data: { open: 'yes' } })
    await untilConditions(cluster, nginx, ['Ready True Ready', /^Deployed True /, /^PruneHeld True /])
    await untilQuiet(cluster, held, nginx)
    expect(await exists(cluster, `${collection(cluster, 'v1', 'persistentvolumeclaims')}/web-pages`)).toBe(true)
  })

  test('tell a pause, and its end', async ({ cluster, operator }) => {
    const nginx = await createNginx(cluster, { port: 80 })
    await operator({ watches })
    await untilConditions(cluster, nginx, ['Deployed True InstallSuccessful'])

    await change(cluster, nginx, { metadata: { annotations: { 'fairlead.dev/suspend': 'true' } }, spec: { port: 81 } })
    await untilConditions(cluster, nginx, ['Deployed True InstallSuccessful', 'Paused True PauseReconcileAnnotationTrue'])
    await change(cluster, nginx, { metadata: { annotations: { 'fairlead.dev/suspend': null } } })
    await untilConditions(cluster, nginx, ['Deployed True UpgradeSuccessful', /^Paused False /])
  })

  test('tell an uninstallation that waits for its objects', async ({ cluster, operator }) => {
    const nginx = await createNginx(cluster, { port: 80 })
    await operator({ watches })
    await untilConditions(cluster, nginx, ['Deployed True InstallSuccessful'])
    const door = `${collection(cluster, 'v1', 'configmaps')}/web-door`
    await change(cluster, door, { metadata: { finalizers: ['example.com/hold'] } })

    await remove(cluster, nginx)
    await untilConditions(cluster, nginx, ['Deployed False UninstallSuccessful'])
    await change(cluster, door, { metadata: { finalizers: null } })
    await cluster.eventually(async () => (await cluster.request('GET', nginx)).status === 404, { describe: 'it is gone' })
  })
})
