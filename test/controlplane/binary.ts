/** The control plane's program: built from the Go module in this folder, once for each state of its sources, kept in the cache. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { cached, cacheFolder, type Say } from './cache.ts'
import { goAvailable } from './check.mjs'

const moduleFolder = fileURLToPath(new URL('.', import.meta.url))
const progressEvery = 15_000

/** The path of the program. Builds it if needed, which takes minutes the first time; `say` hears how far it is. */
export async function controlPlaneBinary(say: Say): Promise<string> {
  const state = hashOf(moduleFolder, ['.', 'kubelet'])
  const folder = await cached(state, (making) => build(join(making, 'controlplane'), say), say)
  return join(folder, 'controlplane')
}

/** Tells one state of a module's sources from another: what Go reads in these of its folders. */
export function hashOf(module: string, folders: readonly string[]): string {
  const sources = folders
    .flatMap((folder) => readdirSync(join(module, folder)).map((name) => join(folder, name)))
    .filter((path) => /\.(?:go|mod|sum)$/.test(path))
    .sort()
  const hash = createHash('sha256').update(`${process.platform}/${process.arch}`)
  for (const path of sources) hash.update(`\0${path}\0`).update(readFileSync(join(module, path)))
  return hash.digest('hex').slice(0, 16)
}

async function build(output: string, say: Say): Promise<void> {
  const go = goAvailable()
  if ('missing' in go) throw new Error(go.missing)
  say(`building etcd, the Kubernetes control plane and kwok with ${go.version} into ${cacheFolder()}`)
  say('the first time takes about 5 minutes, 0.8 GB of downloaded modules and 3 GB of build cache')
  const started = Date.now()
  const seconds = (): number => Math.round((Date.now() - started) / 1000)
  let downloaded = 0
  let compiled = 0
  let total = 0
  const progress = setInterval(() => {
    say(
      total === 0
        ? `${downloaded} modules downloaded after ${seconds()} s`
        : `${compiled} of ${total} packages compiled after ${seconds()} s`,
    )
  }, progressEvery)
  try {
    await runGo(moduleFolder, ['list', '-deps', '-f', 'package {{.ImportPath}}', '.'], (line) => {
      if (line.startsWith('package ')) total += 1
      else if (line.startsWith('go: downloading ')) downloaded += 1
    })
    // With -v, go names each package that it compiles.
    await runGo(moduleFolder, ['build', '-v', '-trimpath', '-buildvcs=false', '-ldflags', linkerFlags(), '-o', output, '.'], (line) => {
      if (!/[ :#]/.test(line)) compiled += 1
    })
  } finally {
    clearInterval(progress)
  }
  say(`built after ${seconds()} s`)
}

/** Runs go in a module's folder and passes on each line that it prints. Rejects with its last lines when it fails. */
export async function runGo(folder: string, args: readonly string[], onLine: (line: string) => void): Promise<void> {
  const child = spawn('go', args, { cwd: folder, env: { ...process.env, CGO_ENABLED: '0' }, stdio: ['ignore', 'pipe', 'pipe'] })
  const tail: string[] = []
  const read = async (stream: Readable): Promise<void> => {
    for await (const line of createInterface({ input: stream })) {
      onLine(line)
      tail.push(line)
      if (tail.length > 30) tail.shift()
    }
  }
  const ended = new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit ${code}`)))
  })
  const [failure] = await Promise.all([ended, read(child.stdout), read(child.stderr)])
  if (failure !== undefined) throw new Error(`go ${args[0]} in ${folder} failed (${failure}):\n${tail.join('\n')}`)
}

/** Kubernetes learns its version from its release build; a build from modules has to say it, or /version answers a placeholder. */
function linkerFlags(): string {
  const version = /^\s+k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\d+)$/m.exec(readFileSync(join(moduleFolder, 'go.mod'), 'utf8'))
  if (version === null) throw new Error(`${moduleFolder}go.mod does not name a release of k8s.io/kubernetes`)
  const [, gitVersion = '', gitMajor = '', gitMinor = ''] = version
  const stamps = { gitVersion, gitMajor, gitMinor, gitCommit: 'unknown', gitTreeState: 'archive' }
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']
  return ['-s', '-w', ...packages.flatMap((path) => Object.entries(stamps).map(([key, value]) => `-X ${path}.${key}=${value}`))].join(' ')
}
