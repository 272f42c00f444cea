import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ApiClient, ApiRequest } from '../../src/kube/client.ts'
import { ApiError } from '../../src/kube/errors.ts'
import { metricsAccess } from '../../src/operator/metrics-access.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** A server that knows the token `good`, and lets its user read while `allowed`. */
function stage() {
  const asked: string[] = []
  const warnings: string[] = []
  const server = { allowed: true, fails: false, now: 0 }
  const request = ({ method, path, body }: ApiRequest): Promise<unknown> => {
    asked.push(path.split('/').at(-1) as string)
    if (server.fails) return Promise.reject(new ApiError({ class: 'unavailable', method, path, code: 503, reason: 'ServiceUnavailable' }))
    const { spec } = body as { spec: { token?: string; user?: string } }
    const isKnown = spec.token === 'good'
    return Promise.resolve({
      status:
        spec.token === undefined
          ? { allowed: server.allowed && spec.user === 'scraper' }
          : { authenticated: isKnown, user: isKnown ? { username: 'scraper' } : {} },
    })
  }
  const log = { warn: (_fields: object, message: string) => void warnings.push(message) }
  const judge = metricsAccess({ client: { request } as unknown as ApiClient, sha256, now: () => server.now, log: log as never })
  return { judge, asked, warnings, server }
}

describe('who reads /metrics', () => {
  it.each([
    [undefined, 'unauthenticated', 0],
    ['Basic Z29vZA==', 'unauthenticated', 0],
    ['Bearer ', 'unauthenticated', 0],
    ['Bearer other', 'unauthenticated', 1],
    ['Bearer good', 'allowed', 2],
    ['bearer good', 'allowed', 2],
  ])('with %j is %s, for %d requests', async (authorization, access, requests) => {
    const { judge, asked } = stage()
    expect(await judge(authorization)).toBe(access)
    expect(asked).toHaveLength(requests)
  })

  it('is asked about once a minute, also by several at once', async () => {
    const { judge, asked, server } = stage()
    await Promise.all([judge('Bearer good'), judge('Bearer good')])
    server.allowed = false
    server.now = 59_999
    expect([await judge('Bearer good'), asked.length]).toEqual(['allowed', 2])
    server.now = 60_000
    expect([await judge('Bearer good'), asked.length]).toEqual(['forbidden', 4])
  })

  it('is asked about again at once where the server could not tell, which a warning says without the token', async () => {
    const { judge, warnings, server } = stage()
    server.fails = true
    expect(await judge('Bearer good')).toBe('unknown')
    server.fails = false
    expect(await judge('Bearer good')).toBe('allowed')
    expect(warnings).toEqual([expect.stringMatching(/^who may read \/metrics cannot be asked: .*503/)])
    expect(warnings.join()).not.toContain('good')
  })

  it('is forgotten with the oldest where many tokens are made up', async () => {
    const { judge, asked } = stage()
    await judge('Bearer good')
    for (let number = 0; number < 100; number++) await judge(`Bearer made-up-${number}`)
    await judge('Bearer good')
    expect(asked.filter((name) => name === 'subjectaccessreviews')).toHaveLength(2)
  })
})
