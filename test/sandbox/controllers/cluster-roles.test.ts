import { expect, it } from 'vitest'
import { clusterRoleAggregation } from '../../../src/sandbox/controllers/cluster-roles.ts'
import { running } from './memory-world.ts'

const storage = 'rbac.authorization.k8s.io/clusterroles'

it('a cluster role has the rules of those that it selects, each once', async () => {
  const run = running([clusterRoleAggregation()])
  const role = (name: string, more: object) =>
    run.world.create(storage, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name, labels: { part: 'yes' } },
      ...more,
    })
  const read = { apiGroups: [''], resources: ['pods'], verbs: ['get'] }
  const write = { apiGroups: [''], resources: ['pods'], verbs: ['update'] }
  role('a', { rules: [read] })
  role('b', { rules: [read, write] })
  role('whole', { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: 'yes' } }] } })
  await run.idle()
  expect(run.world.get(storage, '', 'whole')?.['rules']).toEqual([read, write])
  run.world.delete(storage, '', 'b')
  await run.idle()
  expect(run.world.get(storage, '', 'whole')?.['rules']).toEqual([read])
})
