/**
 * Objects that look as if they were the operator's, and are not: none of them may be touched.
 *
 * They have the names that dependents have, in other namespaces; copies of our label and annotations beside the dependents, without our
 * entry in the managed fields; labels of other primaries; owners of their own; entries of other primaries' managers.
 */
import { appliedAnnotation, fieldManager, primaryUidLabel } from '../../api/names.ts'
import { canonicalJson } from '../../api/canonical.ts'
import type { KubernetesObject } from '../../api/object.ts'
import type { Simulation } from '../simulation/simulation.ts'
import { nameOf } from '../world.ts'

const anotherUid = '11111111-2222-4333-8444-555555555555'

/** Kinds that no controller of the cluster writes to. */
const kinds = [
  { apiVersion: 'v1', kind: 'ConfigMap', path: 'api/v1', plural: 'configmaps', content: { data: { a: 'canary' } } },
  { apiVersion: 'v1', kind: 'Secret', path: 'api/v1', plural: 'secrets', content: { data: { a: 'Y2FuYXJ5' } } },
  { apiVersion: 'v1', kind: 'ServiceAccount', path: 'api/v1', plural: 'serviceaccounts', content: { automountServiceAccountToken: false } },
] as const

export class Canaries {
  readonly #cluster: Simulation
  /** As they were when they were put there. */
  readonly #before = new Map<string, string>()
  /** Put there, and not looked at yet: their UIDs. */
  readonly #fresh = new Set<string>()

  constructor(cluster: Simulation) {
    this.#cluster = cluster
  }

  /** Before any custom resource: objects of these names in a namespace where no dependent is. */
  async besideNames(names: readonly string[], namespace: string): Promise<void> {
    for (const name of names) for (const kind of kinds) await this.#put(kind, namespace, { name })
    this.#note()
  }

  /** Around a custom resource that has just been made. */
  async around(primary: KubernetesObject, namespaces: readonly string[]): Promise<void> {
    const { name, uid } = primary.metadata as { name: string; uid: string }
    const marks = { labels: { [primaryUidLabel]: uid }, annotations: { [appliedAnnotation]: 'v1:0000000000000000' } }
    for (const namespace of namespaces) {
      const owner = await this.#put(kinds[0], namespace, { name: `canary-owner-${name}-${uid.slice(0, 8)}` })
      const owners = [
        { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid as string, controller: true },
      ]
      for (const kind of kinds) {
        const named = (what: string): string => `canary-${what}-${name}-${uid.slice(0, 8)}`
        await this.#put(kind, namespace, { name: named('copy'), ...marks })
        await this.#put(kind, namespace, { name: named('owned'), ...marks, ownerReferences: owners })
        await this.#put(kind, namespace, { name: named('other'), labels: { [primaryUidLabel]: anotherUid } })
        await this.#put(kind, namespace, { name: named('manager'), ...marks }, fieldManager('dependents', anotherUid))
        await this.#put(kind, namespace, { name: named('update'), ...marks }, undefined, fieldManager('dependents', uid))
      }
    }
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: `canary-${name}-${uid.slice(0, 8)}`, ...marks },
    }
    this.#fresh.add((await this.#cluster.create('/apis/rbac.authorization.k8s.io/v1/clusterroles', role)).metadata.uid as string)
    this.#note()
  }

  /** An object that stands where a dependent is to be. */
  async instead(object: KubernetesObject): Promise<void> {
    this.#fresh.add((await this.#cluster.apply(object)).metadata.uid as string)
    this.#note()
  }

  /** Those that are not byte for byte as they were. */
  touched(objects: readonly KubernetesObject[]): string[] {
    const now = new Map(objects.map((object) => [nameOf(object), canonicalJson(object)]))
    return [...this.#before].flatMap(([name, text]) => {
      const found = now.get(name)
      return found === text ? [] : [`${name} was ${found === undefined ? 'deleted' : `changed: ${found}, before ${text}`}`]
    })
  }

  async #put(
    { apiVersion, kind, path, plural, content }: (typeof kinds)[number],
    namespace: string,
    metadata: KubernetesObject['metadata'],
    applier?: string,
    manager = 'canary',
  ): Promise<KubernetesObject> {
    const object = { apiVersion, kind, metadata: { ...metadata, namespace }, ...content }
    const made = applier
      ? await this.#cluster.apply(object, applier)
      : await this.#cluster.create(`/${path}/namespaces/${namespace}/${plural}?fieldManager=${encodeURIComponent(manager)}`, object)
    this.#fresh.add(made.metadata.uid as string)
    return made
  }

  /** Remembers what has been put there as it is stored. */
  #note(): void {
    for (const object of this.#cluster.objects())
      if (this.#fresh.delete(object.metadata.uid as string)) this.#before.set(nameOf(object), canonicalJson(object))
  }
}
