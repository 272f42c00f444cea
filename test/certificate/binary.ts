/** A life of the real binary, in a process of its own, which SIGKILL ends. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StartLife } from '../../src/testing/crashes/life.ts'
import { OperatorProcess } from '../scenarios/operator-process.ts'

export const startBinary: StartLife = ({ server, watches, namespace, namespaces, flags }) => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-life-'))
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, kubeconfigFor(server, namespace))
  const operator = new OperatorProcess({ kubeconfig, watches, namespaces, args: [...flags] })
  let killed = false
  const { promise: failed, reject } = Promise.withResolvers<never>()
  failed.catch(() => {})
  void operator.exited.then((code) => {
    if (!killed) reject(new Error(`the operator ended by itself with ${code}:\n${operator.text}`))
  })
  return {
    failed,
    // Its passes cannot be seen from outside: the run that the others are compared with is not its own.
    idle: () => true,
    async kill() {
      killed = true
      await operator.stop('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const kubeconfigFor = (server: string, namespace: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'proxy', cluster: { server } }],
    users: [{ name: 'proxy', user: {} }],
    contexts: [{ name: 'proxy', context: { cluster: 'proxy', user: 'proxy', namespace } }],
    'current-context': 'proxy',
  })
