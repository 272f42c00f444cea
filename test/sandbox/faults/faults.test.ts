import { get } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../../src/sandbox/faults/fault.ts'
import { BrokenConnection } from '../../../src/sandbox/server/broken-connection.ts'
import { client, configMaps, take } from './request.ts'

const settings = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })

describe('a fault of kind error', () => {
  it('refuses a create with 409 AlreadyExists that names the object, and nothing is created', async () => {
    await using test = client({ faults: [{ kind: 'error', code: 409, match: { verb: 'create' } }] })
    const { status, body } = await test.send('POST', configMaps, settings('shop'))
    expect(status).toBe(409)
    expect(body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'configmaps "shop" already exists',
      reason: 'AlreadyExists',
      details: { name: 'shop', kind: 'configmaps' },
      code: 409,
    })
    expect((await test.send('GET', `${configMaps}/shop`)).status).toBe(404)
  })

  it('refuses an update with 409 Conflict, in the words of a real conflict', async () => {
    await using test = client()
    const { body: stored } = await test.send('POST', configMaps, settings('shop'))
    await test.send('PUT', `${configMaps}/shop`, { ...stored, data: { a: 'b' } })
    const real = await test.send('PUT', `${configMaps}/shop`, { ...stored, data: { a: 'c' } })
    expect(real.status).toBe(409)

    test.sandbox.faults.add({ kind: 'error', code: 409, match: { verb: 'update', resource: 'configmaps' } })
    const faulty = await test.send('PUT', `${configMaps}/shop`, settings('shop'))
    expect(faulty.body).toEqual(real.body)
  })

  it('refuses with 429 as an overloaded server does: plain text and Retry-After', async () => {
    await using test = client({ faults: [{ kind: 'error', code: 429, retryAfterSeconds: 3 }] })
    const { status, body, headers } = await test.send('GET', configMaps)
    expect({ status, body, retry: headers.get('retry-after'), type: headers.get('content-type') }).toEqual({
      status: 429,
      body: 'Too many requests, please try again later.\n',
      retry: '3',
      type: 'text/plain; charset=utf-8',
    })
  })

  it('refuses with 429 as a Status where it has a message of its own', async () => {
    await using test = client({ faults: [{ kind: 'error', code: 429, message: 'slow down' }] })
    const { body, headers } = await test.send('GET', configMaps)
    expect(body).toMatchObject({ reason: 'TooManyRequests', message: 'slow down', details: { retryAfterSeconds: 1 }, code: 429 })
    expect(headers.get('retry-after')).toBe('1')
  })

  it('tells a list that it has expired with 410, and a watch with an event', async () => {
    await using test = client({ faults: [{ kind: 'error', code: 410 }] })
    const list = await test.send('GET', `${configMaps}?limit=1&resourceVersion=5`)
    expect([list.status, list.body.reason, list.body.message]).toEqual([
      410,
      'Expired',
      'The resourceVersion for the provided list is too old.',
    ])
    const watch = await test.watch(`${configMaps}?watch=true&resourceVersion=5`)
    expect(await take(watch, 9)).toEqual(['ERROR 410'])
  })

  const codes: [code: number, expected: object][] = [
    [401, { reason: 'Unauthorized', message: 'Unauthorized' }],
    [404, { reason: 'NotFound', message: 'configmaps "shop" not found', details: { name: 'shop', kind: 'configmaps' } }],
    [500, { message: 'etcdserver: leader changed' }],
    [503, { reason: 'ServiceUnavailable', message: 'apiserver is shutting down' }],
    [504, { reason: 'Timeout', message: 'Timeout: request did not complete within the allotted timeout', details: {} }],
  ]
  it.each(codes)('answers %i with a Status of that code', async (code, expected) => {
    await using test = client({ faults: [{ kind: 'error', code }] })
    const { status, body } = await test.send('GET', `${configMaps}/shop`)
    expect(status).toBe(code)
    expect(body).toEqual({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', ...expected, code })
  })
})

describe('a fault of kind forbid', () => {
  it('refuses a verb in a namespace as RBAC does, and nothing else', async () => {
    await using test = client({ faults: [{ kind: 'forbid', match: { verb: 'create', resource: 'configmaps', namespace: 'default' } }] })
    const { status, body } = await test.send('POST', configMaps, settings('shop'))
    expect(status).toBe(403)
    expect(body.message).toBe(
      'configmaps is forbidden: User "admin" cannot create resource "configmaps" in API group "" in the namespace "default"',
    )
    expect((await test.send('GET', configMaps)).status).toBe(200)
    expect((await test.send('POST', configMaps.replace('default', 'kube-public'), settings('shop'))).status).toBe(201)
  })

  it('says the same as a role that is missing', async () => {
    const users = [{ token: 'jane', username: 'jane', groups: [] }]
    await using real = client({ users, authorization: 'rbac' })
    await using faulty = client({ users, faults: [{ kind: 'forbid' }] })
    for (const path of [
      configMaps,
      `${configMaps}/x`,
      '/api/v1/nodes',
      '/apis/apps/v1/namespaces/default/deployments/x/status',
      '/metrics',
    ])
      expect(await faulty.send('GET', path).then(({ body }) => body)).toEqual((await real.send('GET', path)).body)
  })
})

describe('a fault of kind break', () => {
  it('breaks the connection before anything has taken effect', async () => {
    await using test = client({ faults: [{ kind: 'break', when: 'before', match: { verb: 'create' } }] })
    await expect(test.send('POST', configMaps, settings('shop'))).rejects.toThrow(BrokenConnection)
    expect((await test.send('GET', `${configMaps}/shop`)).status).toBe(404)
  })

  it('breaks the connection after the write took effect', async () => {
    await using test = client({ faults: [{ kind: 'break', when: 'after', match: { verb: 'create' } }] })
    const failure = await test.send('POST', configMaps, settings('shop')).catch((error: unknown) => error)
    expect(failure).toMatchObject({ name: 'BrokenConnection', message: 'fetch failed', cause: { code: 'ECONNRESET' } })
    expect(failure).toBeInstanceOf(TypeError)
    expect((await test.send('GET', `${configMaps}/shop`)).status).toBe(200)
  })

  it('breaks a socket without an answer', async () => {
    await using test = client({ faults: [{ kind: 'break', when: 'after', match: { path: '/version' } }] })
    const { url } = await test.sandbox.listen({ tls: false })
    const failure = await new Promise((resolve) => get(`${url}/version`, resolve).on('error', resolve))
    expect(failure).toMatchObject({ code: 'ECONNRESET' })
  })
})

describe('a fault of kind latency', () => {
  it('lets an answer wait for the clock; a write takes effect after that', async () => {
    await using test = client({ faults: [{ kind: 'latency', milliseconds: 60_000, match: { verb: 'create' } }] })
    const { clock } = test.sandbox
    const answer = test.send('POST', configMaps, settings('shop'))
    expect((await test.send('GET', `${configMaps}/shop`)).status).toBe(404)
    clock.advance(60_000)
    expect((await answer).status).toBe(201)
  })

  it('with `after`, a write takes effect at once and the answer is late', async () => {
    await using test = client({ faults: [{ kind: 'latency', milliseconds: 60_000, when: 'after', match: { verb: 'create' } }] })
    let answered = false
    const answer = test.send('POST', configMaps, settings('shop')).then(({ status }) => {
      answered = true
      return status
    })
    while ((await test.send('GET', `${configMaps}/shop`)).status !== 200);
    expect(answered).toBe(false)
    test.sandbox.clock.advance(60_000)
    expect(await answer).toBe(201)
  })

  it('breaks the connection of whoever still waits when the sandbox closes', async () => {
    const test = client({ faults: [{ kind: 'latency', milliseconds: 60_000 }] })
    const answer = test.send('GET', configMaps)
    const broken = expect(answer).rejects.toThrow(BrokenConnection)
    await test.sandbox.close()
    await broken
  })
})

describe('a fault of kind cut', () => {
  const watchPath = `${configMaps}?watch=true`
  const cut = async (fault: object): Promise<string[]> => {
    await using test = client()
    for (const name of ['a', 'b', 'c', 'd']) await test.apply(name)
    test.sandbox.faults.add({ kind: 'cut', ...fault } as Fault)
    const seen: string[] = []
    try {
      for await (const line of await test.watch(watchPath)) seen.push(line)
    } catch (error) {
      seen.push((error as Error).name)
    }
    return seen
  }

  it('ends a watch in good order after so many events', async () => {
    expect(await cut({ afterEvents: 2 })).toEqual(['ADDED a', 'ADDED b'])
  })

  it('breaks the connection of a watch', async () => {
    expect(await cut({ afterEvents: 2, how: 'break' })).toEqual(['ADDED a', 'ADDED b', 'BrokenConnection'])
  })

  it('ends a watch with the event that says that it has expired', async () => {
    expect(await cut({ afterEvents: 1, how: 'expire' })).toEqual(['ADDED a', 'ERROR 410'])
  })

  it('ends a watch at once', async () => {
    expect(await cut({ afterEvents: 0 })).toEqual([])
  })

  it('ends a watch after some time', async () => {
    await using test = client({ now: () => Date.UTC(2026, 0, 1), faults: [{ kind: 'cut', afterMilliseconds: 5_000 }] })
    await test.apply('a')
    const watch = await test.watch(watchPath)
    expect(await take(watch, 1)).toEqual(['ADDED a'])
    const rest = take(watch, 9)
    test.sandbox.clock.advance(4_999)
    await test.apply('b')
    test.sandbox.clock.advance(1)
    expect(await rest).toEqual(['ADDED b'])
  })

  it('breaks the socket of a watch in the middle of its answer', async () => {
    await using test = client({ faults: [{ kind: 'cut', afterEvents: 1, how: 'break', match: { verb: 'watch' } }] })
    await test.apply('a')
    const { url } = await test.sandbox.listen({ tls: false })
    const response = await fetch(`${url}${watchPath}`, { headers: { authorization: `Bearer ${test.sandbox.token}` } })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    let failure: unknown
    for (let rounds = 0; rounds < 3 && !failure; rounds++) await reader.read().catch((error: unknown) => (failure = error))
    expect(failure).toBeInstanceOf(TypeError)
  })
})

describe('faults of single watch events', () => {
  const watched = async (fault: Fault, count: number): Promise<string[]> => {
    await using test = client({ faults: [fault] })
    const watch = await test.watch(`${configMaps}?watch=true`)
    for (const name of ['a', 'b', 'c']) await test.apply(name)
    return await take(watch, count)
  }

  it('drop one', async () => {
    expect(await watched({ kind: 'drop', match: { name: 'b' } }, 2)).toEqual(['ADDED a', 'ADDED c'])
  })

  it('drop those of a type only', async () => {
    expect(await watched({ kind: 'drop', events: ['DELETED'] }, 3)).toEqual(['ADDED a', 'ADDED b', 'ADDED c'])
  })

  it('tell one twice', async () => {
    expect(await watched({ kind: 'duplicate', skip: 1, times: 1 }, 4)).toEqual(['ADDED a', 'ADDED b', 'ADDED b', 'ADDED c'])
  })

  it('hold one back, and those after it', async () => {
    await using test = client({ faults: [{ kind: 'delay', milliseconds: 60_000, match: { name: 'b' } }] })
    const watch = await test.watch(`${configMaps}?watch=true`)
    for (const name of ['a', 'b', 'c']) await test.apply(name)
    expect(await take(watch, 1)).toEqual(['ADDED a'])
    let told = false
    const rest = take(watch, 2).then((lines) => {
      told = true
      return lines
    })
    await test.send('GET', configMaps)
    expect(told).toBe(false)
    test.sandbox.clock.advance(60_000)
    expect(await rest).toEqual(['ADDED b', 'ADDED c'])
  })

  it('concern the objects in tables too', async () => {
    await using test = client({ faults: [{ kind: 'drop', match: { name: 'a' } }] })
    for (const name of ['a', 'b']) await test.apply(name)
    const response = await test.sandbox.fetch(`${configMaps}?watch=true`, {
      headers: { authorization: `Bearer ${test.sandbox.token}`, accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' },
    })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    const line = JSON.parse(new TextDecoder().decode((await reader.read()).value)) as { object: { rows: { cells: string[] }[] } }
    expect(line.object.rows[0]?.cells[0]).toBe('b')
    await reader.cancel()
  })
})

describe('a fault of kind stale', () => {
  it('answers get and list from the state at a version, and watches go on', async () => {
    await using test = client()
    await test.apply('old', { a: '1' })
    const { body: before } = await test.send('GET', configMaps)
    const handle = test.sandbox.faults.add({ kind: 'stale', version: before.metadata.resourceVersion, match: { resource: 'configmaps' } })
    const watch = await test.watch(`${configMaps}?watch=true&resourceVersion=${before.metadata.resourceVersion}`)
    await test.apply('old', { a: '2' })
    await test.apply('new')

    expect((await test.send('GET', configMaps)).body).toEqual(before)
    expect((await test.send('GET', `${configMaps}/old`)).body.data).toEqual({ a: '1' })
    expect((await test.send('GET', `${configMaps}/new`)).status).toBe(404)
    expect(await take(watch, 2)).toEqual(['MODIFIED old', 'ADDED new'])
    handle.remove()
    expect((await test.send('GET', `${configMaps}/old`)).body.data).toEqual({ a: '2' })
  })

  it('answers from so many writes ago', async () => {
    await using test = client({ faults: [{ kind: 'stale', behind: 2 }] })
    for (const value of ['1', '2', '3', '4']) await test.apply('a', { value })
    expect((await test.send('GET', `${configMaps}/a`)).body.data).toEqual({ value: '2' })
  })

  it('answers one object from the state at a version', async () => {
    await using test = client()
    const { body } = await test.apply('a', { value: '1' })
    await test.apply('a', { value: '2' })
    test.sandbox.faults.add({ kind: 'stale', version: body.metadata.resourceVersion })
    expect((await test.send('GET', `${configMaps}/a`)).body.data).toEqual({ value: '1' })
  })

  it('says that a version it has not seen yet is too large', async () => {
    await using test = client({ faults: [{ kind: 'stale', behind: 1 }] })
    await test.apply('a')
    const { body } = await test.apply('b')
    const { status, body: refused } = await test.send('GET', `${configMaps}?resourceVersion=${body.metadata.resourceVersion}`)
    expect([status, refused.details.causes[0].reason]).toEqual([504, 'ResourceVersionTooLarge'])
  })

  it('changes no write: a conflict is found in the current state', async () => {
    await using test = client()
    const { body } = await test.send('POST', configMaps, settings('a'))
    test.sandbox.faults.add({ kind: 'stale', version: body.metadata.resourceVersion })
    await test.send('PUT', `${configMaps}/a`, { ...body, data: { a: 'b' } })
    const { body: stale } = await test.send('GET', `${configMaps}/a`)
    expect(stale).toEqual(body)
    expect((await test.send('PUT', `${configMaps}/a`, { ...stale, data: { a: 'c' } })).status).toBe(409)
  })
})

describe('when a fault acts', () => {
  const statuses = async (fault: object, count: number, seed = 7): Promise<number[]> => {
    await using test = client({ seed, faults: [{ kind: 'error', code: 503, ...fault } as Fault] })
    const all: number[] = []
    for (let each = 0; each < count; each++) all.push((await test.send('GET', configMaps)).status)
    return all
  }

  it('as often as it says', async () => expect(await statuses({ times: 2 }, 4)).toEqual([503, 503, 200, 200]))
  it('not on the first ones', async () => expect(await statuses({ skip: 1, times: 1 }, 4)).toEqual([200, 503, 200, 200]))

  it('by chance, the same for the same seed and another for another', async () => {
    const one = await statuses({ probability: 0.5 }, 40, 1)
    expect(one).toEqual(await statuses({ probability: 0.5 }, 40, 1))
    expect(one).not.toEqual(await statuses({ probability: 0.5 }, 40, 2))
    expect(new Set(one)).toEqual(new Set([200, 503]))
  })

  const matching: [title: string, match: Fault['match'], path: string, expected: number][] = [
    ['a verb', { verb: ['get', 'watch'] }, `${configMaps}/a`, 503],
    ['another verb', { verb: 'list' }, `${configMaps}/a`, 200],
    ['a group', { group: 'apps' }, '/apis/apps/v1/deployments', 503],
    ['a name by pattern', { name: /^a/ }, `${configMaps}/a`, 503],
    ['a namespace', { namespace: 'kube-system' }, `${configMaps}/a`, 200],
    ['a subresource', { subresource: 'status' }, '/api/v1/namespaces/default/status', 503],
    ['the object itself', { subresource: '' }, '/api/v1/namespaces/default/status', 200],
    ['a user', { user: 'admin' }, `${configMaps}/a`, 503],
    ['the beginning of a user agent', { userAgent: 'kubectl/' }, `${configMaps}/a`, 503],
    ['the beginning of a path', { path: '/version' }, '/version', 503],
    ['the method outside of resources', { verb: 'get', path: /^\/version$/ }, '/version', 503],
  ]
  it.each(matching)('on %s', async (_title, match, path, expected) => {
    await using test = client()
    await test.apply('a')
    test.sandbox.faults.add({ kind: 'error', code: 503, match: match ?? {} })
    expect((await test.send('GET', path, undefined, { 'user-agent': 'kubectl/v1.36 (linux)' })).status).toBe(expected)
  })

  it('is told by its handle, and ends when it is removed or all are cleared', async () => {
    await using test = client()
    const { faults } = test.sandbox
    const first = faults.add({ kind: 'error', code: 503 })
    await test.send('GET', configMaps)
    await test.send('GET', configMaps)
    expect(first.acted).toBe(2)
    first.remove()
    expect((await test.send('GET', configMaps)).status).toBe(200)
    faults.add({ kind: 'error', code: 500 })
    expect(faults.list()).toEqual([{ fault: { kind: 'error', code: 500 }, acted: 0 }])
    faults.clear()
    expect((await test.send('GET', configMaps)).status).toBe(200)
  })
})

describe('a fault that is not right is refused', () => {
  const wrong: [title: string, fault: object, message: string][] = [
    [
      'of no kind',
      { kind: 'explode' },
      'there is no fault of kind "explode"; there are latency, error, forbid, break, cut, drop, delay, duplicate, stale',
    ],
    [
      'with a field that it has not',
      { kind: 'forbid', verb: 'get' },
      '"verb" is not a field of a fault of kind "forbid"; it has kind, match, times, skip, probability',
    ],
    [
      'with a match that there is not',
      { kind: 'forbid', match: { verbs: 'get' } },
      `"verbs" is not a field of a fault's match; it has verb, group, resource, subresource, namespace, name, user, userAgent, path`,
    ],
    ['with a probability above 1', { kind: 'forbid', probability: 50 }, 'probability of a fault is 50; it has to be from 0 to 1'],
    ['with a code that is no error', { kind: 'error', code: 200 }, 'code of a fault is 200; it has to be from 400 to 599'],
    [
      'of a latency without a time',
      { kind: 'latency' },
      'milliseconds of a fault of kind "latency" is undefined; it has to be a number from 0 on',
    ],
    ['of a time before now', { kind: 'latency', milliseconds: -1 }, 'milliseconds of a fault of kind "latency" is -1; it has to be'],
    [
      'of a chance that there is not',
      { kind: 'delay', milliseconds: { kind: 'even' } },
      'milliseconds of a fault of kind "delay" is {"kind":"even"}',
    ],
    [
      'of a chance without its numbers',
      { kind: 'delay', milliseconds: { kind: 'uniform', from: 1 } },
      'milliseconds of a fault of kind "delay" has the to undefined; it has to be a number from 0 on',
    ],
    ['of a break at some time', { kind: 'break', when: 'sometime' }, 'when of a fault is "sometime"; it has to be "before" or "after"'],
    ['of a break at no time', { kind: 'break' }, 'when of a fault is undefined; it has to be "before" or "after"'],
    ['of a cut without a time', { kind: 'cut' }, 'a fault of kind "cut" needs afterEvents or afterMilliseconds; 0 is at once'],
    ['of a cut before now', { kind: 'cut', afterMilliseconds: -1 }, 'afterMilliseconds of a fault is -1; it has to be from 0 to Infinity'],
    [
      'of a cut in another way',
      { kind: 'cut', afterEvents: 1, how: 'x' },
      'how of a fault is "x"; it has to be "end" or "break" or "expire"',
    ],
    ['of events that there are not', { kind: 'drop', events: ['GONE'] }, 'events of a fault is "GONE"; it has to be "ADDED"'],
    [
      'of a stale read of no version',
      { kind: 'stale' },
      'a fault of kind "stale" needs behind, a number of writes, or version, a resourceVersion',
    ],
    ['of a stale read of a word', { kind: 'stale', version: 'old' }, 'version of a fault is "old"; it has to be a resourceVersion'],
  ]
  it.each(wrong)('%s', async (_title, fault, message) => {
    await using test = client()
    expect(() => test.sandbox.faults.add({ kind: 'forbid' }, fault as Fault)).toThrow(message)
    expect(test.sandbox.faults.list()).toEqual([])
  })
})
