/** The whole benchmark, part by part: each in a fresh process. */
import { startControlPlane } from '../../test/controlplane/control-plane.ts'
import { median } from '../statistics.ts'
import type { Values } from './in-process.ts'
import { type Amounts, overSocket } from './over-socket.ts'
import { Part, resultOf } from './part.ts'
import type { Served } from './served.ts'

export interface MeasureOptions extends Amounts {
  /** Objects that are held at once. */
  readonly held: number
  readonly starts: number
  /** Beside the real server. */
  readonly real: boolean
  readonly phases: readonly string[]
  say(line: string): void
}

/** Values by name: `start.without`, `http.created`, `real.created`. */
export async function measure(options: MeasureOptions): Promise<Values> {
  const { objects, deployments, held, starts, real, phases, say } = options
  const values: Values = {}
  const phase = async (name: string, run: () => Promise<Values>): Promise<void> => {
    if (phases.length > 0 && !phases.includes(name)) return
    say(name)
    for (const [key, value] of Object.entries(await run())) values[`${name}.${key}`] = value
  }
  const inProcess = (...args: (string | number)[]): Promise<Values> => resultOf('./in-process.ts', args.map(String))
  await phase('start', async () => await medians(starts, () => inProcess('start')))
  await phase('writes', async () => await inProcess('writes', objects))
  await phase('custom', async () => await inProcess('custom', Math.ceil(objects / 2)))
  await phase('workloads', async () => await inProcess('workloads', deployments))
  await phase('memory', async () => await inProcess('memory', held, 0))
  await phase('mixed', async () => await inProcess('memory', held, 1))
  for (const scheme of ['http', 'https'])
    await phase(scheme, async () => {
      await using part = new Part<Served>('./served.ts', [scheme])
      return await overSocket(await part.next(), options)
    })
  if (real)
    await phase('real', async () => {
      // A node takes 110 pods.
      await using controlPlane = await startControlPlane({ say, nodes: 1 + Math.ceil((deployments + 10) / 30) })
      return await overSocket(controlPlane.access, options)
    })
  return values
}

async function medians(runs: number, once: () => Promise<Values>): Promise<Values> {
  const all: Values[] = []
  for (let run = 0; run < runs; run++) all.push(await once())
  const [first = {}] = all
  return Object.fromEntries(Object.keys(first).map((key) => [key, median(all.map((values) => values[key] as number))]))
}
