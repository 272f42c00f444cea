/**
 * The paths of the OpenAPI documents.
 *
 * A document of version 3 that is asked for by the hash in the index never changes; with another hash, clients are sent to the right one.
 * Documents are answered as JSON; that of version 2 also in protocol buffers. (kube-openapi, pkg/handler3 and pkg/handler)
 */
import type { JsonObject } from '../../api/object.ts'
import { createOpenApi, type OpenApi, type OpenApiDocument } from '../openapi/openapi.ts'
import { encodeDocument } from '../openapi/protobuf.ts'
import type { ResourceDirectory } from '../registry/directory.ts'
import { type Answer, type Exchange, jsonType } from './exchange.ts'

const year = 365 * 24 * 3_600_000

/**
 * Answers what lies below `/openapi`; undefined for what does not exist there.
 *
 * @param now milliseconds since the epoch
 */
export function createOpenApiAnswers(resources: ResourceDirectory, now: () => number): (exchange: Exchange) => Answer | undefined {
  let documents: OpenApi | undefined
  let of = -1
  let encoded: { hash: string; bytes: Uint8Array<ArrayBuffer> } | undefined
  const current = (): OpenApi => {
    if (documents === undefined || of !== resources.version) {
      documents = createOpenApi(resources.all())
      of = resources.version
    }
    return documents
  }
  return (exchange) => {
    const { path } = exchange
    if (path === '/openapi/v3') {
      // The server does not say that it is JSON.
      return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: JSON.stringify(current().index()) }
    }
    if (path === '/openapi/v2') {
      const document = current().version2()
      const headers = { vary: ['Accept-Encoding', 'Accept'] }
      if (!prefersProtobuf(exchange.header('accept') ?? '')) return answer(exchange, document, headers)
      if (encoded?.hash !== document.hash)
        encoded = { hash: document.hash, bytes: encodeDocument(JSON.parse(document.text()) as JsonObject) }
      return { status: 200, headers: { etag: `"${document.hash}"`, ...headers, 'content-type': protobufType }, body: encoded.bytes }
    }
    if (!path.startsWith('/openapi/v3/')) return undefined
    const document = current().document(path)
    if (!document) return { status: 404, headers: {}, body: null }
    const asked = exchange.query.get('hash')
    if (!asked) return answer(exchange, document, { vary: 'Accept' })
    if (asked === document.hash) {
      const expires = new Date(now() + year).toUTCString().replace('GMT', 'UTC')
      return answer(exchange, document, { vary: 'Accept', 'cache-control': 'public, immutable', expires })
    }
    return {
      status: 301,
      headers: { etag: `"${document.hash}"`, vary: 'Accept', location: `${path}?hash=${document.hash}`, 'content-type': jsonType },
      body: null,
    }
  }
}

function answer(exchange: Exchange, { hash, text }: OpenApiDocument, more: Answer['headers']): Answer {
  const headers = { etag: `"${hash}"`, ...more }
  if (!takesJson(exchange.header('accept') ?? '')) return { status: 406, headers: { vary: more.vary ?? 'Accept' }, body: null }
  if (exchange.header('if-none-match') === headers.etag) return { status: 304, headers, body: null }
  return { status: 200, headers: { 'content-type': jsonType, ...headers }, body: text() }
}

const protobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

/** The first type that is known is answered; the older name has a sign that media types must not have. */
const prefersProtobuf = (accept: string): boolean =>
  accept
    .split(',')
    .map((clause) => (clause.split(';', 1)[0] ?? '').trim().replace('@', '.'))
    .find((type) => type === protobufType || jsonTypes.has(type)) === protobufType

const takesJson = (accept: string): boolean =>
  accept === '' || accept.split(',').some((clause) => jsonTypes.has(clause.split(';', 1)[0]?.trim() ?? ''))

const jsonTypes = new Set(['application/json', 'application/*', '*/*'])
