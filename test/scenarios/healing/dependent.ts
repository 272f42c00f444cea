/** One dependent as a scenario sees it: changed by others, and compared, as far as it is ours, with what it was. */
import { canonicalJson } from '../../../src/api/canonical.ts'
import type { JsonObject, JsonValue, KubernetesObject } from '../../../src/api/object.ts'
import { cut, valueAt } from '../../../src/fields/cut.ts'
import { formatPath, type Path } from '../../../src/fields/path.ts'
import { parseFieldsV1 } from '../../../src/fields/serialize.ts'
import { emptySet, equals, type FieldSet, paths } from '../../../src/fields/set.ts'
import type { Cluster, Response } from '../../controlplane/fixture.ts'

export type Live = KubernetesObject & JsonObject

export class Dependent {
  readonly kind: string
  readonly name: string
  readonly path: string
  readonly #cluster: Cluster

  constructor(cluster: Cluster, { kind, collection, name }: { kind: string; collection: string; name: string }) {
    this.#cluster = cluster
    this.kind = kind
    this.name = name
    this.path = `${collection}/${name}`
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
      const answer = await this.#cluster.request<Live>('PUT', this.path, {
        query: { fieldManager: 'somebody' },
        body: edit(await this.read()),
      })
      if (answer.status !== 409 || tries === 10) return answer
    }
  }

  /** A JSON patch by another manager. (RFC 6902) */
  async jsonPatch(operations: readonly object[]): Promise<Response<Live>> {
    return await this.#cluster.request<Live>('PATCH', this.path, {
      query: { fieldManager: 'somebody' },
      contentType: 'application/json-patch+json',
      body: operations,
    })
  }

  async mergePatch(patch: object): Promise<Response<Live>> {
    return await this.#cluster.request<Live>('PATCH', this.path, {
      query: { fieldManager: 'somebody' },
      contentType: 'application/merge-patch+json',
      body: patch,
    })
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

/** What our Apply entry holds. */
export function ownedBy(live: KubernetesObject): FieldSet {
  const entry = live.metadata.managedFields?.find(
    ({ manager, operation }) => manager.startsWith('fairlead/dependents/') && operation === 'Apply',
  )
  return entry?.fieldsV1 ? parseFieldsV1(entry.fieldsV1) : emptySet
}

/** In what an object differs, as far as it is ours, from what it was; empty when it is healed. */
function differences(before: Live, after: Live): string[] {
  const [ours, now] = [ownedBy(before), ownedBy(after)]
  const same = (one: unknown, other: unknown): boolean => canonicalJson(one) === canonicalJson(other)
  return [
    ...(same(cut(before, ours), cut(after, ours)) ? [] : [`what we own is ${canonicalJson(cut(after, ours))}`]),
    ...(equals(ours, now) ? [] : [`we hold ${[...paths(now)].map(formatPath).join(' ')}`]),
    ...(same(lengths(before), lengths(after)) ? [] : ['a list has other items']),
    ...((after.metadata.managedFields ?? []).some(({ manager }) => manager.startsWith('fairlead/lists/'))
      ? ['the entry of the lists’ manager is there']
      : []),
  ]
}

/** The lists that are exclusively ours, as the number of their items. */
function lengths(live: Live): JsonValue {
  const pod = valueAt(live, podSpec) as { containers?: JsonObject[]; volumes?: JsonValue[] } | undefined
  const ports = (live['spec'] as JsonObject | undefined)?.['ports']
  const count = (list: JsonValue | undefined): number => (Array.isArray(list) ? list.length : 0)
  return [
    count(ports),
    count(pod?.volumes),
    ...(pod?.containers ?? []).map((container) => [count(container['ports']), count(container['env']), count(container['volumeMounts'])]),
  ]
}

const podSpec: Path = ['spec', 'template', 'spec'].map((name) => ({ kind: 'field', name }))
