import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import type { Resource } from '../../src/kube/client.ts'
import {
  differingDefinition,
  installDefinition,
  missingDefinition,
  readDefinition,
} from '../../src/operator/custom-resource-definitions.ts'
import { FakeCluster, refusal } from './fake-cluster.ts'
import { app, appDefinition, configMap, deployment } from './stage.ts'

const definitions: Resource = {
  ...app,
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}
const name = 'apps.app.company.com'
const establish = (cluster: FakeCluster) =>
  cluster.edit(
    definitions,
    name,
    (object) => Object.assign(object, { status: { conditions: [{ type: 'Established', status: 'True' }] } }),
    { namespace: '', manager: 'kube-apiserver' },
  )

describe('installing a definition', () => {
  it('creates it and waits until it is Established', async () => {
    const cluster = new FakeCluster([definitions])
    const pauses: number[] = []
    await installDefinition(
      cluster,
      appDefinition(),
      (milliseconds) => {
        pauses.push(milliseconds)
        if (pauses.length === 3) establish(cluster)
        return Promise.resolve()
      },
      new AbortController().signal,
    )
    expect(pauses).toHaveLength(3)
    expect(cluster.requests()).toEqual([
      `apply customresourcedefinitions.apiextensions.k8s.io ${name}`,
      ...Array(3).fill(`get customresourcedefinitions.apiextensions.k8s.io ${name}`),
    ])
  })

  it('updates one that is there, and does not wait for one that is Established', async () => {
    const cluster = new FakeCluster([definitions])
    cluster.edit(definitions, name, (object) => Object.assign(object, { spec: { old: true } }), { namespace: '' })
    establish(cluster)
    await installDefinition(cluster, appDefinition(), () => Promise.reject(new Error('a pause')), new AbortController().signal)
    expect(cluster.get('customresourcedefinitions.apiextensions.k8s.io', name, '')?.['spec']).toMatchObject({
      versions: [{ name: 'v1alpha1' }],
    })
  })

  it('gives up on one whose names are taken, and says so', async () => {
    const cluster = new FakeCluster([definitions])
    const pause = () => {
      const conditions = [
        { type: 'NamesAccepted', status: 'False', reason: 'PluralConflict' },
        { type: 'Established', status: 'False', reason: 'NotAccepted' },
      ]
      cluster.edit(definitions, name, (object) => Object.assign(object, { status: { conditions } }), { namespace: '' })
      return Promise.resolve()
    }
    expect(await installDefinition(cluster, appDefinition(), pause, new AbortController().signal)).toBe('PluralConflict, NotAccepted')
  })

  it('ends when the operator is stopped', async () => {
    const cluster = new FakeCluster([definitions])
    const stopping = new AbortController()
    const pause = () => {
      stopping.abort()
      return Promise.resolve()
    }
    await expect(installDefinition(cluster, appDefinition(), pause, stopping.signal)).rejects.toMatchObject({ class: 'aborted' })
  })
})

describe('reading a definition', () => {
  it('asks for nothing for a kind of the core, and finds none for one that is built in', async () => {
    const cluster = new FakeCluster([definitions])
    expect(await readDefinition(cluster, configMap)).toBeUndefined()
    expect(cluster.requests()).toEqual([])
    expect(await readDefinition(cluster, deployment)).toBeUndefined()
    expect(cluster.requests()).toEqual(['get customresourcedefinitions.apiextensions.k8s.io deployments.apps'])
  })

  it('rejects where it may not be read', async () => {
    const cluster = new FakeCluster([definitions])
    cluster.before = () => {
      throw refusal({ class: 'forbidden', code: 403 })
    }
    await expect(readDefinition(cluster, app)).rejects.toMatchObject({ class: 'forbidden' })
  })
})

describe('a definition in the cluster', () => {
  it('is the project’s whatever the order of its keys and whatever the server added around the schema', () => {
    const live = appDefinition() as KubernetesObject & { spec: { versions: Record<string, unknown>[] } }
    const [version] = live.spec.versions as [Record<string, unknown>]
    live.spec.versions = [{ storage: true, schema: version['schema'], served: true, name: version['name'] }]
    expect(differingDefinition(app, live, appDefinition(), 'crds/app.yaml')).toBeUndefined()
  })

  it('that has another schema is told, with the file', () => {
    expect(differingDefinition(app, appDefinition({ type: 'object' }), appDefinition(), 'crds/app.yaml')).toMatchObject({
      code: 'CRD_DIFFERS',
      severity: 'warning',
      at: { file: 'crds/app.yaml' },
    })
  })

  it('that is missing is told with what to do, also without a file', () => {
    expect(missingDefinition(app, 'crds/app.yaml').remedy).toContain('kubectl apply -f crds/app.yaml')
    expect(missingDefinition(app, undefined).remedy).toContain('apply its CustomResourceDefinition')
  })
})
