/** A sandbox on a socket, until whoever started it lets go. `served.ts http|https` */
import { createSandbox } from '../../src/sandbox/sandbox.ts'

/** How to reach it. */
export interface Served {
  readonly server: string
  readonly ca: string | undefined
  readonly token: string
}

const sandbox = createSandbox()
const { url, ca } = await sandbox.listen({ tls: process.argv[2] === 'https' })
process.on('disconnect', () => process.exit())
process.send?.({ server: url, ca, token: sandbox.token } satisfies Served)
