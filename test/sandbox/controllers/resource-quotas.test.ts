import { expect, it } from 'vitest'
import { resourceQuotas } from '../../../src/sandbox/controllers/resource-quotas.ts'
import { namespace } from './objects.ts'
import { running } from './memory-world.ts'

it('a quota tells what of it is used, after every change', async () => {
  const run = running([resourceQuotas()])
  const hard = {
    pods: '5',
    services: '5',
    'services.nodeports': '5',
    'requests.cpu': '4',
    'limits.memory': '4Gi',
    'requests.storage': '9Gi',
    'count/deployments.apps': '1',
    configmaps: '3',
  }
  run.world.create('/resourcequotas', { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'all', namespace }, spec: { hard } })
  const pod = (name: string, phase: string) =>
    run.world.create('/pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace },
      spec: {
        containers: [
          { name: 'a', resources: { requests: { cpu: '300m' }, limits: { memory: '1Gi' } } },
          { name: 'b', resources: { requests: { cpu: '1' } } },
        ],
      },
      status: { phase },
    })
  pod('a', 'Running')
  pod('b', 'Pending')
  pod('c', 'Succeeded')
  run.world.create('/services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace },
    spec: { type: 'NodePort', ports: [{ nodePort: 30001 }, { nodePort: 30002 }] },
  })
  run.world.create('/persistentvolumeclaims', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace },
    spec: { resources: { requests: { storage: '2Gi' } } },
  })
  await run.idle()
  const status = () => run.world.get('/resourcequotas', namespace, 'all')?.['status']
  expect(status()).toEqual({
    hard,
    used: {
      pods: '2',
      services: '1',
      'services.nodeports': '2',
      'requests.cpu': '2600m',
      'limits.memory': '2Gi',
      'requests.storage': '2Gi',
      'count/deployments.apps': '0',
      configmaps: '0',
    },
  })
  run.world.delete('/pods', namespace, 'a')
  await run.idle()
  expect(status()).toMatchObject({ used: { pods: '1', 'requests.cpu': '1300m' } })
})
