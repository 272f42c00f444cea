/** Objects of the corpus on a real server: where they live, and writes to them by several managers. */
import { expect } from 'vitest'
import { isMap, type JsonObject, type JsonValue, type KubernetesObject } from '../../src/api/object.ts'
import { type FieldSet, emptySet } from '../../src/fields/set.ts'
import { parseFieldsV1 } from '../../src/fields/serialize.ts'
import type { Path } from '../../src/fields/path.ts'
import { agrees, isList } from '../../src/fields/match.ts'
import type { Cluster, Response } from '../controlplane/fixture.ts'
import { namespace, ownerUid, readDefinitions } from './corpus.ts'

export type Live = KubernetesObject & JsonObject
export const manager = 'fairlead/dependents/corpus'

/** The custom resource definitions of the corpus, established. */
export async function installDefinitions(cluster: Cluster): Promise<void> {
  for (const body of readDefinitions()) {
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${body.metadata.name}`
    const applied = await cluster.request('PATCH', path, {
      query: { fieldManager: manager, force: true },
      body,
      contentType: 'application/apply-patch+yaml',
    })
    expect(applied.status, JSON.stringify(applied.body)).toBeLessThan(300)
    await cluster.eventually(async () => {
      const conditions = (
        (await cluster.request('GET', path)).body as unknown as { status?: { conditions?: { type: string; status: string }[] } }
      ).status?.conditions
      return conditions?.some(({ type, status }) => type === 'Established' && status === 'True')
    })
  }
}

/** One object of the corpus: cluster-scoped ones are named so that they hit nobody else's. */
export class Subject {
  readonly #cluster: Cluster
  /** The UID of what owns the object, if anything does: an owner that is not there would have it garbage collected. */
  readonly owner: string
  readonly body: Live
  readonly path: string

  constructor(cluster: Cluster, owner: string, body: Live, path: string) {
    this.#cluster = cluster
    this.owner = owner
    this.body = body
    this.path = path
  }

  static async of(cluster: Cluster, kind: Live): Promise<Subject> {
    const root = kind.apiVersion.includes('/') ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`
    const resource = await cluster.eventually(async () => {
      const { resources } = (await cluster.request('GET', root)).body as unknown as {
        resources?: { name: string; kind: string; namespaced: boolean }[]
      }
      return resources?.find(({ name, kind: of }) => of === kind.kind && !name.includes('/'))
    })
    const owner = (await cluster.request('GET', `/api/v1/namespaces/${cluster.namespace}/serviceaccounts/default`)).body.metadata
      .uid as string
    const body = JSON.parse(
      JSON.stringify(kind).replaceAll(ownerUid, owner).replaceAll(`"namespace":"${namespace}"`, `"namespace":"${cluster.namespace}"`),
    ) as Live
    // The names of these are something else than a name.
    const fixed = ['IPAddress', 'CustomResourceDefinition', 'CSIDriver'].includes(kind.kind)
    const name = resource.namespaced || fixed ? kind.metadata.name : `corpus-${kind.metadata.name}`
    const metadata = { ...body.metadata, name, ...(resource.namespaced && { namespace: cluster.namespace }) }
    return new Subject(
      cluster,
      owner,
      { ...body, metadata } as Live,
      `${root}${resource.namespaced ? `/namespaces/${cluster.namespace}` : ''}/${resource.name}/${name}`,
    )
  }

  async apply(): Promise<Response> {
    return await this.#cluster.request('PATCH', this.path, {
      query: { fieldManager: manager, force: true },
      body: this.body,
      contentType: 'application/apply-patch+yaml',
    })
  }

  /** Applies, and creates the object anew where that does not lead back. */
  async restore(to: Live | undefined): Promise<Live> {
    if (to) {
      await this.change(
        (live) => ({ ...to, metadata: { ...to.metadata, resourceVersion: live.metadata.resourceVersion as string } }) as Live,
      )
      const applied = await this.apply()
      if (applied.status === 200 && sameSpec(applied.body as Live, to)) return applied.body as Live
    }
    await this.delete()
    const applied = await this.apply()
    expect(applied.status, `${this.path}: ${JSON.stringify(applied.body)}`).toBe(201)
    return applied.body as Live
  }

  async read(): Promise<Live> {
    const answer = await this.#cluster.request('GET', this.path)
    expect(answer.status, this.path).toBe(200)
    return answer.body as Live
  }

  /** A PUT of the changed object by another manager, tried again when a controller was faster. */
  async change(edit: (live: Live) => Live): Promise<Response> {
    for (let tries = 0; ; tries++) {
      const answer = await this.#cluster.request('PUT', this.path, {
        query: { fieldManager: 'somebody-else' },
        body: edit(await this.read()),
      })
      if (answer.status !== 409 || tries === 5) return answer
    }
  }

  async delete(): Promise<void> {
    await this.#cluster.eventually(async () => {
      const answer = await this.#cluster.request('DELETE', this.path, { body: { gracePeriodSeconds: 0, propagationPolicy: 'Background' } })
      if (answer.status === 404) return true
      // Protection finalizers are taken off, since what they protect is not there.
      await this.#cluster.request('PATCH', this.path, {
        body: { metadata: { finalizers: null } },
        contentType: 'application/merge-patch+json',
      })
      return undefined
    })
  }
}

/** The set that our apply entry holds. */
export function ownedBy(live: KubernetesObject): FieldSet {
  const entry = live.metadata.managedFields?.find((of) => of.manager === manager && of.operation === 'Apply')
  return entry?.fieldsV1 ? parseFieldsV1(entry.fieldsV1) : emptySet
}

function sameSpec(left: Live, right: Live): boolean {
  const bare = ({ metadata, status: _, ...rest }: Live) =>
    JSON.stringify([rest, metadata.labels, metadata.annotations, metadata.ownerReferences, metadata.finalizers])
  return bare(left) === bare(right)
}

/** A copy of `object` in which the place at `path` has another value; `undefined` takes it away. The object itself where there is no such place. */
export function withValueAt<T extends JsonValue>(object: T, path: Path, value: JsonValue | undefined): T {
  const [element, ...rest] = path
  if (!element) return value as T
  const below = (member: JsonValue | undefined) =>
    rest.length === 0 ? value : member === undefined ? undefined : withValueAt(member, rest, value)
  if (element.kind === 'field') {
    if (!isMap(object)) return object
    const entries = Object.entries(object).filter(([name]) => name !== element.name)
    const member = below(Object.hasOwn(object, element.name) ? object[element.name] : undefined)
    return Object.fromEntries(member === undefined ? entries : [...entries, [element.name, member]]) as unknown as T
  }
  if (!isList(object)) return object
  const meant = (member: JsonValue, at: number): boolean => {
    switch (element.kind) {
      case 'index':
        return at === element.index
      case 'value':
        return JSON.stringify(member) === JSON.stringify(element.value)
      case 'item': {
        const names = Object.keys(element.key)
        return isMap(member) && agrees(member, { names, values: names.map((name) => element.key[name]) })
      }
    }
  }
  return object.flatMap((member, at) => {
    if (!meant(member, at)) return [member]
    const changed = below(member)
    return changed === undefined ? [] : [changed]
  }) as unknown as T
}
