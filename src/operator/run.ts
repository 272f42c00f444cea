/**
 * `fairlead run`: from options to a running operator, and an orderly end.
 *
 *   definition ─▶ health and metrics ─▶ credentials ─▶ server (waited for) ─▶ CRDs, if asked ─▶ operator ─▶ SIGTERM ─▶ stop
 *
 * A definition or credentials that cannot be used end the process at once with what is wrong. A server that cannot be reached does not:
 * it is waited for.
 */
import { hostname } from 'node:os'
import { formatProblem, type Problem } from '../api/problem.ts'
import type { Definition } from '../definition/definition.ts'
import { isError, loadDefinition } from '../definition/load.ts'
import { type ApiClient, createClient } from '../kube/client.ts'
import { type Credentials, loadCredentials } from '../kube/credentials.ts'
import { sleep, systemClock } from '../kube/deadline.ts'
import { type Discovery, discover } from '../kube/discovery.ts'
import { isApiError } from '../kube/errors.ts'
import { unusableServer } from '../kube/unusable.ts'
import { sha256 } from './assembly.ts'
import { begin } from './beginning.ts'
import { serveHttp } from './health.ts'
import { InventoryStore, operatorNamespace } from './inventory-store.ts'
import { controllerName } from './lanes.ts'
import { createLogger, type Logger } from './log.ts'
import { metricsAccess } from './metrics-access.ts'
import { servingCertificate } from './metrics-certificate.ts'
import { createMetrics } from './metrics.ts'
import type { Operator } from './operator.ts'
import type { RunOptions } from './options.ts'
import { countRequest } from './pass-requests.ts'

/** Runs until SIGTERM or SIGINT. Resolves to the exit code: 0 after an orderly stop, 1 for what cannot be used. */
export async function runOperator(options: RunOptions): Promise<number> {
  const log = await createLogger({ level: options.logLevel, format: options.logFormat, colors: process.stderr.isTTY })
  const { definition, problems } = loadDefinition({ watchesFile: options.watchesFile, environment: process.env, sha256 })
  logProblems(log, problems)
  if (!definition) return 1
  const loaded = await loadCredentials({ kubeconfig: options.kubeconfig, environment: process.env })
  if (loaded.kind === 'problem') {
    logProblems(log, [loaded.problem])
    return 1
  }
  const { credentials } = loaded
  const stopping = stopSignal(log)
  log.info(
    { server: credentials.server, watches: definition.watches.length, revision: definition.hash.slice(0, 8) },
    `fairlead ${options.version} watches ${kindsOf(definition)} on ${credentials.server} (${credentials.source})`,
  )
  let operator: Operator | undefined
  process.on('SIGUSR2', () => void operator?.audit())
  let starting = (): string => `${credentials.server} has not been reached`
  const unready = (): string[] => operator?.notReady() ?? [starting()]
  const metrics = createMetrics({
    version: options.version,
    kinds: [...new Set(definition.watches.map(({ kind }) => controllerName(kind)))],
    informers: () => operator?.informers() ?? [],
    orphans: () => operator?.orphans() ?? [],
    eventsWaiting: () => operator?.eventsWaiting ?? 0,
    deviations: () => operator?.deviations() ?? [],
    queue: () => operator?.queueLoad() ?? { depth: 0, oldest: 0 },
  })
  const client = createClient(credentials, {
    userAgent: `fairlead/${options.version}`,
    onRequest: (record) => {
      metrics.requested(record)
      countRequest()
    },
    maxConnections: Math.max(32, options.workers * 4),
  })
  const certificate =
    options.metricsSecure && options.metricsAddress ? await servingCertificate(options.metricsCertificate, log) : undefined
  if (certificate && 'code' in certificate) {
    logProblems(log, [certificate])
    await client.close()
    return 1
  }
  const http = await serveHttp({
    healthAddress: options.healthAddress,
    metricsAddress: options.metricsAddress,
    checks: () => [{ name: 'operator', check: () => unready().join('; ') || undefined }],
    metrics,
    access: options.metricsRequireRbac ? metricsAccess({ client, sha256, now: Date.now, log }) : undefined,
    certificate,
  })
  if (http.kind === 'problems') {
    logProblems(log, http.problems)
    await client.close()
    return 1
  }
  const { healthUrl, metricsUrl, pages } = http
  if (pages.length > 0)
    log.info({ ...(healthUrl && { health: healthUrl }), ...(metricsUrl && { metrics: metricsUrl }) }, `answers ${pages.join(', ')}`)
  try {
    const discovery = await reach(client, credentials, log, stopping)
    if (discovery) {
      const { namespaces, workers, auditInterval, effects, installCrds, releaseOrphans } = options
      const inventory = new InventoryStore({
        client,
        namespace: operatorNamespace(options, credentials),
        operator: options.operatorName,
        log,
      })
      starting = () => inventory.problem?.message ?? 'what removed watches have left is being looked for'
      const begun = await begin(
        {
          definition,
          client,
          discovery,
          namespaces,
          inventory,
          workers,
          auditInterval,
          effects,
          metrics,
          log,
          instance: hostname(),
          installCrds,
          releaseOrphans,
        },
        stopping,
      )
      if (Array.isArray(begun)) {
        logProblems(log, begun)
        return 1
      }
      operator = begun.operator
      await operator.run(stopping)
    }
    log.info({}, 'stopped')
    return 0
  } finally {
    await http.close()
    await client.close()
  }
}

/** Discovery, as soon as the server answers; undefined when the operator is stopped before. */
async function reach(client: ApiClient, credentials: Credentials, log: Logger, signal: AbortSignal): Promise<Discovery | undefined> {
  let told = ''
  for (let pause = 500; !signal.aborted; pause = Math.min(10_000, pause * 2)) {
    try {
      return await discover(client, signal)
    } catch (error) {
      if (!isApiError(error)) throw error
      // Several requests are on their way at a time, and any of them may be the first to fail.
      const reason = error.message.slice(error.message.indexOf(': ') + 2)
      const known: Problem = unusableServer(error, credentials) ?? {
        code: 'SERVER_UNREACHABLE',
        message: `${credentials.server} cannot be used: ${reason}`,
      }
      const remedy = `${known.remedy ? `${known.remedy}; ` : ''}it is tried again until it answers`
      if (reason !== told && !signal.aborted) log.error({ code: error.code }, formatProblem({ ...known, remedy }))
      told = reason
    }
    await sleep(systemClock, pause, signal)
  }
  return undefined
}

function logProblems(log: Logger, problems: readonly Problem[]): void {
  for (const problem of problems) log[isError(problem) ? 'error' : 'warn']({ code: problem.code }, formatProblem(problem))
}

const kindsOf = ({ watches }: Definition): string => [...new Set(watches.map(({ kind }) => controllerName(kind)))].join(', ') || 'nothing'

/** Aborts at the first SIGTERM or SIGINT; a second one ends the process at once, as users of a terminal expect. */
function stopSignal(log: Logger): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(1)
      log.info({}, `${name}: stopping`)
      controller.abort()
    })
  }
  return controller.signal
}
