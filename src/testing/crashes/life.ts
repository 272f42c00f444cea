/** One life of an operator: from its start until it is killed. */
import { createClient } from '../../kube/client.ts'
import { discover } from '../../kube/discovery.ts'
import { InventoryStore } from '../../operator/inventory-store.ts'
import { silentLogger } from '../../operator/log.ts'
import { createMetrics } from '../../operator/metrics.ts'
import { defaultOperatorName } from '../../api/names.ts'
import type { assemble } from '../../operator/assembly.ts'
import { begin } from '../../operator/beginning.ts'
import { formatProblem } from '../../api/problem.ts'
import type { Flag } from './history.ts'
import { load } from './project.ts'

export interface LifeOptions {
  /** Where its server is; it needs no credentials. */
  server: string
  /** Path of watches.yaml. */
  watches: string
  /** Its own. */
  namespace: string
  /** Where it works; empty: everywhere. */
  namespaces: readonly string[]
  flags: readonly Flag[]
}

export interface Life {
  /** Ends it as SIGKILL does: nothing is tidied up. Resolves when nothing of it runs any more. */
  kill(): Promise<void>
  /** Whether it has nothing to do now, as far as it can be seen: that no call is on its way does not mean that none is being prepared. */
  idle(): boolean
  /** Rejects when it ends without being killed. */
  failed: Promise<never>
}

export type StartLife = (options: LifeOptions) => Life

/** As the operator takes them. */
export const beginningWith = (flags: readonly Flag[]): { installCrds: boolean; releaseOrphans: boolean } => ({
  installCrds: flags.includes('--install-crds'),
  releaseOrphans: flags.includes('--release-orphans'),
})

/**
 * The operator in this process: all of it but its command line, its log and its metrics over HTTP. It is killed by whoever cuts it off from
 * its server first: what it still does then is nobody's to see.
 */
export const startInProcess: StartLife = ({ server, watches, namespace, namespaces, flags }) => {
  const stopping = new AbortController()
  const { signal } = stopping
  const credentials = {
    server,
    namespace,
    source: 'the certificate',
    current: () => authentication,
    rejected: () => {},
  }
  const authentication = { headers: {}, tls: {} }
  const client = createClient(credentials, { userAgent: 'fairlead/in-process' })
  const definition = load(watches)
  let assembled: ReturnType<typeof assemble> | undefined
  const live = async (): Promise<void> => {
    const discovery = await discover(client, signal)
    const begun = await begin(
      {
        definition,
        client,
        discovery,
        namespaces,
        inventory: new InventoryStore({ client, namespace, operator: defaultOperatorName }),
        workers: 8,
        metrics: createMetrics({ version: 'in-process', kinds: [], process: false }),
        log: silentLogger,
        ...beginningWith(flags),
      },
      signal,
    )
    if (Array.isArray(begun)) throw new Error(begun.map(formatProblem).join('\n'))
    assembled = begun
    await assembled.operator.run(signal)
  }
  const { promise: failed, reject } = Promise.withResolvers<never>()
  failed.catch(() => {})
  const lived = live().catch((error: unknown) => {
    if (!signal.aborted) reject(error)
  })
  return {
    failed,
    idle() {
      if (!assembled || assembled.operator.notReady().length > 0) return false
      return assembled.queue
        .loads()
        .values()
        .every(({ depth, processing }) => depth + processing === 0)
    },
    async kill() {
      stopping.abort()
      await client.close()
      await lived
    },
  }
}
