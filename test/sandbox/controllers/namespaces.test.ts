import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../../src/api/object.ts'
import type { Condition } from '../../../src/sandbox/controllers/conditions.ts'
import { namespaceDefaults } from '../../../src/sandbox/controllers/namespace-defaults.ts'
import { namespaces } from '../../../src/sandbox/controllers/namespaces.ts'
import { type Running, running } from './memory-world.ts'

const configMap = (name: string, finalizers?: string[]): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop', ...(finalizers ? { finalizers } : {}) },
})

async function started(): Promise<Running> {
  const run = running([namespaces(), namespaceDefaults('AUTHORITY')])
  run.world.create('/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop' },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  })
  await run.idle()
  return run
}

describe('a namespace', () => {
  it('has a default service account and the certificate of the authority, which come back', async () => {
    const run = await started()
    expect(run.world.get('/configmaps', 'shop', 'kube-root-ca.crt')?.['data']).toEqual({ 'ca.crt': 'AUTHORITY' })
    run.world.delete('/serviceaccounts', 'shop', 'default')
    const map = run.world.get('/configmaps', 'shop', 'kube-root-ca.crt') as KubernetesObject
    run.world.update('/configmaps', { ...map, data: {} })
    await run.idle()
    expect(run.world.get('/serviceaccounts', 'shop', 'default')).toBeDefined()
    expect(run.world.get('/configmaps', 'shop', 'kube-root-ca.crt')?.['data']).toEqual({ 'ca.crt': 'AUTHORITY' })
  })

  it('that is deleted takes everything with it', async () => {
    const run = await started()
    run.world.create('/configmaps', configMap('a'))
    run.world.delete('/namespaces', '', 'shop')
    await run.idle()
    expect([...run.world.list('/namespaces'), ...run.world.list('/configmaps'), ...run.world.list('/serviceaccounts')]).toEqual([])
    expect(run.failures).toEqual([])
  })

  it('that is deleted waits for finalizers, and says what is left', async () => {
    const run = await started()
    run.world.create('/configmaps', configMap('a', ['example.com/hold']))
    run.world.create('/configmaps', configMap('b', ['example.com/hold', 'example.com/other']))
    run.world.delete('/namespaces', '', 'shop')
    await run.idle()
    const status = run.world.get('/namespaces', '', 'shop')?.['status'] as { conditions?: Condition[] } | undefined
    expect(status?.conditions?.map(({ type, status: value, message }) => [type, value, message])).toEqual([
      ['NamespaceDeletionDiscoveryFailure', 'False', 'All resources successfully discovered'],
      ['NamespaceDeletionGroupVersionParsingFailure', 'False', 'All legacy kube types successfully parsed'],
      ['NamespaceDeletionContentFailure', 'False', 'All content successfully deleted, may be waiting on finalization'],
      ['NamespaceContentRemaining', 'True', 'Some resources are remaining: configmaps. has 2 resource instances'],
      [
        'NamespaceFinalizersRemaining',
        'True',
        'Some content in the namespace has finalizers remaining: example.com/hold in 2 resource instances, example.com/other in 1 resource instances',
      ],
    ])
    for (const object of run.world.list('/configmaps'))
      run.world.update('/configmaps', { ...object, metadata: { ...object.metadata, finalizers: [] } })
    await run.idle()
    expect(run.world.list('/namespaces')).toEqual([])
  })
})
