/**
 * Watches: the changes after a version, as they come.
 *
 * A selector turns changes into what its watcher sees: an object that no longer matches is deleted for it, one that begins to match is added.
 * (apiserver, storage/cacher)
 */
import type { KubernetesObject } from '../../api/object.ts'
import type { StoredChange } from '../storage/storage.ts'
import { ApiError, type Status } from '../status/api-error.ts'
import { type ListOptions, selection } from './list.ts'
import type { RegistryContext, RequestScope } from './scope.ts'

export interface WatchOptions extends ListOptions {
  /** `true`: the current state first, then a bookmark that says so; `false`: only what changes. */
  readonly sendInitialEvents: boolean | undefined
  readonly allowWatchBookmarks: boolean
}

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubernetesObject }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string; readonly initialEventsEnd: boolean }
  | { readonly type: 'ERROR'; readonly status: Status }

export interface Watch {
  /** The version up to which everything has been told. */
  resourceVersion(): string
  stop(): void
}

/** Calls `sink` with what is known already before it returns, then with each change. After an ERROR nothing more comes. */
export function watchObjects(
  context: RegistryContext,
  scope: RequestScope,
  options: WatchOptions,
  sink: (event: WatchEvent) => void,
): Watch {
  const { resource, namespace } = scope
  const { storage } = context
  const selected = selection(resource, options)
  const { codec } = resource
  const view = (object: KubernetesObject): KubernetesObject => codec.fromStorage(object)
  let told = storage.revision
  const anyVersion = options.resourceVersion === '' || options.resourceVersion === '0'
  const fromState = options.sendInitialEvents ?? anyVersion

  const tell = ({ type, object, previous, revision }: StoredChange): void => {
    if (namespace && object.metadata.namespace !== namespace) return
    told = revision
    const now = type !== 'DELETED' && selected.matches(object)
    const before = previous !== undefined && selected.matches(previous)
    if (now) sink({ type: before ? 'MODIFIED' : 'ADDED', object: view(object) })
    else if (before) sink({ type: 'DELETED', object: view(type === 'DELETED' ? object : atVersion(previous, revision)) })
  }

  const after = fromState || anyVersion ? storage.revision : Number(options.resourceVersion)
  const missed = storage.changesSince(resource.storage, Math.min(after, storage.revision))
  if (!missed) {
    const oldest = storage.oldest(resource.storage)
    sink({ type: 'ERROR', status: new ApiError(410, 'Expired', `too old resource version: ${after} (${oldest})`).status() })
    return { resourceVersion: () => String(told), stop: () => {} }
  }
  if (fromState)
    for (const object of storage.list(resource.storage, namespace))
      if (selected.matches(object)) sink({ type: 'ADDED', object: view(object) })
  if (options.sendInitialEvents && options.allowWatchBookmarks)
    sink({ type: 'BOOKMARK', resourceVersion: String(storage.revision), initialEventsEnd: true })
  for (const change of missed) tell(change)
  const stop = storage.subscribe((change) => {
    if (change.revision > after) tell(change)
  }, resource.storage)
  return { resourceVersion: () => String(Math.max(told, storage.revision)), stop }
}

const atVersion = (object: KubernetesObject, revision: number): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(revision) },
})
