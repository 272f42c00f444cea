/** URLs. (apiserver, cel/library/urls.go) */
import { isRequestUri } from '../../validation/identifiers.ts'
import type { Environment } from '../module.ts'

class Url {
  readonly scheme: string
  readonly host: string
  readonly path: string
  readonly query: URLSearchParams

  constructor(text: string) {
    const [, scheme = '', authority = '', path = '', query = ''] =
      /^(?:([a-zA-Z][\w+\-.]*):)?(?:\/\/([^/?]*))?([^?]*)(?:\?(.*))?$/s.exec(text) ?? []
    this.scheme = scheme.toLowerCase()
    this.host = authority.slice(authority.lastIndexOf('@') + 1)
    this.path = path
    this.query = new URLSearchParams(query)
  }

  get hostname(): string {
    return this.host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')
  }

  get port(): string {
    return /:(\d*)$/.exec(this.host)?.[1] ?? ''
  }
}

export function registerUrls(environment: Environment): void {
  environment
    .registerType('kubernetes.URL', Url)
    .registerFunction('isURL(string): bool', (text: string) => isRequestUri(text))
    .registerFunction('url(string): kubernetes.URL', (text: string) => {
      if (!isRequestUri(text))
        throw new TypeError(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`)
      return new Url(text)
    })
    .registerFunction('kubernetes.URL.getScheme(): string', (url: Url) => url.scheme)
    .registerFunction('kubernetes.URL.getHost(): string', (url: Url) => url.host)
    .registerFunction('kubernetes.URL.getHostname(): string', (url: Url) => url.hostname)
    .registerFunction('kubernetes.URL.getPort(): string', (url: Url) => url.port)
    .registerFunction('kubernetes.URL.getEscapedPath(): string', (url: Url) => url.path)
    .registerFunction(
      'kubernetes.URL.getQuery(): map<string, list<string>>',
      (url: Url) => new Map([...new Set(url.query.keys())].map((key) => [key, url.query.getAll(key)])),
    )
    .registerOperator('kubernetes.URL == kubernetes.URL', (a: Url, b: Url) => JSON.stringify(a) === JSON.stringify(b))
}
