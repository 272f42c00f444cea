/** What one request is about, and with what it works: handed down through the verbs. */
import type { KubernetesObject } from '../../api/object.ts'
import type { Storage } from '../storage/storage.ts'
import type { ResourceDirectory } from './directory.ts'
import type { Ownership } from './ownership.ts'
import type { Resource, UserInfo, WriteContext } from './resource.ts'

/** What all requests share. */
export interface RegistryContext {
  readonly storage: Storage
  readonly resources: ResourceDirectory
  readonly ownership: Ownership
  /** Milliseconds since the epoch. */
  now(): number
  /** From 0 up to but without 1. */
  random(): number
  /** A new identity for an object. */
  newUid(): string
  /** Admission that concerns all kinds (quota, limits); throws an ApiError to refuse. Runs after validation, before storing. */
  readonly admit?: (resource: Resource, object: KubernetesObject, old: KubernetesObject | undefined, context: WriteContext) => void
  /** Admission that changes an object before its kind prepares it. */
  readonly mutate?: (resource: Resource, object: KubernetesObject, old: KubernetesObject | undefined, context: WriteContext) => void
}

/** One request to one resource. */
export interface RequestScope {
  readonly resource: Resource
  /** Empty for cluster-scoped resources and for all namespaces. */
  readonly namespace: string
  readonly user: UserInfo
  readonly dryRun: boolean
  /** The name under which managed fields record the write. */
  readonly fieldManager: string
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict'
  /** Texts for `Warning` headers: filled while the request is worked on. */
  readonly warnings: string[]
}

/** `2026-01-02T03:04:05Z` */
export const timestamp = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`

export function writeContext(context: RegistryContext, scope: RequestScope): WriteContext {
  const now = timestamp(context.now())
  return {
    now: () => now,
    random: () => context.random(),
    objects: context.storage,
    user: scope.user,
    dryRun: scope.dryRun,
    warnings: scope.warnings,
  }
}
