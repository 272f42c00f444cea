import { describe, expect, it } from 'vitest'
import { createSandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts'

describe('options that cannot be meant are refused', () => {
  const wrong: [title: string, options: object, message: string][] = [
    ['an unknown one', { seeds: 1 }, '"seeds" is not an option of createSandbox; there are users, authorization, nodes'],
    ['another way to authorize', { authorization: 'none' }, 'authorization is "none"; it has to be "open" or "rbac"'],
    ['no history', { history: 0 }, 'history is 0; it has to be a whole number from 1 on'],
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

  it('is the same as another one of the same seed', async () => {
    const uids: unknown[] = []
    for (let each = 0; each < 2; each++) {
      await using sandbox = createSandbox({ seed: 5 })
      uids.push(sandbox.save().objects['/namespaces']?.map(({ metadata }) => metadata.uid))
    }
    expect(uids[0]).toEqual(uids[1])
  })
})
