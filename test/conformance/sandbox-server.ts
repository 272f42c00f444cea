/** A sandbox for the suite, on a port of this machine. */
import type { Endpoint } from './transport.ts'

export interface StartedSandbox {
  endpoint: Endpoint
  stop: () => Promise<void>
}

export async function startSandbox(): Promise<StartedSandbox> {
  return await Promise.reject(new Error('the sandbox cannot be started yet: use --on real'))
}
