import { describe, expect } from 'vitest'
import { test } from '../fixture.ts'
import { createApp, installAppDefinition, patchApp, untilReady } from './apps.ts'

describe('an App', () => {
  test('becomes ready with all its dependents, at the cost of one write for each and two for its status', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    await operator()
    const mark = cluster.audit.mark()

    await createApp(cluster, 'shop', { config: { GREETING: 'hello' } })
    await untilReady(cluster, 'shop')

    const { stdout } = await cluster.kubectl(['get', 'deployment,service,serviceaccount,configmap', '-l', 'fairlead.dev/primary-uid', '-o', 'name'])
    expect(stdout.trim().split('\n').sort()).toEqual(['configmap/shop', 'deployment.apps/shop', 'service/shop', 'serviceaccount/shop'])
    const requests = cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: mark })
    console.log('requests of one created App:', requests)
    expect(requests).toMatchObject({ 'patch configmaps': 1, 'patch deployments': 1, 'patch services': 1, 'patch serviceaccounts': 1, 'patch apps/status': 2 })
  })

  test('costs nothing when it is touched, nor when the operator starts again', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const first = await operator()
    await createApp(cluster, 'shop')
    await untilReady(cluster, 'shop')
    const touched = cluster.audit.mark()
    await patchApp(cluster, 'shop', { metadata: { annotations: { touched: 'yes' } } })
    await first.stop()
    const second = await operator()
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await second.stop()
    const requests = cluster.audit.requests({ userAgent: 'fairlead/', namespace: cluster.namespace, since: touched })
    expect(requests.filter(({ verb }) => verb !== 'list' && verb !== 'watch').map(({ verb, requestURI }) => `${verb} ${requestURI}`)).toEqual([])
  })
})
