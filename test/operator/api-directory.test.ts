import { describe, expect, it } from 'vitest'
import { ApiDirectory } from '../../src/operator/api-directory.ts'
import { emptyDiscovery, FakeCluster, refusal } from './fake-cluster.ts'
import { app, configMap, deployment, resources } from './stage.ts'

const setUp = () => {
  const cluster = new FakeCluster(resources)
  const asked: string[] = []
  cluster.before = ({ request }) => void asked.push(request.path)
  return { cluster, asked, directory: new ApiDirectory(cluster, emptyDiscovery) }
}

describe('what the server serves', () => {
  it('is asked for once for each group version that is not known, also by many at a time', async () => {
    const { directory, asked } = setUp()
    const found = await Promise.all([directory.resolve(app), directory.resolve(app), directory.resolve(configMap)])
    expect(found.map((resource) => resource?.plural)).toEqual(['apps', 'apps', 'configmaps'])
    await directory.resolve(app)
    expect(asked.filter((path) => path === '/apis/app.company.com/v1alpha1')).toHaveLength(1)
  })

  it('keeps every answer of those that were read at the same time', async () => {
    const { directory } = setUp()
    await Promise.all([app, configMap, deployment].map((kind) => directory.resolve(kind)))
    expect([app, configMap, deployment].map((kind) => directory.resourceOf(kind)?.plural)).toEqual(['apps', 'configmaps', 'deployments'])
    expect(directory.capabilities.apiVersions).toEqual(
      expect.arrayContaining(['apps/v1/Deployment', 'v1/ConfigMap', 'app.company.com/v1alpha1/App']),
    )
  })

  it('does not hold a kind that is not served, and finds it when it is', async () => {
    const { cluster, directory } = setUp()
    cluster.unserved.add('apps.app.company.com')
    expect(await directory.resolve(app)).toBeUndefined()
    cluster.unserved.clear()
    expect(await directory.resolve(app)).toMatchObject({ plural: 'apps' })
  })

  it('is unknown, not absent, where the server does not answer: what was known stays', async () => {
    const { cluster, directory } = setUp()
    await directory.resolve(deployment)
    cluster.before = () => {
      throw refusal({ class: 'unavailable', code: 503 })
    }
    await expect(directory.resolve(app)).rejects.toMatchObject({ class: 'unavailable' })
    await expect(directory.refresh(deployment)).rejects.toMatchObject({ class: 'unavailable' })
    expect(directory.resourceOf(deployment)).toMatchObject({ plural: 'deployments' })
  })
})
