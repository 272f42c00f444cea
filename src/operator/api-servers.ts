/**
 * Finds out who serves what is applied, before the first object of a group version: later, when nobody serves it, nobody can tell.
 *
 * The answer is kept with the inventory. Only what belongs to somebody else's server is looked at again by each process, since a definition
 * may have taken its place.
 */
import { apiVersionOf } from '../api/object.ts'
import { isBuiltIn } from '../fields/unseen.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { isApiError } from '../kube/errors.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import type { Server, Servers } from '../reconcile/servers.ts'
import { readDefinition } from './custom-resource-definitions.ts'

export interface ApiServersOptions {
  client: ApiClient
  resourceOf: (kind: DesiredObject['kind']) => Resource | undefined
  /** Those that are on record. */
  known: () => Servers
}

export class ApiServers {
  readonly #options: ApiServersOptions
  readonly #asked = new Set<string>()

  constructor(options: ApiServersOptions) {
    this.#options = options
  }

  /** Who serves those of the objects' group versions of which that is not on record; asks nobody where it is. */
  async find(desired: readonly DesiredObject[]): Promise<Servers> {
    const found: Record<string, Server> = {}
    for (const { kind } of desired) {
      const apiVersion = apiVersionOf(kind)
      if (isBuiltIn(apiVersion) || this.#asked.has(apiVersion) || this.#options.known()[apiVersion] === 'CustomResourceDefinition') continue
      const resource = this.#options.resourceOf(kind)
      const server = resource && (await this.#serverOf(resource))
      if (server) found[apiVersion] = server
    }
    return found
  }

  /** Undefined where it cannot be known: then it counts as a definition. */
  async #serverOf(resource: Resource): Promise<Server | undefined> {
    try {
      const definition = await readDefinition(this.#options.client, resource)
      this.#asked.add(apiVersionOf(resource))
      return definition ? 'CustomResourceDefinition' : 'APIService'
    } catch (error) {
      if (!isApiError(error)) throw error
      if (error.class === 'forbidden') this.#asked.add(apiVersionOf(resource))
      return undefined
    }
  }
}
