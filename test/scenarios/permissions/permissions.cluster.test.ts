import { readFileSync } from 'node:fs'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { appPath, createApp, installAppDefinition } from '../app/apps.ts'
import { test } from '../fixture.ts'
import { collection, exists, remove, untilCondition } from '../objects.ts'

type Rule = { verbs: string[]; apiGroups: string[]; resources: string[] }

const allRules: readonly Rule[] = [
  { verbs: ['get', 'list', 'watch'], apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'] },
  { verbs: ['get', 'list', 'watch'], apiGroups: ['app.company.com'], resources: ['apps'] },
  { verbs: ['patch'], apiGroups: ['app.company.com'], resources: ['apps/status'] },
  { verbs: ['update'], apiGroups: ['app.company.com'], resources: ['apps/finalizers'] },
  { verbs: ['get', 'create', 'patch'], apiGroups: ['coordination.k8s.io'], resources: ['leases'] },
  { verbs: ['*'], apiGroups: [''], resources: ['services', 'serviceaccounts'] },
  { verbs: ['*'], apiGroups: [''], resources: ['configmaps'] },
  { verbs: ['*'], apiGroups: ['apps'], resources: ['deployments'] },
  { verbs: ['*'], apiGroups: ['networking.k8s.io'], resources: ['ingresses'] },
  { verbs: ['*'], apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'] },
]

/** The rules but for one resource, which gets these verbs instead. */
const rulesWith = (resource: string, verbs: string[]): Rule[] =>
  allRules.flatMap((rule) => (rule.resources.includes(resource) ? (verbs.length > 0 ? [{ ...rule, verbs }] : []) : [rule]))

const account = async (cluster: Cluster, rules: readonly Rule[]) => await cluster.kubeconfigFor({ name: 'operator', rules })
const path = (cluster: Cluster, apiVersion: string, plural: string) => `${collection(cluster, apiVersion, plural)}/shop`
const user = (cluster: Cluster) => `system:serviceaccount:${cluster.namespace}:operator`

describe('an operator that may not', () => {
  test('list one kind applies the others, says which and why, and goes on when it may', { timeout: 150_000 }, async ({
    cluster,
    operator,
  }) => {
    await installAppDefinition(cluster)
    const process = await operator({ kubeconfig: await account(cluster, rulesWith('configmaps', [])) })
    await createApp(cluster, 'shop', { config: { GREETING: 'hello' } })

    const denied = `GET configmaps in namespace "${cluster.namespace}": 403 Forbidden: ${user(cluster)} may not list configmaps in namespace "${cluster.namespace}"`
    expect(await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'False', message: /configmaps/ })).toMatchObject({
      reason: 'Waiting',
      message: `waits for ConfigMap/shop: ${denied}`,
    })
    expect((await process.line(/is forbidden/)).msg).toBe(`ConfigMap is forbidden: ${denied}`)
    for (const [apiVersion, plural] of [
      ['apps/v1', 'deployments'],
      ['v1', 'services'],
      ['v1', 'serviceaccounts'],
    ] as const)
      expect(await exists(cluster, path(cluster, apiVersion, plural)), plural).toBe(true)
    expect(await exists(cluster, path(cluster, 'v1', 'configmaps'))).toBe(false)

    await account(cluster, allRules)
    const granted = performance.now()
    await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'True', timeout: 70_000 })
    console.log(`ready ${((performance.now() - granted) / 1000).toFixed(1)} s after the permission was granted`)
  })

  test('list a kind that no App renders makes Apps ready, and says what it does not know', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    await operator({ kubeconfig: await account(cluster, rulesWith('ingresses', [])) })
    await createApp(cluster, 'shop')
    const denied = `${user(cluster)} may not list ingresses`
    const { message } = await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'True', message: /ingresses/ })
    expect(message).toContain('; whether anything is left to delete is not known: networking.k8s.io/v1 Ingress cannot be read now (GET')
    expect(message).toContain(denied)
  })

  test('write one kind applies the others and says which and why', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    await operator({ kubeconfig: await account(cluster, rulesWith('configmaps', ['get', 'list', 'watch'])) })
    await createApp(cluster, 'shop', { config: { GREETING: 'hello' } })

    const ready = await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'False', message: /may not/ })
    expect(ready.reason).toBe('ApplyFailed')
    expect(ready.message).toMatch(
      new RegExp(
        `^ConfigMap/shop: PATCH configmaps "shop" in namespace "${cluster.namespace}": 403 Forbidden: ${user(cluster)} may not patch configmaps in namespace "${cluster.namespace}" \\(.*charts/app/templates/configmap.yaml.eta:1:1\\)$`,
      ),
    )
    expect(await exists(cluster, path(cluster, 'apps/v1', 'deployments'))).toBe(true)
  })

  test('read the CustomResourceDefinition believes the project’s file, and says so', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const process = await operator({ kubeconfig: await account(cluster, rulesWith('customresourcedefinitions', [])) })
    await createApp(cluster, 'shop')
    await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'True' })
    expect((await process.line(/believed/)).msg).toBe(
      `GET customresourcedefinitions.apiextensions.k8s.io "apps.app.company.com": 403 Forbidden: ${user(cluster)} may not get customresourcedefinitions.apiextensions.k8s.io in the cluster; the project's file is believed instead`,
    )
  })
})

describe('an operator whose token is revoked', () => {
  test('stays up and says so', { timeout: 90_000 }, async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const kubeconfig = await account(cluster, allRules)
    const process = await operator({ kubeconfig })
    await createApp(cluster, 'shop')
    await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'True' })

    const token = /"token": "([^"]+)"/.exec(readFileSync(kubeconfig, 'utf8'))?.[1]
    await remove(cluster, `${collection(cluster, 'v1', 'serviceaccounts')}/operator`)
    // The server believes a token that it has seen for some seconds more.
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } }
    await cluster.eventually(
      async () => {
        const { body } = await cluster.request<{ status: { authenticated?: boolean } }>(
          'POST',
          '/apis/authentication.k8s.io/v1/tokenreviews',
          { body: review },
        )
        return !body.status.authenticated
      },
      { timeout: 40_000, describe: 'the token is refused' },
    )
    await remove(cluster, path(cluster, 'v1', 'configmaps'))

    const { level, msg } = await process.line(/401/, { timeout: 40_000 })
    expect({ level, msg }).toEqual({
      level: 'warn',
      msg: `ConfigMap/shop: GET apps.app.company.com "shop" in namespace "${cluster.namespace}": 401 Unauthorized`,
    })
    expect((await fetch(`${await process.healthUrl()}/healthz`)).status).toBe(200)
    expect(await process.stop('SIGTERM')).toBe(0)
  })
})
