/**
 * Built-in controllers: what the controller manager, the scheduler and the kubelets do in a real cluster.
 *
 * A controller is told of changes, keeps a set of keys to look at, and brings the world nearer to what an object asks for. It sees objects as
 * stored and writes through the same verbs as every client, so that watches, managed fields and validation hold for it too.
 */
import type { JsonObject, KubernetesObject } from '../../api/object.ts'

export interface Controller {
  readonly name: string
  /** The name under which managed fields record its writes; default: `kube-controller-manager`. */
  readonly manager?: string
  /** The storages whose changes it is told of, e.g. `apps/deployments`, `/pods`; `*`: all of them. */
  readonly watches: readonly string[]
  /**
   * Which keys a change concerns. Called for every object at the start, then for every change, within the write: indexes are kept here, writes are not made.
   * `previous` is undefined for a new object; `object` is the last state of a deleted one.
   */
  keys(change: Change, world: World): Iterable<string>
  /**
   * Brings one key up to date. Called again whenever one of its keys is named, never twice at once. A conflict or another failure is tried again.
   * The answer: milliseconds after which to look again without a change, or nothing.
   */
  reconcile(key: string, world: World): number | undefined
}

export interface Change {
  readonly storage: string
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubernetesObject
  readonly previous: KubernetesObject | undefined
}

/** What a controller sees and does. All calls are synchronous; writes throw ApiError as they answer clients. */
export interface World {
  get(storage: string, namespace: string, name: string): KubernetesObject | undefined
  list(storage: string, namespace?: string): Iterable<KubernetesObject>
  create(storage: string, object: KubernetesObject): KubernetesObject
  /** Replaces; metadata.resourceVersion has to be the current one. */
  update(storage: string, object: KubernetesObject): KubernetesObject
  updateStatus(storage: string, object: KubernetesObject): KubernetesObject
  /** PUT or POST of `body` to a subresource that is written in its own way: `finalize` of a namespace, `binding` of a pod. */
  writeSubresource(storage: string, namespace: string, name: string, subresource: string, body: JsonObject): void
  /** An object that is gone already answers 404. */
  delete(storage: string, namespace: string, name: string, options?: DeleteOptions): void
  /** The storage of a kind, e.g. `apps/v1` + `Deployment` → `apps/deployments`; undefined for a kind that is not served. */
  storageOf(apiVersion: string, kind: string): { storage: string; namespaced: boolean } | undefined
  /** All storages that are served, namespaced ones told apart. */
  storages(): Iterable<{ storage: string; namespaced: boolean }>
  /** Milliseconds since the epoch, by the sandbox's clock. */
  now(): number
  /** From 0 up to but without 1; seeded. */
  random(): number
  /** The same world, whose writes are recorded under another manager's name. */
  as?(manager: string): World
}

export interface DeleteOptions {
  readonly uid?: string
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
}

/** `2026-01-02T03:04:05Z` */
export const timestamp = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
