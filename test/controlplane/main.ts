/**
 * A control plane to play with: starts one, prints `export KUBECONFIG=…` when it is ready, and stops it at Ctrl-C.
 *
 *   node test/controlplane/main.ts [--nodes N] [--no-controllers] [--kubelet] [--etcd RELEASE]...
 *
 * --kubelet adds a node whose pods are real processes (README.md), and prints `export DNS_SERVER=…`, which knows their names; with
 * --etcd 3.5 or 3.6, which may be given twice, they can be etcd. Take --nodes 0 with it, or pods are put on simulated nodes as well.
 */
import { parseArgs } from 'node:util'
import { printUsage } from '../usage.ts'
import { startControlPlane } from './control-plane.ts'
import { busybox, etcdImages } from './images.ts'
import { startKubelet } from './kubelet.ts'

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1' },
    controllers: { type: 'boolean', default: true },
    kubelet: { type: 'boolean', default: false },
    etcd: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', short: 'h', default: false },
  },
  allowNegative: true,
})
if (values.help) printUsage(import.meta.url)
const nodes = Number(values.nodes)
const releases = values.etcd.map((release) => {
  if (release !== '3.5' && release !== '3.6') throw new Error(`--etcd takes 3.5 or 3.6, not "${release}"`)
  return release
})
if (!Number.isInteger(nodes) || nodes < 0) throw new Error(`--nodes takes a number from 0 on, not "${values.nodes}"`)

const started = performance.now()
const interrupted = new Promise<undefined>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(undefined))
})
const say = (line: string): void => console.error(line)
const controlPlane = await startControlPlane({ nodes, controllers: values.controllers, say })
const images = { ...busybox, ...(values.kubelet && (await etcdImages(releases, say))) }
const kubelet = values.kubelet ? await startKubelet(controlPlane.access, { images, say }) : undefined
console.error(
  `Kubernetes is ready at ${controlPlane.server} after ${((performance.now() - started) / 1000).toFixed(1)} s; Ctrl-C stops it.`,
)
console.log(`export KUBECONFIG=${controlPlane.kubeconfig}`)
if (kubelet !== undefined) {
  console.log(`export DNS_SERVER=${kubelet.dnsServer}`)
  console.error(`the node ${kubelet.node} has the images ${Object.keys(images).join(', ')}`)
}
console.error(`kubectl is ${controlPlane.access.tools.kubectl}`)

// The components do not keep this process alive, and a promise does not either.
const alive = setInterval(() => {}, 1 << 30)
const failure = await Promise.race([interrupted, controlPlane.failed()])
clearInterval(alive)
await kubelet?.stop()
await controlPlane.stop()
if (failure !== undefined) {
  console.error(failure)
  process.exitCode = 1
}
