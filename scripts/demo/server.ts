/** The API server of the demo, as one of two: the sandbox in this process, or a real control plane beside it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import { startControlPlane } from '../../test/controlplane/control-plane.ts'
import { Failed } from './failed.ts'
import { line } from './terminal.ts'

export interface DemoServer {
  /** `the sandbox`, for sentences. */
  readonly name: string
  readonly url: string
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string
  /** Resolves, with the reason, when the server has ended and nobody asked it to. */
  readonly failed: Promise<string>
  /** Ends it; no process and no file is left. */
  stop(): Promise<void>
}

export async function startDemoSandbox(): Promise<DemoServer> {
  const directory = temporaryFolder()
  const clean = (): void => rmSync(directory, { recursive: true, force: true })
  process.on('exit', clean)
  const sandbox = createSandbox()
  const listener = await sandbox.listen()
  const kubeconfig = join(directory, 'kubeconfig')
  writeFileSync(kubeconfig, sandbox.kubeconfig(listener), { mode: 0o600 })
  return {
    name: 'the sandbox',
    url: listener.url,
    kubeconfig,
    failed: new Promise(() => {}),
    async stop() {
      await sandbox.close()
      clean()
    },
  }
}

export async function startDemoControlPlane(): Promise<DemoServer> {
  const controlPlane = await startControlPlane({ nodes: 2, say: line })
  return {
    name: 'a real control plane',
    url: controlPlane.server,
    kubeconfig: controlPlane.kubeconfig,
    failed: controlPlane.failed(),
    stop: async () => await controlPlane.stop(),
  }
}

function temporaryFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'fairlead-'))
  } catch (error) {
    throw new Failed(`there is no place for a kubeconfig in ${tmpdir()}; TMPDIR can name another folder (${String(error)})`)
  }
}
