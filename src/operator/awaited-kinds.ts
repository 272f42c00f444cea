/**
 * Kinds of primaries that are waited for: until the server serves them, in a scope that their watches can select in, and until it is known
 * how much status they have room for.
 */
import type { Clock } from '../api/clock.ts'
import { groupKind, type KubernetesObject } from '../api/object.ts'
import { formatProblem, type Problem } from '../api/problem.ts'
import type { Watch } from '../definition/definition.ts'
import { selectingNothing } from '../definition/scope.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { sleep } from '../kube/deadline.ts'
import { isApiError } from '../kube/errors.ts'
import { readOnlyProfile, statusProfile } from '../reconcile/status-profile.ts'
import type { ApiDirectory } from './api-directory.ts'
import { differingDefinition, missingDefinition, readDefinition } from './custom-resource-definitions.ts'
import type { Logger } from './log.ts'

export interface AwaitedKindsOptions {
  client: ApiClient
  directory: ApiDirectory
  clock: Clock
  log: Logger
}

export class AwaitedKinds {
  readonly #options: AwaitedKindsOptions
  readonly #problems = new Map<string, Problem>()

  constructor(options: AwaitedKindsOptions) {
    this.#options = options
  }

  /** What is in the way of each kind that is not served. */
  get problems(): Iterable<Problem> {
    return this.#problems.values()
  }

  /**
   * The resource of the watches' one kind, waiting until the server serves it in a scope that they can select in; undefined when the
   * operator stops. What is in the way is logged once it has lasted from one look to the next: a definition is served a moment after it is
   * Established.
   */
  async served(watches: readonly Watch[], signal: AbortSignal): Promise<Resource | undefined> {
    const { directory, log, clock } = this.#options
    const [{ kind, crd }] = watches as [Watch]
    const name = groupKind(kind)
    let told: string | undefined
    for (let pause = 500; !signal.aborted; pause = Math.min(5_000, pause * 1.5)) {
      let problem = missingDefinition(kind, crd?.position.file)
      try {
        const resource = await directory.resolve(kind, signal)
        const [misfit] = resource ? watches.flatMap((watch) => selectingNothing(watch, !resource.namespaced)) : []
        if (resource && !misfit) {
          this.#problems.delete(name)
          if (told !== undefined) log.info({ kind: name }, `${name} is served now`)
          return resource
        }
        // The scope of a definition changes only with another definition.
        if (misfit) await directory.refresh(kind, signal)
        // It may have appeared in another version.
        if (!resource) await directory.look(signal).catch(() => undefined)
        problem = misfit ?? missingDefinition(kind, crd?.position.file, directory.versionsOf(kind))
      } catch (error) {
        if (!isApiError(error)) throw error
        problem = {
          code: 'SERVER_UNREACHABLE',
          message: `${name} cannot be looked for: ${error.message}`,
          remedy: 'it is tried again until the server answers',
        }
      }
      const lasts = this.#problems.get(name)?.message === problem.message
      this.#problems.set(name, problem)
      if (lasts && told !== problem.message && !signal.aborted) {
        told = problem.message
        log.error({ kind: name }, formatProblem(problem))
      }
      await sleep(clock, pause, signal)
    }
    return undefined
  }

  /** One read of the CRD: how much status it has room for, and whether its schema is the project's. */
  async statusProfile({ kind, crd }: Watch, resource: Resource, signal: AbortSignal) {
    const { client, log, clock } = this.#options
    const project = crd?.manifest as KubernetesObject | undefined
    for (let pause = 500; !signal.aborted; pause = Math.min(30_000, pause * 2)) {
      try {
        const live = await readDefinition(client, resource, signal)
        const differs = live && project && differingDefinition(kind, live, project, crd?.position.file)
        const profile = live ? statusProfile(live, kind.version) : readOnlyProfile
        for (const warning of [...(differs ? [differs] : []), ...profile.warnings])
          log.warn({ kind: groupKind(kind) }, formatProblem(warning))
        return profile
      } catch (error) {
        if (isApiError(error, 'forbidden')) {
          log.warn({ kind: groupKind(kind) }, `${error.message}; the project's file is believed instead`)
          return statusProfile(project, kind.version)
        }
        if (!isApiError(error)) throw error
        if (!signal.aborted) log.warn({ kind: groupKind(kind) }, error.message)
      }
      await sleep(clock, pause, signal)
    }
    return undefined
  }
}
