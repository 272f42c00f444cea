/** Admission policies are run by the real server only; the sandbox keeps them as objects and calls none. */
import { describe, expect } from 'vitest'
import { appliedAnnotation } from '../../../src/api/names.ts'
import type { Cluster } from '../../controlplane/fixture.ts'
import { appPath, createApp, installAppDefinition, untilReady } from '../app/apps.ts'
import { test } from '../fixture.ts'
import { Dependent } from '../healing/dependent.ts'
import { untilPasses, untilWatching } from '../metrics.ts'
import { collection } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const image = 'registry.example.com/mirror:1'
const setsImage = `Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{
  containers: object.spec.template.spec.containers.map(c, Object.spec.template.spec.containers{name: c.name, image: "${image}"})}}}}`
const addsContainer = `Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{
  containers: [Object.spec.template.spec.containers{name: "injected", image: "example.com/injected:1"}]}}}}`
const stripsHash = `(has(object.metadata.annotations) && "${appliedAnnotation}" in object.metadata.annotations
    ? [JSONPatch{op: "remove", path: "/metadata/annotations/${appliedAnnotation.replace('/', '~1')}"}] : [])
  + [JSONPatch{op: "replace", path: "/spec/template/spec/containers/0/image", value: "${image}"}]`

const apply = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } })
const jsonPatch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } })

/** Has the server change each Deployment of the test's namespace that is created or updated, and undoes it after the work. */
async function withPolicy(cluster: Cluster, mutation: object, work: () => Promise<void>): Promise<void> {
  const name = cluster.namespace
  const apiVersion = 'admissionregistration.k8s.io/v1'
  const objects = {
    mutatingadmissionpolicies: {
      apiVersion,
      kind: 'MutatingAdmissionPolicy',
      metadata: { name },
      spec: {
        matchConstraints: {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
          resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'], operations: ['CREATE', 'UPDATE'] }],
        },
        failurePolicy: 'Fail',
        reinvocationPolicy: 'IfNeeded',
        mutations: [mutation],
      },
    },
    mutatingadmissionpolicybindings: { apiVersion, kind: 'MutatingAdmissionPolicyBinding', metadata: { name }, spec: { policyName: name } },
  }
  try {
    for (const [plural, body] of Object.entries(objects)) {
      const { status, body: answer } = await cluster.request('POST', `/apis/${apiVersion}/${plural}`, { body })
      expect(status, answer.message).toBe(201)
    }
    await cluster.eventually(async () => await isInForce(cluster), { describe: 'the policy is in force', timeout: 30_000 })
    await work()
  } finally {
    for (const plural of Object.keys(objects)) await cluster.request('DELETE', `/apis/${apiVersion}/${plural}/${name}`)
  }
}

/** A dry run shows whether the server has taken the policy up. */
async function isInForce(cluster: Cluster): Promise<boolean> {
  const labels = { app: 'probe' }
  const template = { metadata: { labels }, spec: { containers: [{ name: 'probe', image: 'example.com/probe:1' }] } }
  const body = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'probe' },
    spec: { selector: { matchLabels: labels }, template },
  }
  const answer = await cluster.request('POST', collection(cluster, 'apps/v1', 'deployments'), { query: { dryRun: 'All' }, body })
  if (answer.status !== 201) throw new Error(`the probe was answered ${answer.status}: ${answer.body.message}`)
  const { spec } = answer.body as unknown as { spec: { template: { spec: { containers: { image: string }[] } } } }
  return spec.template.spec.containers.length > 1 || spec.template.spec.containers[0]?.image === image
}

const deploymentOf = (cluster: Cluster) =>
  new Dependent(cluster, { kind: 'Deployment', collection: collection(cluster, 'apps/v1', 'deployments'), name: 'shop' })

async function containersOf(deployment: Dependent): Promise<string[]> {
  const { spec } = (await deployment.read()) as unknown as {
    spec: { template: { spec: { containers: { name: string; image: string }[] } } }
  }
  return spec.template.spec.containers.map(({ name, image: of }) => `${name} ${of}`)
}

async function untilOnePod(cluster: Cluster, deployment: Dependent): Promise<void> {
  await cluster.eventually(
    async () => {
      const live = await deployment.read()
      const { replicas } = live['spec'] as unknown as { replicas: number }
      const status = live['status'] as unknown as { observedGeneration: number; replicas: number; readyReplicas: number }
      const settled = status.observedGeneration === live.metadata.generation && status.replicas === 1 && status.readyReplicas === 1
      return replicas === 1 && settled
    },
    { describe: 'the Deployment has one replica, and its only pod is ready' },
  )
}

