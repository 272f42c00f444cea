import { describe, expect, it } from 'vitest'
import { createSandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts'

describe('options that cannot be meant are refused', () => {
  const wrong: [title: string, options: object, message: string][] = [
    ['an unknown one', { seeds: 1 }, '"seeds" is not an option of createSandbox; there are users, authorization, nodes'],
    ['another way to authorize', { authorization: 'none' }, 'authorization is "none"; it has to be "open" or "rbac"'],
    ['no history', { history: 0 }, 'history is 0; it has to be a whole number from 1 on'],
    ['a seed that is no number', { seed: 'x' }, 'seed is "x"; it has to be a number'],
    ['controllers that are neither on nor off', { controllers: 'no' }, 'controllers is "no"; it has to be true or false'],
    ['nodes without names', { nodes: 3 }, 'nodes is 3; it has to be a list of names'],
    ['a time that stands', { now: 0 }, 'now is 0; it has to be a function'],
    ['a fault without a list', { faults: { kind: 'forbid' } }, 'faults is {"kind":"forbid"}; it has to be a list of faults'],
    ['a user without a token', { users: [{ username: 'jane', groups: [] }] }, 'every user needs a token and a username'],
    [
      'a token twice',
      {
        users: [
          { token: 'a', username: 'jane', groups: [] },
          { token: 'a', username: 'joe', groups: [] },
        ],
      },
      'two users have the token "a"',
    ],
    ['a fault that there is not', { faults: [{ kind: 'explode' }] }, 'there is no fault of kind "explode"'],
    ['a state of something else', { state: { a: 1 } }, 'the state is not a saved state: its "format" is undefined'],
  ]
  it.each(wrong)('%s', (_title, options, message) => {
    expect(() => createSandbox(options as SandboxOptions)).toThrow(message)
  })
})

describe('a new sandbox', () => {
  it('is a cluster that has come up: a pod can be made at once', async () => {
    await using sandbox = createSandbox()
    const headers = { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' }
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'a', image: 'a' }] } }
    const { status } = await sandbox.fetch('/api/v1/namespaces/default/pods', { method: 'POST', headers, body: JSON.stringify(pod) })
    expect(status).toBe(201)
  })

  it('knows nobody of another one', async () => {
    await using one = createSandbox({ seed: 1 })
    await using two = createSandbox({ seed: 1 })
    const { status } = await two.fetch('/api/v1/namespaces', { headers: { authorization: `Bearer ${one.token}` } })
    expect(status).toBe(401)
  })

  it('lets nobody without a name read more of its health than a cluster does', async () => {
    await using sandbox = createSandbox()
    const statuses: number[] = []
    for (const path of ['/livez', '/version/', '/livez/ping', '/api']) statuses.push((await sandbox.fetch(path)).status)
    expect(statuses).toEqual([200, 200, 403, 403])
  })

  it('is the same as another one of the same seed', async () => {
    const uids: unknown[] = []
    for (let each = 0; each < 2; each++) {
      await using sandbox = createSandbox({ seed: 5 })
      uids.push(sandbox.save().objects['/namespaces']?.map(({ metadata }) => metadata.uid))
    }
    expect(uids[0]).toEqual(uids[1])
  })
})

describe('a sandbox that was closed', () => {
  it('refuses to answer and to listen', async () => {
    const sandbox = createSandbox()
    await sandbox.close()
    await expect(sandbox.fetch('/healthz')).rejects.toThrow('the sandbox is closed')
    await expect(sandbox.listen()).rejects.toThrow('the sandbox is closed')
    await sandbox.close()
  })
})
