import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { test } from '../fixture.ts'
import { change, collection, create, installDefinition, read, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))

interface Made {
  metadata: { uid: string; ownerReferences: { apiVersion: string }[] }
  data: { host: string }
}

describe('a definition with several versions', () => {
  test('is watched in one of them, whichever the objects were written in, and later in another', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/route/crds/route.yaml`)
    const [v1, v2] = ['v1', 'v2'].map((version) => collection(cluster, `routes.example.com/${version}`, 'routes')) as [string, string]
    const configMaps = collection(cluster, 'v1', 'configmaps')
    const first = await operator({ watches: `${project}/watches.yaml` })
    for (const [path, version] of [
      [v1, 'v1'],
      [v2, 'v2'],
    ] as const)
      await create(cluster, path, {
        apiVersion: `routes.example.com/${version}`,
        kind: 'Route',
        metadata: { name: `from-${version}` },
        spec: { host: `${version}.example.com` },
      })
    for (const name of ['from-v1', 'from-v2']) await untilCondition(cluster, `${v1}/${name}`, { status: 'True' })
    const before = await read<Made>(cluster, `${configMaps}/from-v2`)
    expect(before).toMatchObject({
      metadata: { ownerReferences: [{ apiVersion: 'routes.example.com/v1' }] },
      data: { host: 'v2.example.com' },
    })
    await change(cluster, `${v2}/from-v1`, { spec: { host: 'changed.example.com' } })
    await cluster.eventually(async () => (await read<Made>(cluster, `${configMaps}/from-v1`)).data.host === 'changed.example.com', {
      describe: 'a change in the other version is followed',
    })
    await untilQuiet(cluster, first, `${v1}/from-v1`)
    await first.stop()

    const second = await operator({ watches: `${project}/watches-v2.yaml` })
    await change(cluster, `${v1}/from-v2`, { spec: { host: 'later.example.com' } })
    await cluster.eventually(async () => (await read<Made>(cluster, `${configMaps}/from-v2`)).data.host === 'later.example.com', {
      describe: 'the watch of the other version has taken over',
    })
    const after = await read<Made>(cluster, `${configMaps}/from-v2`)
    expect(after.metadata.uid).toBe(before.metadata.uid)
    expect(after.metadata.ownerReferences).toMatchObject([{ apiVersion: 'routes.example.com/v2' }])
    for (const name of ['from-v1', 'from-v2']) await untilCondition(cluster, `${v2}/${name}`, { status: 'True' })
    await untilQuiet(cluster, second, `${v2}/from-v1`)
  })
})
