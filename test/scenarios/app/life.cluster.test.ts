import { describe, expect } from 'vitest'
import type { AuditMark } from '../../controlplane/audit.ts'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { untilPasses, untilWatching } from '../metrics.ts'
import { createApp, installAppDefinition, patchApp, untilReady } from './apps.ts'

const dependents = 'deployment,service,serviceaccount,configmap,ingress,horizontalpodautoscaler'

async function dependentsOf(cluster: Cluster): Promise<string[]> {
  const { stdout } = await cluster.kubectl(['get', dependents, '-l', 'fairlead.dev/primary-uid', '-o', 'name'])
  return stdout.trim().split('\n').sort()
}

describe('a created App', () => {
  test('becomes ready with its dependents: one write for each, at most two for its status, and no read', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const running = await operator()
    await untilWatching(cluster, running)
    const started = cluster.audit.mark()

    await createApp(cluster, 'shop', { config: { GREETING: 'hello' } })
    await untilReady(cluster, 'shop')
    await untilPasses(cluster, running, 1)

    expect(await dependentsOf(cluster)).toEqual(['configmap/shop', 'deployment.apps/shop', 'service/shop', 'serviceaccount/shop'])
    const requests = cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: started })
    console.log('requests for a created App:', requests)
    const { 'patch apps/status': statuses, ...others } = requests
    expect(others).toEqual({
      'patch configmaps': 1,
      'patch deployments': 1,
      'patch services': 1,
      'patch serviceaccounts': 1,
      // The inventory, before the first object of its kinds.
      'patch leases': 1,
      // That they were made.
      'create events': 1,
    })
    // One where the pods are ready before the first status is written.
    expect([1, 2]).toContain(statuses)
  })

  test('with a host and autoscaling has one dependent of each kind, for one write each', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const running = await operator()
    await untilWatching(cluster, running)
    const started = cluster.audit.mark()

    await createApp(cluster, 'shop', {
      replicas: undefined,
      ingress: { host: 'shop.example.com' },
      autoscaling: { minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 80 },
    })
    await untilReady(cluster, 'shop')
    await untilPasses(cluster, running, 1)

    expect(await dependentsOf(cluster)).toEqual([
      'configmap/shop',
      'deployment.apps/shop',
      'horizontalpodautoscaler.autoscaling/shop',
      'ingress.networking.k8s.io/shop',
      'service/shop',
      'serviceaccount/shop',
    ])
    const {
      'patch apps/status': statuses,
      'create events': told,
      ...requests
    } = cluster.audit.count({
      userAgent: 'fairlead/',
      namespace: cluster.namespace,
      since: started,
    })
    console.log('requests for a created App with a host and autoscaling:', {
      ...requests,
      'create events': told,
      'patch apps/status': statuses,
    })
    expect(requests).toEqual({
      'patch configmaps': 1,
      'patch deployments': 1,
      'patch horizontalpodautoscalers': 1,
      'patch ingresses': 1,
      'patch leases': 1,
      'patch services': 1,
      'patch serviceaccounts': 1,
    })
    // That they were made, and that the number of replicas is the autoscaler's.
    expect(told).toBeLessThanOrEqual(2)
    // The autoscaler brings a second pod after the first: each number of ready pods is a status.
    expect(statuses).toBeLessThanOrEqual(5)
  })
})

describe('fifty ready Apps', () => {
  const names = Array.from({ length: 50 }, (_, index) => `shop-${index}`)

  test('cost nothing when they are touched, nor when the operator starts again', { timeout: 180_000 }, async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    // An account of its own: discovery is in no namespace, and other tests' operators ask for it too.
    const kubeconfig = await cluster.kubeconfigFor({ name: 'operator', rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] })
    const requests = (since: AuditMark) => cluster.audit.count({ user: `system:serviceaccount:${cluster.namespace}:operator`, since })
    const first = await operator({ kubeconfig })
    for (const name of names) await createApp(cluster, name)
    for (const name of names) await untilReady(cluster, name)
    const before = await untilPasses(cluster, first, names.length)

    const touched = cluster.audit.mark()
    for (const name of names) await patchApp(cluster, name, { metadata: { annotations: { touched: 'yes' } } })
    await untilPasses(cluster, first, before.passes('done') + names.length)
    expect(requests(touched)).toEqual({})

    await first.stop()
    const restarted = cluster.audit.mark()
    const second = await operator({ kubeconfig })
    await untilWatching(cluster, second, restarted)
    await untilPasses(cluster, second, names.length)
    console.log('requests of a start over 50 ready Apps:', requests(restarted))
    const kinds = ['apps', 'configmaps', 'deployments', 'horizontalpodautoscalers', 'ingresses', 'serviceaccounts', 'services']
    const caches = Object.fromEntries(
      kinds.flatMap((kind) => [
        [`list ${kind}`, 1],
        [`watch ${kind}`, 1],
      ]),
    )
    const discovery = { 'get /version': 1, 'get /api': 1, 'get /apis': 1 }
    expect(requests(restarted)).toEqual({ ...discovery, 'get customresourcedefinitions': 1, 'get leases': 1, ...caches })
  })
})
