/** The control plane's program: built from the Go module in this folder, once for each state of its sources, kept in the cache. */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { cached, cacheFolder, type Say } from './cache.ts'
import { goAvailable } from './check.mjs'

const moduleFolder = fileURLToPath(new URL('.', import.meta.url))
const progressEvery = 15_000

/** The path of the program. Builds it if needed, which takes minutes the first time; `say` hears how far it is. */
export async function controlPlaneBinary(say: Say): Promise<string> {
  const sources = readdirSync(moduleFolder).filter((name) => name.endsWith('.go') || name === 'go.mod' || name === 'go.sum').sort()
  const hash = createHash('sha256').update(`${process.platform}/${process.arch}`)
  for (const name of sources) hash.update(`\0${name}\0`).update(readFileSync(join(moduleFolder, name)))
  const folder = await cached(hash.digest('hex').slice(0, 16), (making) => build(join(making, 'controlplane'), say), say)
  return join(folder, 'controlplane')
}

async function build(output: string, say: Say): Promise<void> {
  const go = goAvailable()
  if ('missing' in go) throw new Error(go.missing)
  say(`building etcd, the Kubernetes control plane and kwok with ${go.version} into ${cacheFolder()}`)
  say('the first time takes about 5 minutes, 0.8 GB of downloaded modules and 3 GB of build cache')

  const env = { ...process.env, CGO_ENABLED: '0' }
  const total = Number(
    spawnSync('go', ['list', '-deps', '-f', '.', '.'], { cwd: moduleFolder, env, encoding: 'utf8', maxBuffer: 1e8 }).stdout.split('\n').length,
  )
  const flags = ['build', '-v', '-trimpath', '-buildvcs=false', '-ldflags', linkerFlags(), '-o', output, '.']
  const child = spawn('go', flags, { cwd: moduleFolder, env, stdio: ['ignore', 'ignore', 'pipe'] })
  const started = Date.now()
  const tail: string[] = []
  let compiled = 0
  const progress = setInterval(() => {
    say(`${compiled} of ${total} packages compiled after ${Math.round((Date.now() - started) / 1000)} s`)
  }, progressEvery)
  try {
    const ended = new Promise<string | undefined>((resolve) => {
      child.on('error', (error) => resolve(error.message))
      child.on('close', (code, signal) => resolve(code === 0 ? undefined : `exit ${code ?? signal}`))
    })
    for await (const line of createInterface({ input: child.stderr })) {
      // With -v, go names each package that it compiles; everything else is worth reading when the build fails.
      if (/^[\w.-]+(\/[\w.-]+)*$/.test(line)) compiled += 1
      else tail.push(line)
    }
    const failure = await ended
    if (failure !== undefined) throw new Error(`go build of ${moduleFolder} failed (${failure}):\n${tail.slice(-30).join('\n')}`)
  } finally {
    clearInterval(progress)
    child.kill()
  }
  say(`built after ${Math.round((Date.now() - started) / 1000)} s`)
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
