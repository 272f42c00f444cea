/** A sandbox in which the cases find what they need: a namespace with a service account, and no controllers. */
import { createSandbox } from '../../../../src/sandbox/sandbox.ts'
import { type Send, splitWarnings } from './exchange.ts'

export interface LocalServer {
  readonly send: Send
  readonly namespace: string
  close(): Promise<void>
}

export async function startLocalServer(): Promise<LocalServer> {
  const sandbox = createSandbox({ controllers: false, seed: 1 })
  const namespace = 'workload-cases'
  const send: Send = async (method, path, body) => {
    const response = await sandbox.fetch(
      new Request(`http://sandbox${path}`, {
        method,
        headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    )
    return { status: response.status, body: await response.json(), warnings: splitWarnings(response.headers.get('warning') ?? '') }
  }
  await send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } }
  await send('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, account)
  return { send, namespace, close: () => sandbox.close() }
}
