/**
 * What a path asks for: which resource, in which namespace, which object, which part of it.
 *
 * (apiserver, endpoints/request/requestinfo.go)
 */

export interface RequestInfo {
  /** As authorization and audit name it: get, list, watch, create, update, patch, delete, deletecollection. */
  readonly verb: string
  readonly group: string
  readonly version: string
  readonly namespace: string
  readonly resource: string
  readonly name: string
  /** The only name that a list or watch can tell of, by its field selector. */
  readonly selectedName: string
  /** Empty for the object itself. */
  readonly subresource: string
  /** What follows the subresource: the path of a proxied request. */
  readonly rest: string
}

/** Undefined for a path that is not below `/api/VERSION/` or `/apis/GROUP/VERSION/`. Throws a URIError for a broken escape. */
export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo | undefined {
  // An escaped slash separates like any other.
  const segments = decodeURIComponent(path).split('/')
  // A path begins with a slash; one at its end means nothing.
  if (segments.at(-1) === '') segments.pop()
  const legacy = segments[1] === 'api'
  if (!legacy && segments[1] !== 'apis') return undefined
  const [group, version] = legacy ? ['', segments[2]] : [segments[2], segments[3]]
  let rest = segments.slice(legacy ? 3 : 4)
  if (group === undefined || version === undefined || rest.length === 0) return undefined
  const watched = rest[0] === 'watch' && rest.length > 1
  if (watched) rest = rest.slice(1)
  let namespace = ''
  // `namespaces/a/pods` lies in a namespace; `namespaces/a` and `namespaces/a/status` are the namespace itself.
  if (rest[0] === 'namespaces' && rest.length > 2 && !namespaceParts.has(rest[2] as string)) {
    namespace = rest[1] as string
    rest = rest.slice(2)
  }
  const [resource, name = '', subresource = '', ...below] = rest as [string, ...string[]]
  const verb = verbOf(method, name, watched || (name === '' && isTrue(query.get('watch'))))
  return {
    verb,
    group,
    version,
    namespace: namespace || (resource === 'namespaces' && group === '' ? name : ''),
    resource,
    name,
    selectedName: name === '' && (verb === 'list' || verb === 'watch') ? selectedName(query.get('fieldSelector') ?? '') : '',
    subresource,
    rest: below.join('/'),
  }
}

/** (fields.Selector, RequiresExactMatch) */
function selectedName(selector: string): string {
  const terms = selector.split(',').map((term) => /^metadata\.name==?([^=!\\/%]+)$/.exec(term)?.[1])
  const name = terms.find((term) => term !== undefined) ?? ''
  return name === '.' || name === '..' ? '' : name
}

const namespaceParts = new Set(['status', 'finalize'])

/** Go's way to read a flag from a query: everything but these is true. */
export const isTrue = (value: string | null): boolean => value !== null && value !== '0' && value.toLowerCase() !== 'false'

function verbOf(method: string, name: string, watched: boolean): string {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return watched ? 'watch' : name === '' ? 'list' : 'get'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete'
    default:
      return method.toLowerCase()
  }
}
