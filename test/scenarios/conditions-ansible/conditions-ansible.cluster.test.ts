import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { change, collection, create, exists, installDefinition, untilConditions } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`

async function createMemcached(cluster: Cluster, spec: object): Promise<string> {
  const path = await installDefinition(cluster, `${project}/charts/memcached/crds/memcached.yaml`)
  await create(cluster, path, { apiVersion: 'styles-ansible.example.com/v1', kind: 'Memcached', metadata: { name: 'cache' }, spec })
  return `${path}/cache`
}

const successful = ['Running True Successful', 'Successful True Successful', 'Failure False Successful']

describe('conditions: ansible', () => {
  test('say successful when everything is applied, and nothing is written after that', async ({ cluster, operator }) => {
    const memcached = await createMemcached(cluster, { port: 11_211 })
    const running = await operator({ watches })

    const waited = await cluster.kubectl([
      'wait',
      '--for=condition=Successful',
      '--timeout=20s',
      'memcacheds.styles-ansible.example.com/cache',
    ])
    expect([waited.exitCode, waited.stderr]).toEqual([0, ''])
    await untilConditions(cluster, memcached, successful)
    await untilQuiet(cluster, running, memcached)
  })

  test('say running while something is waited for', async ({ cluster, operator }) => {
    const memcached = await createMemcached(cluster, { port: 11_211, after: true })
    await operator({ watches })
    await untilConditions(cluster, memcached, ['Running True Running', 'Successful False Running', /^Failure False /])

    const door = `${collection(cluster, 'v1', 'configmaps')}/cache-door`
    await cluster.eventually(async () => await exists(cluster, door), { describe: 'it has a door' })
    await change(cluster, door, { data: { open: 'yes' } })
    await untilConditions(cluster, memcached, successful)
  })

  test('tell a failure with its message, and no longer when it is put right', async ({ cluster, operator }) => {
    const memcached = await createMemcached(cluster, { port: 11_211, broken: true })
    await operator({ watches })
    const { message } = await untilConditions(cluster, memcached, [
      'Failure True Failed',
      'Running False Failed',
      'Successful False Failed',
    ])
    expect(message).toContain('this one is broken')

    await change(cluster, memcached, { spec: { broken: null } })
    await untilConditions(cluster, memcached, successful)
  })

  test('tell an annotation that cannot be read', async ({ cluster, operator }) => {
    const memcached = await createMemcached(cluster, { port: 11_211 })
    await operator({ watches })
    await untilConditions(cluster, memcached, successful)
    await change(cluster, memcached, { metadata: { annotations: { 'fairlead.dev/reconcile-period': 'soon' } } })
    const { message } = await untilConditions(cluster, memcached, ['Failure True Failed'])
    expect(message).toContain('fairlead.dev/reconcile-period')
  })
})
