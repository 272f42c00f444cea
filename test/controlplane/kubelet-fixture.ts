/**
 * The test function for tests on real processes: a control plane for the file alone, with one node, which runs its pods as processes.
 *
 * `cluster`: a namespace for the test alone. `kubelet`: the node. `controlPlane`: the server. A test is skipped, and says why, where the
 * modules of a program cannot be downloaded.
 */
import { test as base } from 'vitest'
import { startControlPlane, type ControlPlane } from './control-plane.ts'
import { busybox, etcdImages, type EtcdRelease, type Images } from './images.ts'
import { startKubelet, type Kubelet } from './kubelet.ts'

export interface KubeletTestOptions {
  /** The releases of etcd that pods can use; default: none. Each takes half a minute to build, once. */
  etcd?: readonly EtcdRelease[]
  /** More images. `busybox`, with the shell of this machine, is always there. */
  images?: Images
}

interface RealNode {
  controlPlane: ControlPlane
  kubelet: Kubelet
}

const say = (line: string): void => console.error(`kubelet: ${line}`)

/** The programs of a release may have to be downloaded and built. */
const startTimeout = 300_000

// oxlint-disable-next-line typescript/explicit-function-return-type -- the type of a test function with fixtures is vitest's to infer
export const testOnKubelet = ({ etcd = [], images = {} }: KubeletTestOptions = {}) => {
  const test = base
    // oxlint-disable-next-line no-empty-pattern -- vitest reads from the pattern which fixtures are needed
    .extend('realNode', { scope: 'file' }, async ({}, { onCleanup }): Promise<RealNode | { missing: string }> => {
      const started: AsyncDisposable[] = []
      onCleanup(async () => {
        for (const one of started.reverse()) await one[Symbol.asyncDispose]()
      })
      let built: Images
      try {
        built = await etcdImages(etcd, say)
      } catch (error) {
        const offline = /dial tcp|i\/o timeout|no such host|proxyconnect|module lookup disabled/.exec(String(error))
        if (offline === null) throw error
        const missing = `the modules of etcd cannot be downloaded from the Go module proxy (${offline[0]})`
        say(missing)
        return { missing }
      }
      const controlPlane = await startControlPlane({ nodes: 0, say })
      started.push(controlPlane)
      const kubelet = await startKubelet(controlPlane.access, { images: { ...busybox, ...built, ...images }, say })
      started.push(kubelet)
      return { controlPlane, kubelet }
    })
    .extend('node', async ({ realNode, skip }): Promise<RealNode> => ('missing' in realNode ? skip(realNode.missing) : realNode))
    .extend('kubelet', async ({ node }) => node.kubelet)
    .extend('controlPlane', async ({ node }) => node.controlPlane)
    .extend('cluster', async ({ node }, { onCleanup }) => {
      const cluster = await node.controlPlane.cluster()
      onCleanup(async () => await cluster.close())
      return cluster
    })
  // Not part of the time of the first test.
  test.beforeAll(async ({ realNode }) => void realNode, startTimeout)
  return test
}
