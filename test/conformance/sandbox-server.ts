/** A sandbox for the suite, on a port of this machine. */
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import { makeCertificate } from '../../src/sandbox/server/certificate.ts'
import type { Endpoint } from './transport.ts'

export interface StartedSandbox {
  endpoint: Endpoint
  stop: () => Promise<void>
}

/** `nodes`: as many simulated nodes as the server has that it is compared with. */
export async function startSandbox(nodes = 2): Promise<StartedSandbox> {
  const sandbox = createSandbox({
    nodes: Array.from({ length: nodes }, (_, index) => `node-${index + 1}`),
    authorization: 'rbac',
    certificate: await makeCertificate(),
  })
  const { url, ca } = await sandbox.listen()
  return { endpoint: { server: url, token: sandbox.token, ...(ca && { ca }) }, stop: async () => await sandbox.close() }
}
