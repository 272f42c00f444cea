/**
 * The notation of one request: `METHOD path?query`.
 *
 * A path that begins with a slash is sent as it stands. Another one is short for a resource of the case's namespace:
 * `v1/configmaps/a` is /api/v1/namespaces/NAMESPACE/configmaps/a and `apps/v1/deployments` is /apis/apps/v1/namespaces/NAMESPACE/deployments.
 * In line and body `{ns}` stands for the namespace and `{id}` for a word that no other case has.
 */

export interface Target {
  method: string
  /** With the query. */
  path: string
  contentType?: string
  accept?: string
  query: string
}

export interface Scope {
  /** The namespace of the case; it is made when this is first called. */
  namespace: () => Promise<string>
  id: string
}

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

/** The method words that are no methods of HTTP. */
const words: Readonly<Record<string, { method: string; contentType?: string; accept?: string; query?: string }>> = {
  APPLY: { method: 'PATCH', contentType: 'application/apply-patch+yaml' },
  MERGE: { method: 'PATCH', contentType: 'application/merge-patch+json' },
  STRATEGIC: { method: 'PATCH', contentType: 'application/strategic-merge-patch+json' },
  JSONPATCH: { method: 'PATCH', contentType: 'application/json-patch+json' },
  TABLE: { method: 'GET', accept: table },
  WATCH: { method: 'GET', query: 'watch=true' },
}

export async function parseLine(line: string, scope: Scope): Promise<Target> {
  const [word = '', ...rest] = line.split(' ')
  const { method, contentType, accept, query } = words[word] ?? { method: word }
  const asked = await filled(rest.join(' '), scope)
  const path = asked.startsWith('/') ? asked : await full(asked, scope)
  const withQuery = query === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`
  return { method, path: withQuery, ...(contentType && { contentType }), ...(accept && { accept }), query: withQuery.split('?')[1] ?? '' }
}

/** The body with its placeholders filled in; undefined stays undefined. */
export async function fillBody(body: unknown, scope: Scope): Promise<string | undefined> {
  if (body === undefined) return undefined
  return await filled(typeof body === 'string' ? body : JSON.stringify(body), scope)
}

async function filled(text: string, scope: Scope): Promise<string> {
  const withId = text.replaceAll('{id}', scope.id)
  return withId.includes('{ns}') ? withId.replaceAll('{ns}', await scope.namespace()) : withId
}

async function full(short: string, scope: Scope): Promise<string> {
  const parts = short.split('/')
  const version = parts[0] === 'v1' ? '/api/v1' : `/apis/${parts.splice(0, 1)[0]}/${parts[0]}`
  return `${version}/namespaces/${await scope.namespace()}/${parts.slice(1).join('/')}`
}
