/**
 * The versions of a kind, for ownership: every manager's paths are in the terms of the version that it wrote.
 * (apimachinery, managedfields/internal/versionconverter.go)
 */
import type { KubernetesObject } from '../../api/object.ts'
import type { Schema } from '../schema/schema.ts'

export interface VersionOfKind {
  readonly schema: Schema
  /** The object, which may be at another version of the kind, at this one. Never changes its argument; the same object if it is at this version. */
  convert(object: KubernetesObject): KubernetesObject
}

/** By apiVersion; undefined for a version that is not served any more: its managers are dropped. */
export type VersionsOfKind = (apiVersion: string) => VersionOfKind | undefined

export function versionOf(versions: VersionsOfKind, apiVersion: string): VersionOfKind {
  const version = versions(apiVersion)
  if (!version) throw new Error(`${apiVersion} is no version of this kind`)
  return version
}
