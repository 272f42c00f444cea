import { execFileSync } from 'node:child_process'
import { describe, expect } from 'vitest'
import { test } from '../fixture.ts'
import { collection, read } from '../objects.ts'
import { repository } from '../operator-process.ts'
import { appPath, createApp, installAppDefinition, untilReady } from './apps.ts'

interface Rendered {
  items: { apiVersion: string; kind: string; metadata: { name: string; annotations: Record<string, string> } }[]
}

const plurals: Record<string, string> = {
  ConfigMap: 'configmaps',
  Deployment: 'deployments',
  Service: 'services',
  ServiceAccount: 'serviceaccounts',
}

describe('fairlead render', () => {
  test('prints offline, of an App as it is in the cluster, exactly the bodies that the operator sent', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    await operator()
    await createApp(cluster, 'shop', { config: { GREETING: 'hällo', NUMBER: '0644' }, resources: { limits: { cpu: '0.5' } } })
    await untilReady(cluster, 'shop')

    const app = await read(cluster, appPath(cluster, 'shop'))
    const printed = execFileSync(process.execPath, [`${repository}/bin/fairlead.js`, 'render', '-', '--output', 'json'], {
      input: JSON.stringify(app),
      cwd: repository,
      encoding: 'utf8',
    })

    const { items } = JSON.parse(printed) as Rendered
    expect(items.map(({ kind }) => kind).sort()).toEqual(Object.keys(plurals))
    for (const { apiVersion, kind, metadata } of items) {
      const live = await read<{ metadata: { annotations: Record<string, string> } }>(
        cluster,
        `${collection(cluster, apiVersion, plurals[kind] as string)}/${metadata.name}`,
      )
      // The hash of the whole body: equal hashes are equal bytes.
      expect([kind, live.metadata.annotations['fairlead.dev/applied']]).toEqual([kind, metadata.annotations['fairlead.dev/applied']])
    }
  })
})
