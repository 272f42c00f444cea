/** What is measured: the bundle, started as the image starts it. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds, Engine } from '../control-plane/engine.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
export const watchesFile = fileURLToPath(new URL('../workload/watches.yaml', import.meta.url))
/** What the bare loop calls itself. */
export const loopAgent = 'bench-loop'
export const definitionFile = fileURLToPath(new URL('../workload/chart/crds/shop.yaml', import.meta.url))
const program = `${repository}dist/fairlead.js`

/** Flags of node and variables of the environment, read from the Dockerfile, so that both stay the same. */
function image(): { nodeArgs: readonly string[]; environment: Record<string, string> } {
  const text = readFileSync(`${repository}Dockerfile`, 'utf8')
  const entry = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(text)?.[1] ?? '[]') as string[]
  const variables = /^ENV (.*)$/m.exec(text)?.[1] ?? ''
  return {
    nodeArgs: entry.filter((word) => word.startsWith('--')),
    environment: Object.fromEntries(variables.split(' ').map((pair) => pair.split('=') as [string, string])),
  }
}

export interface Where {
  kubeconfig: string
  namespaces: readonly string[]
  /** Where its log goes. */
  log: string
}

export function startEngine({ kubeconfig, namespaces, log }: Where): Engine {
  if (!existsSync(program)) throw new Error(`${program} is not there: npm run build makes it`)
  const { nodeArgs, environment } = image()
  return new Engine({ program, watches: watchesFile, kubeconfig, namespaces, log, args: [], nodeArgs, environment })
}

/** Resolves when every cache is synced, no primary is due and so many passes have ended as done. */
export async function untilSettled(engine: Engine, { done = 0, seconds = 60, every = 100 } = {}): Promise<void> {
  const end = performance.now() + seconds * 1000
  for (;;) {
    const metrics = await engine.metrics().catch(() => undefined)
    if (metrics?.settled && metrics.passes('done') >= done) return
    if (performance.now() > end)
      throw new Error(
        `not settled within ${seconds} s, ${metrics?.passes('done')} of ${done} passes:\n${readFileSync(engine.log, 'utf8').slice(-4000)}`,
      )
    await sleep(every)
  }
}

/** Resolves when these processes have used next to no CPU for a second, or after the deadline: what a measurement left behind is done. */
export async function untilIdle(pids: readonly number[], seconds = 30): Promise<void> {
  const used = (): number => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0)
  const end = performance.now() + seconds * 1000
  for (let before = used(); performance.now() < end; ) {
    await sleep(1000)
    const now = used()
    if (now - before < 0.05 * pids.length) return
    before = now
  }
}
