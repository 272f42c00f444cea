/**
 * A control plane to play with: starts one, prints `export KUBECONFIG=…` when it is ready, and stops it at Ctrl-C.
 *
 *   node test/controlplane/main.ts [--nodes N] [--no-controllers]
 */
import { parseArgs } from 'node:util'
import { printUsage } from '../usage.ts'
import { startControlPlane } from './control-plane.ts'

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1' },
    controllers: { type: 'boolean', default: true },
    help: { type: 'boolean', short: 'h', default: false },
  },
  allowNegative: true,
})
if (values.help) printUsage(import.meta.url)
const nodes = Number(values.nodes)
if (!Number.isInteger(nodes) || nodes < 0) throw new Error(`--nodes takes a number from 0 on, not "${values.nodes}"`)

const started = performance.now()
const interrupted = new Promise<undefined>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(undefined))
})
const controlPlane = await startControlPlane({ nodes, controllers: values.controllers, say: (line) => console.error(line) })
console.error(
  `Kubernetes is ready at ${controlPlane.server} after ${((performance.now() - started) / 1000).toFixed(1)} s; Ctrl-C stops it.`,
)
console.log(`export KUBECONFIG=${controlPlane.kubeconfig}`)
console.error(`kubectl is ${controlPlane.access.tools.kubectl}`)

// The components do not keep this process alive, and a promise does not either.
const alive = setInterval(() => {}, 1 << 30)
const failure = await Promise.race([interrupted, controlPlane.failed()])
clearInterval(alive)
await controlPlane.stop()
if (failure !== undefined) {
  console.error(failure)
  process.exitCode = 1
}
