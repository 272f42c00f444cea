/** The documents of discovery, beside those of the real server. */
import { describe, expect } from 'vitest'
import type { JsonObject } from '../../../src/api/object.ts'
import { aggregatedContentType } from '../../../src/sandbox/discovery/aggregated.ts'
import { createDiscovery, type Discovery } from '../../../src/sandbox/discovery/discovery.ts'
import { versionDocument } from '../../../src/sandbox/discovery/version.ts'
import { customResources } from '../../../src/sandbox/definitions/resources.ts'
import { builtInResources } from '../../../src/sandbox/kinds/built-in.ts'
import { resourcesTable } from '../../../src/sandbox/tables/resources.ts'
import { type Cluster, test } from '../../controlplane/fixture.ts'
import type { KubernetesObject } from '../../../src/api/object.ts'

const builtIn = (cluster: Cluster): Discovery => createDiscovery(builtInResources(), new URL(cluster.server).host)

interface Group {
  metadata: { name: string }
  versions: object[]
}

/** Other tests define kinds of their own. */
const groupsInTable = new Set(resourcesTable.groups.map(({ name }) => name))

describe('discovery', () => {
  test('is the same for every group and version', async ({ cluster }) => {
    const discovery = builtIn(cluster)
    const paths = resourcesTable.groups.flatMap(({ name, versions }) =>
      name ? [`/apis/${name}`, ...versions.map(({ version }) => `/apis/${name}/${version}`)] : ['/api', '/api/v1'],
    )

    for (const path of paths) {
      const { body } = await cluster.request('GET', path)
      expect(JSON.stringify(discovery.document(path)), path).toBe(JSON.stringify(body))
    }
    expect(paths.length).toBeGreaterThan(40)
  })

  test('is the same in one piece, with the same tag where no kind was added', async ({ cluster }) => {
    const discovery = builtIn(cluster)
    const core = await cluster.request<JsonObject>('GET', '/api', { headers: { accept: aggregatedContentType } })
    const named = await cluster.request<{ items: Group[] }>('GET', '/apis', {
      headers: { accept: aggregatedContentType },
    })

    expect(core.headers).toMatchObject({ etag: discovery.aggregated('/api')?.etag, vary: 'Accept', 'content-type': aggregatedContentType })
    expect(core.body).toEqual(discovery.aggregated('/api')?.body)
    expect(named.body.items.filter(({ metadata }) => groupsInTable.has(metadata.name))).toEqual(discovery.aggregated('/apis')?.body.items)
  })

  test('is the same for kinds that are defined', async ({ cluster }) => {
    const group = `${cluster.namespace}.example`
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `ants.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'ants', singular: 'ant', kind: 'Ant', listKind: 'AntList', shortNames: ['an'], categories: ['all'] },
        conversion: { strategy: 'None' },
        versions: ['v1beta1', 'v1', 'v2alpha1', 'v10'].map((name, index) => ({
          name,
          served: true,
          storage: index === 0,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' }, status: { type: 'object' } } } },
          subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } },
        })),
      },
    }
    await cluster.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition })
    const discovery = createDiscovery(customResources(definition as unknown as KubernetesObject), '')
    const path = `/apis/${group}`
    try {
      // It is told in one piece last.
      const inOnePiece = await cluster.eventually(
        async () => {
          const { body } = await cluster.request<{ items: Group[] }>('GET', '/apis', {
            headers: { accept: aggregatedContentType },
          })
          return body.items.find(({ metadata, versions }) => metadata.name === group && versions.length === 4)
        },
        { describe: `${group} in discovery` },
      )

      expect(discovery.aggregated('/apis')?.body.items).toEqual([inOnePiece])
      for (const each of [path, `${path}/v1beta1`, `${path}/v10`]) {
        const { body } = await cluster.request('GET', each)
        expect(JSON.stringify(discovery.document(each)), each).toBe(JSON.stringify(body))
      }
    } finally {
      await cluster.request('DELETE', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/ants.${group}`)
    }
  })

  test('tells a version with the same fields', async ({ cluster }) => {
    const { body } = await cluster.request<JsonObject>('GET', '/version')

    const mine = versionDocument(resourcesTable.kubernetes)
    expect(Object.keys(mine)).toEqual(Object.keys(body))
    // The others tell who built the server, when and with what.
    for (const field of [
      'major',
      'minor',
      'emulationMajor',
      'emulationMinor',
      'minCompatibilityMajor',
      'minCompatibilityMinor',
      'gitVersion',
    ])
      expect(mine[field], field).toBe(body[field])
  })
})
