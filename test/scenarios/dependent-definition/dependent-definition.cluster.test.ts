import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const pistonFile = fileURLToPath(new URL('piston.yaml', import.meta.url))
const watches = `${project}/watches.yaml`
const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/pistons.pieces.parts.example.com'
const pistons = (cluster: Cluster) => collection(cluster, 'pieces.parts.example.com/v1', 'pistons')
const manual = (cluster: Cluster, name: string) => `${collection(cluster, 'v1', 'configmaps')}/${name}-manual`

async function createEngine(cluster: Cluster, name: string, annotations: Record<string, string> = {}): Promise<string> {
  const engines = collection(cluster, 'parts.example.com/v1', 'engines')
  await create(cluster, engines, {
    apiVersion: 'parts.example.com/v1',
    kind: 'Engine',
    metadata: { name, annotations },
    spec: { bore: 70 },
  })
  return `${engines}/${name}`
}

describe('the definition of a dependent', () => {
  test('that is deleted is waited for: nothing else is deleted, and what it took with it is made again when it is back', {
    timeout: 120_000,
  }, async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/engine/crds/engine.yaml`)
    await installDefinition(cluster, pistonFile)
    const process = await operator({ watches })
    const engine = await createEngine(cluster, 'one')
    const leaving = await createEngine(cluster, 'two', { 'fairlead.dev/deletion-policy': 'foreground' })
    for (const path of [engine, leaving]) {
      await cluster.eventually(async () => await exists(cluster, manual(cluster, path.slice(path.lastIndexOf('/') + 1))))
      await untilCondition(cluster, path, { status: 'True' })
    }
    expect((await read(cluster, leaving)).metadata.finalizers).toEqual(['fairlead.dev/dependents'])

    await remove(cluster, definition)
    expect((await process.line(/^Piston\S* is gone/)).msg).toBe(
      'Piston.pieces.parts.example.com is gone: the server does not serve Piston.pieces.parts.example.com',
    )
    const blind = cluster.audit.mark()
    await change(cluster, engine, { spec: { bore: 80 } })
    expect(await untilCondition(cluster, engine, { status: 'False', message: /Piston/ })).toMatchObject({
      reason: 'Waiting',
      message:
        'waits for Piston/one: the server does not serve Piston.pieces.parts.example.com; deletion of what is no longer rendered: ' +
        'pieces.parts.example.com/v1 Piston cannot be read now (the server does not serve Piston.pieces.parts.example.com)',
    })
    expect(await exists(cluster, manual(cluster, 'one'))).toBe(true)
    expect(cluster.audit.requests({ userAgent: 'fairlead/', verb: 'delete', namespace: cluster.namespace, since: blind })).toEqual([])
    expect((await fetch(`${await process.healthUrl()}/readyz`)).status).toBe(200)

    // There are no Pistons that could hold it up.
    await remove(cluster, leaving)
    await cluster.eventually(async () => !(await exists(cluster, leaving)), { describe: 'the Engine is gone' })

    await installDefinition(cluster, pistonFile)
    const back = performance.now()
    await untilCondition(cluster, engine, { status: 'True' })
    console.log(`all is there again ${((performance.now() - back) / 1000).toFixed(1)} s after the definition`)
    expect((await read<{ spec: object }>(cluster, `${pistons(cluster)}/one`)).spec).toEqual({ bore: 80 })
    await cluster.eventually(async () => (await read<{ data: { bore: string } }>(cluster, manual(cluster, 'one'))).data.bore === '80')
  })
})
