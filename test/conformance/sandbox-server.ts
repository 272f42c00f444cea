/** A sandbox for the suite, on a port of this machine. */
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import { makeCertificate } from '../../src/sandbox/server/certificate.ts'
import type { Endpoint } from './transport.ts'

export interface StartedSandbox {
  endpoint: Endpoint
  stop: () => Promise<void>
}

export async function startSandbox(): Promise<StartedSandbox> {
  const sandbox = createSandbox({ authorization: 'rbac', certificate: await makeCertificate() })
  const { url, ca } = await sandbox.listen()
  return { endpoint: { server: url, token: sandbox.token, ...(ca && { ca }) }, stop: async () => await sandbox.close() }
}
