/**
 * Who may read /metrics, where only those may that the cluster allows it to: the bearer token is reviewed by the API server, and then whether
 * its user may `get` the path. (controller-runtime, metrics/filters: TokenReview, then SubjectAccessReview)
 *
 * A verdict holds for a minute, so that a scraper costs two requests a minute at most. Tokens are kept as digests only, and never told.
 */
import type { Milliseconds } from '../api/clock.ts'
import type { ApiClient } from '../kube/client.ts'
import { isApiError } from '../kube/errors.ts'
import type { Logger } from './log.ts'

/** `unknown`: the server could not be asked. */
export type Access = 'allowed' | 'unauthenticated' | 'forbidden' | 'unknown'

export interface AccessOptions {
  client: ApiClient
  sha256: (text: string) => string
  /** Milliseconds since the epoch. */
  now: () => number
  log: Logger
}

const lifetime: Milliseconds = 60_000

/** Whoever makes up tokens fills no memory. */
const mostVerdicts = 100

interface TokenReview {
  status?: { authenticated?: boolean; user?: { username?: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> } }
}

/** @returns a judge of `Authorization` headers; it never rejects */
export function metricsAccess({ client, sha256, now, log }: AccessOptions): (authorization: string | undefined) => Promise<Access> {
  const verdicts = new Map<string, { until: number; access: Promise<Access> }>()

  async function review(token: string): Promise<Access> {
    const { status } = await client.request<TokenReview>({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/tokenreviews',
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } },
    })
    if (!status?.authenticated || !status.user) return 'unauthenticated'
    const { username, uid, groups, extra } = status.user
    const answer = await client.request<{ status?: { allowed?: boolean; denied?: boolean } }>({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user: username, uid, groups, extra, nonResourceAttributes: { path: '/metrics', verb: 'get' } },
      },
    })
    return answer.status?.allowed ? 'allowed' : 'forbidden'
  }

  async function reviewed(token: string): Promise<Access> {
    try {
      return await review(token)
    } catch (error) {
      if (!isApiError(error)) throw error
      log.warn({ code: error.code }, `who may read /metrics cannot be asked: ${error.message}`)
      return 'unknown'
    }
  }

  return async (authorization) => {
    const token = /^Bearer +([^\s]+)$/i.exec(authorization ?? '')?.[1]
    if (token === undefined) return 'unauthenticated'
    const id = sha256(token)
    const known = verdicts.get(id)
    if (known && now() < known.until) return await known.access
    const access = reviewed(token)
    verdicts.delete(id)
    verdicts.set(id, { until: now() + lifetime, access })
    const [oldest] = verdicts.keys()
    if (verdicts.size > mostVerdicts && oldest !== undefined) verdicts.delete(oldest)
    // Asked again at once, as soon as the server can tell.
    if ((await access) === 'unknown' && verdicts.get(id)?.access === access) verdicts.delete(id)
    return await access
  }
}
