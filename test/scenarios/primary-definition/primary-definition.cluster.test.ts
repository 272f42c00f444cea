import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { change, collection, create, definitionIn, exists, installDefinition, remove, untilCondition } from '../objects.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const file = `${project}/charts/vessel/crds/vessel.yaml`
const apiVersion = 'fleet.example.com/v1'
const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/vessels.fleet.example.com'
const configMap = (namespace: string, name: string) => `/api/v1/namespaces/${namespace}/configmaps/${name}`

const archive = (cluster: Cluster, name: string): string => `${collection(cluster, 'apps/v1', 'statefulsets')}/${name}-archive`

async function createVessel(cluster: Cluster, name: string, registry: string, spec: object = {}): Promise<string> {
  const vessels = collection(cluster, apiVersion, 'vessels')
  await create(cluster, vessels, { apiVersion, kind: 'Vessel', metadata: { name }, spec: { registry, ...spec } })
  return `${vessels}/${name}`
}

describe('the definition of the primaries', () => {
  test('goes when each has taken its leave: nothing is left, nothing is made for what is gone, and a new one is served', {
    timeout: 120_000,
  }, async ({ cluster, operator }) => {
    const registry = `${cluster.namespace}-registry`
    await create(cluster, '/api/v1/namespaces', { metadata: { name: registry } })
    await installDefinition(cluster, file)
    const process = await operator({ watches, namespaces: [cluster.namespace, registry] })
    const names = ['one', 'two', 'three']
    for (const name of names) await untilCondition(cluster, await createVessel(cluster, name, registry), { status: 'True' })
    expect(await exists(cluster, configMap(registry, 'one-register'))).toBe(true)

    await remove(cluster, definition)
    await cluster.eventually(async () => !(await exists(cluster, definition)), { describe: 'the definition is gone', timeout: 40_000 })
    await process.line(/CRD_MISSING/)
    for (const name of names) expect(await exists(cluster, configMap(registry, `${name}-register`)), name).toBe(false)
    expect(await fetch(`${await process.healthUrl()}/readyz`)).toMatchObject({ status: 503 })
    const gone = cluster.audit.mark()

    await installDefinition(cluster, file)
    const back = performance.now()
    // Not one of the old names: what the garbage collector has to take away of those takes its time.
    const again = await createVessel(cluster, 'four', registry)
    await untilCondition(cluster, again, { status: 'True', timeout: 40_000 })
    console.log(`a Vessel is ready ${((performance.now() - back) / 1000).toFixed(1)} s after the definition is back`)
    expect(await exists(cluster, configMap(registry, 'four-register'))).toBe(true)
    const made = cluster.audit.requests({ userAgent: 'fairlead/', verb: 'patch', resource: 'configmaps', since: gone })
    expect(
      made
        .filter(({ namespace }) => [registry, cluster.namespace].includes(namespace))
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['four', 'four-register'])
    await process.ready()

    await remove(cluster, again)
    await cluster.eventually(async () => !(await exists(cluster, again)), { describe: 'the Vessel is gone' })
    await cluster.request('DELETE', `/api/v1/namespaces/${registry}`)
  })

  test('which was deleted while the operator was stopped is installed when it is gone, if that is asked for', {
    timeout: 120_000,
  }, async ({ cluster, operator }) => {
    const registry = `${cluster.namespace}-registry`
    await create(cluster, '/api/v1/namespaces', { metadata: { name: registry } })
    await installDefinition(cluster, file)
    const namespaces = [cluster.namespace, registry]
    const before = await operator({ watches, namespaces })
    await untilCondition(cluster, await createVessel(cluster, 'one', registry), { status: 'True' })
    await before.stop()
    await remove(cluster, definition)

    const process = await operator({ watches, namespaces, args: ['--install-crds'], wait: false })
    await process.line(/^CustomResourceDefinition vessels\S+ is being deleted; it is installed when it is gone$/)
    await process.line(/^installed CustomResourceDefinition/, { timeout: 60_000 })
    const again = await cluster.eventually(async () => await createVessel(cluster, 'two', registry), { describe: 'the kind is served' })
    await untilCondition(cluster, again, { status: 'True', timeout: 40_000 })
    expect(await exists(cluster, configMap(registry, 'one-register'))).toBe(false)
  })

  test('that loses a field holds what the field asked for, and the next spec is not taken for the reason', {
    timeout: 120_000,
  }, async ({ cluster, operator }) => {
    await installDefinition(cluster, file)
    const process = await operator({ watches })
    const vessel = await createVessel(cluster, 'five', cluster.namespace, { archive: true })
    await untilCondition(cluster, vessel, { status: 'True' })
    const [version] = (definitionIn(file) as unknown as { spec: { versions: Version[] } }).spec.versions as [Version]
    const { archive: _lost, ...properties } = version.schema.openAPIV3Schema.properties.spec.properties
    version.schema.openAPIV3Schema.properties.spec.properties = properties

    await change(cluster, definition, { spec: { versions: [version] } })

    const held = { type: 'PruneHeld', status: 'True', message: /StatefulSet\/five-archive/ } as const
    await untilCondition(cluster, vessel, { ...held, timeout: 40_000 })
    await change(cluster, vessel, { spec: { tag: 'blue' } })
    await process.line(/^updated ConfigMap\/five /)
    await untilCondition(cluster, vessel, held)
    expect(await exists(cluster, archive(cluster, 'five'))).toBe(true)

    await remove(cluster, vessel)
    await cluster.eventually(async () => !(await exists(cluster, vessel)), { describe: 'the Vessel is gone' })
  })
})

interface Version {
  schema: { openAPIV3Schema: { properties: { spec: { properties: Record<string, unknown> } } } }
}
