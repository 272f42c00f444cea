/** Requests to a sandbox, as short as tests want them. */
import { createSandbox, type Sandbox, type SandboxOptions } from '../../../src/sandbox/sandbox.ts'

export interface Reply {
  status: number
  headers: Headers
  /** Parsed where it is JSON. Tests say what they expect in it. */
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any
}

export interface Client extends AsyncDisposable {
  sandbox: Sandbox
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  /** Makes or replaces the ConfigMap `name` in `default`. */
  apply(name: string, data?: Record<string, string>): Promise<Reply>
  /** The lines of a watch as `TYPE name`, as they come. */
  watch(path: string): Promise<AsyncGenerator<string, void>>
}

/** A sandbox without controllers and nodes, so that nothing happens but what a test does. */
export function client(options: SandboxOptions = {}): Client {
  const sandbox = createSandbox({ controllers: false, nodes: [], seed: 7, ...options })
  const authorization = `Bearer ${sandbox.token}`
  const send: Client['send'] = async (method, path, body, headers = {}) => {
    const content = body === undefined ? {} : { body: JSON.stringify(body) }
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    const response = await sandbox.fetch(path, { method, headers: { authorization, ...type, ...headers }, ...content })
    const text = await response.text()
    const isJson = response.headers.get('content-type') === 'application/json'
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
  }
  return {
    sandbox,
    send,
    apply: (name, data = {}) =>
      send(
        'PATCH',
        `${configMaps}/${name}?fieldManager=test&force=true`,
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data },
        {
          'content-type': 'application/apply-patch+yaml',
        },
      ),
    async watch(path) {
      const response = await sandbox.fetch(path, { headers: { authorization } })
      return linesOf(response.body as ReadableStream<Uint8Array>)
    },
    [Symbol.asyncDispose]: () => sandbox.close(),
  }
}

export const configMaps = '/api/v1/namespaces/default/configmaps'

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const { type, object } = JSON.parse(line) as { type: string; object: { code?: number; metadata: { name?: string } } }
      yield `${type} ${type === 'ERROR' ? object.code : object.metadata.name}`
    }
  }
}

/** The next `count` values. */
export async function take<Value>(values: AsyncIterator<Value, void>, count: number): Promise<Value[]> {
  const taken: Value[] = []
  while (taken.length < count) {
    const next = await values.next()
    if (next.done) break
    taken.push(next.value)
  }
  return taken
}
