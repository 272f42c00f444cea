/**
 * The server's own limit: the same bodies as the engine sends, applied by a loop that does nothing else.
 *
 * An engine cannot create faster than this on the same machine, whatever it is written in.
 */
import { createHash } from 'node:crypto'
import type { KubernetesObject } from '../../src/api/object.ts'
import { loadDefinition } from '../../src/definition/load.ts'
import { desiredObjects } from '../../src/reconcile/desired.ts'
import { inFlight, type Load } from './load.ts'
import { type ChildKind, Paths } from './observer.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

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

/** What the engine would send for these custom resources. */
export function bodiesOf(shops: readonly KubernetesObject[], watches: string, paths: Paths): Apply[] {
  const { definition, problems } = loadDefinition({ watchesFile: watches, environment: {}, sha256 })
  const program = definition?.watches[0]?.program
  if (!program) throw new Error(`the workload does not load: ${JSON.stringify(problems)}`)
  return shops.flatMap((primary) => {
    const capabilities = { kubeVersion: { version: 'v1.36.0', major: '1', minor: '36' }, apiVersions: [] }
    const answer = program.next({ primary, resources: [], unknown: {}, capabilities, now: 0 })
    if (answer.kind !== 'rendered') throw new Error(`the workload does not render: ${JSON.stringify(answer)}`)
    const { objects } = desiredObjects(primary, answer.documents, { scopeOf: () => 'Namespaced', sha256 })
    return objects.map(({ body }) => ({ path: `${paths.children(body.kind as ChildKind)}/${body.metadata.name}`, body: JSON.stringify(body) }))
  })
}

/** Runs the loop once for each number of requests in flight, on objects of their own; nothing else may be at work. */
export async function bareLoop(load: Load, namespace: string, watches: string, shopsEach: number): Promise<BareLoop[]> {
  const paths = new Paths(namespace)
  const results: BareLoop[] = []
  for (const count of [1, 4, 16, 64]) {
    const shops: KubernetesObject[] = []
    for (let number = 0; number < shopsEach; number++) shops.push(await load.send('POST', paths.shops, shop(`bare-${count}-${number}`)))
    const applies = bodiesOf(shops, watches, paths)
    const rate = async (work: (each: Apply) => Promise<void>): Promise<number> => {
      const began = performance.now()
      await inFlight(applies, count, work)
      return (applies.length * 1000) / (performance.now() - began)
    }
    const apply = async ({ path, body }: Apply): Promise<void> => await load.apply(path, body)
    results.push({ inFlight: count, creates: await rate(apply), unchanged: await rate(apply), gets: await rate(async ({ path }) => await load.get(path)) })
  }
  return results
}

/** A custom resource of the workload. */
export const shop = (name: string): object => ({
  apiVersion: 'bench.fairlead.dev/v1',
  kind: 'Shop',
  metadata: { name },
  spec: { image: 'example.com/web:1', message: 'hello', port: 8080 },
})
