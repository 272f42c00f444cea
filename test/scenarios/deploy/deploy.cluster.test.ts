import { readFileSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { parseYaml } from '../../../src/yaml/read.ts'
import { createApp, installAppDefinition, patchApp, untilReady } from '../app/apps.ts'
import type { PolicyRule } from '../../controlplane/cluster.ts'
import { test } from '../fixture.ts'
import { collection, exists } from '../objects.ts'
import { repository } from '../operator-process.ts'

const page = readFileSync(`${repository}/docs/guides/deploy.md`, 'utf8')
const block = (name: string): unknown =>
  parseYaml('deploy.md', new RegExp(`\`\`\`yaml ${name}\\n(.*?)\`\`\``, 's').exec(page)?.[1] ?? '').values[0]

describe('docs/guides/deploy.md', () => {
  test('lists the rules that the default operator needs: with them it makes, heals and deletes every kind', async ({
    cluster,
    operator,
  }) => {
    await installAppDefinition(cluster)
    const kubeconfig = await cluster.kubeconfigFor({ name: 'app-operator', rules: block('rules') as PolicyRule[] })
    const process = await operator({ kubeconfig })
    await createApp(cluster, 'shop', { ingress: { host: 'shop.example' }, autoscaling: { minReplicas: 1, maxReplicas: 2 } })
    await untilReady(cluster, 'shop')
    const service = `${collection(cluster, 'v1', 'services')}/shop`
    await cluster.request('DELETE', service)
    await cluster.eventually(async () => await exists(cluster, service), { describe: 'the Service is back' })
    await patchApp(cluster, 'shop', { spec: { ingress: null, autoscaling: null } })
    const ingress = `${collection(cluster, 'networking.k8s.io/v1', 'ingresses')}/shop`
    await cluster.eventually(async () => !(await exists(cluster, ingress)), { describe: 'the Ingress is gone' })
    await untilReady(cluster, 'shop')

    expect(process.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
    const refused = cluster.audit
      .requests({ userAgent: 'fairlead/', user: `system:serviceaccount:${cluster.namespace}:app-operator` })
      .filter(({ code }) => code === 403)
    expect(refused).toEqual([])
  })

  test('has a Deployment that the "restricted" Pod Security Standard takes without a warning', async ({ cluster }) => {
    await cluster.kubectl(['label', 'namespace', cluster.namespace, 'pod-security.kubernetes.io/warn=restricted'])
    const deployment = block('deployment') as { metadata: object }
    const manifest = JSON.stringify({ ...deployment, metadata: { ...deployment.metadata, namespace: cluster.namespace } })
    const { exitCode, stderr } = await cluster.kubectl(['apply', '--server-side', '-f', '-'], { input: manifest })
    expect([exitCode, stderr]).toEqual([0, ''])
  })
})
