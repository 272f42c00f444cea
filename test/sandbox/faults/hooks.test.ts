import { describe, expect, it } from 'vitest'
import { client, configMaps } from './request.ts'

const settings = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })

describe('a hook on each request', () => {
  it('sees who asks for what, with which body', async () => {
    await using test = client()
    const seen: object[] = []
    test.sandbox.onRequest(async (request) => {
      const { method, path, verb, group, version, resource, subresource, namespace, name, user, userAgent, query } = request
      const of = { method, path, verb, group, version, resource, subresource, namespace, name, user, userAgent, query: query.toString() }
      seen.push({ ...of, type: request.header('content-type'), body: await request.json() })
    })
    await test.send('PATCH', `${configMaps}/shop?force=true&fieldManager=me`, settings('shop'), {
      'content-type': 'application/apply-patch+yaml',
      'user-agent': 'me/1',
    })
    expect(seen).toEqual([
      {
        method: 'PATCH',
        path: `${configMaps}/shop`,
        verb: 'patch',
        group: '',
        version: 'v1',
        resource: 'configmaps',
        subresource: '',
        namespace: 'default',
        name: 'shop',
        user: 'admin',
        userAgent: 'me/1',
        query: 'force=true&fieldManager=me',
        type: 'application/apply-patch+yaml',
        body: settings('shop'),
      },
    ])
    expect((await test.send('GET', '/api/v1/namespaces/default')).status).toBe(500)
  })

  it('looks at the answer, and the client gets it all the same', async () => {
    await using test = client()
    let seen: unknown
    test.sandbox.onRequest(async (_request, next) => {
      seen = await (await next()).json()
    })
    const { body, status } = await test.send('POST', configMaps, settings('shop'))
    expect(status).toBe(201)
    expect(body).toEqual(seen)
  })

  it('answers itself', async () => {
    await using test = client()
    test.sandbox.onRequest((request) => (request.path === '/teapot' ? new Response('short and stout', { status: 418 }) : undefined))
    expect(await test.send('GET', '/teapot')).toMatchObject({ status: 418, body: 'short and stout' })
    expect((await test.send('GET', configMaps)).status).toBe(200)
  })

  it('refuses in the words of the server', async () => {
    await using test = client()
    test.sandbox.onRequest((request) => request.refusal(409))
    const { body } = await test.send('PUT', `${configMaps}/shop`, settings('shop'))
    expect(body).toMatchObject({ kind: 'Status', reason: 'Conflict', details: { name: 'shop', kind: 'configmaps' } })
  })

  it('is a crash point: before the write, or after it', async () => {
    await using test = client()
    const remove = test.sandbox.onRequest(async (request, next) => {
      if (request.name !== 'shop') return
      const late = (await request.text()).includes('late')
      if (late) await next()
      request.breakConnection()
    })
    await expect(test.apply('shop', { when: 'early' })).rejects.toThrow('fetch failed')
    remove()
    expect((await test.send('GET', `${configMaps}/shop`)).status).toBe(404)
    test.sandbox.onRequest(async (request, next) => {
      await next()
      if (request.verb === 'patch') request.breakConnection()
    })
    await expect(test.apply('shop', { when: 'late' })).rejects.toThrow('fetch failed')
    expect((await test.send('GET', `${configMaps}/shop`)).body.data).toEqual({ when: 'late' })
  })

  it('holds a request until the test lets it go', async () => {
    await using test = client()
    const gate = Promise.withResolvers<void>()
    test.sandbox.onRequest(async ({ verb }) => (verb === 'create' ? await gate.promise : undefined))
    const answer = test.send('POST', configMaps, settings('shop'))
    expect((await test.send('GET', `${configMaps}/shop`)).status).toBe(404)
    gate.resolve()
    expect((await answer).status).toBe(201)
  })

  it('stands around those that were added later, and before the faults', async () => {
    await using test = client({ faults: [{ kind: 'error', code: 503 }] })
    const order: string[] = []
    for (const name of ['outer', 'inner'])
      test.sandbox.onRequest(async (_request, next) => {
        const { status } = await next()
        order.push(`${name} ${status}`)
      })
    await test.send('GET', configMaps)
    expect(order).toEqual(['inner 503', 'outer 503'])
  })

  it('that throws makes the answer a 500 that says so', async () => {
    await using test = client()
    test.sandbox.onRequest(() => {
      throw new Error('my mistake')
    })
    const { status, body } = await test.send('GET', configMaps)
    expect([status, body.message]).toEqual([500, 'Internal error occurred: an onRequest hook failed: my mistake'])
  })

  it('that lets the server answer twice is told so', async () => {
    await using test = client()
    test.sandbox.onRequest(async (_request, next) => {
      await next()
      await next()
    })
    expect((await test.send('POST', configMaps, settings('shop'))).body.message).toContain('next() was called twice')
  })

  it('hands on the stream of a watch', async () => {
    await using test = client()
    test.sandbox.onRequest(async (_request, next) => await next())
    await test.apply('a')
    const watch = await test.watch(`${configMaps}?watch=true`)
    expect((await watch.next()).value).toBe('ADDED a')
  })
})
