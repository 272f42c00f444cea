/** A sandbox for the suite, on a port of this machine. */
import { generate } from 'selfsigned'
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import type { Endpoint } from './transport.ts'

export interface StartedSandbox {
  endpoint: Endpoint
  stop: () => Promise<void>
}

export async function startSandbox(): Promise<StartedSandbox> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'sandbox' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  const sandbox = createSandbox()
  const { port } = await sandbox.listen({ tls: { key, cert } })
  return {
    endpoint: { server: `https://127.0.0.1:${port}`, ca: cert, token: sandbox.token },
    stop: async () => await sandbox.close(),
  }
}
