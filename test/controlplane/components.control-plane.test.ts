/** What is about the real control plane itself: its programs, its audit log, its tools, how it ends. The sandbox has none of it. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { ControlPlane } from './control-plane.ts'
import { eventually } from './eventually.ts'
import { test } from './fixture.ts'
import { processesOf } from './process.ts'

const deployment = (name: string, replicas: number): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
  },
})

describe('the shared control plane', () => {
  test('is Kubernetes 1.36.3', async ({ cluster }) => {
    const { status, body } = await cluster.request('GET', '/version')
    expect(status).toBe(200)
    expect(body).toMatchObject({ gitVersion: 'v1.36.3', major: '1', minor: '36' })
  })

  test('runs the pods of a Deployment', async ({ cluster }) => {
    const deployments = `/apis/apps/v1/namespaces/${cluster.namespace}/deployments`
    expect((await cluster.request('POST', deployments, { body: deployment('web', 3) })).status).toBe(201)
    const available = await cluster.eventually(
      async () => {
        const { body } = await cluster.request<{ status: { availableReplicas?: number } }>('GET', `${deployments}/web`)
        return body.status.availableReplicas
      },
      { describe: 'web is available' },
    )
    expect(available).toBeGreaterThan(0)
    await cluster.eventually(
      async () => {
        const { body } = await cluster.request<{ items: { status: { phase: string } }[] }>(
          'GET',
          `/api/v1/namespaces/${cluster.namespace}/pods`,
        )
        return body.items.filter(({ status }) => status.phase === 'Running').length === 3
      },
      { describe: 'three pods are running' },
    )
  })

  test('is what the real kubectl talks to, in the namespace of the test', async ({ cluster }) => {
    const applied = await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(deployment('from-kubectl', 1)) })
    expect(applied).toEqual({ stdout: 'deployment.apps/from-kubectl created\n', stderr: '', exitCode: 0 })
    const listed = await cluster.kubectl(['get', 'deployments', '-o', 'name'])
    expect(listed.stdout).toBe('deployment.apps/from-kubectl\n')
    expect(await cluster.kubectl(['get', 'deployment', 'absent'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('not found'),
    })
  })

  test('is what the real helm talks to', async ({ cluster }) => {
    expect(await cluster.helm(['list'])).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('answers what it refuses with a Status, not with an exception', async ({ cluster }) => {
    const { status, body } = await cluster.request('GET', `/api/v1/namespaces/${cluster.namespace}/configmaps/absent`)
    expect(status).toBe(404)
    expect(body).toMatchObject({ kind: 'Status', reason: 'NotFound' })
  })
})

describe('the audit log', () => {
  test('has every request as soon as it was answered, by who asked and what', async ({ cluster }) => {
    const path = `/api/v1/namespaces/${cluster.namespace}/configmaps`
    for (let number = 1; number <= 100; number += 1) {
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `map-${number}` }, data: { text: 'x'.repeat(number * 200) } }
      await cluster.request('POST', path, { body: object, userAgent: 'writer/1.0' })
      await cluster.request('GET', path, { userAgent: 'reader/1.0' })
      expect(cluster.audit.requests({ userAgent: 'writer', namespace: cluster.namespace })).toHaveLength(number)
      expect(cluster.audit.requests({ userAgent: 'reader', namespace: cluster.namespace })).toHaveLength(number)
    }
    expect(cluster.audit.requests({ userAgent: 'writer', verb: 'create', name: 'map-7', namespace: cluster.namespace })).toEqual([
      expect.objectContaining({
        resource: 'configmaps',
        group: '',
        subresource: '',
        code: 201,
        user: 'administrator',
        requestURI: path,
        ended: true,
      }),
    ])
    expect(cluster.audit.count({ userAgent: /^(writer|reader)/, namespace: cluster.namespace })).toEqual({
      'create configmaps': 100,
      'list configmaps': 100,
    })
  })

  test('can be asked for what came after a moment', async ({ cluster }) => {
    const path = `/api/v1/namespaces/${cluster.namespace}/secrets`
    await cluster.request('GET', path)
    const since = cluster.audit.mark()
    expect(cluster.audit.requests({ since, namespace: cluster.namespace, resource: 'secrets' })).toEqual([])
    await cluster.request('GET', `${path}/absent`)
    expect(cluster.audit.requests({ since, namespace: cluster.namespace, resource: 'secrets' })).toEqual([
      expect.objectContaining({ verb: 'get', name: 'absent', code: 404 }),
    ])
  })

  test('has one record for a watch, which is open and then ended', async ({ cluster }) => {
    const watch = `/api/v1/namespaces/${cluster.namespace}/configmaps`
    const answer = cluster.request('GET', watch, { query: { watch: true, timeoutSeconds: 2 }, userAgent: 'watcher' })
    const records = () => cluster.audit.requests({ userAgent: 'watcher', namespace: cluster.namespace })
    await cluster.eventually(() => records().length === 1)
    expect(records()).toEqual([expect.objectContaining({ verb: 'watch', ended: false, code: 200 })])
    expect((await answer).body).toEqual([expect.objectContaining({ type: 'ADDED' })])
    expect(records()).toEqual([expect.objectContaining({ verb: 'watch', ended: true, code: 200 })])
  })
})

describe('kubeconfigFor', () => {
  test('makes an account that may do what its rules say, there, and nothing else', async ({ cluster }) => {
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }]
    const limited = await cluster.kubeconfigFor({ name: 'limited', rules, namespace: cluster.namespace })
    const can = async (...what: string[]): Promise<number> => (await cluster.kubectl(['get', ...what], { kubeconfig: limited })).exitCode
    expect(await can('configmaps')).toBe(0)
    expect(await can('secrets')).toBe(1)
    expect(await can('configmaps', '--namespace=default')).toBe(1)
    const forbidden = await cluster.kubectl(['create', 'configmap', 'new'], { kubeconfig: limited })
    expect(forbidden.stderr).toContain(`User "system:serviceaccount:${cluster.namespace}:limited" cannot create resource "configmaps"`)
  })

  test('without a namespace gives the rules in the whole cluster', async ({ cluster }) => {
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }]
    const wide = await cluster.kubeconfigFor({ name: 'wide', rules })
    expect(await cluster.kubectl(['get', 'configmaps', '--all-namespaces'], { kubeconfig: wide })).toMatchObject({ exitCode: 0 })
    expect(await cluster.kubectl(['get', 'secrets', '--all-namespaces'], { kubeconfig: wide })).toMatchObject({ exitCode: 1 })
  })
})

describe('a control plane of its own', () => {
  test('keeps its address and data while its API server is away', async ({ ownControlPlane }) => {
    const controlPlane = await ownControlPlane({ nodes: 0, controllers: false })
    const cluster = await controlPlane.cluster()
    const path = `/api/v1/namespaces/${cluster.namespace}/configmaps`
    await cluster.request('POST', path, { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept' } } })
    await controlPlane.stopApiServer()
    await expect(cluster.request('GET', `${path}/kept`)).rejects.toThrow('ECONNREFUSED')
    await controlPlane.startApiServer()
    expect((await cluster.request('GET', `${path}/kept`)).status).toBe(200)
    expect(cluster.audit.requests({ namespace: cluster.namespace, resource: 'configmaps' }).map(({ verb }) => verb)).toEqual([
      'create',
      'get',
    ])
  })

  test.for([
    { signal: 'SIGTERM', ends: 'in good order', outcome: 'answered 200' },
    { signal: 'SIGKILL', ends: 'in the middle', outcome: 'socket hang up|aborted|ECONNRESET' },
  ] as const)('that is stopped by $signal ends an open watch $ends', async ({ signal, outcome }, { ownControlPlane }) => {
    const controlPlane = await ownControlPlane({ controllers: false })
    const cluster = await controlPlane.cluster()
    const path = `/api/v1/namespaces/${cluster.namespace}/configmaps`
    const watch = cluster.request('GET', path, { query: { watch: true }, userAgent: 'watcher' }).then(
      ({ status }) => `answered ${status}`,
      (error: unknown) => String(error),
    )
    await cluster.eventually(() => cluster.audit.requests({ userAgent: 'watcher' }).length === 1)
    await controlPlane.stopApiServer(signal)
    expect(await watch).toMatch(new RegExp(outcome))
  })

  test('runs pods again after its API server was killed', async ({ ownControlPlane }) => {
    const controlPlane = await ownControlPlane()
    await controlPlane.restartApiServer('SIGKILL')
    const cluster = await controlPlane.cluster()
    const deployments = `/apis/apps/v1/namespaces/${cluster.namespace}/deployments`
    await cluster.request('POST', deployments, { body: deployment('after', 1) })
    await cluster.eventually(
      async () => {
        const { body } = await cluster.request<{ status: { availableReplicas?: number } }>('GET', `${deployments}/after`)
        return body.status.availableReplicas === 1
      },
      { timeout: 40_000, describe: 'a Deployment made after the restart is available' },
    )
  })

  test('leaves no process and no file when it is stopped', async ({ ownControlPlane }) => {
    // On this project it is always the real one, which has processes.
    const controlPlane = (await ownControlPlane()) as ControlPlane
    const { directory } = controlPlane.access
    expect(Object.keys(controlPlane.processes()).sort()).toEqual([
      'etcd',
      'guard',
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
      'kwok',
    ])
    expect(processesOf(directory)).toHaveLength(6)
    await controlPlane.stop()
    expect(processesOf(directory)).toEqual([])
    expect(existsSync(directory)).toBe(false)
  })

  test.for(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('leaves no process and no file when its starter gets a %s', async (signal) => {
    const main = fileURLToPath(new URL('main.ts', import.meta.url))
    const starter = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'ignore'] })
    const ended = new Promise((resolve) => starter.on('exit', resolve))
    let directory: string | undefined
    for await (const line of createInterface({ input: starter.stdout })) {
      directory = dirname(line.replace('export KUBECONFIG=', ''))
      break
    }
    if (directory === undefined) throw new Error('main.ts ended without a kubeconfig')
    expect(processesOf(directory)).toHaveLength(6)
    starter.kill(signal)
    await ended
    await eventually(() => processesOf(directory).length === 0 && !existsSync(directory), {
      describe: `${directory} and its processes are gone`,
    })
  })
})
