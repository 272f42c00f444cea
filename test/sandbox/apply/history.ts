/**
 * One object and the writes of several managers to it: the tests say who writes what, and look at the object and at who owns what.
 * Every write is one second after the one before.
 */
import type { JsonObject, JsonValue, KubernetesObject, ManagedFieldsEntry } from '../../../src/api/object.ts'
import { formatPath } from '../../../src/fields/path.ts'
import { parseFieldsV1 } from '../../../src/fields/serialize.ts'
import { type FieldSet, fromPaths, paths } from '../../../src/fields/set.ts'
import { field } from '../../../src/fields/path.ts'
import { applyConfiguration } from '../../../src/sandbox/apply/apply-configuration.ts'
import { createOwnershipCache } from '../../../src/sandbox/apply/manager.ts'
import { trackUpdate } from '../../../src/sandbox/apply/track-update.ts'
import type { VersionsOfKind } from '../../../src/sandbox/apply/versions.ts'
import type { Schema } from '../../../src/sandbox/schema/schema.ts'
import { ApiError } from '../../../src/sandbox/status/api-error.ts'
import { thing } from './schemas.ts'

export const dotted = (...texts: readonly string[]): FieldSet => fromPaths(texts.map((text) => text.split('.').map(field)))

export interface HistoryOptions {
  apiVersion?: string
  kind?: string
  schema?: Schema
  versions?: VersionsOfKind
  resetFields?: FieldSet
}

export class History {
  live: KubernetesObject | undefined
  readonly kind: string
  apiVersion: string
  versions: VersionsOfKind
  #resetFields: FieldSet | undefined
  #second = 0
  readonly #cache = createOwnershipCache()

  constructor({ apiVersion = 'demo.io/v1', kind = 'Thing', schema = thing, versions, resetFields }: HistoryOptions = {}) {
    this.apiVersion = apiVersion
    this.kind = kind
    this.versions = versions ?? ((asked) => (asked === apiVersion ? { schema, convert: (object) => object } : undefined))
    this.#resetFields = resetFields
  }

  /** A configuration without the head. */
  body(rest: JsonObject, metadata: JsonObject = {}): JsonObject {
    return { apiVersion: this.apiVersion, kind: this.kind, metadata: { name: 'it', ...metadata }, ...rest }
  }

  apply(manager: string, configuration: JsonObject, { force = false, subresource = '', metadata = {} as JsonObject } = {}): this {
    const body = 'apiVersion' in configuration ? configuration : this.body(configuration, metadata)
    this.live = applyConfiguration({ ...this.#common(manager, subresource), live: this.live, configuration: body, force }).object
    return this
  }

  /** The apply that fails: the answer. */
  refused(manager: string, configuration: JsonObject, options: { force?: boolean; metadata?: JsonObject } = {}): ApiError {
    try {
      this.apply(manager, configuration, options)
    } catch (error) {
      if (error instanceof ApiError) return error
      throw error
    }
    throw new Error('the apply succeeded')
  }

  /** Replaces the object, but for what the server keeps in metadata. */
  update(
    manager: string,
    rest: JsonObject,
    { subresource = '', metadata = {} as JsonObject, requested = undefined as JsonValue | undefined } = {},
  ): this {
    const { live } = this
    const uid = live ? (live.metadata.uid ?? 'uid-1') : undefined
    const next = this.body(rest, { ...(uid && { uid }), ...metadata }) as unknown as KubernetesObject
    const managedFields = trackUpdate({ ...this.#common(manager, subresource), live, next, requested })
    this.live = { ...next, metadata: { ...next.metadata, uid: 'uid-1', ...(managedFields && { managedFields }) } }
    return this
  }

  /** `manager operation[ subresource]` → the paths that it owns, `.` left away. */
  get owners(): Record<string, string[]> {
    return Object.fromEntries(
      this.entries.map((entry) => [
        [entry.manager, entry.operation, entry.subresource].filter(Boolean).join(' '),
        [...paths(parseFieldsV1(entry.fieldsV1 ?? {}))].map(formatPath).sort(),
      ]),
    )
  }

  get entries(): readonly ManagedFieldsEntry[] {
    return this.live?.metadata.managedFields ?? []
  }

  get spec(): JsonObject | undefined {
    return this.live?.['spec'] as JsonObject | undefined
  }

  #common(manager: string, subresource: string) {
    const { kind, apiVersion, versions } = this
    const time = new Date(Date.UTC(2026, 0, 1, 0, 0, this.#second++)).toISOString().replace('.000', '')
    return { kind, apiVersion, versions, manager, subresource, time, cache: this.#cache, resetFields: () => this.#resetFields }
  }
}
