import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { appPath, createApp, installAppDefinition } from '../app/apps.ts'
import { fairleadAs } from '../command.ts'
import { test } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { change, collection, create, exists, read, remove, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'
import { repository } from '../operator-process.ts'

interface Live {
  metadata: { uid: string; labels: Record<string, string>; annotations: object; ownerReferences?: object[] }
}

const configMap = (cluster: Cluster, name: string) => `${collection(cluster, 'v1', 'configmaps')}/${name}`
const config = { config: { GREETING: 'hello' } }

async function orphansOf(cluster: Cluster, ...flags: string[]): Promise<string> {
  const args = ['bin/fairlead.js', 'orphans', '--kubeconfig', cluster.kubeconfig, '--namespace', cluster.namespace, ...flags]
  return (await promisify(execFile)(process.execPath, args, { cwd: repository })).stdout
}

describe('fairlead orphans', () => {
  test('says what it may not read', async ({ cluster }) => {
    await installAppDefinition(cluster)
    const nobody = await cluster.kubeconfigFor({ name: 'nobody', rules: [] })
    const { code, error } = await fairleadAs(nobody, 'orphans', '--watches', `${repository}/watches.yaml`)
    expect([code, error]).toEqual([1, expect.stringMatching(/^orphans cannot be looked for: .* 403 Forbidden: .*\(READ_REFUSED\)\n$/)])
  })
})

describe('an object with our label that no App answers for', () => {
  test('is listed and counted, and stays: of an App that was made again, and a copy', { timeout: 60_000 }, async ({
    cluster,
    operator,
  }) => {
    await installAppDefinition(cluster)
    const process = await operator()
    for (const name of ['shop', 'blog']) {
      await createApp(cluster, name, config)
      await untilCondition(cluster, appPath(cluster, name), { status: 'True' })
    }
    expect(await orphansOf(cluster)).toBe('no orphans\n')
    const before = await read<Live>(cluster, configMap(cluster, 'shop'))
    const { labels, annotations } = (await read<Live>(cluster, configMap(cluster, 'blog'))).metadata
    await create(cluster, collection(cluster, 'v1', 'configmaps'), { metadata: { name: 'copy', labels, annotations } })

    const orphaning = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Orphan' }
    await cluster.request('DELETE', appPath(cluster, 'shop'), { body: orphaning })
    await cluster.eventually(async () => !(await exists(cluster, appPath(cluster, 'shop'))), { describe: 'the App is gone' })
    await createApp(cluster, 'shop', config)
    await untilCondition(cluster, appPath(cluster, 'shop'), {
      status: 'False',
      message: /not touched: it was made for a custom resource that this operator does not know/,
    })

    const found = JSON.parse(await orphansOf(cluster, '--output', 'json')) as { kind: string; name: string }[]
    const uid = before.metadata.labels['fairlead.dev/primary-uid']
    expect(found).toContainEqual({
      kind: 'ConfigMap',
      namespace: cluster.namespace,
      name: 'copy',
      primaryUid: labels['fairlead.dev/primary-uid'],
      reason: 'copy',
    })
    expect(found).toContainEqual({
      kind: 'ConfigMap',
      namespace: cluster.namespace,
      name: 'shop',
      primaryUid: uid,
      reason: 'primary-unknown',
    })
    expect(found.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      'ConfigMap/copy',
      'ConfigMap/shop',
      'Deployment.apps/shop',
      'Service/shop',
      'ServiceAccount/shop',
    ])
    expect((await orphansOf(cluster)).split('\n')[0]).toMatch(/^KIND +NAMESPACE +NAME +REASON +PRIMARY$/)
    const metrics = await scrape(process)
    expect([metrics.sum('fairlead_orphans', { reason: 'copy' }), metrics.sum('fairlead_orphans', { reason: 'primary-unknown' })]).toEqual([
      1, 4,
    ])
    expect((await read<Live>(cluster, configMap(cluster, 'shop'))).metadata.uid).toBe(before.metadata.uid)
    expect(await exists(cluster, configMap(cluster, 'copy'))).toBe(true)
  })
})

describe('an App that was made again under its name while the operator was stopped', () => {
  test('gets dependents of its own; what is still left of the first one is listed, not taken, and waited for', {
    timeout: 120_000,
  }, async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const first = await operator()
    await createApp(cluster, 'shop', config)
    await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'True' })
    // Somebody's finalizer keeps one of them.
    await change(cluster, configMap(cluster, 'shop'), { metadata: { finalizers: ['example.com/archive'] } })
    await untilQuiet(cluster, first, appPath(cluster, 'shop'))
    const before = await read<Live>(cluster, configMap(cluster, 'shop'))
    const service = `${collection(cluster, 'v1', 'services')}/shop`
    await first.stop()
    await remove(cluster, appPath(cluster, 'shop'))
    await cluster.eventually(async () => !(await exists(cluster, appPath(cluster, 'shop'))), { describe: 'the App is gone' })
    await createApp(cluster, 'shop', config)
    await cluster.eventually(async () => !(await exists(cluster, service)), { describe: 'the first Service is collected', timeout: 40_000 })

    const second = await operator()

    await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'False', message: /ConfigMap\/shop: not touched/ })
    expect(await exists(cluster, service)).toBe(true)
    expect(JSON.parse(await orphansOf(cluster, '--output', 'json'))).toEqual([
      {
        kind: 'ConfigMap',
        namespace: cluster.namespace,
        name: 'shop',
        primaryUid: before.metadata.labels['fairlead.dev/primary-uid'],
        reason: 'primary-replaced',
      },
    ])
    expect((await read<Live>(cluster, configMap(cluster, 'shop'))).metadata.uid).toBe(before.metadata.uid)

    await change(cluster, configMap(cluster, 'shop'), { metadata: { finalizers: null } })
    await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'True', timeout: 60_000 })
    expect((await read<Live>(cluster, configMap(cluster, 'shop'))).metadata.uid).not.toBe(before.metadata.uid)
    expect(await orphansOf(cluster)).toBe('no orphans\n')
    await untilQuiet(cluster, second, appPath(cluster, 'shop'))
  })
})
