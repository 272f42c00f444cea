/**
 * Everything outside of resources: health, version, discovery, and the OpenAPI documents.
 *
 * What is made from the list of resources is made again when the list has changed.
 */
import { createDiscovery, type Discovery } from '../discovery/discovery.ts'
import { versionDocument } from '../discovery/version.ts'
import type { ResourceDirectory } from '../registry/directory.ts'
import { discover, onlyRead } from './discovery.ts'
import { type Answer, type Exchange, jsonAnswer, textAnswer } from './exchange.ts'

export interface DocumentsOptions {
  readonly resources: ResourceDirectory
  /** `v1.36.3` */
  readonly kubernetes: string
  readonly serverAddress: string
  /** OpenAPI documents by path; undefined for another path. */
  openapi(exchange: Exchange): Answer | undefined
}

export function createDocuments({
  resources,
  kubernetes,
  serverAddress,
  openapi,
}: DocumentsOptions): (exchange: Exchange) => Answer | undefined {
  let discovery: Discovery | undefined
  let of = -1
  const current = (): Discovery => {
    if (discovery === undefined || of !== resources.version) {
      discovery = createDiscovery(resources.all(), serverAddress)
      of = resources.version
    }
    return discovery
  }

  return (exchange) => {
    const path = exchange.path.length > 1 && exchange.path.endsWith('/') ? exchange.path.slice(0, -1) : exchange.path
    const [, first = ''] = path.split('/')
    const isRead = exchange.method === 'GET' || exchange.method === 'HEAD'
    if (!isRead && !lookAtNoMethod.has(first)) return undefined
    switch (first) {
      case '':
        // Two slashes at the beginning are no root.
        if (path !== '/') return undefined
        return jsonAnswer(200, { paths: rootPaths(current()) })
      case 'healthz':
      case 'livez':
      case 'readyz':
        return health(path, first, exchange)
      case 'version':
        if (path !== '/version') return undefined
        onlyRead(exchange)
        return jsonAnswer(200, versionDocument(kubernetes))
      case 'openapi':
        return openapi(exchange)
      case 'api':
      case 'apis':
        return discover(exchange, path, current())
      default:
        return undefined
    }
  }
}

/** They refuse other methods themselves, or take any. */
const lookAtNoMethod: ReadonlySet<string> = new Set(['healthz', 'livez', 'readyz', 'version', 'api', 'apis'])

const checks = ['ping', 'log', 'etcd']

/** All checks, or one of them, always well: what is asked answers. (apiserver, server/healthz) */
function health(path: string, kind: string, exchange: Exchange): Answer | undefined {
  const [, , check] = path.split('/')
  if (check !== undefined) return checks.includes(check) ? textAnswer(200, 'ok') : undefined
  if (!exchange.query.has('verbose')) return textAnswer(200, 'ok')
  return textAnswer(200, `${checks.map((name) => `[+]${name} ok\n`).join('')}${kind} check passed\n`)
}

function rootPaths({ groups }: Discovery): string[] {
  const named = groups.filter(({ name }) => name !== '')
  return [
    '/api',
    '/api/v1',
    '/apis',
    ...named.flatMap(({ name, versions }) => [`/apis/${name}`, ...versions.map(({ version }) => `/apis/${name}/${version}`)]),
    '/healthz',
    '/livez',
    '/openapi/v2',
    '/openapi/v3',
    '/readyz',
    '/version',
  ].sort()
}
