/**
 * The sandbox in the place of a real control plane: the same address for its whole life, an audit log, tools, a folder for files.
 *
 *   startSandbox ──▶ running ──stop──▶ stopped
 *                     │    ▲
 *        stopApiServer│    │startApiServer: same address, same data
 *                     ▼    │
 *                 nobody listens
 *
 * While nobody listens, its controllers go on, as those of a real cluster would if they reached their server.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'
import { auditFile } from '../../src/sandbox/server/audit.ts'
import { makeCertificate } from '../../src/sandbox/server/certificate.ts'
import type { Listener } from '../../src/sandbox/server/listener.ts'
import type { Say } from './cache.ts'
import { Cluster, type ControlPlaneAccess } from './cluster.ts'
import type { ControlPlaneOptions } from './control-plane.ts'
import { kubeconfig } from './kubeconfig.ts'
import { tools } from './tools.ts'

const administrator = 'administrator'

export async function startSandboxControlPlane(options: ControlPlaneOptions = {}): Promise<SandboxControlPlane> {
  if (options.apiServerFlags?.length) throw new Error(`the sandbox has no flags: ${options.apiServerFlags.join(' ')}`)
  const say: Say = options.say ?? (() => {})
  const unpacked = await tools(say)
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-sandbox-'))
  const token = randomBytes(16).toString('hex')
  const certificate = await makeCertificate(['127.0.0.1'])
  const auditLog = join(directory, 'audit.log')
  const sandbox = createSandbox({
    users: [{ token, username: administrator, groups: ['system:masters', 'system:authenticated'] }],
    nodes: Array.from({ length: options.nodes ?? 1 }, (_, index) => `node-${index + 1}`),
    controllers: options.controllers ?? true,
    authorization: 'rbac',
    certificate,
    audit: auditFile(auditLog).sink,
  })
  const open = async (port: number): Promise<Listener> => await sandbox.listen({ port })
  const listener = await open(0)
  const access: ControlPlaneAccess = {
    server: listener.url,
    ca: certificate.ca,
    token,
    directory,
    auditLog,
    tools: unpacked,
    controllers: options.controllers ?? true,
  }
  return new SandboxControlPlane(sandbox, access, listener, open)
}

export class SandboxControlPlane implements AsyncDisposable {
  readonly server: string
  readonly access: ControlPlaneAccess
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string
  readonly #sandbox: Sandbox
  readonly #port: number
  readonly #open: (port: number) => Promise<Listener>
  #listener: Listener | undefined

  /** Use `startSandboxControlPlane`. */
  constructor(sandbox: Sandbox, access: ControlPlaneAccess, listener: Listener, open: (port: number) => Promise<Listener>) {
    this.#sandbox = sandbox
    this.#listener = listener
    this.#open = open
    this.#port = listener.port
    this.access = access
    this.server = access.server
    this.kubeconfig = join(access.directory, 'administrator.kubeconfig')
    writeFileSync(this.kubeconfig, kubeconfig(access), { mode: 0o600 })
  }

  /** Listens at its old address, with its old data. */
  async startApiServer(): Promise<void> {
    this.#listener ??= await this.#open(this.#port)
  }

  /** Takes no more connections: SIGTERM ends those that are open, SIGKILL breaks them off. */
  async stopApiServer(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const listener = this.#listener
    this.#listener = undefined
    if (signal === 'SIGKILL') listener?.destroyConnections()
    await listener?.close()
  }

  async restartApiServer(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.stopApiServer(signal)
    await this.startApiServer()
  }

  /** A namespace of its own and all that a test does in it. */
  async cluster(): Promise<Cluster> {
    return await Cluster.open(this.access)
  }

  async stop(): Promise<void> {
    await this.stopApiServer('SIGKILL')
    await this.#sandbox.close()
    rmSync(this.access.directory, { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
