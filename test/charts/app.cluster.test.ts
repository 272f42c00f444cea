import { describe, expect } from 'vitest'
import type { JsonObject } from '../../src/api/object.ts'
import type { Cluster } from '../controlplane/cluster.ts'
import { test } from '../controlplane/fixture.ts'
import { project, render } from './app.ts'

const definition = 'crd/apps.app.company.com'

async function installed(cluster: Cluster): Promise<void> {
  const applied = await cluster.kubectl(['apply', '--server-side', '--filename', `${project}charts/app/crds/app.yaml`])
  expect(applied).toMatchObject({ exitCode: 0, stderr: '' })
  const established = await cluster.kubectl(['wait', '--for=condition=Established', definition, '--timeout=20s'])
  expect(established).toMatchObject({ exitCode: 0 })
}

const create = (cluster: Cluster, name: string, spec: JsonObject): ReturnType<Cluster['kubectl']> =>
  cluster.kubectl(['create', '--filename=-'], {
    input: JSON.stringify({ apiVersion: 'app.company.com/v1alpha1', kind: 'App', metadata: { name }, spec }),
  })

describe('the CustomResourceDefinition of App', () => {
  test('is accepted, and fills in one replica and port 8080', async ({ cluster }) => {
    await installed(cluster)
    expect(await create(cluster, 'shop', { image: 'shop:1.0' })).toMatchObject({ exitCode: 0 })
    const { stdout } = await cluster.kubectl(['get', 'app', 'shop', '--output=jsonpath={.spec}'])
    expect(JSON.parse(stdout)).toEqual({ image: 'shop:1.0', replicas: 1, port: 8080 })
  })

  test('refuses a name that no Service may have', async ({ cluster }) => {
    await installed(cluster)
    for (const name of ['1shop', 'shop.web', 's'.repeat(64)]) {
      const { exitCode, stderr } = await create(cluster, name, { image: 'shop:1.0' })
      expect(stderr).toContain('the name must have at most 63 lower case letters')
      expect(exitCode).toBe(1)
    }
  })

  test('refuses an autoscaler whose least is more than its most', async ({ cluster }) => {
    await installed(cluster)
    const { stderr } = await create(cluster, 'shop', { image: 'shop:1.0', autoscaling: { minReplicas: 4, maxReplicas: 2 } })
    expect(stderr).toContain('minReplicas must not be greater than maxReplicas')
  })
})

describe('the dependents of an App with everything', () => {
  test('are valid to the last field, and their pods keep to the restricted standard', async ({ cluster }) => {
    const label = 'pod-security.kubernetes.io/warn=restricted'
    expect(await cluster.kubectl(['label', 'namespace', cluster.namespace, label])).toMatchObject({ exitCode: 0 })
    const dependents = render({
      image: 'shop:1.0',
      config: { GREETING: 'Hello' },
      resources: { requests: { cpu: 1 }, limits: { memory: '1Gi' } },
      ingress: { host: 'shop.example.com' },
      autoscaling: { maxReplicas: 3 },
    })
    const list = { apiVersion: 'v1', kind: 'List', items: Object.values(dependents) }
    const { stdout, stderr, exitCode } = await cluster.kubectl(['create', '--validate=strict', '--output=name', '--filename=-'], {
      input: JSON.stringify(list),
    })
    expect(stderr).toBe('')
    expect(exitCode).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(6)
  })
})
