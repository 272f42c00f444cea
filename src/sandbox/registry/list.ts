/**
 * Lists: one consistent state, whole or in pages.
 *
 * A page's token holds the version of the state and the key to go on from, so that all pages together are one state, however much is written
 * in between. (apiserver, storage/continue.go and registry/generic/registry/store.go)
 */
import { type KubernetesObject, objectKey } from '../../api/object.ts'
import { parseFieldSelector } from '../selectors/field-selector.ts'
import { parseLabelSelector } from '../selectors/label-selector.ts'
import { badRequest, expired, tooLargeResourceVersion } from '../status/api-error.ts'
import type { Resource } from './resource.ts'
import type { RegistryContext, RequestScope } from './scope.ts'

export interface ListOptions {
  readonly labelSelector: string
  readonly fieldSelector: string
  /** 0: no limit. */
  readonly limit: number
  readonly continue: string
  /** Empty, or digits. */
  readonly resourceVersion: string
  readonly resourceVersionMatch: '' | 'Exact' | 'NotOlderThan'
}

export interface ListResult {
  /** At the request's version. */
  readonly items: readonly KubernetesObject[]
  readonly resourceVersion: string
  readonly continue: string | undefined
  readonly remainingItemCount: number | undefined
}

/** Which objects a request means; `selective`: whether it leaves any out. */
export interface Selection {
  readonly selective: boolean
  /** Of the stored object. */
  matches(object: KubernetesObject): boolean
}

export function selection(resource: Resource, options: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>): Selection {
  const labels = options.labelSelector ? parseLabelSelector(options.labelSelector) : undefined
  const fields = options.fieldSelector ? parseFieldSelector(options.fieldSelector, resource) : undefined
  return {
    selective: labels !== undefined || fields !== undefined,
    matches: (object) => (!labels || labels(object.metadata.labels)) && (!fields || fields.matches(object)),
  }
}

const continueExpired =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'

export function listObjects(context: RegistryContext, scope: RequestScope, options: ListOptions): ListResult {
  const { resource, namespace } = scope
  const { storage } = context
  const selected = selection(resource, options)
  const token = options.continue ? parseToken(options.continue, options.resourceVersion) : undefined
  if (token && token.revision > storage.revision) throw tooLargeResourceVersion(String(token.revision), String(storage.revision))
  const revision = token ? (token.revision < 0 ? storage.revision : token.revision) : exactRevision(storage.revision, options)
  const prefix = resource.namespaced && namespace ? namespace.length : -1
  let state: Iterable<KubernetesObject>
  if (revision === undefined) state = storage.list(resource.storage, namespace)
  else {
    const past = storage.listAt(resource.storage, namespace, revision)
    if (!past && token) throw expired(continueExpired, writeToken(-1, token.start))
    if (!past) throw expired('The resourceVersion for the provided list is too old.')
    state = past
  }
  const at = revision ?? storage.revision
  const items: KubernetesObject[] = []
  let last = ''
  let remaining = 0
  for (const object of state) {
    const key = prefix < 0 ? `/${keyOf(object)}` : keyOf(object).slice(prefix)
    if (token && key < token.start) continue
    if (options.limit > 0 && items.length === options.limit) {
      remaining++
      // Whether any of those that are left would be selected is not looked at; how many are left is told where every object counts.
      if (selected.selective) break
      continue
    }
    if (!selected.matches(object)) continue
    items.push(resource.codec.fromStorage(object))
    last = key
  }
  return {
    items,
    resourceVersion: String(at),
    continue: remaining > 0 ? writeToken(at, `${last}\0`) : undefined,
    remainingItemCount: remaining > 0 && !selected.selective ? remaining : undefined,
  }
}

/** The past state that is asked for; undefined: the current one. */
function exactRevision(current: number, { resourceVersion, resourceVersionMatch, limit }: ListOptions): number | undefined {
  if (resourceVersion === '' || resourceVersion === '0') return undefined
  const asked = Number(resourceVersion)
  if (asked > current) throw tooLargeResourceVersion(resourceVersion, String(current))
  return resourceVersionMatch === 'Exact' || (resourceVersionMatch === '' && limit > 0) ? asked : undefined
}

const keyOf = (object: KubernetesObject): string => objectKey(object.metadata)

interface Token {
  readonly revision: number
  /** The first key that is meant, with a slash before it, relative to the namespace. */
  readonly start: string
}

const tokenVersion = 'meta.k8s.io/v1'

const writeToken = (revision: number, start: string): string =>
  Buffer.from(JSON.stringify({ v: tokenVersion, rv: revision, start })).toString('base64url')

function parseToken(text: string, resourceVersion: string): Token {
  const invalidByte = /[^\w-]/.exec(text)?.index ?? (text.length % 4 === 1 ? text.length - 1 : undefined)
  if (invalidByte !== undefined)
    throw badRequest(`invalid continue token: continue key is not valid: illegal base64 data at input byte ${invalidByte}`)
  let token: { v?: unknown; rv?: unknown; start?: unknown }
  try {
    token = JSON.parse(Buffer.from(text, 'base64url').toString()) as typeof token
  } catch {
    const first = Buffer.from(text, 'base64url').toString()[0]
    const why = first === undefined ? 'unexpected end of JSON input' : `invalid character '${first}' looking for beginning of value`
    throw badRequest(`invalid continue token: continue key is not valid: ${why}`)
  }
  const refuse = (why: string): never => {
    throw badRequest(`invalid continue token: ${why}`)
  }
  if (typeof token !== 'object' || token === null || token.v !== tokenVersion)
    return refuse(`continue key is not valid: server does not recognize this encoded version ${String(token?.v ?? '')}`)
  if (typeof token.rv !== 'number' || token.rv === 0)
    return refuse('continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  if (typeof token.start !== 'string' || token.start === '')
    return refuse('continue key is not valid: encoded start key empty (version meta.k8s.io/v1)')
  // A key that climbs out of its place would list what the request may not see.
  if (token.start.split('/').includes('..')) return refuse(`continue key is not valid: ${token.start}`)
  if (resourceVersion !== '' && resourceVersion !== '0') throw badRequest('specifying resource version is not allowed when using continue')
  return { revision: token.rv, start: token.start }
}
