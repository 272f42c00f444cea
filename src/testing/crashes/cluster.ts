/** The cluster as a history changes it and as its end is looked at: by a client of its own, past the proxy. */
import { setTimeout as sleep } from 'node:timers/promises'
import { groupKind, gvkOf, type KubernetesObject } from '../../api/object.ts'
import type { Definition } from '../../definition/definition.ts'
import type { ApiClient, Resource } from '../../kube/client.ts'
import { discover, type Discovery, refreshGroupVersion } from '../../kube/discovery.ts'
import { isApiError } from '../../kube/errors.ts'
import { resourcePath } from '../../kube/paths.ts'
import type { Action, Flag, Target } from './history.ts'

const definitionKind = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }

export class Cluster {
  readonly #client: ApiClient
  readonly #namespace: string
  readonly #pause: (milliseconds: number) => Promise<void>
  #discovery: Discovery

  private constructor(client: ApiClient, discovery: Discovery, namespace: string, pause: (milliseconds: number) => Promise<void>) {
    this.#pause = pause
    this.#client = client
    this.#discovery = discovery
    this.#namespace = namespace
  }

  /**
   * @param namespace where objects are that name none
   * @param pause how to wait for what the server does by itself
   */
  static async open(client: ApiClient, namespace: string, pause: (milliseconds: number) => Promise<void> = sleep): Promise<Cluster> {
    return new Cluster(client, await discover(client), namespace, pause)
  }

  /** Makes the namespaces, and the definitions of the kinds that are watched, unless the operator does. */
  async prepare(namespaces: readonly string[], { watches }: Definition, flags: readonly Flag[]): Promise<void> {
    for (const name of namespaces) await this.#makeNamespace(name)
    if (flags.includes('--install-crds')) return
    for (const { crd } of watches) if (crd) await this.#apply(crd.manifest as unknown as KubernetesObject, 'definitions')
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  async act(action: Exclude<Action, { kind: 'restart' }>): Promise<void> {
    switch (action.kind) {
      case 'apply':
        for (const object of action.objects) await this.#apply(object, action.manager)
        return
      case 'create':
        for (const object of action.objects) await this.#create(object, action.manager)
        return
      case 'patch': {
        const { of, patch, manager, subresource } = action
        await this.#client.request({
          method: 'PATCH',
          path: await this.#path(of, subresource),
          query: { fieldManager: manager },
          contentType: 'application/merge-patch+json',
          body: patch,
        })
        return
      }
      case 'delete': {
        const { of, cascade } = action
        const query = cascade && { propagationPolicy: `${cascade.slice(0, 1).toUpperCase()}${cascade.slice(1)}` }
        await this.#client.request({ method: 'DELETE', path: await this.#path(of), ...(query && { query }) })
      }
    }
  }

  /** Server-side apply, forced. A definition is served when this resolves. */
  async #apply(object: KubernetesObject, manager: string): Promise<void> {
    const path = await this.#path({ ...object.metadata, apiVersion: object.apiVersion, kind: object.kind })
    await this.#client.request({
      method: 'PATCH',
      path,
      query: { fieldManager: manager, force: true },
      contentType: 'application/apply-patch+yaml',
      body: object,
    })
    if (object.kind === definitionKind.kind) await this.#served(object)
  }

  /** A namespace in which pods can be made: with the account that a controller makes. */
  async #makeNamespace(name: string): Promise<void> {
    await this.#create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, 'history')
    await this.#until(async () => {
      try {
        return await this.#client.request({ method: 'GET', path: `/api/v1/namespaces/${name}/serviceaccounts/default` })
      } catch (error) {
        if (isApiError(error, 'notFound')) return undefined
        throw error
      }
    })
  }

  /** Starts to delete it, with all that is in it. */
  async dropNamespace(name: string): Promise<void> {
    await this.#client.request({ method: 'DELETE', path: `/api/v1/namespaces/${name}` })
  }

  /** All objects of these namespaces, and those without one; of these kinds alone, where they are given. */
  async objects(namespaces: readonly string[], kinds?: ReadonlySet<string>): Promise<KubernetesObject[]> {
    const resources = new Map<string, Resource>()
    // The server names its preferred version first.
    for (const resource of this.#discovery.resources) {
      const id = groupKind(resource)
      // Events tell of the past, not of the state.
      if (!resource.verbs.includes('list') || resource.kind === 'Event' || resources.has(id)) continue
      if (!kinds || kinds.has(id)) resources.set(id, resource)
    }
    const lists = [...resources.values()].flatMap((resource) =>
      (resource.namespaced ? namespaces : [undefined]).map(async (namespace) => await this.#list(resource, namespace)),
    )
    return (await Promise.all(lists)).flat()
  }

  async #list(resource: Resource, namespace: string | undefined): Promise<KubernetesObject[]> {
    const { group, version, kind } = resource
    try {
      const { items } = await this.#client.request<{ items: KubernetesObject[] }>({
        method: 'GET',
        path: resourcePath(resource, { namespace }),
      })
      return items.map((item) => ({ ...item, apiVersion: group ? `${group}/${version}` : version, kind }))
    } catch (error) {
      // A kind whose definition is on its way out.
      if (isApiError(error, 'notFound')) return []
      throw error
    }
  }

  async #create(object: KubernetesObject, manager: string): Promise<void> {
    const path = await this.#path({ apiVersion: object.apiVersion, kind: object.kind, ...object.metadata, name: '' })
    await this.#client.request({ method: 'POST', path, query: { fieldManager: manager }, body: object })
  }

  /** @param target without a name, the collection */
  async #path({ apiVersion, kind, name, namespace }: Target, subresource?: string): Promise<string> {
    const resource = await this.#resource({ apiVersion, kind })
    return resourcePath(resource, { namespace: namespace ?? this.#namespace, name: name || undefined, subresource })
  }

  async #resource(type: { apiVersion: string; kind: string }): Promise<Resource> {
    const kind = gvkOf(type)
    const known = this.#discovery.resourceFor(kind)
    if (known) return known
    this.#discovery = await refreshGroupVersion(this.#client, this.#discovery, kind)
    const found = this.#discovery.resourceFor(kind)
    if (!found) throw new Error(`the server does not serve ${type.kind} of ${type.apiVersion}`)
    return found
  }

  /** Established, and served by the server that is asked. */
  async #served(definition: KubernetesObject): Promise<void> {
    const { group, names, versions } = definition['spec'] as {
      group: string
      names: { kind: string }
      versions: readonly { name: string }[]
    }
    await this.#until(async () => {
      const version = versions[0]?.name as string
      this.#discovery = await refreshGroupVersion(this.#client, this.#discovery, { group, version })
      const resource = this.#discovery.resourceFor({ group, version, kind: names.kind })
      return resource && (await this.#client.request({ method: 'GET', path: resourcePath(resource) }).catch(() => undefined))
    })
  }

  async #until(look: () => Promise<unknown>): Promise<void> {
    const deadline = performance.now() + 30_000
    for (let pause = 1; !(await look()); pause = Math.min(pause * 2, 100)) {
      if (performance.now() > deadline) throw new Error('the server did not do within 30 s what it was asked for')
      await this.#pause(pause)
    }
  }
}
