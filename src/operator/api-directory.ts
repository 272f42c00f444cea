/**
 * What the server serves, kept current: discovery is read once at the start, a kind that was not there is looked for again when somebody
 * asks for it, and all of it when somebody looks.
 */
import type { GroupVersionKind } from '../api/object.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { type Discovery, expecting, type GroupVersion, rediscover, refreshGroupVersion } from '../kube/discovery.ts'
import { ApiError, isApiError } from '../kube/errors.ts'
import { groupVersionPath } from '../kube/paths.ts'
import type { Capabilities } from '../reconcile/program.ts'

export class ApiDirectory {
  readonly #client: ApiClient
  #discovery: Discovery
  #capabilities: Capabilities
  /** Of the server's answer about all groups. */
  #tag: string | undefined
  readonly #listeners = new Set<() => void>()
  #expected: readonly GroupVersion[] = []
  readonly #refreshing = new Map<string, Promise<void>>()

  constructor(client: ApiClient, discovery: Discovery) {
    this.#client = client
    this.#discovery = discovery
    this.#capabilities = capabilitiesOf(discovery)
  }

  /** Group versions whose objects are there whether or not somebody serves them: when nobody does, they are unknown, and not absent. */
  expect(groupVersions: readonly GroupVersion[]): void {
    this.#expected = groupVersions
    this.#take(this.#discovery)
  }

  /** What is known without asking. */
  resourceOf(kind: GroupVersionKind): Resource | undefined {
    return this.#discovery.resourceFor(kind)
  }

  /** The kind in a version that is served, the server's preferred one, if this one is not; else the kind itself. */
  servedVersion(kind: GroupVersionKind): GroupVersionKind {
    const [other] = this.#discovery.resourceFor(kind) ? [] : this.#discovery.resourcesFor(kind)
    return other ? { ...kind, version: other.version } : kind
  }

  /** The versions in which the server serves the kind, as far as is known, its preferred one first. */
  versionsOf(kind: GroupVersionKind): string[] {
    return this.#discovery.resourcesFor(kind).map(({ version }) => version)
  }

  /** Whether the server serves the kind, and answers for it. */
  isServed(kind: GroupVersionKind): boolean {
    const { unknown } = this.#discovery
    return (
      this.#discovery.resourceFor(kind) !== undefined &&
      !unknown.some(({ group, version }) => group === kind.group && version === kind.version)
    )
  }

  /** Called when `capabilities` are others. */
  onCapabilities(listener: () => void): void {
    this.#listeners.add(listener)
  }

  /** Asks whether anything else is served by now. Rejects with ApiError where the server does not tell. */
  async look(signal: AbortSignal): Promise<void> {
    const before = this.#discovery
    const fresh = await rediscover(this.#client, { discovery: before, tag: this.#tag }, signal)
    // Another group version was read meanwhile: its answer must not be lost, and the next look tells what this one would have.
    if (!fresh || this.#discovery !== before) return
    this.#tag = fresh.tag
    this.#take(fresh.discovery)
  }

  /** As templates see it. */
  get capabilities(): Capabilities {
    return this.#capabilities
  }

  /**
   * The kind's resource; asks the server, with one request, if it is not known. Undefined: the server does not serve it. Rejects with
   * ApiError where the server does not tell.
   */
  async resolve(kind: GroupVersionKind, signal?: AbortSignal): Promise<Resource | undefined> {
    if (!this.#discovery.resourceFor(kind)) await this.refresh(kind, signal)
    return this.#discovery.resourceFor(kind)
  }

  /** Asks again for a kind that is known, since the server answers as if it were not there. */
  async refresh(kind: GroupVersionKind, signal?: AbortSignal): Promise<void> {
    const name = `${kind.group}/${kind.version}`
    const running = this.#refreshing.get(name) ?? this.#read(kind, signal).finally(() => this.#refreshing.delete(name))
    this.#refreshing.set(name, running)
    await running
  }

  /**
   * Reads the versions of the kind's group that are not known, for a kind that was served until now: it may have moved to one of them.
   * Rejects with ApiError where the server does not tell.
   */
  async lookForVersions({ group }: GroupVersionKind, signal?: AbortSignal): Promise<void> {
    if (group === '') return
    const path = `/apis/${encodeURIComponent(group)}`
    let versions: readonly { version: string }[]
    try {
      ;({ versions = [] } = await this.#client.request<{ versions?: { version: string }[] }>({
        method: 'GET',
        path,
        ...(signal && { signal }),
      }))
    } catch (error) {
      if (isApiError(error, 'kindUnknown', 'notFound')) return
      throw error
    }
    const isKnown = (version: string): boolean => this.#discovery.resources.some((each) => each.group === group && each.version === version)
    for (const { version } of versions) {
      if (!isKnown(version)) await this.refresh({ group, version, kind: '' }, signal)
      if (!isKnown(version))
        throw new ApiError({ class: 'unavailable', method: 'GET', path, code: 503, reason: `${version} is not served yet` })
    }
  }

  async #read(kind: GroupVersionKind, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      const before = this.#discovery
      const fresh = expecting(await refreshGroupVersion(this.#client, before, kind, signal), this.#expected, before)
      const unknown = fresh.unknown.find(({ group, version }) => group === kind.group && version === kind.version)
      // What cannot be read now is not gone: what was known of it stays.
      if (unknown)
        throw new ApiError({ class: 'unavailable', method: 'GET', path: groupVersionPath(kind), code: 503, reason: unknown.reason })
      // Another group version was read meanwhile: its answer must not be lost.
      if (this.#discovery !== before) continue
      this.#take(fresh)
      return
    }
  }

  #take(found: Discovery): void {
    const { apiVersions } = this.#capabilities
    const discovery = expecting(found, this.#expected, this.#discovery)
    this.#discovery = discovery
    this.#capabilities = capabilitiesOf(discovery)
    const now = new Set(discovery.apiVersions)
    if (now.size === apiVersions.length && apiVersions.every((name) => now.has(name))) return
    for (const listener of this.#listeners) listener()
  }
}

const capabilitiesOf = ({ version, apiVersions }: Discovery): Capabilities =>
  Object.freeze({ kubeVersion: Object.freeze({ ...version }), apiVersions: Object.freeze([...apiVersions]) })
