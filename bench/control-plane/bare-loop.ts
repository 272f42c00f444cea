/**
 * The server's own limit: the same bodies as the engine sends, applied by a loop that does nothing else.
 *
 * An engine cannot create faster than this on the same machine, whatever it is written in.
 */
import { hash } from 'node:crypto'
import type { KubernetesObject } from '../../src/api/object.ts'
import { loadDefinition } from '../../src/definition/load.ts'
import { desiredObjects } from '../../src/reconcile/desired.ts'
import type { Program } from '../../src/reconcile/program.ts'
import { inFlight, type Load } from './load.ts'
import { type ChildKind, childKinds, Paths } from './observer.ts'

const sha256 = (text: string): string => hash('sha256', text, 'hex')

export interface BareLoop {
  inFlight: number
  /** Applies that create, a second. */
  creates: number
  /** Applies that change nothing, a second. */
  unchanged: number
  gets: number
}

/** One object and the path that it is applied to. */
interface Apply {
  path: string
  body: string
}

/** The program of the first watch. */
export function programOf(watches: string): Program {
  const { definition, problems } = loadDefinition({ watchesFile: watches, environment: {}, sha256 })
  const program = definition?.watches[0]?.program
  if (!program) throw new Error(`the workload does not load: ${JSON.stringify(problems)}`)
  return program
}

/** What the engine would send for these custom resources. */
function bodiesOf(shops: readonly KubernetesObject[], program: Program, paths: Paths): Apply[] {
  return shops.flatMap((primary) => {
    const capabilities = { kubeVersion: { version: 'v1.36.0', major: '1', minor: '36' }, apiVersions: [] }
    const answer = program.next({ primary, resources: [], unknown: {}, capabilities, now: 0 })
    if (answer.kind !== 'rendered') throw new Error(`the workload does not render: ${JSON.stringify(answer)}`)
    const { objects } = desiredObjects(primary, answer.documents, { scopeOf: () => 'Namespaced', sha256 })
    return objects.map(({ body }) => ({
      path: `${paths.children(body.kind as ChildKind)}/${body.metadata.name}`,
      body: JSON.stringify(body),
    }))
  })
}

/** Runs the loop once for each number of requests in flight, on objects of their own; nothing else may be at work. */
export async function bareLoop(load: Load, namespace: string, watches: string, shopsEach: number): Promise<BareLoop[]> {
  const paths = new Paths(namespace)
  const program = programOf(watches)
  const results: BareLoop[] = []
  for (const count of [1, 4, 16, 64]) {
    const shops: KubernetesObject[] = []
    for (let number = 0; number < shopsEach; number++) shops.push(await load.send('POST', paths.shops, shop(`bare-${count}-${number}`)))
    const applies = bodiesOf(shops, program, paths)
    const rate = async (work: (each: Apply) => Promise<void>): Promise<number> => {
      const began = performance.now()
      await inFlight(applies, count, work)
      return (applies.length * 1000) / (performance.now() - began)
    }
    const apply = async ({ path, body }: Apply): Promise<void> => await load.apply(path, body)
    results.push({
      inFlight: count,
      creates: await rate(apply),
      unchanged: await rate(apply),
      gets: await rate(async ({ path }) => await load.get(path)),
    })
  }
  return results
}

/** What the workload needs at least, done by a loop that knows beforehand what an engine has to find out. */
export interface WholeJob {
  children: number
  /** Seconds until the last custom resource has its status. */
  statuses: number
}

/**
 * The engine's work of a burst, without an engine: so many custom resources, 16 at a time, each with its four dependents at once, then
 * every status. The dependents' creation is a rate a second, as it is for the engine.
 */
export async function wholeJob(load: Load, namespace: string, watches: string, count: number): Promise<WholeJob> {
  const paths = new Paths(namespace)
  const program = programOf(watches)
  const names = Array.from({ length: count }, (_, number) => `whole-${number}`)
  const began = performance.now()
  await inFlight(names, 16, async (name) => {
    const applies = bodiesOf([await load.send('POST', paths.shops, shop(name))], program, paths)
    await Promise.all(applies.map(async ({ path, body }) => await load.apply(path, body)))
  })
  const children = (performance.now() - began) / 1000
  await inFlight(names, 16, async (name) => await load.apply(`${paths.shops}/${name}/status`, JSON.stringify(shopStatus(name))))
  return { children: (count * childKinds.length) / children, statuses: (performance.now() - began) / 1000 }
}

/** One custom resource after the other, without an engine: milliseconds from before its creation to the last dependent's and to the status's answer. */
export async function oneByOne(
  load: Load,
  namespace: string,
  watches: string,
  count: number,
): Promise<{ child: number; status: number }[]> {
  const paths = new Paths(namespace)
  const program = programOf(watches)
  const times: { child: number; status: number }[] = []
  for (let number = 0; number < count; number++) {
    const name = `alone-${number}`
    const began = performance.now()
    const applies = bodiesOf([await load.send('POST', paths.shops, shop(name))], program, paths)
    await Promise.all(applies.map(async ({ path, body }) => await load.apply(path, body)))
    const child = performance.now() - began
    await load.apply(`${paths.shops}/${name}/status`, JSON.stringify(shopStatus(name)))
    times.push({ child, status: performance.now() - began })
  }
  return times
}

/** A status as the engine writes it. */
export const shopStatus = (name: string) => ({
  apiVersion: 'bench.fairlead.dev/v1',
  kind: 'Shop',
  metadata: { name },
  status: {
    observedGeneration: 1,
    conditions: ['Ready', 'Reconciling', 'Stalled'].map((type) => ({
      type,
      status: type === 'Ready' ? 'True' : 'False',
      observedGeneration: 1,
      lastTransitionTime: '2026-01-01T00:00:00Z',
      reason: 'Ready',
      message: '4 dependents are ready',
    })),
  },
})

/** A custom resource of the workload. */
export const shop = (name: string): object => ({
  apiVersion: 'bench.fairlead.dev/v1',
  kind: 'Shop',
  metadata: { name },
  spec: { image: 'example.com/web:1', message: 'hello', port: 8080 },
})
