import { describe, expect } from 'vitest'
import type { RequestRecord, WatchEvent } from '../../src/kube/client.ts'
import { createClient } from '../../src/kube/client.ts'
import { loadCredentials } from '../../src/kube/credentials.ts'
import { test, type Cluster } from '../controlplane/fixture.ts'

async function recording(cluster: Cluster, userAgent: string) {
  const result = await loadCredentials({ kubeconfig: cluster.kubeconfig, environment: {} })
  if (result.kind === 'problem') throw new Error(result.problem.message)
  const records: RequestRecord[] = []
  const client = createClient(result.credentials, { userAgent, onRequest: (record) => records.push(record) })
  return { ...client, records, [Symbol.asyncDispose]: () => client.close() }
}

describe('the client, on a real server', () => {
  test('is known by its user agent, and tells verbs and resources as the audit log does', async ({ cluster }) => {
    const userAgent = `fairlead/${cluster.namespace}`
    await using client = await recording(cluster, userAgent)
    const collection = `/api/v1/namespaces/${cluster.namespace}/configmaps`
    await client.request({ method: 'GET', path: collection })
    await client.request({ method: 'POST', path: collection, body: { metadata: { name: 'a' } } })
    await client.request({ method: 'GET', path: `${collection}/a` })
    await client.request({
      method: 'PATCH',
      path: `${collection}/a`,
      contentType: 'application/merge-patch+json',
      body: { data: { b: 'c' } },
    })
    await client.request({ method: 'PUT', path: `${collection}/a`, body: { metadata: { name: 'a' } } })
    await client.request({ method: 'DELETE', path: `${collection}/a` })
    await client.request({ method: 'DELETE', path: collection })
    const told = client.records.map(({ verb, resource, code }) => ({ verb, resource, code }))
    const audited = await cluster.eventually(() => {
      const found = cluster.audit.requests({ userAgent })
      return found.length >= told.length ? found : undefined
    })
    expect(told.map(({ verb, resource }) => `${verb} ${resource}`)).toEqual([
      'list configmaps',
      'create configmaps',
      'get configmaps',
      'patch configmaps',
      'update configmaps',
      'delete configmaps',
      'deletecollection configmaps',
    ])
    expect(audited.map(({ verb, resource }) => `${verb} ${resource}`)).toEqual(told.map(({ verb, resource }) => `${verb} ${resource}`))
    expect(told.map(({ code }) => code)).toEqual([200, 201, 200, 200, 200, 200, 200])
  })

  test('watches: what happens to an object arrives in order, until the signal ends it', async ({ cluster }) => {
    await using client = await recording(cluster, 'fairlead/test')
    const path = `/api/v1/namespaces/${cluster.namespace}/configmaps`
    const { metadata } = await client.request<{ metadata: { resourceVersion: string } }>({ method: 'GET', path })
    const controller = new AbortController()
    const seen: string[] = []
    const watching = (async () => {
      const events: AsyncIterable<WatchEvent> = client.watch({
        path,
        query: { resourceVersion: metadata.resourceVersion },
        signal: controller.signal,
      })
      for await (const { type, object } of events)
        if (object.metadata.name === 'a-1') seen.push(`${type} ${String((object.data as { text?: string } | undefined)?.text?.length)}`)
    })()
    const text = 'ä✓🙂'.repeat(50_000)
    await client.request({ method: 'POST', path, body: { metadata: { name: 'a-1' }, data: { text } } })
    await client.request({ method: 'DELETE', path: `${path}/a-1` })
    await cluster.eventually(() => seen.length === 2)
    controller.abort()
    await watching
    expect(seen).toEqual([`ADDED ${text.length}`, `DELETED ${text.length}`])
  })
})
