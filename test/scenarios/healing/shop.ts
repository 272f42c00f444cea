/** An App whose dependents are changed by others, and how a scenario sees them: what we own of each, before and after. */
import { canonicalJson } from '../../../src/api/canonical.ts'
import type { JsonObject, JsonValue, KubernetesObject } from '../../../src/api/object.ts'
import { cut, valueAt } from '../../../src/fields/cut.ts'
import { formatPath, type Path } from '../../../src/fields/path.ts'
import { parseFieldsV1 } from '../../../src/fields/serialize.ts'
import { emptySet, equals, type FieldSet, paths } from '../../../src/fields/set.ts'
import type { Cluster, Response } from '../../controlplane/fixture.ts'
import { type AppSpec, createApp, untilReady } from '../app/apps.ts'

export type Live = KubernetesObject & JsonObject

/** The six kinds that an App has, and where their objects are. */
export const kinds = {
  ConfigMap: '/api/v1/namespaces/NAMESPACE/configmaps',
  Deployment: '/apis/apps/v1/namespaces/NAMESPACE/deployments',
  HorizontalPodAutoscaler: '/apis/autoscaling/v2/namespaces/NAMESPACE/horizontalpodautoscalers',
  Ingress: '/apis/networking.k8s.io/v1/namespaces/NAMESPACE/ingresses',
  Service: '/api/v1/namespaces/NAMESPACE/services',
  ServiceAccount: '/api/v1/namespaces/NAMESPACE/serviceaccounts',
} as const

export type Kind = keyof typeof kinds

/** An App with a host, and so with five kinds of dependents and a number of replicas of its own. */
export const plain: AppSpec = { config: { GREETING: 'hello', COLOUR: 'blue' }, ingress: { host: 'shop.example.com', className: 'nginx' } }

/** The same with autoscaling: all six kinds. */
export const autoscaled: AppSpec = { ...plain, replicas: undefined, autoscaling: { minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 80 } }

/** One dependent of one App. */
export class Dependent {
  readonly kind: Kind
  readonly name: string
  readonly path: string
  readonly #cluster: Cluster

  constructor(cluster: Cluster, kind: Kind, name: string) {
    this.#cluster = cluster
    this.kind = kind
    this.name = name
    this.path = `${kinds[kind].replace('NAMESPACE', cluster.namespace)}/${name}`
  }

  async read(): Promise<Live> {
    const { status, body } = await this.find()
    if (status !== 200) throw new Error(`${this.path} is answered ${status}`)
    return body
  }

  async find(): Promise<Response<Live>> {
    return await this.#cluster.request<Live>('GET', this.path)
  }

  async delete(): Promise<Response> {
    return await this.#cluster.request('DELETE', this.path)
  }

  /** A PUT of the changed object by another manager; tried again when a controller, or the operator, was faster. */
  async put(edit: (live: Live) => Live): Promise<Response<Live>> {
    for (let tries = 0; ; tries++) {
      const answer = await this.#cluster.request<Live>('PUT', this.path, { query: { fieldManager: 'somebody' }, body: edit(await this.read()) })
      if (answer.status !== 409 || tries === 10) return answer
    }
  }

  /** A JSON patch by another manager. (RFC 6902) */
  async jsonPatch(operations: readonly object[]): Promise<Response<Live>> {
    return await this.#cluster.request<Live>('PATCH', this.path, { query: { fieldManager: 'somebody' }, contentType: 'application/json-patch+json', body: operations })
  }

  async mergePatch(patch: object): Promise<Response<Live>> {
    return await this.#cluster.request<Live>('PATCH', this.path, { query: { fieldManager: 'somebody' }, contentType: 'application/merge-patch+json', body: patch })
  }

  /** Resolves when what we own of the object is as it was, and its lists have no more items than they had. Resolves to the milliseconds it took. */
  async untilHealed(before: Live, since: number, what: string): Promise<number> {
    await this.#cluster.eventually(
      async () => {
        const { status, body } = await this.find()
        if (status !== 200) return undefined
        const difference = differences(before, body)
        if (difference.length > 0) throw new Error(difference.join('; '))
        return true
      },
      { describe: `${this.kind} is healed: ${what}`, interval: 5, timeout: 15_000 },
    )
    return performance.now() - since
  }
}

/** Creates the App and resolves, when it is ready, to its dependents. */
export async function openShop(cluster: Cluster, name: string, spec: AppSpec): Promise<Dependent[]> {
  await createApp(cluster, name, spec)
  await untilReady(cluster, name)
  const all = (Object.keys(kinds) as Kind[]).filter((kind) => kind !== 'HorizontalPodAutoscaler' || spec['autoscaling'] !== undefined)
  return all.map((kind) => new Dependent(cluster, kind, name))
}

/** What our Apply entry holds. */
export function ownedBy(live: KubernetesObject): FieldSet {
  const entry = live.metadata.managedFields?.find(({ manager, operation }) => manager.startsWith('fairlead/dependents/') && operation === 'Apply')
  return entry?.fieldsV1 ? parseFieldsV1(entry.fieldsV1) : emptySet
}

/** In what an object differs, as far as it is ours, from what it was; empty when it is healed. */
export function differences(before: Live, after: Live): string[] {
  const [ours, now] = [ownedBy(before), ownedBy(after)]
  const same = (one: unknown, other: unknown): boolean => canonicalJson(one as JsonValue) === canonicalJson(other as JsonValue)
  return [
    ...(same(cut(before, ours), cut(after, ours)) ? [] : [`what we own is ${canonicalJson(cut(after, ours))}`]),
    ...(equals(ours, now) ? [] : [`we hold ${[...paths(now)].map(formatPath).join(' ')}`]),
    ...(same(lengths(before), lengths(after)) ? [] : ['a list has other items']),
    ...((after.metadata.managedFields ?? []).some(({ manager }) => manager.startsWith('fairlead/lists/')) ? ['the entry of the lists’ manager is there'] : []),
  ]
}

/** The lists that are exclusively ours, as the number of their items. */
function lengths(live: Live): JsonValue {
  const containers = valueAt(live, podSpec) as { containers?: JsonObject[]; volumes?: JsonValue[] } | undefined
  const ports = (live['spec'] as JsonObject | undefined)?.['ports']
  const count = (list: JsonValue | undefined): number => (Array.isArray(list) ? list.length : 0)
  return [
    count(ports),
    count(containers?.volumes),
    ...(containers?.containers ?? []).map((container) => [count(container['ports']), count(container['env']), count(container['volumeMounts'])]),
  ]
}

const podSpec: Path = ['spec', 'template', 'spec'].map((name) => ({ kind: 'field', name }))
