/**
 * Puts the parts of an operator together: directory, caches, queue, inventory, controllers.
 *
 * Time and chance come in as arguments, so that the same operator runs on a machine's clock and on one that a test advances.
 */
import { hash } from 'node:crypto'
import type { Clock } from '../api/clock.ts'
import { groupKind } from '../api/object.ts'
import { createCache } from '../cache/cache.ts'
import { formatProblem } from '../api/problem.ts'
import type { Definition } from '../definition/definition.ts'
import { unknownProtected } from '../definition/prune-policy.ts'
import type { ApiClient } from '../kube/client.ts'
import { systemClock } from '../kube/deadline.ts'
import type { Discovery } from '../kube/discovery.ts'
import { exponentialBackoff } from '../queue/backoff.ts'
import { WorkQueue } from '../queue/work-queue.ts'
import { cachedParser } from '../reconcile/match.ts'
import { aggregatedIn } from '../reconcile/servers.ts'
import { type Names, withNames } from '../reconcile/sharing.ts'
import { ApiDirectory } from './api-directory.ts'
import { ApiServers } from './api-servers.ts'
import { Contests } from './contests.ts'
import { EventRecorder } from './events.ts'
import type { InventoryStore } from './inventory-store.ts'
import { limitOf } from './lanes.ts'
import { type Logger, rewriting } from './log.ts'
import type { Metrics } from './metrics.ts'
import { Operator } from './operator.ts'
import { defaultEffects, type EffectOptions, PlaybookEffects } from './playbook-effects.ts'

export interface AssemblyOptions {
  definition: Definition
  client: ApiClient
  discovery: Discovery
  /** Only primaries in these namespaces; empty watches all. */
  namespaces: readonly string[]
  inventory: InventoryStore
  /** Passes at the same time. */
  workers: number
  /** Milliseconds between two audits of a cache; see RunOptions. */
  auditInterval?: number
  metrics: Metrics
  log: Logger
  /** What playbooks may do beside the cluster; default: see defaultEffects. */
  effects?: EffectOptions
  /** Which process this is, in its Events; default: `fairlead`. */
  instance?: string
  clock?: Clock
  /** Milliseconds since the epoch. */
  now?: () => number
  /** From 0 up to 1, 1 excluded; for jitter. */
  random?: () => number
}

export const sha256 = (text: string): string => hash('sha256', text, 'hex')

/** An operator that is ready to run, and its queue. */
export function assemble(options: AssemblyOptions): { operator: Operator; queue: WorkQueue } {
  const { definition, client, discovery, namespaces, inventory, workers, metrics, log } = options
  const { clock = systemClock, now = Date.now, random = Math.random } = options
  // A tenth more or less: what was set in motion together does not come back together.
  const jitter = (delay: number): number => delay * (0.9 + random() * 0.2)
  const kinds = definition.watches.flatMap(({ kind, program }) => [kind, ...program.kinds])
  const isUnread = (group: string): boolean => discovery.unknown.some((each) => each.group === group)
  for (const watch of definition.watches)
    for (const warning of unknownProtected(watch, [...discovery.resources, ...kinds], isUnread))
      log.warn({ kind: groupKind(watch.kind) }, formatProblem(warning))
  const directory = new ApiDirectory(client, discovery)
  const cache = createCache({
    client,
    resolve: async (kind, again) => {
      if (again) await directory.refresh(kind)
      const resource = await directory.resolve(kind)
      if (again && !resource) await directory.lookForVersions(kind)
      return resource
    },
    versionsOf: (kind) => directory.versionsOf(kind),
    namespaces,
    clock,
    random,
    auditInterval: options.auditInterval,
    observe: (kind, activity) => {
      if (activity.kind === 'audit') metrics.audited(groupKind(kind), activity.repairs)
    },
  })
  const servers = new ApiServers({ client, resourceOf: (kind) => directory.resourceOf(kind), known: () => inventory.servers })
  const queue = new WorkQueue({
    clock,
    backoff: exponentialBackoff({ jitter }),
    jitter,
    laneOf: (key) => operator.laneOf(key),
    limit: limitOf(definition.watches),
  })
  const names: Names = {
    primaryOf: (uid) => operator.primaryOf(uid),
    isNamespaced: (kind) => directory.resourceOf(kind)?.namespaced,
    isComplete: () => operator.knowsAllPrimaries(),
  }
  const events = new EventRecorder({
    client,
    log,
    instance: options.instance ?? 'fairlead',
    clock,
    now,
    counted: (fate) => metrics.eventTold(fate),
    worded: (note) => withNames(note, names),
  })
  const operator = new Operator({
    definition,
    client,
    directory,
    cache,
    queue,
    workers,
    clock,
    random,
    log,
    metrics,
    shared: {
      revision: definition.hash,
      client,
      resourceOf: (kind) => directory.resourceOf(kind),
      resolve: (kind) => directory.resolve(kind),
      refresh: (kind) => directory.refresh(kind),
      servedVersion: (kind) => directory.servedVersion(kind),
      inventory,
      findServers: (desired) => servers.find(desired),
      serversFound: () => directory.expect(aggregatedIn(inventory.servers)),
      namespaces,
      capabilities: () => directory.capabilities,
      othersWait: () => queue.waiting,
      parseFields: cachedParser(),
      sha256,
      now,
      log: rewriting(log, (message) => withNames(message, names)),
      metrics,
      names,
      tellsStatus: (object) => operator.tellsStatus(object),
      feedbackOf: (uid) => operator.feedbackOf(uid),
      contests: new Contests(),
      events,
      effects: new PlaybookEffects({ ...(options.effects ?? defaultEffects), clock, now, log, wake: (uid) => operator.wake(uid) }),
    },
  })
  return { operator, queue }
}
