/** `fairlead` with these arguments, as a person runs it. */
import { execFile } from 'node:child_process'
import type { Cluster } from '../controlplane/fixture.ts'
import { switchEnvironment } from '../switches/environment.ts'
import { compileCache, repository } from './operator-process.ts'

export interface CommandResult {
  code: number
  out: string
  error: string
}

/** Resolves when it has ended, whatever its exit code. */
export const fairlead = (cluster: Cluster, ...args: string[]): Promise<CommandResult> => fairleadAs(cluster.kubeconfig, ...args)

/** The same with other credentials. */
export function fairleadAs(kubeconfig: string, ...args: string[]): Promise<CommandResult> {
  return new Promise((resolve) => {
    const environment = { PATH: process.env['PATH'], HOME: '/nonexistent', ...compileCache, ...switchEnvironment(), KUBECONFIG: kubeconfig }
    execFile(process.execPath, [`${repository}/bin/fairlead.js`, ...args], { env: environment }, (error, out, errors) =>
      resolve({ code: error ? Number(error.code) : 0, out, error: errors }),
    )
  })
}
