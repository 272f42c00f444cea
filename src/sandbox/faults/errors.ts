/**
 * The answers of a server that refuses, as a real one gives them.
 *
 * Not all of them are a Status: a server that has too much to do answers in plain text. (apiserver, server/filters)
 */
import type { Exchange, Answer } from '../server/exchange.ts'
import { textAnswer } from '../server/exchange.ts'
import { errorAnswer } from '../server/app.ts'
import type { RequestInfo } from '../server/request-info.ts'
import {
  alreadyExists,
  ApiError,
  badRequest,
  conflict,
  expired,
  modified,
  noSuchResource,
  notFound,
  plainError,
  serviceUnavailable,
  tooManyRequests,
  unauthorized,
} from '../status/api-error.ts'
import type { FaultEffect } from './fault.ts'

type ErrorEffect = Extract<FaultEffect, { kind: 'error' }>

const overloaded = 'Too many requests, please try again later.\n'

/** What the server says instead of doing what was asked. Reads the body where the answer names what is in it. */
export async function refusalOf(effect: ErrorEffect, exchange: Exchange, info: RequestInfo | undefined): Promise<Answer> {
  const { code, reason, message, retryAfterSeconds = code === 429 ? 1 : undefined } = effect
  const retry = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
  if (code === 429 && message === undefined && reason === undefined) {
    const answer = textAnswer(429, overloaded)
    return { ...answer, headers: { ...answer.headers, ...retry } }
  }
  const usual = await usualError(code, exchange, info, retryAfterSeconds)
  const error = new ApiError(code, reason ?? usual.reason, message ?? usual.message, usual.details, usual.continueToken)
  if (code === 410 && info?.verb === 'watch')
    return { ...errorAnswer(error), status: 200, body: `${JSON.stringify({ type: 'ERROR', object: error.status() })}\n` }
  const answer = errorAnswer(error)
  return { ...answer, headers: { ...answer.headers, ...retry } }
}

async function usualError(
  code: number,
  exchange: Exchange,
  info: RequestInfo | undefined,
  retryAfterSeconds: number | undefined,
): Promise<ApiError> {
  const of = { group: info?.group ?? '', resource: info?.resource ?? '' }
  switch (code) {
    case 400:
      return badRequest('the request is not understood')
    case 401:
      return unauthorized()
    case 404:
      return info?.name ? notFound(of, info.name) : noSuchResource()
    case 409:
      if (info?.verb === 'create') return alreadyExists(of, { metadata: { name: await nameInBody(exchange) } })
      return info?.verb === 'delete' ? conflict(of, info.name, 'object might be modified') : modified(of, info?.name ?? '')
    case 410:
      return info?.verb === 'watch'
        ? expired(`too old resource version: ${exchange.query.get('resourceVersion') || 0} (${Number.MAX_SAFE_INTEGER})`)
        : expired('The resourceVersion for the provided list is too old.')
    case 429:
      return tooManyRequests(overloaded.trim(), retryAfterSeconds ?? 1)
    case 500:
      return plainError('etcdserver: leader changed')
    case 503:
      return serviceUnavailable('apiserver is shutting down')
    case 504:
      return new ApiError(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout', {})
    default:
      return new ApiError(code, '', `the server refuses with code ${code}`)
  }
}

async function nameInBody(exchange: Exchange): Promise<string> {
  try {
    const body: unknown = JSON.parse(new TextDecoder().decode(await exchange.body()))
    const { name } = (body as { metadata?: { name?: unknown } }).metadata ?? {}
    return typeof name === 'string' ? name : ''
  } catch {
    return ''
  }
}
