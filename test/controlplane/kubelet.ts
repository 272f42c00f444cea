/**
 * A node whose pods are real processes of this machine, beside the simulated nodes of a control plane: for tests of what a real program
 * does behind a pod. What it can and cannot do is in README.md.
 *
 * Its processes end with it, and it ends with this process.
 */
import { randomBytes } from 'node:crypto'
import { Resolver } from 'node:dns'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { LookupFunction } from 'node:net'
import { join } from 'node:path'
import { controlPlaneBinary } from './binary.ts'
import type { Say } from './cache.ts'
import type { ControlPlaneAccess } from './cluster.ts'
import { eventually } from './eventually.ts'
import type { Images } from './images.ts'
import { kubeconfig } from './kubeconfig.ts'
import { startProcess } from './process.ts'
import { Requester } from './request.ts'

export interface KubeletOptions {
  /** The programs of its images. A pod with another image waits as for an image that cannot be pulled. */
  images: Images
  /** Hears of slow steps; default: nobody. */
  say?: Say
}

export interface Kubelet extends AsyncDisposable {
  /** Name of the node. */
  node: string
  /** `address:port` of the server that knows the names of pods and services. */
  dnsServer: string
  /** What a program of an image has in its environment to use that server. */
  environment: Readonly<Record<string, string>>
  /** For the option `lookup` of node:net, node:tls, node:http and undici's `connect`. */
  lookup: LookupFunction
  /** What it has written about itself, the last lines. */
  log(): string
  /** Resolves when the node's processes have been killed. The Node object stays. */
  stop(): Promise<void>
}

const startTimeout = 60_000

/** Adds a node to a running control plane and resolves when pods can be put on it. */
export async function startKubelet(access: ControlPlaneAccess, { images, say = () => {} }: KubeletOptions): Promise<Kubelet> {
  const binary = await controlPlaneBinary(say)
  const node = `kubelet-${randomBytes(3).toString('hex')}`
  const directory = join(access.directory, node)
  mkdirSync(directory, { mode: 0o700 })
  const file = (name: string, content: string): string => {
    writeFileSync(join(directory, name), content, { mode: 0o600 })
    return join(directory, name)
  }
  const logPath = file('kubelet.log', '')
  const running = startProcess(
    node,
    binary,
    [
      ...['kubelet', access.directory],
      `--node=${node}`,
      `--kubeconfig=${file('kubeconfig', kubeconfig(access))}`,
      `--images=${file('images.json', JSON.stringify(images))}`,
      `--directory=${directory}`,
    ],
    logPath,
  )
  const stop = async (): Promise<void> => {
    running.release()
    await running.ended
  }
  const requester = new Requester(access)
  try {
    const dnsServer = await eventually(
      () => running.end !== undefined || /^127\.244\.\d+\.1:\d+$/m.exec(readFileSync(logPath, 'utf8'))?.[0],
      { timeout: startTimeout, describe: `${node} is ready` },
    )
    if (dnsServer === true) throw new Error(`${node} ended (${running.end}):\n${running.log()}`)
    // A new node is tainted until the controller manager has seen that it is ready.
    await eventually(
      async () => {
        const { body } = await requester.send<{ spec: { taints?: unknown[] } }>('GET', `/api/v1/nodes/${node}`)
        return !body.spec.taints?.length
      },
      { timeout: startTimeout, describe: `pods can be put on ${node}` },
    )
    return {
      node,
      dnsServer,
      environment: { DNS_SERVER: dnsServer },
      lookup: lookupAt(dnsServer),
      log: () => running.log(),
      stop,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  } finally {
    requester.close()
  }
}

function lookupAt(server: string): LookupFunction {
  const resolver = new Resolver({ timeout: 1000, tries: 2 })
  resolver.setServers([server])
  return (name, options, callback) => {
    resolver.resolve4(name, (error, addresses) => {
      if (error !== null) callback(error, '', 4)
      else if (options.all === true)
        callback(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        )
      else callback(null, addresses[0] as string, 4)
    })
  }
}
