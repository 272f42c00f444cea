/** Where runs take place: in simulations, on a sandbox for each, or in namespaces of one control plane. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import { startInProcess } from '../../src/testing/crashes/life.ts'
import type { OpenStage } from '../../src/testing/crashes/play.ts'
import type { ServerAccess } from '../../src/testing/crashes/proxy.ts'
import { openServerStage } from '../../src/testing/crashes/server-stage.ts'
import { openSimulatedStage } from '../../src/testing/crashes/simulated-stage.ts'
import { parseYaml } from '../../src/yaml/read.ts'
import { startBinary } from './binary.ts'

/** As data, for the processes that play. */
export interface Ground {
  on: 'simulation' | 'sandbox' | { server: ServerAccess }
  /** The real binary in a process of its own, rather than the operator in the one that plays. */
  binary: boolean
}

export function stageOn({ on, binary }: Ground): OpenStage {
  const startLife = binary ? startBinary : startInProcess
  if (on === 'simulation') return openSimulatedStage
  if (on === 'sandbox')
    return async (history, point) => {
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
  return async (history, point) => {
    const namespace = `crash-${randomBytes(4).toString('hex')}`
    return await openServerStage({ server: on.server, startLife, namespace, quiet: 2_000, timeout: 240_000 })(history, point)
  }
}

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
  users: [{ user: { token: string } }]
}

/** The one cluster and the one user of a kubeconfig with a token. */
export function accessIn(file: string): ServerAccess {
  const { clusters, users } = parseYaml(file, readFileSync(file, 'utf8')).values[0] as unknown as Kubeconfig
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster
  return { url: server, ca: Buffer.from(ca, 'base64').toString(), token: users[0].user.token }
}
