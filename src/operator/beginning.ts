/**
 * The beginning of an operator on a server that answers: definitions, if asked ─▶ an inventory that was lost ─▶ what removed
 * watches have left ─▶ its parts.
 */
import type { KubernetesObject } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import { sleep, systemClock } from '../kube/deadline.ts'
import { expecting } from '../kube/discovery.ts'
import { isApiError } from '../kube/errors.ts'
import { aggregatedIn } from '../reconcile/servers.ts'
import { assemble, type AssemblyOptions } from './assembly.ts'
import { definitionGone, installDefinition, leaving } from './custom-resource-definitions.ts'
import { recoverInventory } from './lost-inventory.ts'
import { tellUnserved } from './recorded-kinds.ts'
import { settleRemovedWatches } from './removed-watches.ts'

export interface BeginningOptions extends AssemblyOptions {
  /** Whether the definitions of the watched kinds are applied. */
  installCrds: boolean
  /** Whether what removed watches have left is let go of. */
  releaseOrphans: boolean
}

/** Resolves to an operator that can run, or to why it must not. */
export async function begin(options: BeginningOptions, signal: AbortSignal): Promise<ReturnType<typeof assemble> | Problem[]> {
  if (options.installCrds) await installAll(options, signal)
  if (await options.inventory.read(signal)) {
    const discovery = expecting(options.discovery, aggregatedIn(options.inventory.servers))
    await recoverInventory({ ...options, discovery }, signal)
    const left = await settleRemovedWatches({ ...options, discovery, release: options.releaseOrphans }, signal)
    if (left.length > 0) return left
    tellUnserved({ ...options, discovery })
  }
  return assemble(options)
}

async function installAll(options: BeginningOptions, signal: AbortSignal): Promise<void> {
  for (const { crd } of options.definition.watches) if (crd) await install(crd, options, signal)
}

async function install(
  crd: { manifest: unknown; position: { file: string } },
  { client, log, clock = systemClock, ...options }: BeginningOptions,
  signal: AbortSignal,
): Promise<void> {
  const manifest = crd.manifest as KubernetesObject
  const { name } = manifest.metadata
  const what = `CustomResourceDefinition ${name}`
  const pause = async (milliseconds: number): Promise<void> => void (await sleep(clock, milliseconds, signal))
  const untilGone = async (): Promise<void> => {
    await definitionGone(client, name, pause, signal)
    if (!signal.aborted) await install(crd, { client, log, clock, ...options }, signal)
  }
  const failed = (error: unknown): void => {
    if (!isApiError(error)) throw error
    // Without the permission it may still have been installed by somebody else.
    if (!signal.aborted) log.error({ definition: name }, `${what} was not installed: ${error.message}`)
  }
  try {
    const refused = await installDefinition(client, manifest, pause, signal)
    if (refused === undefined) log.info({ definition: name }, `installed ${what} from ${crd.position.file}`)
    else if (refused === leaving) {
      log.warn({ definition: name }, `${what} is being deleted; it is installed when it is gone`)
      // Its objects may wait for this operator.
      void untilGone().catch(failed)
    } else log.error({ definition: name }, `${what} was applied and is not accepted: ${refused}`)
  } catch (error) {
    failed(error)
  }
}
