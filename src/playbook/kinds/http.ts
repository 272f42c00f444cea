/** `http`: a request to an HTTP server. The answer is `{ status, headers, json, text }`. */
import { isMap, type JsonObject } from '../../api/object.ts'
import { TemplateError } from '../../template/error.ts'
import type { StepKind } from '../step.ts'
import { bool, map, text, textMap } from './schema.ts'
import { refuseReferences } from './secrets.ts'

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete'] as const
const harmless = ['get', 'head']

export const http: StepKind = {
  key: 'http',
  promise: 'acts',
  canRead: true,
  essentials: ['status', 'json'],
  about: 'A request to an HTTP server, at least once with the same Idempotency-Key; with `read` again and again.',
  schema: map({
    ...Object.fromEntries(methods.map((method) => [method, { ...text, description: `The URL of a ${method.toUpperCase()}.` }])),
    method: text,
    url: text,
    headers: textMap,
    body: { description: 'A text is sent as it is, anything else as JSON.' },
    expect: { type: ['integer', 'array'], items: { type: 'integer', minimum: 100, maximum: 599 }, minimum: 100, maximum: 599 },
    tls: map({ secret: text, ca: text, cert: text, key: text, serverName: text, insecureSkipVerify: bool }),
  }),
  request(value) {
    const inputs = value as Record<string, unknown>
    const short = methods.filter((method) => Object.hasOwn(inputs, method))
    const [method] = short
    if (short.length > 1) throw new TemplateError('STEP_INVALID', `a request has one method, not ${short.join(' and ')}`)
    if (method && (inputs['method'] ?? inputs['url']) !== undefined)
      throw new TemplateError('STEP_INVALID', `${method} has the URL already, beside method and url`)
    const url = method ? inputs[method] : inputs['url']
    if (url === undefined)
      throw new TemplateError('STEP_INVALID', 'the request has no URL', { remedy: 'e.g. get: https://example.com/health' })
    refuseReferences(inputs['body'], 'the body')
    const { headers, body, expect, tls } = inputs
    return {
      method: String(method ?? inputs['method'] ?? 'get').toUpperCase(),
      url,
      ...(headers !== undefined && { headers: textsOf(headers) }),
      ...(body !== undefined && { body }),
      ...(expect !== undefined && { expect: Array.isArray(expect) ? expect : [expect] }),
      ...(tls !== undefined && { tls }),
    } as JsonObject
  },
  isHarmless: (written) =>
    isMap(written) &&
    (harmless.some((method) => Object.hasOwn(written, method)) || ['GET', 'HEAD'].includes(String(written['method'] ?? '').toUpperCase())),
}

/** Numbers and booleans written out; handles of secrets as they are. */
export const textsOf = (value: unknown): JsonObject =>
  Object.fromEntries(
    Object.entries(value as object).map(([key, item]) => [
      key,
      typeof item === 'number' || typeof item === 'boolean' ? String(item) : item,
    ]),
  ) as JsonObject