describe('admission that changes what is applied', () => {
  test('is not fought over: a value that it sets stays, and costs nothing, also after a restart', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    await withPolicy(cluster, apply(setsImage), async () => {
      const first = await operator()
      await createApp(cluster, 'shop')
      await untilReady(cluster, 'shop')
      expect(await containersOf(deploymentOf(cluster))).toEqual([`app ${image}`])
      await untilQuiet(cluster, first, appPath(cluster, 'shop'))
      await first.stop()
      const restarted = cluster.audit.mark()
      const second = await operator()
      await untilWatching(cluster, second, restarted)
      await untilPasses(cluster, second, 1)
      const verbs = cluster.audit
        .requests({ userAgent: 'fairlead/', namespace: cluster.namespace, since: restarted })
        // The inventory is read once.
        .map(({ verb, resource }) => (resource === 'leases' ? `${verb} ${resource}` : verb))
      expect([...new Set(verbs)].sort()).toEqual(['get leases', 'list', 'watch'])
    })
  })

  test('keeps the container that it adds, and the operator tells it once', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    await withPolicy(cluster, apply(addsContainer), async () => {
      const running = await operator()
      await createApp(cluster, 'shop')
      await untilReady(cluster, 'shop')
      const deployment = deploymentOf(cluster)
      const expected = ['app example.com/web:1', 'injected example.com/injected:1']
      expect((await containersOf(deployment)).sort()).toEqual(expected)
      await untilQuiet(cluster, running, appPath(cluster, 'shop'))

      expect((await deployment.jsonPatch([{ op: 'replace', path: '/spec/replicas', value: 2 }])).status).toBe(200)
      await untilOnePod(cluster, deployment)
      await untilQuiet(cluster, running, appPath(cluster, 'shop'))
      expect((await containersOf(deployment)).sort()).toEqual(expected)
      expect(running.lines.filter(({ msg }) => /injected/.test(msg)).map(({ msg }) => msg)).toHaveLength(1)

      // What somebody else puts into it goes, whether or not the operator has seen it without.
      const envOf = async () => {
        const { spec } = (await deployment.read()) as unknown as {
          spec: { template: { spec: { containers: { name: string; env?: object[] }[] } } }
        }
        return spec.template.spec.containers.find(({ name }) => name === 'injected')?.env
      }
      const at = (await containersOf(deployment)).findIndex((container) => container.startsWith('injected'))
      const theirs = { op: 'add', path: `/spec/template/spec/containers/${at}/env`, value: [{ name: 'Z', value: '1' }] }
      expect((await deployment.jsonPatch([theirs])).status).toBe(200)
      expect(await envOf()).toEqual([{ name: 'Z', value: '1' }])
      await cluster.eventually(async () => (await envOf()) === undefined, { describe: 'what was put into it is gone' })
      expect((await containersOf(deployment)).sort()).toEqual(expected)
      // The pods of the rollout in between are gone: what they were is told to nobody while no operator runs.
      await untilOnePod(cluster, deployment)
      await untilReady(cluster, 'shop')
      await untilQuiet(cluster, running, appPath(cluster, 'shop'))

      await running.stop()
      const restarted = cluster.audit.mark()
      const second = await operator()
      await untilWatching(cluster, second, restarted)
      await untilPasses(cluster, second, 1)
      const { 'get deployments': looks, ...requests } = cluster.audit.count({
        userAgent: 'fairlead/',
        namespace: cluster.namespace,
        since: restarted,
      })
      // Whose the container is, the cache does not know: one look finds it out.
      expect(looks).toBe(1)
      expect(Object.keys(requests).filter((request) => !/^(list |watch |get leases$)/.test(request))).toEqual([])
      await untilQuiet(cluster, second, appPath(cluster, 'shop'))
    })
  })

  test('that strips our hash costs one write at a start and none after it; drift is still put right', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    await withPolicy(cluster, jsonPatch(stripsHash), async () => {
      const first = await operator()
      await createApp(cluster, 'shop')
      await untilReady(cluster, 'shop')
      const deployment = deploymentOf(cluster)
      expect((await deployment.read()).metadata.annotations).not.toHaveProperty(appliedAnnotation)
      await untilQuiet(cluster, first, appPath(cluster, 'shop'))

      await first.stop()

      const restarted = cluster.audit.mark()
      const second = await operator()
      await untilWatching(cluster, second, restarted)
      await untilPasses(cluster, second, 1)
      await untilQuiet(cluster, second, appPath(cluster, 'shop'))
      const writes = cluster.audit.count({ userAgent: 'fairlead/', verb: 'patch', namespace: cluster.namespace, since: restarted })
      expect(writes).toEqual({ 'patch deployments': 1 })

      expect((await deployment.jsonPatch([{ op: 'replace', path: '/spec/replicas', value: 2 }])).status).toBe(200)
      const replicas = async () => ((await deployment.read())['spec'] as unknown as { replicas: number }).replicas
      await cluster.eventually(async () => (await replicas()) === 1, { describe: 'the replicas are put right' })
      await untilQuiet(cluster, second, appPath(cluster, 'shop'))
    })
  })
})
