/**
 * The paths of discovery: who may ask in which way for which document.
 *
 * Groups are answered by a plain handler, which looks at no method; `/api` and the versions by routes, which take GET only and know no wildcard
 * for half of a content type. (kube-aggregator, handler_apis.go; apiserver, endpoints/discovery)
 */
import { acceptsAggregated, aggregatedContentType } from '../discovery/aggregated.ts'
import type { Discovery } from '../discovery/discovery.ts'
import { isBuiltIn } from '../discovery/groups.ts'
import { ApiError, noSuchResource, notAcceptable } from '../status/api-error.ts'
import { type Answer, type Exchange, jsonAnswer } from './exchange.ts'
import { textAnswer } from './representation.ts'

/**
 * @param path without a slash at the end
 * @returns undefined where there is no such group
 * @throws ApiError (404 for a version that the group lacks, 405, 406)
 */
export function discover(exchange: Exchange, path: string, discovery: Discovery): Answer | undefined {
  const accept = exchange.header('accept') ?? ''
  const whole = acceptsAggregated(accept) ? discovery.aggregated(path) : undefined
  if (whole) {
    const { body, etag } = whole
    const headers = { etag, vary: 'Accept', 'cache-control': 'public' }
    if (exchange.header('if-none-match') === etag) return { status: 304, headers, body: null }
    return jsonAnswer(200, body, { ...headers, 'content-type': aggregatedContentType })
  }
  const document = discovery.document(path)
  if (!document) {
    if (isVersionOfGroup(path, discovery)) throw noSuchResource()
    return undefined
  }
  const isRoute = path === '/api' || path.split('/').length === (path.startsWith('/apis') ? 4 : 3)
  if (isRoute) onlyRead(exchange)
  return textAnswer(200, JSON.stringify(document), { format: formatOf(accept, isRoute), as: 'object' }, false)
}

function isVersionOfGroup(path: string, { groups }: Discovery): boolean {
  const [, root, first, second, ...more] = path.split('/')
  if (more.length > 0 || first === undefined) return false
  if (root === 'api' || second === undefined) return root === 'api' && second === undefined
  // The versions of custom resources are routes of their own.
  return groups.some(({ name, versions }) => name !== '' && name === first && versions.some(({ resources }) => resources.some(isBuiltIn)))
}

/** What only reads takes no other method. Throws ApiError (405). */
export function onlyRead({ method }: Exchange): void {
  if (method !== 'GET' && method !== 'HEAD')
    throw new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}

const offered = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']

function formatOf(accept: string, isRoute: boolean): 'json' | 'yaml' {
  if (accept === '') return 'json'
  let known = false
  for (const clause of preferredFirst(accept)) {
    const [type = '', ...parameters] = clause.split(';').map((part) => part.trim())
    if (!offered.includes(type) && type !== '*/*' && (type !== 'application/*' || isRoute)) continue
    known = true
    // No document here has another form.
    if (parameters.some((parameter) => parameter.startsWith('as='))) continue
    if (type === 'application/yaml') return 'yaml'
    if (type !== 'application/vnd.kubernetes.protobuf') return 'json'
  }
  if (known || !isRoute) throw notAcceptable(offered)
  throw new ApiError(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${offered.join(', ')}`, {})
}

/** Of equal quality in the order of the header. */
const preferredFirst = (accept: string): string[] => accept.split(',').sort((left, right) => quality(right) - quality(left))

const quality = (clause: string): number => Number(/;\s*q=([\d.]+)/.exec(clause)?.[1] ?? 1)
