import { describe, expect, it } from 'vitest'
import { ApiError, type ApiErrorDetails } from '../../src/kube/errors.ts'
import { retryDelay } from '../../src/kube/retry.ts'

const error = (details: Pick<ApiErrorDetails, 'class'> & Partial<ApiErrorDetails>) =>
  new ApiError({ method: 'PATCH', path: '/api/v1/namespaces/eu/configmaps/c', code: 500, reason: '', ...details })

describe('a failed request', () => {
  it.each<[string, ApiError, number[]]>([
    ['that the server did nothing for', error({ class: 'tooManyRequests' }), [100, 200, 400]],
    ['that read, and broke', error({ class: 'unavailable', method: 'GET' }), [100, 200, 400]],
    ['that may have been carried out', error({ class: 'network', maybeDone: true }), []],
    ['that was never sent', error({ class: 'network' }), [100, 200, 400]],
    ['with credentials that are no longer good: once', error({ class: 'unauthorized' }), [0]],
    ['that was refused', error({ class: 'invalid' }), []],
  ])('%s', (_title, failed, delays) => {
    const found = [1, 2, 3, 4].map((sends) => retryDelay(failed, sends, 1))
    expect(found.filter((delay) => delay !== undefined)).toEqual(delays)
    expect(found.slice(delays.length)).toEqual(Array(4 - delays.length).fill(undefined))
  })
})
