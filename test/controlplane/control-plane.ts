/**
 * A real Kubernetes control plane for tests: etcd, API server, controller manager, scheduler, and kwok for nodes that only pretend.
 *
 *   startControlPlane ──▶ running ──stop──▶ stopped: no process, no file
 *                          │    ▲
 *             stopApiServer│    │startApiServer: same address, same data
 *                          ▼    │
 *                      without API server
 *
 * It also stops, without leaving a process or file, when this process ends without calling stop(): see process.ts.
 */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { controlPlaneBinary } from './binary.ts'
import type { Say } from './cache.ts'
import { Cluster, type ControlPlaneAccess } from './cluster.ts'
import { eventually } from './eventually.ts'
import { kubeconfig } from './kubeconfig.ts'
import { startProcess, type ComponentProcess } from './process.ts'
import { Requester } from './request.ts'
import { tools } from './tools.ts'

export interface ControlPlaneOptions {
  /** Simulated nodes, which run any pod at once; default 1. They need the controllers. */
  nodes?: number
  /** Controller manager, scheduler and simulated nodes; default true. Without them there is only an API server on its database. */
  controllers?: boolean
  /** More flags for the API server, such as `--default-watch-cache-size=0`. */
  apiServerFlags?: readonly string[]
  /** Hears of slow steps; default: nobody. */
  say?: Say
}

/** The users of the token file; all are masters, told apart in the audit log. */
const users = ['administrator', 'system:kube-controller-manager', 'system:kube-scheduler', 'kwok'] as const
type User = (typeof users)[number]

// There is no cloud here, no routes between nodes, no volumes to attach. An unknown name ends the controller manager.
const controllerSet = [
  '*',
  '-node-ipam-controller',
  '-node-route-controller',
  '-service-lb-controller',
  '-cloud-node-lifecycle-controller',
  '-persistentvolume-attach-detach-controller',
  '-certificatesigningrequest-signing-controller',
]

const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
}

// The two must not overlap, or a pod and a service get the same address.
const serviceRange = '10.96.0.0/16'
// 10.244.0.0/16 is for nodes that run real processes (kubelet/address.go).
const podRange = '10.245.0.1/16'

/** The annotation of the nodes that kwok simulates. */
const simulated = 'kwok.x-k8s.io/node'

const startTimeout = 60_000

