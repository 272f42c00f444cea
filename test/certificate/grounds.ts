/** Where runs take place: in simulations, on a sandbox for each, or in namespaces of one control plane. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import { startInProcess, type StartLife } from '../../src/testing/crashes/life.ts'
import type { OpenStage } from '../../src/testing/crashes/play.ts'
import { openServerStage } from '../../src/testing/crashes/server-stage.ts'
import { openSimulatedStage } from '../../src/testing/crashes/simulated-stage.ts'
import { parseYaml } from '../../src/yaml/read.ts'
import { startControlPlane } from '../controlplane/control-plane.ts'
import { startBinary } from './binary.ts'

export interface Grounds extends AsyncDisposable {
  openReference: OpenStage
  openCrash: OpenStage
  /** Runs at a time. */
  jobs: number
}

export const simulatedGrounds = (): Grounds => ({
  openReference: openSimulatedStage,
  openCrash: openSimulatedStage,
  // They wait for nothing.
  jobs: 1,
  [Symbol.asyncDispose]: async () => {},
})

/** The real binary, each time on a sandbox of its own. */
export function sandboxGrounds(): Grounds {
  const open =
    (startLife: StartLife): OpenStage =>
    async (history, point) => {
      const sandbox = createSandbox()
      const { url } = await sandbox.listen({ tls: false })
      const server = { url, token: sandbox.token }
      const stage = await openServerStage({ server, startLife, namespace: 'crash', quiet: 400, timeout: 60_000 })(history, point)
      const dispose = stage[Symbol.asyncDispose].bind(stage)
      stage[Symbol.asyncDispose] = async () => {
        await dispose()
        await sandbox.close()
      }
      return stage
    }
  return { openReference: open(startInProcess), openCrash: open(startBinary), jobs: 3, [Symbol.asyncDispose]: async () => {} }
}

/** @param kubeconfig of one that runs already, as `npm run control-plane` prints it; without it, one is started */
export async function controlPlaneGrounds(kubeconfig: string | undefined): Promise<Grounds> {
  const started = kubeconfig === undefined ? await startControlPlane({ nodes: 2, say: (line) => console.error(line) }) : undefined
  const server = started ? { url: started.server, ca: started.access.ca, token: started.access.token } : accessIn(kubeconfig as string)
  const open =
    (startLife: StartLife): OpenStage =>
    async (history, point) => {
      const namespace = `crash-${randomBytes(4).toString('hex')}`
      return await openServerStage({ server, startLife, namespace, quiet: 2_000, timeout: 90_000 })(history, point)
    }
  return {
    openReference: open(startInProcess),
    openCrash: open(startBinary),
    jobs: 4,
    [Symbol.asyncDispose]: async () => await started?.stop(),
  }
}

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
  users: [{ user: { token: string } }]
}

/** The one cluster and the one user of a kubeconfig with a token. */
function accessIn(file: string): { url: string; ca: string; token: string } {
  const { clusters, users } = parseYaml(file, readFileSync(file, 'utf8')).values[0] as unknown as Kubeconfig
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster
  return { url: server, ca: Buffer.from(ca, 'base64').toString(), token: users[0].user.token }
}