/** Starts a control plane and resolves when its nodes are ready. The first start on a machine builds the program, for minutes. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const say = options.say ?? (() => {})
  const binary = await controlPlaneBinary(say)
  const unpacked = await tools(say)
  // Another program may take the free port before the API server does.
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    const controlPlane = new ControlPlane(binary, unpacked, port, options)
    try {
      await controlPlane.start()
      return controlPlane
    } catch (error) {
      await controlPlane.stop()
      if (attempt === 3 || !String(error).includes('address already in use')) throw error
    }
  }
}

export class ControlPlane implements AsyncDisposable {
  /** https://127.0.0.1:port, the same for the whole life. */
  readonly server: string
  readonly access: ControlPlaneAccess
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string
  readonly #binary: string
  readonly #directory: string
  readonly #port: number
  readonly #options: ControlPlaneOptions
  readonly #requester: Requester
  readonly #tokens: Record<User, string>
  readonly #guard: ComponentProcess
  readonly #running = new Map<string, ComponentProcess>()

  /** Use `startControlPlane`. */
  constructor(binary: string, unpacked: ControlPlaneAccess['tools'], port: number, options: ControlPlaneOptions) {
    this.#binary = binary
    this.#port = port
    this.#options = options
    this.#directory = mkdtempSync(join(tmpdir(), 'fairlead-control-plane-'))
    this.#guard = startProcess('guard', binary, ['guard', this.#directory], this.#file('guard.log'))
    const prepared = spawnSync(binary, ['prepare', this.#directory], { encoding: 'utf8' })
    if (prepared.status !== 0) throw new Error(`making certificates failed: ${prepared.error?.message ?? prepared.stderr}`)
    this.#tokens = Object.fromEntries(users.map((user) => [user, randomBytes(16).toString('hex')])) as Record<User, string>
    this.server = `https://127.0.0.1:${port}`
    this.kubeconfig = this.#file('administrator.kubeconfig')
    this.access = {
      server: this.server,
      ca: readFileSync(this.#file('ca.crt'), 'utf8'),
      token: this.#tokens.administrator,
      directory: this.#directory,
      auditLog: this.#file('audit.log'),
      tools: unpacked,
      controllers: options.controllers ?? true,
    }
    this.#requester = new Requester(this.access)
    this.#write('tokens.csv', users.map((user) => `${this.#tokens[user]},${user},${user},"system:masters"\n`).join(''))
    this.#write('audit-policy.json', JSON.stringify(auditPolicy))
    this.#write('administrator.kubeconfig', kubeconfig(this.access))
    this.#write('audit.log', '')
  }

  /** Part of `startControlPlane`: everything up to ready nodes. */
  async start(): Promise<void> {
    this.#run('etcd', [this.#file('etcd'), this.#etcdSocket])
    await this.startApiServer()
    if (!this.access.controllers) return

    const clients = ['--leader-elect=false', '--secure-port=0', '--kube-api-qps=5000', '--kube-api-burst=10000']
    this.#run('kube-controller-manager', [
      `--kubeconfig=${this.#kubeconfigOf('system:kube-controller-manager')}`,
      `--service-account-private-key-file=${this.#file('service-account.key')}`,
      `--root-ca-file=${this.#file('ca.crt')}`,
      '--use-service-account-credentials=false',
      `--controllers=${controllerSet.join(',')}`,
      // Simulated nodes send no heartbeat: after the usual 50 s they and their pods would no longer be ready.
      '--node-monitor-grace-period=24h',
      ...clients,
    ])
    this.#run('kube-scheduler', [`--kubeconfig=${this.#kubeconfigOf('system:kube-scheduler')}`, ...clients])
    this.#run('kwok', [
      `--kubeconfig=${this.#kubeconfigOf('kwok')}`,
      `--config=${this.#file('stages.yaml')}`,
      // Others run real processes.
      `--manage-nodes-with-annotation-selector=${simulated}=fake`,
      '--node-lease-duration-seconds=0',
      '--node-ip=127.0.0.1',
      `--cidr=${podRange}`,
    ])
    for (let node = 1; node <= (this.#options.nodes ?? 1); node += 1) await this.#addNode(`node-${node}`)
    await this.#until('all nodes are ready', async () => await this.#nodesReady())
  }

  /** Starts the API server on its old address and data; resolves when it is ready. */
  async startApiServer(): Promise<void> {
    this.#run('kube-apiserver', [
      `--etcd-servers=unix://${this.#etcdSocket}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${this.#port}`,
      '--endpoint-reconciler-type=none',
      `--tls-cert-file=${this.#file('server.crt')}`,
      `--tls-private-key-file=${this.#file('server.key')}`,
      `--client-ca-file=${this.#file('ca.crt')}`,
      `--token-auth-file=${this.#file('tokens.csv')}`,
      '--authorization-mode=RBAC',
      // A node that runs real processes runs what it is told, so it wants to know who tells it.
      `--kubelet-client-certificate=${this.#file('administrator.crt')}`,
      `--kubelet-client-key=${this.#file('administrator.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${this.#file('service-account.pub')}`,
      `--service-account-signing-key-file=${this.#file('service-account.key')}`,
      `--service-cluster-ip-range=${serviceRange}`,
      '--allow-privileged=true',
      '--shutdown-delay-duration=0s',
      // Else a SIGTERM waits a minute for the watches to end by themselves.
      '--shutdown-watch-termination-grace-period=1s',
      `--audit-policy-file=${this.#file('audit-policy.json')}`,
      `--audit-log-path=${this.access.auditLog}`,
      '--audit-log-mode=blocking-strict',
      // Megabytes until the log is moved away, which a reader would have to follow.
      '--audit-log-maxsize=100000',
      ...(this.#options.apiServerFlags ?? []),
    ])
    await this.#until('the API server is ready', async () => (await this.#requester.send('GET', '/readyz')).status === 200)
  }

  /** Ends the API server: SIGTERM lets it end its watches within a second, SIGKILL cuts them off. Resolves when its port is free. */
  async stopApiServer(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const process = this.#running.get('kube-apiserver')
    this.#running.delete('kube-apiserver')
    await process?.stop(signal)
  }

  /** As if the API server's machine had been replaced: same address, same data, no connection survives. */
  async restartApiServer(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.stopApiServer(signal)
    await this.startApiServer()
  }

  /** A namespace of its own and all that a test does in it; `close()` it, or leave that to `stop()`. */
  async cluster(): Promise<Cluster> {
    return await Cluster.open(this.access)
  }

  /** Resolves when a component has ended that nobody stopped, with what happened. */
  async failed(): Promise<string> {
    return await Promise.race(
      [...this.#running.values()].map(async (process) => `${process.name}: ${await process.ended}\n${process.log()}`),
    )
  }

  /** The components' process ids by name. */
  processes(): Record<string, number> {
    return Object.fromEntries([this.#guard, ...this.#running.values()].map(({ name, pid }) => [name, pid]))
  }

  /** Resolves when all processes have ended and all files are gone. Can be called more than once. */
  async stop(): Promise<void> {
    this.#requester.close()
    // Nothing of the data is kept, so nothing has to end in good order.
    await Promise.all([...this.#running.values()].map(async (process) => await process.stop('SIGKILL')))
    this.#running.clear()
    this.#guard.release()
    await this.#guard.ended
    rmSync(this.#directory, { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  get #etcdSocket(): string {
    return this.#file('etcd.sock')
  }

  #file(name: string): string {
    return join(this.#directory, name)
  }

  #write(name: string, content: string): void {
    writeFileSync(this.#file(name), content, { mode: 0o600 })
  }

  #run(name: string, flags: readonly string[]): void {
    this.#running.set(name, startProcess(name, this.#binary, ['run', this.#directory, name, ...flags], this.#file(`${name}.log`)))
  }

  #kubeconfigOf(user: User): string {
    const name = `${user.replaceAll(':', '-')}.kubeconfig`
    this.#write(name, kubeconfig({ ...this.access, token: this.#tokens[user] }))
    return this.#file(name)
  }

  async #addNode(name: string): Promise<void> {
    const node = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { 'kubernetes.io/hostname': name }, annotations: { [simulated]: 'fake' } },
    }
    const { status, body } = await this.#requester.send('POST', '/api/v1/nodes', { body: node })
    if (status !== 201) throw new Error(`making the node ${name} was answered ${status}: ${body.message}`)
  }

  /** Ready, and no taint left that would keep pods away: the node controller takes it off a moment later. */
  async #nodesReady(): Promise<boolean> {
    const { body } = await this.#requester.send<{ items: Node[] }>('GET', '/api/v1/nodes')
    return body.items.every(
      ({ spec, status }) =>
        !spec.taints?.length && status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true,
    )
  }

  /** Waits for `check`, but not for a component that has ended. */
  async #until(describe: string, check: () => Promise<boolean>): Promise<void> {
    let dead: ComponentProcess | undefined
    await eventually(
      async () => {
        dead = [...this.#running.values()].find(({ end }) => end !== undefined)
        return dead !== undefined || (await check())
      },
      { timeout: startTimeout, describe, interval: 25 },
    )
    if (dead !== undefined) throw new Error(`${dead.name} ended (${dead.end}) before ${describe}:\n${dead.log()}`)
  }
}

interface Node {
  spec: { taints?: unknown[] }
  status: { conditions?: { type: string; status: string }[] }
}

/**
 * A port that nobody listens on, below those that the kernel gives to outgoing connections (from 32768 on Linux): one of those could
 * sit on it while the API server restarts.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + (randomBytes(2).readUInt16LE() % 12_000)
    const server = createServer()
    const free = await new Promise<boolean>((resolve) => {
      server.on('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (free) return port
  }
}
